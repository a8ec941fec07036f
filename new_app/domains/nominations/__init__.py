"""Nominations: elections, who stands, and who named them."""
