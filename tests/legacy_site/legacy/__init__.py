"""The reference Django site: python.org's tables and behaviour, in wording and templates of our own."""
