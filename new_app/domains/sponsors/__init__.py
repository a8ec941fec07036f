"""Sponsors: who pays for what, under which contract, and what they get for it."""
