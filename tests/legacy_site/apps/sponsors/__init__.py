"""Sponsors, what they were promised, what they sent in, what they signed."""
