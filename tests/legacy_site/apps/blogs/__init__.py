"""Entries of blogs elsewhere, read from their feeds."""
