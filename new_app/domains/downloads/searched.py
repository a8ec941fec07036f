"""What is found of downloads: releases that are published, new ones before old ones."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from legacy_adapters.dtl.safe import escape
from new_app.columns import now
from new_app.domains.downloads.models import Release
from new_app.search import Document, Searched
from new_app.search.words import beginning

NEW, RECENT, OLD = timedelta(days=90), timedelta(days=180), timedelta(days=730)


def question() -> Select[Any]:
    return select(Release).where(Release.is_published).options(joinedload(Release.release_page))


def boost(release: Release) -> float:
    age = now() - release.release_date
    if age <= NEW:
        return 1.2
    return 1.1 if age <= RECENT else 0.8 if age >= OLD else 1.0


def document(release: Release) -> Document:
    content = str(release.content)
    shown = {
        "name": release.name,
        "description": beginning(content),
        "path": release.get_absolute_url(),
        "release_notes_url": release.release_notes_url,
        "release_date": release.release_date.isoformat(),
    }
    text = f"{escape(release.name)}\n{release.version}\n{content}"
    return Document("downloads.release", release.id, release.name, text, boost(release), shown)


RELEASES = Searched(
    "downloads.release",
    "Releases",
    "search/includes/downloads.release.html",
    Release,
    question,
    document,
    related=("pages_page",),
    moments=("release_date",),
)
