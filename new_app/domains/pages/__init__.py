"""Pages: content that editors write, answered by data."""
