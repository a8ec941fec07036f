"""Template tags of the boxes."""
