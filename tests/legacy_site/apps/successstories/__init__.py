"""Stories of companies that use Python."""
