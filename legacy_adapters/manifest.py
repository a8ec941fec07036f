"""The manifest: what a legacy site is, as `bridge adopt` found it. Written by introspect.py, read here, checked here.

A manifest of another format is refused, never guessed at. It holds no secret.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from legacy_adapters.errors import ManifestError
from legacy_adapters.package_settings import CountryNames, Honeypot, Imagekit, Pipeline, Sitetree, Sorl, Waffle
from legacy_adapters.patterns import canonical
from legacy_adapters.settings import LegacySettings

FORMAT = 1


class Part(msgspec.Struct, frozen=True):
    """What one include(), or the endpoint, contributes: as urls.py says it, and as Django matches it."""

    kind: Literal["path", "regex"]
    text: str
    regex: str

    def as_claim(self, *, endpoint: bool) -> str:
        """In a claim's syntax, where a regular expression begins with `^`.

        Django searches for a regular expression without `^` anywhere in what is left of the path, unless it is the
        endpoint and ends with `$`: then it must match from the start (django/urls/resolvers.py: RegexPattern.match()).
        """
        if self.kind == "path" or self.text.startswith("^"):
            return self.text
        return f"^{self.text}" if endpoint and self.text.endswith("$") else f"^(?s:.*?){self.text}"


class Pattern(msgspec.Struct, frozen=True):
    """A URL pattern. `order` is its place in the resolver; `methods` is None where only the view knows."""

    order: int
    route: str
    parts: tuple[Part, ...]
    view: str
    app: str
    name: str | None = None
    namespaces: tuple[str, ...] = ()
    app_names: tuple[str, ...] = ()
    converters: dict[str, str] = {}
    methods: frozenset[str] | None = None

    @property
    def claim_parts(self) -> tuple[str, ...]:
        """The parts in a claim's syntax, outermost first."""
        last = len(self.parts) - 1
        return tuple(part.as_claim(endpoint=place == last) for place, part in enumerate(self.parts))


class Model(msgspec.Struct, frozen=True):
    """A model and its table; `app` and `model` are the keys of its content type."""

    app: str
    model: str
    table: str
    columns: tuple[str, ...]
    managed: bool = True
    proxy: bool = False
    many_to_many: bool = False


class Converter(msgspec.Struct, frozen=True):
    """A path converter. `class_` says how a match becomes a value, `to_url` is the class that defines the way back."""

    regex: str
    class_: str = msgspec.field(name="class")
    to_url: str = ""


class UrlCandidate(msgspec.Struct, frozen=True):
    """One pattern that a name may become: its forms with their parameters, and the expression the URL must match.

    `defaults` are those that an argument is compared with; of `hidden_defaults` only the names left the site.
    """

    forms: tuple[tuple[str, tuple[str, ...]], ...]
    regex: str
    defaults: dict[str, str | int | float | bool | None] = {}
    hidden_defaults: tuple[str, ...] = ()
    converters: dict[str, str] = {}


class UrlNames(msgspec.Struct, frozen=True):
    """What the names of one namespace become, in the order in which Django tries them, and the namespaces inside."""

    names: dict[str, tuple[UrlCandidate, ...]] = {}
    apps: dict[str, tuple[str, ...]] = {}
    namespaces: dict[str, "UrlNames"] = {}


class TemplateTag(msgspec.Struct, frozen=True):
    """A tag of a library. `stops`: where its body may stop, its end last; `template`: what an inclusion tag shows."""

    kind: Literal["simple", "simple_block", "inclusion", "block", "unknown"]
    stops: tuple[str, ...] = ()
    template: str | None = None
    takes_context: bool = False
    signature: str = ""


class TemplateModule(msgspec.Struct, frozen=True):
    """A tag library; for a filter, how many values it takes, the filtered one included: at least, at most."""

    tags: dict[str, TemplateTag] = {}
    filters: dict[str, tuple[int, int]] = {}
    error: str | None = None


class Static(msgspec.Struct, frozen=True):
    """The static storage, and the hashed names it gave to files. `finders`: django.contrib.staticfiles is installed."""

    storage: str | None = None
    hashed_files: dict[str, str] = {}
    error: str | None = None
    finders: bool = True
    base_url: str | None = None
    location: str | None = None
    keeps_hashes: bool = False
    manifest_name: str = "staticfiles.json"
    strict: bool = True
    media_storage: str | None = None
    media_base_url: str | None = None
    media_location: str | None = None


class UserFields(msgspec.Struct, frozen=True):
    """Columns of the user model that only its class knows; `pk_type` is "int", "uuid" or "text"."""

    pk: str = "id"
    pk_type: Literal["int", "uuid", "text"] = "int"
    username: str = "username"
    email: str = "email"


class Translations(msgspec.Struct, frozen=True):
    """A .mo file: a message has one text, or one per plural form; `plural` is the rule, as gettext writes it."""

    messages: dict[str, str | tuple[str, ...]]
    plural: str | None = None


class Languages(msgspec.Struct, frozen=True):
    """What the site speaks: formats by language, and for each the names of its `files` in the order they are asked."""

    use_l10n: bool = True
    languages: tuple[tuple[str, str], ...] = ()
    bidi: tuple[str, ...] = ()
    info: dict[str, dict[str, str | bool | tuple[str, ...]]] = {}
    default_formats: dict[str, str | int | tuple[int, ...]] = {}
    formats: dict[str, dict[str, str | int | tuple[int, ...]]] = {}
    catalogues: dict[str, tuple[str, ...]] = {}
    files: dict[str, Translations] = {}


class Manifest(msgspec.Struct, frozen=True):
    """A Django site. Lists are in Django's order."""

    format: int
    made: str
    django: str
    python: str
    settings_module: str
    secret_key: str
    settings: LegacySettings
    patterns: tuple[Pattern, ...]
    converters: dict[str, Converter]
    models: tuple[Model, ...]
    migration_heads: dict[str, list[str]]
    reversing: dict[str, UrlNames] = {}
    secret_key_fallbacks: tuple[str, ...] = ()
    caches: dict[str, dict[str, str | int | list[str] | None]] = {}
    template_dirs: tuple[str, ...] = ()
    template_apps: dict[str, str] = {}
    template_modules: dict[str, TemplateModule] = {}
    template_libraries: dict[str, str] = {}
    template_builtins: tuple[str, ...] = ()
    context_processors: tuple[str, ...] = ()
    static: Static = Static()
    locale: Languages = Languages()
    pipeline: Pipeline = Pipeline()
    user: UserFields = UserFields()
    sitetree: Sitetree = Sitetree()
    waffle: Waffle = Waffle()
    honeypot: Honeypot = Honeypot()
    sorl: Sorl = Sorl()
    imagekit: Imagekit = Imagekit()
    countries: CountryNames = CountryNames()
    refusals: dict[str, str] = {}
    package_errors: dict[str, str] = {}

    def find(self, pattern: str, name: str) -> tuple[Pattern, ...]:
        """The patterns that a claim means: those written alike, of its name if any has it; else all of its name.

        More than one means that the claim is ambiguous, none that the site has no such pattern.
        """
        wanted = canonical([pattern], self.converter_regexes)
        alike = [known for known in self.patterns if canonical(known.claim_parts, self.converter_regexes) == wanted]
        named = [known for known in self.patterns if known.name == name]
        first = [
            known for known in alike if known.name == name
        ] or alike  # Django reaches no other that is written alike
        return tuple(first[:1] or named)

    @property
    def converter_regexes(self) -> Mapping[str, str]:
        return {name: converter.regex for name, converter in self.converters.items()}

    @property
    def content_types(self) -> tuple[tuple[str, str], ...]:
        """(app_label, model) of every content type that Django makes: its ids differ per database."""
        return tuple((model.app, model.model) for model in self.models if not model.many_to_many)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file. Raises ManifestError with what to do."""
    try:
        return parse_manifest(path.read_bytes())
    except FileNotFoundError:
        raise ManifestError(f"there is no manifest at {path}: run `bridge adopt`, or set MANIFEST") from None
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}") from error
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from error


def parse_manifest(content: bytes) -> Manifest:
    """The manifest in bytes of JSON."""
    try:
        made_as = msgspec.json.decode(content, type=_Format).format
        if made_as != FORMAT:
            raise ManifestError(f"is of format {made_as}, this bridge reads {FORMAT}: run `bridge adopt` again")
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"is not a manifest: {error}. Run `bridge adopt` again") from error


class _Format(msgspec.Struct):
    format: int
