"""URLs of static files and of media, as the site's storages give them.

A plain storage joins STATIC_URL and the name. One that keeps a manifest of hashed names (ManifestStaticFilesStorage and
what is made of it) is followed name by name: `staticfiles.json` is read from where the site keeps it, if this machine
has that folder, else the names are those that the site's manifest carries.

Refuses: a name that the hashed names lack, in Django's words, where the storage is strict; a storage of another kind,
unless the manifest carries its address.
"""

import hashlib
import json
import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit, urlunsplit

from legacy_adapters.dtl.functions import prints_as_is, steady
from legacy_adapters.errors import ManifestError, SettingsError
from legacy_adapters.manifest import Manifest


class StaticFiles:
    """The static files of a site. `root` is where they lie here, if not where the manifest says."""

    def __init__(self, manifest: Manifest, *, root: Path | None = None) -> None:
        static = manifest.static
        self.prefix = iri_to_uri(manifest.settings.static_url or "")
        self._bare = not static.finders
        self._base_url = static.base_url or manifest.settings.static_url
        self._root = root or (Path(static.location) if static.location else None)
        self._hashes, self._debug = static.keeps_hashes, manifest.settings.debug
        self._strict = static.strict
        self._names: Mapping[str, str] = static.hashed_files
        if self._hashes and self._root and (self._root / static.manifest_name).is_file():
            self._names = read_names(self._root / static.manifest_name)

    def url(self, name: object) -> str:
        """django/templatetags/static.py: StaticNode.handle_simple()."""
        path = str(name)
        if self._bare:
            return urljoin(self.prefix, quote(path))
        if self._base_url is None:
            raise SettingsError("the manifest does not say where static files are served: set STATIC_URL, adopt again")
        return self._hashed_url(path) if self._hashes else file_url(self._base_url, path)

    def _hashed_url(self, name: str) -> str:
        """django/contrib/staticfiles/storage.py: HashedFilesMixin._url()."""
        clean, fragment = (name, "") if self._debug else urldefrag(name)
        plain = self._debug or urlsplit(clean).path.endswith("/")
        hashed = name if plain else self._stored_name(clean)
        url = file_url(self._base_url or "", hashed)
        if fragment or "?#" in name:
            parts = list(urlsplit(url))
            if fragment and not parts[4]:
                parts[4] = fragment
            if "?#" in name and not parts[3]:
                parts[2] += "?"
            url = urlunsplit(parts)
        return unquote(url)

    def _stored_name(self, name: str) -> str:
        """django/contrib/staticfiles/storage.py: ManifestFilesMixin.stored_name()."""
        parts = list(urlsplit(unquote(name)))
        path = parts[2].strip()
        stored = self._names.get(path.replace("\\", "/"))
        if stored is None:
            if self._strict:
                raise ValueError(f"Missing staticfiles manifest entry for '{path}'")
            stored = self._hashed_name(name).replace("\\", "/")
        parts[2] = stored
        if "?#" in name and not parts[3]:
            parts[2] += "?"
        return urlunsplit(parts)

    def _hashed_name(self, name: str) -> str:
        """django/contrib/staticfiles/storage.py: HashedFilesMixin.hashed_name(): the content names the file."""
        parts = list(urlsplit(unquote(name)))
        path = parts[2].strip()
        file = safe_join(self._root, path) if self._root else None
        if file is None or not file.exists():
            raise ValueError(f"The file {path!r} could not be found in {self._root}")
        if file.is_dir():
            return name
        digest = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()[:12]
        folder, last = posixpath.split(path)
        stem, extension = posixpath.splitext(last)
        parts[2] = posixpath.join(folder, f"{stem}.{digest}{extension}")
        if "?#" in name and not parts[3]:
            parts[2] += "?"
        return urlunsplit(parts)


class MediaFiles:
    """Uploaded files. A storage behind a signature has no address that a manifest could carry."""

    def __init__(self, manifest: Manifest) -> None:
        self.prefix = iri_to_uri(manifest.settings.media_url)
        self._base_url = manifest.static.media_base_url or manifest.settings.media_url

    def url(self, name: str) -> str:
        return file_url(self._base_url, name)


def read_names(path: Path) -> Mapping[str, str]:
    """`staticfiles.json`. Raises ManifestError for another version than Django 4.2 to 6.1 write."""
    try:
        stored = json.loads(path.read_bytes())
    except ValueError as error:
        raise ManifestError(f"{path} is not JSON: run collectstatic on the Django site again") from error
    if stored.get("version") not in {"1.0", "1.1"}:
        raise ManifestError(f"{path} is of version {stored.get('version')}, known are 1.0 and 1.1")
    names: Mapping[str, str] = stored.get("paths", {})
    return names


def safe_join(root: Path, name: str) -> Path | None:
    """The file below `root`, or None where the name leads out of it."""
    whole = Path(posixpath.normpath(posixpath.join(root.absolute().as_posix(), name)))
    return whole if whole.is_relative_to(root.absolute()) else None


def file_url(base_url: str, name: str) -> str:
    """django/core/files/storage/filesystem.py: FileSystemStorage.url()."""
    return urljoin(base_url, quote(name.replace("\\", "/"), safe="/~!*()'").lstrip("/"))


def iri_to_uri(iri: str) -> str:
    """django/utils/encoding.py: iri_to_uri()."""
    return quote(iri, safe="/#%[]=:;$&()+,!?*@'~")


def functions(static: StaticFiles, media: MediaFiles) -> dict[str, Callable[..., object]]:
    """`static`, `get_static_prefix` and `get_media_prefix`; the prefixes are printed as they are."""

    @steady
    def static_url(path: str) -> str:
        return static.url(path)

    return {
        "static": static_url,
        "get_static_prefix": steady(prints_as_is(lambda: static.prefix)),
        "get_media_prefix": steady(prints_as_is(lambda: media.prefix)),
    }
