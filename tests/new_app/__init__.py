"""The new site, page by page, with the reference Django site as its oracle."""
