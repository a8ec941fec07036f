"""Work groups of the foundation."""
