"""The domains of the site, in the order in which their claims are matched: first match wins."""

from new_app.domain import Domain
from new_app.domains import boxes, downloads, pages, root

DOMAINS: tuple[Domain, ...] = (root.domain, downloads.domain, boxes.domain, pages.domain)

WATCHED: tuple[str, ...] = tuple(sorted({table for domain in DOMAINS for table in domain.watches}))
"""The tables whose changes are told, see new_app/feed.py."""
