"""Systems, releases and files as the JSON APIs show them."""

from datetime import UTC, datetime

from new_app.api.resources import NEVER, NO_DEFAULT, WITH_RELATIONS, Field, Filter, Resource

EXACT = frozenset({"exact"})


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat()


_NAME = Field("name", default=NO_DEFAULT)
_SLUG = Field("slug", unique=True, default=NO_DEFAULT)

OS = Resource(
    name="downloads/os",
    model="OS",
    table="downloads_os",
    fields=(_NAME, _SLUG),
    v2_fields=("name", "slug", "resource_uri"),
    order="item.name",
    place="name",
    v1_filters={"name": EXACT, "slug": EXACT},
    v2_filters=(Filter("name", "char", "name"), Filter("slug", "char", "slug")),
)

RELEASE = Resource(
    name="downloads/release",
    model="Release",
    table="downloads_release",
    fields=(
        _NAME,
        _SLUG,
        Field("version", "integer", default=3),
        Field("is_published", "boolean", default=False),
        Field("is_latest", "boolean", default=False),
        Field("release_date", "datetime", default=_now),
        Field("pre_release", "boolean", default=False),
        Field("release_page", "related", "release_page_id", to="pages/page", null=True, blank=True, default=NO_DEFAULT),
        Field("release_notes_url", blank=True, default="", label="Release Notes URL"),
        Field("show_on_download_page", "boolean", default=True),
    ),
    v2_fields=(
        *("name", "slug", "version", "is_published", "is_latest", "release_date", "pre_release", "release_page"),
        *("release_notes_url", "show_on_download_page", "resource_uri"),
    ),
    order="item.name",
    place="is_published DESC, name",
    v1_filters={
        "name": EXACT,
        "slug": EXACT,
        "is_published": EXACT,
        "pre_release": EXACT,
        "version": frozenset({"exact", "startswith"}),
        "release_date": NEVER,
    },
    v2_filters=(
        Filter("name", "char", "name"),
        Filter("slug", "char", "slug"),
        Filter("is_published", "boolean", "is_published"),
        Filter("pre_release", "boolean", "pre_release"),
        Filter("version", "choice", "version", choices=(3, 2, 1, 100)),
        Filter("release_date", "datetime", "release_date"),
    ),
    drafts=True,
    draft_by_default=True,
)

_URLS = "gpg_signature_file", "sigstore_signature_file", "sigstore_cert_file", "sigstore_bundle_file", "sbom_spdx2_file"

RELEASE_FILE = Resource(
    name="downloads/release_file",
    model="ReleaseFile",
    table="downloads_releasefile",
    fields=(
        _NAME,
        _SLUG,
        Field("os", "related", "os_id", to="downloads/os", default=NO_DEFAULT),
        Field("release", "related", "release_id", to="downloads/release", default=NO_DEFAULT),
        Field("description", blank=True, default=""),
        Field("is_source", "boolean", default=False),
        Field("url", unique=True, default=NO_DEFAULT),
        *(Field(name, blank=True, default="") for name in (*_URLS, "md5_sum", "sha256_sum")),
        Field("filesize", "integer", default=0),
        Field("download_button", "boolean", default=False),
    ),
    v2_fields=(
        *(
            "name",
            "slug",
            "os",
            "release",
            "description",
            "is_source",
            "url",
            "gpg_signature_file",
            "md5_sum",
            "sha256_sum",
        ),
        *("filesize", "download_button", "resource_uri", *_URLS[1:]),
    ),
    order="release.place, os.place, item.name",
    v1_filters={
        "name": EXACT,
        "slug": EXACT,
        "os": WITH_RELATIONS,
        "release": WITH_RELATIONS,
        "description": frozenset({"contains"}),
    },
    v2_filters=(
        Filter("name", "char", "name"),
        Filter("slug", "char", "slug"),
        Filter("description__contains", "contains", "description"),
        Filter("os", "relation", "os_id", to="downloads/os"),
        Filter("release", "relation", "release_id", to="downloads/release"),
    ),
    v1_list_methods=("GET", "POST", "DELETE"),
    strict=True,
    bulk_delete=True,
)
