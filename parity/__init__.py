"""Two answers in, differences out. Knows HTTP answers and their effects, and neither Django nor the site."""
