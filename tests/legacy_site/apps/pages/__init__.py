"""CMS pages, found by path when no view answers."""
