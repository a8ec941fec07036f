"""Settings: where things are, and secrets. The only reader of the environment.

What is possible lives in code, what is on lives in the database; see docs/architecture.md.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class OAuthClient(BaseModel, extra="forbid", frozen=True):
    """What a provider knows this site by. The URLs are for a provider at an address of one's own."""

    client_id: str
    client_secret: SecretStr
    authorize_url: str = ""
    token_url: str = ""
    api_url: str = ""


class Settings(BaseSettings):
    """One instance per process, read once at start. Each field is the environment variable of the same name."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    var: Path = Field(default=ROOT / "var", description="Working files: servers, flag snapshot, reports.")
    database_url: str = Field(default="", description="PostgreSQL of both sides. Empty: an embedded one.")
    redis_url: str = Field(default="", description="Redis or Valkey, redis://… . Empty: an embedded one.")
    cache_url: str = Field(
        default="", description="The legacy site's Redis cache, if its sessions are there. Empty: as the manifest says."
    )
    legacy_url: str = Field(default="http://127.0.0.1:8001", description="Where the Django site answers.")
    manifest: Path = Field(default=ROOT / "var" / "manifest.json", description="Written by `bridge adopt`.")
    trusted_proxies: list[str] = Field(
        default=["127.0.0.0/8", "::1/128"], description="Networks whose X-Forwarded-* are believed, JSON list."
    )
    site_files: Path = Field(default=ROOT / "new_app" / "files", description="robots.txt, humans.txt, funding.json.")
    parity_logins: dict[str, SecretStr] = Field(
        default={}, description='Who `bridge parity run --personas` signs in as, JSON {"staff": "name:password"}.'
    )
    memory: bool = Field(default=True, description="Remember what was made from the database until it changes.")
    page_cache: bool = Field(default=True, description="Remember whole answers to anonymous visitors, if MEMORY is on.")
    theme_dirs: list[Path] = Field(default=[], description="Folders of templates, first match wins. Empty: VAR/theme.")
    template_tags: list[str] = Field(
        default=[], description="Modules with template tags of the site's own: FUNCTIONS, FILTERS, BLOCKS. JSON list."
    )
    reload_theme: bool = Field(default=False, description="Look at each request whether a template has changed.")
    media_root: Path = Field(default=ROOT / "var" / "media", description="The legacy site's MEDIA_ROOT, as it is here.")
    media_store: str = Field(
        default="",
        description="Where /m/… is redirected to: the store's endpoint, bucket and folder. Empty: as legacy.",
    )
    release_cycle_url: str = Field(
        default="https://peps.python.org/api/release-cycle.json", description="Which versions are supported, JSON."
    )
    meili_url: str = Field(default="", description="Meilisearch for /search/. Empty: PostgreSQL's full-text search.")
    meili_key: SecretStr = Field(default=SecretStr(""), description="Its key, which may write to the index `site`.")
    mail_url: SecretStr = Field(
        default=SecretStr(""),
        description="How mail leaves: smtp://user:password@host:587?tls=1, file:///folder, console:, nowhere:. "
        "Empty: as the legacy site sends it, without a password.",
    )
    django_secret_key: SecretStr = Field(default=SecretStr(""), description="The legacy site's SECRET_KEY.")
    django_secret_key_fallbacks: list[SecretStr] = Field(default=[], description="Its SECRET_KEY_FALLBACKS, JSON list.")
    oauth_clients: dict[Literal["github", "google"], OAuthClient] = Field(
        default={},
        description='Sites that visitors may sign in with, JSON {"github": {"client_id": …, "client_secret": …}}; '
        "authorize_url, token_url and api_url where it answers elsewhere. Empty: none.",
    )
    token_keys: list[SecretStr] = Field(
        default=[],
        description="Keys of 32 bytes or more, JSON list, for JWTs at /api/auth/: the first signs, each verifies. "
        "Empty: none are given.",
    )
    token_audience: str = Field(default="api", description="Whom JWTs are for (`aud`); others are refused.")
    api_keys: bool = Field(default=False, description="Let people make API keys with scopes, at /accounts/api-keys/.")


def child_environment(**values: str) -> dict[str, str]:
    """The environment of a child process: ours, with `values` on top."""
    return {**os.environ, **values}
