"""Releases of Python, the operating systems they run on, and their files."""

import itertools
import re
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, markup, now, reference
from new_app.content import ContentManageable, NameSlug
from new_app.db import LegacyBase, Results
from new_app.domains.pages.models import Page
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it

VERSION = re.compile(r"Python\s([\d.]+)")
OUR_URL_COLUMNS = (
    *("url", "gpg_signature_file", "sigstore_signature_file"),
    *("sigstore_cert_file", "sigstore_bundle_file", "sbom_spdx2_file"),
)
ONLY_OUR_URLS = " AND ".join(
    f"({column} = '' OR {column} LIKE 'https://www.python.org/%' OR {column} LIKE 'http://www.python.org/%')"
    for column in OUR_URL_COLUMNS
)


class OS(NameSlug, ContentManageable, LegacyBase):
    """An operating system. Ordered by name."""

    __tablename__ = "downloads_os"

    id: Mapped[Key]

    releases: Mapped[list["ReleaseFile"]] = relationship(back_populates="os")

    def get_absolute_url(self) -> str:
        return f"/downloads/{self.slug}/"


class Release(NameSlug, ContentManageable, LegacyBase):
    """A release of Python or of its install manager. Ordered by name, as text."""

    __tablename__ = "downloads_release"

    PYTHON1, PYTHON2, PYTHON3, PYMANAGER = 1, 2, 3, 100

    id: Mapped[Key]
    version: Mapped[int] = mapped_column(default=PYTHON3)
    is_latest: Mapped[bool] = mapped_column(default=False, index=True)
    is_published: Mapped[bool] = mapped_column(default=False, index=True)
    pre_release: Mapped[bool] = mapped_column(default=False, index=True)
    show_on_download_page: Mapped[bool] = mapped_column(default=True, index=True)
    release_date: Mapped[datetime] = mapped_column(default=now)
    release_page_id: Mapped[int | None] = reference("pages_page.id")
    release_notes_url: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[Markup] = markup("content", "markdown")

    release_page: Mapped[Page | None] = relationship()
    files: Mapped[list["ReleaseFile"]] = relationship(
        back_populates="release", collection_class=Results, order_by="ReleaseFile.name"
    )

    def get_absolute_url(self) -> str:
        """Its page where it has one and no text of its own."""
        page = self.release_page if not self.content.raw else None
        return page.get_absolute_url() if page else f"/downloads/release/{self.slug}/"

    def get_version(self) -> str:
        """The number in the name; empty where the name does not begin with "Python" and a number."""
        found = VERSION.match(self.name)
        return found[1] if found else ""

    def is_version_at_least(self, wanted: tuple[int, ...]) -> bool:
        numbers = [int(part) for part in itertools.takewhile(str.isdecimal, self.get_version().split("."))]
        numbers += [0] * (len(wanted) - len(numbers))
        return tuple(numbers) >= wanted

    @property
    def is_version_at_least_3_5(self) -> bool:
        return self.is_version_at_least((3, 5))

    @property
    def is_version_at_least_3_9(self) -> bool:
        return self.is_version_at_least((3, 9))

    @property
    def is_version_at_least_3_14(self) -> bool:
        return self.is_version_at_least((3, 14))

    def download_file_for_os(self, os_slug: str) -> "ReleaseFile | None":
        """The file behind the download button of a system. Needs `files` and their `os` loaded."""
        return next((file for file in self.files if file.download_button and file.os.slug == os_slug), None)

    def files_for_os(self, os_slug: str) -> "list[ReleaseFile]":
        found = [file for file in self.files if file.os.slug == os_slug]
        return sorted(found, key=lambda file: file.name, reverse=True)


class ReleaseFile(NameSlug, ContentManageable, LegacyBase):
    """A file of a release. Ordered: those of published releases first, then by release, system and name."""

    __tablename__ = "downloads_releasefile"
    __table_args__ = (
        CheckConstraint(ONLY_OUR_URLS, name="only_python_dot_org_urls"),
        Index(
            "only_one_download_per_os_per_release",
            *("os_id", "release_id"),
            unique=True,
            postgresql_where=text("download_button"),
        ),
    )

    id: Mapped[Key]
    os_id: Mapped[int] = reference("downloads_os.id")
    release_id: Mapped[int] = reference("downloads_release.id")
    description: Mapped[str] = mapped_column(default="")
    is_source: Mapped[bool] = mapped_column(default=False)
    url: Mapped[str] = mapped_column(String(200), unique=True)
    gpg_signature_file: Mapped[str] = mapped_column(String(200), default="")
    sigstore_signature_file: Mapped[str] = mapped_column(String(200), default="")
    sigstore_cert_file: Mapped[str] = mapped_column(String(200), default="")
    sigstore_bundle_file: Mapped[str] = mapped_column(String(200), default="")
    sbom_spdx2_file: Mapped[str] = mapped_column(String(200), default="")
    md5_sum: Mapped[str] = mapped_column(String(200), default="")
    sha256_sum: Mapped[str] = mapped_column(String(200), default="")
    filesize: Mapped[int] = mapped_column(default=0)
    download_button: Mapped[bool] = mapped_column(default=False)

    os: Mapped[OS] = relationship(back_populates="releases")
    release: Mapped[Release] = relationship(back_populates="files")
