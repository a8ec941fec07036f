"""Companies that success stories speak of."""
