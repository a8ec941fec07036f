"""Calendars, their events, when and where these happen."""
