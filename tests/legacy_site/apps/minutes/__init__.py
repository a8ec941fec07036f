"""Minutes of board meetings."""
