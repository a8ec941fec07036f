"""Accounts: the user, its PSF membership, user groups."""
