"""Template tags of the download pages."""
