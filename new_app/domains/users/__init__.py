"""People: accounts, memberships and user groups."""
