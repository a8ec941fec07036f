"""Tag by tag, how it is written: Django's own, those of packages, and those that become calls."""
