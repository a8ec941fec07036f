"""A line of news above every page."""
