"""Events: calendars, and what happens when and where."""
