"""The domains of the site, in the order in which their claims are matched: first match wins."""

from new_app import menus, switches
from new_app.domain import Domain
from new_app.domains import (
    banners,
    blogs,
    boxes,
    codesamples,
    community,
    downloads,
    events,
    front,
    jobs,
    minutes,
    nominations,
    pages,
    root,
    search,
    sitemap,
    sponsors,
    successstories,
    users,
)
from new_app.search import Searched
from new_app.tasks import Task

DOMAINS: tuple[Domain, ...] = (
    root.domain,
    codesamples.domain,
    front.domain,
    downloads.domain,
    boxes.domain,
    banners.domain,
    blogs.domain,
    events.domain,
    jobs.domain,
    minutes.domain,
    nominations.domain,
    successstories.domain,
    community.domain,
    search.domain,
    sitemap.domain,
    sponsors.domain,
    users.domain,
    pages.domain,
)
"""`pages` is last: it answers what nothing else matches."""

WATCHED: tuple[str, ...] = tuple(
    sorted({*menus.WATCHES, *switches.WATCHES, *(table for domain in DOMAINS for table in domain.watches)})
)
"""The tables whose changes are told, see new_app/feed.py."""

WANTED: tuple[str, ...] = tuple(name for domain in DOMAINS for name in domain.templates)
"""Templates of installed packages that domains show; an import brings them along."""

SEARCHED: tuple[Searched, ...] = tuple(one for domain in DOMAINS for one in domain.searched)
"""The kinds of documents that search finds."""

TASKS: tuple[Task, ...] = tuple(task for domain in DOMAINS for task in domain.tasks)
"""What the worker does at its times."""
