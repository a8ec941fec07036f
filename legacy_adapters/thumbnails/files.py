"""Where the site's uploaded files are: a folder that both sides see, or anything else that has these four methods."""

import os
import tempfile
from pathlib import Path
from typing import Protocol

from legacy_adapters.errors import SettingsError
from legacy_adapters.manifest import Manifest
from legacy_adapters.static import MediaFiles


class Files(Protocol):
    """Names are relative to the media root, with slashes. `read` raises OSError where nothing can be read."""

    location: str

    def exists(self, name: str) -> bool: ...
    def read(self, name: str) -> bytes: ...
    def write(self, name: str, content: bytes) -> None: ...
    def url(self, name: str) -> str: ...


class MediaFolder:
    """The media root as a folder. A name that leads out of it does not exist and is never written."""

    def __init__(self, manifest: Manifest, root: Path | None = None) -> None:
        location = manifest.static.media_location
        if root is None and not location:
            raise SettingsError("the site keeps its media elsewhere than in a folder: hand in Files of your own")
        self.location = (location or "").rstrip("/")
        self.root = (root or Path(location or "")).absolute()
        self.url = MediaFiles(manifest).url

    def exists(self, name: str) -> bool:
        path = self._path(name)
        return path is not None and path.exists()

    def read(self, name: str) -> bytes:
        path = self._path(name)
        if path is None:
            raise FileNotFoundError(name)
        return path.read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """The whole file or none of it: a visitor may ask for it while it is written."""
        path = self._path(name)
        if path is None:
            raise FileNotFoundError(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)

    def _path(self, name: str) -> Path | None:
        path = Path(os.path.normpath(self.root / name))
        return path if path.is_relative_to(self.root) else None
