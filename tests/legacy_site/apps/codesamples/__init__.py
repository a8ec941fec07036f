"""Snippets that the home page shows."""
