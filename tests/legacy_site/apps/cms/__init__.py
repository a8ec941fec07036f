"""Who made a row and when, and names with slugs: columns that many tables share. No table of its own."""
