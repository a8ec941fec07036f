"""django.urls.reverse() from a manifest: names in, URLs out, without Django.

The site's own Django worked out what each name can become (introspect.py: reversing()). Here are django/urls/base.py:
reverse() and django/urls/resolvers.py: URLResolver._reverse_with_prefix(), which promise, in order:

1. Namespaces are followed, application namespaces by way of the current app, else by the default instance.
2. Of the patterns of that name the last written is tried first; the first one whose arguments fit, and that matches the
   URL it makes, wins.
3. The URL is quoted as Django quotes it and never begins with two slashes.
4. Where nothing fits, NoReverseMatch says so in Django's words.

Refuses: a converter with a `to_url` of its own that nobody passed to `Reverse(to_url=…)`; view functions as names.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from legacy_adapters.dtl.functions import takes_context
from legacy_adapters.errors import LegacyError, ManifestError, PatternError
from legacy_adapters.manifest import Manifest, UrlCandidate, UrlNames

ToUrl = Callable[[Any], object]
SAFE_IN_PATH = "!$&'()*+,;=/~:@"
"""django/utils/http.py: RFC3986_SUBDELIMS, and the rest of RFC 3986's `pchar`."""
TO_URL: Mapping[str, ToUrl] = {
    "django.urls.converters.IntConverter": str,
    "django.urls.converters.StringConverter": lambda value: value,
    "django.urls.converters.UUIDConverter": str,
    "rest_framework.urlpatterns._get_format_path_converter.<locals>.FormatSuffixConverter": lambda value: (
        "." + value + "/"
    ),
}
"""Which to_url a class has, or inherits, by the name of the class that defines it."""


class NoReverseMatch(LegacyError):
    """No URL has this name and these arguments. In a template, a variable that raises it is a missing one."""

    silent_variable_failure = True


class Reverse:
    """`reverse(name, *args, current_app=None, **kwargs)` of one site, below one script prefix, in one language.

    `to_url` gives the functions of the site's own converters, by the class's full name. `language` matters where the
    site's URLs are translated; any other site has one set of URLs.
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        script_prefix: str = "/",
        language: str = "",
        to_url: Mapping[str, ToUrl] | None = None,
    ) -> None:
        if not manifest.reversing:
            raise ManifestError("the manifest knows nothing of names becoming URLs: run `bridge adopt` again")
        self.prefix = script_prefix if script_prefix.endswith("/") else f"{script_prefix}/"
        default = manifest.reversing.get("") or next(iter(manifest.reversing.values()))
        self._root = manifest.reversing.get(language, default)
        self._converters = {found.class_: found.to_url for found in manifest.converters.values()}
        self._to_url = {**TO_URL, **(to_url or {})}

    def __call__(self, name: str, /, *args: object, current_app: str | None = None, **kwargs: object) -> str:
        *path, last = str(name).split(":")
        space = self._within(path, current_app)
        if args and kwargs:
            raise ValueError("Don't mix *args and **kwargs in call to reverse()!")
        candidates = space.names.get(last, ())
        for candidate in candidates:
            for form, parameters in candidate.forms:
                found = self._fill(candidate, form, parameters, args, kwargs)
                if found is not None:
                    return found
        raise NoReverseMatch(_not_found(last, args, kwargs, [candidate.regex for candidate in candidates]))

    def _within(self, path: list[str], current_app: str | None) -> UrlNames:
        """The names of a namespace. `current_app` says which instance of an application is meant."""
        space, done = self._root, list[str]()
        current = current_app.split(":") if current_app else []
        for name in path:
            here = current.pop(0) if current else None
            instances = space.apps.get(name)
            if instances:
                if here and here in instances:
                    name = here
                elif name not in instances:
                    name = instances[0]
            if name != here:
                current = []
            if name not in space.namespaces:
                inside = f" inside '{':'.join(done)}'" if done else ""
                raise NoReverseMatch(f"{name!r} is not a registered namespace{inside}")
            space = space.namespaces[name]
            done.append(name)
        return space

    def _fill(
        self,
        candidate: UrlCandidate,
        form: str,
        parameters: tuple[str, ...],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> str | None:
        if args:
            if len(args) != len(parameters):
                return None
            values: Mapping[str, object] = dict(zip(parameters, args, strict=True))
        else:
            if not _fits(candidate, parameters, kwargs):
                return None
            values = kwargs
        text = dict(self._as_text(candidate, values))
        if len(text) < len(values):
            return None
        plain = self.prefix.replace("%", "%%") + form
        url = str(plain % text)
        if not _matcher(self.prefix, candidate.regex).search(url):
            return None
        url = quote(url, safe=SAFE_IN_PATH)
        return f"/%2F{url[2:]}" if url.startswith("//") else url

    def _as_text(self, candidate: UrlCandidate, values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """The values as they stand in a URL; a converter refuses one with ValueError, and it is left out."""
        for name, value in values.items():
            converter = candidate.converters.get(name)
            try:
                yield name, self._convert(converter, value) if converter else str(value)
            except ValueError:
                continue

    def _convert(self, converter: str, value: object) -> object:
        known = self._to_url.get(converter) or self._to_url.get(self._converters.get(converter, ""))
        if known is None:
            raise PatternError(f"{converter} has a to_url of its own: pass it to Reverse(to_url=…)")
        return known(value)


def _fits(candidate: UrlCandidate, parameters: tuple[str, ...], kwargs: dict[str, object]) -> bool:
    """Every parameter is there and nothing else is, but for defaults, which must be what the pattern says."""
    known = {*candidate.defaults, *candidate.hidden_defaults}
    if (kwargs.keys() ^ set(parameters)) - known:
        return False
    if any(name in kwargs and name not in parameters for name in candidate.hidden_defaults):
        return False
    return all(kwargs.get(name, value) == value for name, value in candidate.defaults.items() if name not in parameters)


@lru_cache(maxsize=4096)
def _matcher(prefix: str, regex: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(prefix)}{regex}")


def _not_found(name: str, args: tuple[object, ...], kwargs: dict[str, object], tried: list[str]) -> str:
    if not tried:
        return f"Reverse for '{name}' not found. '{name}' is not a valid view function or pattern name."
    given = f"arguments '{args}'" if args else f"keyword arguments '{kwargs}'" if kwargs else "no arguments"
    return f"Reverse for '{name}' with {given} not found. {len(tried)} pattern(s) tried: {tried}"


def current_app_of(request: object) -> str | None:
    """django/template/defaulttags.py: URLNode: what the request says, else the namespace of the page it resolved to."""
    try:
        return request.current_app  # type: ignore[attr-defined, no-any-return]
    except AttributeError:
        match = getattr(request, "resolver_match", None)
        return getattr(match, "namespace", None)


def functions(reverse: Reverse) -> dict[str, Callable[..., object]]:
    """`url` and `url_or_nothing`, which is `{% url … as v %}`: empty where nothing fits."""

    @takes_context
    def url(context: Mapping[str, Any], name: object, /, *args: object, **kwargs: object) -> str:
        return reverse(str(name), *args, current_app=current_app_of(context.get("request")), **kwargs)

    @takes_context
    def url_or_nothing(context: Mapping[str, Any], name: object, /, *args: object, **kwargs: object) -> str:
        try:
            return reverse(str(name), *args, current_app=current_app_of(context.get("request")), **kwargs)
        except NoReverseMatch:
            return ""

    return {"url": url, "url_or_nothing": url_or_nothing}
