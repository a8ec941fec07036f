"""Small pieces of content that templates print by label."""
