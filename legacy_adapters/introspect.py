"""Describe a Django site: run this one file with the site's own Python, and it prints a manifest as JSON.

    python introspect.py --settings mysite.settings [--path DIR] [--out manifest.json]

It needs Django (4.2 to 6.1) and the site; nothing of ours is imported. It asks no database, writes nothing but `--out`,
and never prints a secret: settings are taken from a list, passwords are cut out of addresses, and of SECRET_KEY only a
slow hash goes out, by which two sides can tell that they share it.
"""

# law: long, a site runs this one file with nothing of ours beside it
from __future__ import annotations

import argparse
import ast
import contextlib
import datetime
import fnmatch
import functools
import gettext
import hashlib
import importlib
import inspect
import io
import json
import os
import platform
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Parts = tuple[dict[str, str], ...]
    Names = tuple[str, ...]
    Known = dict[str, str]

FORMAT = 1
FINGERPRINT_SALT, FINGERPRINT_ROUNDS = b"bridge.manifest.secret", 200_000
SECRETIVE = re.compile("API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|CREDENTIAL", re.I)
SETTINGS = (
    *("ALLOWED_HOSTS", "APPEND_SLASH", "AUTHENTICATION_BACKENDS", "AUTH_USER_MODEL"),
    *("CACHE_MIDDLEWARE_ALIAS", "CACHE_MIDDLEWARE_KEY_PREFIX", "CACHE_MIDDLEWARE_SECONDS"),
    *("CSRF_COOKIE_AGE", "CSRF_COOKIE_DOMAIN", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_NAME", "CSRF_COOKIE_PATH"),
    *("CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE", "CSRF_HEADER_NAME", "CSRF_TRUSTED_ORIGINS", "CSRF_USE_SESSIONS"),
    *("DATA_UPLOAD_MAX_MEMORY_SIZE", "DEBUG", "DEFAULT_CHARSET", "DEFAULT_FROM_EMAIL", "EMAIL_BACKEND"),
    *("EMAIL_FILE_PATH", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_TIMEOUT", "EMAIL_USE_SSL", "EMAIL_USE_TLS"),
    *("FORCE_SCRIPT_NAME", "INSTALLED_APPS"),
    *("LANGUAGE_CODE", "LOGIN_REDIRECT_URL", "LOGIN_URL", "LOGOUT_REDIRECT_URL", "MEDIA_URL", "MESSAGE_STORAGE"),
    *("MESSAGE_LEVEL", "MESSAGE_TAGS", "SESSION_FILE_PATH", "SIGNED_COOKIE_LEGACY_SALT_FALLBACK"),
    *("MIDDLEWARE", "PASSWORD_HASHERS", "PASSWORD_RESET_TIMEOUT", "PREPEND_WWW", "ROOT_URLCONF"),
    *("SECURE_PROXY_SSL_HEADER", "SECURE_SSL_REDIRECT", "SESSION_CACHE_ALIAS", "SESSION_COOKIE_AGE"),
    *("SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_NAME", "SESSION_COOKIE_PATH"),
    *("SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_SECURE", "SESSION_ENGINE", "SESSION_EXPIRE_AT_BROWSER_CLOSE"),
    *("SESSION_SAVE_EVERY_REQUEST", "SESSION_SERIALIZER", "SIGNING_BACKEND", "SITE_ID", "STATIC_URL", "TIME_ZONE"),
    *("USE_I18N", "USE_THOUSAND_SEPARATOR", "USE_TZ", "USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT"),
    "X_FRAME_OPTIONS",
)


def describe() -> dict[str, Any]:
    """The manifest of the site that Django is set up for."""
    import django
    from django.conf import settings

    return {
        "format": FORMAT,
        "made": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),  # noqa: UP017 - Python 3.8
        "django": django.get_version(),
        "python": platform.python_version(),
        "settings_module": os.environ["DJANGO_SETTINGS_MODULE"],  # law: environment, Django keeps its own name there
        "secret_key": fingerprint(settings.SECRET_KEY),
        "secret_key_fallbacks": [fingerprint(key) for key in settings.SECRET_KEY_FALLBACKS],
        "settings": {
            **{name: plain(getattr(settings, name)) for name in SETTINGS if hasattr(settings, name)},
            "AUTH_PASSWORD_VALIDATORS": [rule["NAME"] for rule in settings.AUTH_PASSWORD_VALIDATORS],
        },
        "caches": {alias: cache(values) for alias, values in settings.CACHES.items()},
        "patterns": patterns(),
        "converters": converters(),
        "reversing": reversing(),
        "models": models(),
        "user": user_fields(),
        "migration_heads": migration_heads(),
        **templates(),
        "locale": locale(),
        "static": static_files(),
        **packages(),
    }


def packages() -> dict[str, Any]:
    """What packages are told. One of a version that has its things elsewhere is left out, with the reason."""
    found: dict[str, Any] = {"package_errors": {}}
    for describe_package in (pipeline, sitetree, waffle, honeypot, sorl, imagekit, countries, refusals):
        name = describe_package.__name__
        try:
            found[name] = describe_package()
        except Exception as error:
            found["package_errors"][name] = f"{type(error).__name__}: {without_password(str(error))}"
    return found


def fingerprint(secret: Any) -> str:
    """A hash that is slow on purpose: a weak key must not be found from a manifest."""
    value = secret if isinstance(secret, bytes) else str(secret).encode()
    return hashlib.pbkdf2_hmac("sha256", value, FINGERPRINT_SALT, FINGERPRINT_ROUNDS).hex()[:32]


def plain(value: Any) -> Any:
    """A value as JSON: lazy strings and paths become text, sets are sorted."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    return without_password(str(value))


def without_password(text: str) -> str:
    """`redis://user:password@host` as `redis://host`."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", text)


def cache(values: dict[str, Any]) -> dict[str, Any]:
    """What says which cache it is. OPTIONS may hold passwords and stay at home."""
    return {
        key: plain(values[key]) for key in ("BACKEND", "LOCATION", "KEY_PREFIX", "VERSION", "TIMEOUT") if key in values
    }


def patterns() -> list[dict[str, Any]]:
    """Every URL pattern, in the order in which the resolver tries them."""
    from django.urls import get_resolver

    found = list(walk(get_resolver(), (), (), (), {}))
    for order, pattern in enumerate(found):
        pattern["order"] = order
    return found


def walk(resolver: Any, parts: Parts, namespaces: Names, app_names: Names, known: Known) -> Iterator[dict[str, Any]]:
    """Patterns below a resolver; `parts` is what the includes around it contribute."""
    for entry in resolver.url_patterns:
        here = (*parts, part(entry.pattern))
        used = {**known, **{name: type_name(converter) for name, converter in entry.pattern.converters.items()}}
        if hasattr(entry, "url_patterns"):
            inner = namespaces + ((entry.namespace,) if entry.namespace else ())
            apps = app_names + ((entry.app_name,) if entry.app_name else ())
            yield from walk(entry, here, inner, apps, used)
        else:
            yield endpoint(entry, here, namespaces, app_names, used)


def part(pattern: Any) -> dict[str, Any]:
    """One include's or endpoint's own pattern. `text` is what urls.py says; `regex` is what Django matches with."""
    kind = {"RoutePattern": "path", "RegexPattern": "regex"}.get(type(pattern).__name__, "path")
    return {"kind": kind, "text": str(pattern), "regex": pattern.regex.pattern}


def endpoint(entry: Any, parts: Parts, namespaces: Names, app_names: Names, used: Known) -> dict[str, Any]:
    view = entry.callback
    target = getattr(view, "view_class", None) or getattr(view, "cls", None) or unwrapped(view)
    return {
        "route": "".join(part["text"] for part in parts),
        "parts": list(parts),
        "name": ":".join((*namespaces, entry.name)) if entry.name else None,
        "namespaces": list(namespaces),
        "app_names": list(app_names),
        "converters": used,
        "view": type_name(target),
        "app": app_of(target.__module__, namespaces),
        "methods": methods(view),
    }


def unwrapped(view: Any) -> Any:
    """The function or class behind a callback: partials and callable objects have no name of their own."""
    while isinstance(view, functools.partial):
        view = view.func
    return view if hasattr(view, "__qualname__") else type(view)


def type_name(value: Any) -> str:
    kind = value if hasattr(value, "__qualname__") else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"


def app_of(module: str, namespaces: Names) -> str:
    """The label of the installed app that a view's module lies in, else the module's first package."""
    from django.apps import apps

    if namespaces[:1] == ("admin",):
        return "admin"
    inside = [config for config in apps.get_app_configs() if f"{module}.".startswith(f"{config.name}.")]
    return max(inside, key=lambda config: len(config.name)).label if inside else module.partition(".")[0]


def methods(view: Any) -> list[str] | None:
    """Methods of a class-based view or of a viewset's actions; None where only calling it would tell."""
    actions, view_class = getattr(view, "actions", None), getattr(view, "view_class", None)
    view_class = view_class or getattr(view, "cls", None)
    if actions:
        names = {*actions, "options"}
    elif view_class is not None and hasattr(view_class, "http_method_names"):
        names = {name for name in view_class.http_method_names if hasattr(view_class, name)}
    else:
        return None
    return sorted(name.upper() for name in names | ({"head"} if "get" in names else set()))


def converters() -> dict[str, Any]:
    """Every registered path converter: its regular expression and its class."""
    from django.urls.converters import get_converters

    return {
        name: {
            "regex": found.regex,
            "class": type_name(found),
            "to_url": type_name(next(kind for kind in type(found).__mro__ if "to_url" in vars(kind))),
        }
        for name, found in get_converters().items()
    }


def reversing() -> dict[str, Any]:
    """What every URL name can become, by language where URLs are translated, else under ""."""
    from django.conf import settings
    from django.urls import get_resolver
    from django.utils import translation

    if not (settings.USE_I18N and translated(get_resolver())):
        return {"": names_within(get_resolver())}
    found = {}
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            found[code] = names_within(get_resolver())
    return found


def translated(resolver: Any) -> bool:
    """Does a pattern differ per language: a lazy text, or i18n_patterns()?"""
    return any(
        not isinstance(getattr(entry.pattern, "_route", getattr(entry.pattern, "_regex", None)), str)
        or (hasattr(entry, "url_patterns") and translated(entry))
        for entry in resolver.url_patterns
    )


def names_within(resolver: Any, above: str = "", known: Any = ()) -> dict[str, Any]:
    """The names of a resolver as reverse() sees them; `above` and `known` come from the namespaces around it."""
    from django.urls.resolvers import get_ns_resolver

    # Reading reverse_dict first also lets Django hand the outer converters down, which it does once.
    namespaces = resolver.namespace_dict
    whole = get_ns_resolver(above, resolver, known) if above else resolver
    return {
        "names": {
            name: [candidate(*found) for found in whole.reverse_dict.getlist(name)]
            for name in whole.reverse_dict
            if isinstance(name, str)
        },
        "apps": {app: list(instances) for app, instances in resolver.app_dict.items()},
        "namespaces": {
            name: names_within(inner, above + extra, tuple({**dict(known), **inner.pattern.converters}.items()))
            for name, (extra, inner) in namespaces.items()
        },
    }


def candidate(forms: Any, regex: str, defaults: dict[str, Any], used: Any) -> dict[str, Any]:
    """Defaults that are no plain value, or are called like a secret, stay at home: they only are compared with."""
    shown = {name: value for name, value in defaults.items() if is_plain(value) and not SECRETIVE.search(name)}
    return {
        "forms": [[form, list(parameters)] for form, parameters in forms],
        "regex": regex,
        "defaults": shown,
        "hidden_defaults": sorted(defaults.keys() - shown.keys()),
        "converters": {name: type_name(converter) for name, converter in used.items()},
    }


def is_plain(value: Any) -> bool:
    return value is None or (type(value) in (bool, int, float, str) and without_password(str(value)) == str(value))


def models() -> list[dict[str, Any]]:
    """Every model with its table; those that Django makes for a many-to-many relation are marked."""
    from django.apps import apps

    return [
        {
            "app": model._meta.app_label,
            "model": model._meta.model_name,
            "class": type_name(model),
            "table": model._meta.db_table,
            "columns": [field.column for field in model._meta.concrete_fields],
            "managed": model._meta.managed,
            "proxy": model._meta.proxy,
            "many_to_many": bool(model._meta.auto_created),
        }
        for model in apps.get_models(include_auto_created=True)
    ]


def user_fields() -> dict[str, str]:
    """Columns of the user model; nothing where the site has no users."""
    from django.apps import apps
    from django.conf import settings
    from django.db import models as kinds

    try:
        model = apps.get_model(settings.AUTH_USER_MODEL)
    except LookupError:
        return {}
    pk = model._meta.pk
    while pk.remote_field:
        pk = pk.target_field
    kind = "int" if isinstance(pk, kinds.IntegerField) else "uuid" if isinstance(pk, kinds.UUIDField) else "text"
    names = {"username": getattr(model, "USERNAME_FIELD", ""), "email": getattr(model, "EMAIL_FIELD", "email")}
    known = {field.name: field.column for field in model._meta.concrete_fields}
    found = {what: known[name] for what, name in names.items() if name in known}
    return {"pk": model._meta.pk.column, "pk_type": kind, **found}


def migration_heads() -> dict[str, Any]:
    """The last migrations of each app, from the files, not from the database."""
    from django.db.migrations.loader import MigrationLoader

    heads: dict[str, list[str]] = {}
    for app, name in MigrationLoader(None).graph.leaf_nodes():
        heads.setdefault(app, []).append(name)
    return {app: sorted(names) for app, names in sorted(heads.items())}


def templates() -> dict[str, Any]:
    """Folders in the order of the search, and the tag libraries that `{% load %}` and the built-ins name."""
    from django.apps import apps
    from django.template import engines
    from django.template.backends.django import DjangoTemplates

    found = [engine.engine for engine in engines.all() if isinstance(engine, DjangoTemplates)]
    libraries = {name: module for engine in found for name, module in sorted(engine.libraries.items())}
    builtins = [module for engine in found for module in engine.builtins]
    searched = [str(folder) for engine in found for folder in template_folders(engine.template_loaders)]
    folders = {config.label: os.path.join(config.path, "templates") for config in apps.get_app_configs()}
    return {
        "template_dirs": list(dict.fromkeys(searched)),
        "template_apps": {label: folder for label, folder in folders.items() if os.path.isdir(folder)},
        "template_libraries": libraries,
        "template_builtins": builtins,
        "template_modules": {module: library(module) for module in sorted({*libraries.values(), *builtins})},
        "context_processors": [path for engine in found for path in engine.context_processors],
    }


FORMAT_SETTINGS = (
    *("DATE_FORMAT", "TIME_FORMAT", "DATETIME_FORMAT", "YEAR_MONTH_FORMAT", "MONTH_DAY_FORMAT", "SHORT_DATE_FORMAT"),
    *("SHORT_DATETIME_FORMAT", "FIRST_DAY_OF_WEEK", "DECIMAL_SEPARATOR", "THOUSAND_SEPARATOR", "NUMBER_GROUPING"),
)


def locale() -> dict[str, Any]:
    """Languages with their formats and translations. A language nobody can ask the site for has formats only."""
    import django
    from django.conf import global_settings, settings
    from django.conf.locale import LANG_INFO
    from django.utils import translation

    with translation.override(None):
        languages = [[code, str(name)] for code, name in settings.LANGUAGES]
    known = sorted({settings.LANGUAGE_CODE.lower(), *(code.lower() for code, _ in languages)})
    chosen = list(settings.LANGUAGES) != list(global_settings.LANGUAGES)
    asked = chosen or any(name.endswith("LocaleMiddleware") for name in settings.MIDDLEWARE)
    spoken = known if asked else [settings.LANGUAGE_CODE.lower()]
    files = {code: translation_files(code) for code in spoken} if settings.USE_I18N else {}
    return {
        "use_l10n": django.VERSION >= (5,) or settings.USE_L10N,
        "languages": languages,
        "bidi": list(settings.LANGUAGES_BIDI),
        "info": {
            code: plain({k: v for k, v in info.items() if k != "name_translated"}) for code, info in LANG_INFO.items()
        },
        "default_formats": {name: plain(getattr(settings, name)) for name in FORMAT_SETTINGS},
        "formats": {code: formats(code) for code in known},
        "catalogues": files,
        "files": {name: messages(name) for names in files.values() for name in names},
    }


def formats(code: str) -> dict[str, Any]:
    """A language's formats: all that its format modules name, those before others that Django asks first."""
    from django.utils.formats import get_format_modules

    return {
        name: plain(value)
        for module in reversed(get_format_modules(code))
        for name, value in vars(module).items()
        if name.isupper() and not name.endswith("_INPUT_FORMATS") and value is not None
    }


def translation_files(code: str) -> list[str]:
    """The .mo files of a language in the order in which Django asks them (trans_real.py: DjangoTranslation).

    A folder has one for the language, and perhaps one for the language without its country: that comes after all.
    """
    import django.conf
    from django.apps import apps
    from django.conf import settings
    from django.utils.translation import to_locale

    roots = [*settings.LOCALE_PATHS, *(os.path.join(app.path, "locale") for app in apps.get_app_configs())]
    roots.append(os.path.join(os.path.dirname(django.conf.__file__), "locale"))
    found = [gettext.find("django", str(root), [to_locale(code)], all=True) for root in roots]
    return [names[0] for names in found if names] + [name for names in reversed(found) for name in names[1:]]


def messages(name: str) -> dict[str, Any]:
    """One .mo file: its messages, those with plural forms as lists, and the rule that chooses the form."""
    with open(name, "rb") as file:
        known: Any = gettext.GNUTranslations(file)
    texts: dict[str, Any] = {}
    for key, text in sorted(known._catalog.items(), key=str):
        if isinstance(key, tuple):
            texts.setdefault(key[0], {})[key[1]] = text
        elif key:
            texts[key] = text
    forms = {
        key: [text[form] for form in sorted(text)] if isinstance(text, dict) else text for key, text in texts.items()
    }
    rule = re.search(r"plural=([^;]+)", known.info().get("plural-forms", "").partition(";")[2])
    return {"plural": rule.group(1) if rule else None, "messages": forms}


def template_folders(loaders: Any) -> Iterator[str]:
    """Where each loader looks, in turn; a caching loader asks those inside it."""
    for loader in loaders:
        if hasattr(loader, "loaders"):
            yield from template_folders(loader.loaders)
        elif hasattr(loader, "get_dirs"):
            yield from map(str, loader.get_dirs())


def library(module: str) -> dict[str, Any]:
    """The tags and filters of a library; for a filter, how many values it takes: at least, at most."""
    try:
        found = importlib.import_module(module).register
    except Exception as error:  # a module that cannot be imported breaks the templates that load it, not the manifest
        return {"error": f"{type(error).__name__}: {error}"}
    return {
        "tags": {name: template_tag(name, compiled) for name, compiled in sorted(found.tags.items())},
        "filters": {name: values_taken(function) for name, function in sorted(found.filters.items())},
    }


def template_tag(name: str, compiled: Any) -> dict[str, Any]:
    """What kind of tag it is. Django's decorators leave their marks in the closure; other tags are read from source."""
    code = getattr(compiled, "__code__", None)
    cells = getattr(compiled, "__closure__", None) or ()
    inside = dict(zip(code.co_freevars, cells)) if code else {}  # noqa: B905 - Python 3.8
    if {"func", "params", "takes_context"} <= set(inside):
        function = inside["func"].cell_contents
        kind = "inclusion" if "filename" in inside else "simple_block" if "end_name" in inside else "simple"
        told: dict[str, Any] = {
            "kind": kind,
            "function": type_name(function),
            "signature": str(inspect.signature(function)),
        }
        told["takes_context"] = bool(inside["takes_context"].cell_contents)
        if kind == "inclusion":
            told["template"] = str(getattr(inside["filename"].cell_contents, "name", inside["filename"].cell_contents))
        if kind == "simple_block":
            told["stops"] = [inside["end_name"].cell_contents]
        return told
    sources = list(tag_sources(compiled))
    stops = list(dict.fromkeys(stop for source in sources for stop in tag_stops(name, ast.parse(source))))
    if any(stop.startswith("end") for stop in stops):
        return {"kind": "block", "stops": sorted(stops, key=lambda stop: stop.startswith("end"))}
    return {"kind": "simple" if any("parse_bits(" in source for source in sources) else "unknown"}


def tag_sources(compiled: Any) -> Iterator[str]:
    """The source of a compile function and of what it hands its work to, in its own words' modules."""
    waiting, seen = [compiled], set()  # type: ignore[var-annotated]
    while waiting and len(seen) < 12:
        function = waiting.pop(0)
        code = getattr(function, "__code__", None)
        if code is None or code in seen:
            continue
        seen.add(code)
        try:
            yield textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError):
            continue
        for name in code.co_names:
            other = function.__globals__.get(name)
            if isinstance(other, type):
                methods = [getattr(other, method, None) for method in ("__init__", *code.co_names)]
                waiting += [getattr(method, "__func__", method) for method in methods if method]
            elif name != "parse_bits" and getattr(other, "__module__", "").startswith(function.__module__):
                waiting.append(other)


def tag_stops(name: str, tree: Any) -> Iterator[str]:
    """The tags that `parser.parse((…))` is told to stop at; `"end%s" % …` is taken for the tag's own end."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "parse":
            for words in node.args[:1]:
                for word in words.elts if isinstance(words, (ast.Tuple, ast.List)) else ():
                    yield str(word.value) if isinstance(word, ast.Constant) else f"end{name}"


def values_taken(function: Any) -> list[int]:
    try:
        told = inspect.getfullargspec(inspect.unwrap(function))
    except (TypeError, ValueError):
        return [1, 2]
    return [len(told.args) - len(told.defaults or ()), len(told.args)]


def static_files() -> dict[str, Any]:
    """The storages of static files and of media, and the names that the first keeps a list of, if it does."""
    from django.apps import apps
    from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

    found = {"finders": apps.is_installed("django.contrib.staticfiles"), **media_files()}
    try:
        storage = staticfiles_storage.__class__
        return {
            **found,
            "storage": type_name(storage),
            "hashed_files": dict(getattr(staticfiles_storage, "hashed_files", {})),
            "error": None,
            "base_url": address_of(staticfiles_storage),
            "location": plain(getattr(staticfiles_storage, "location", None)),
            "keeps_hashes": issubclass(storage, ManifestFilesMixin),
            "manifest_name": getattr(staticfiles_storage, "manifest_name", "staticfiles.json"),
            "strict": getattr(staticfiles_storage, "manifest_strict", True),
        }
    except Exception as error:  # a storage may refuse to be set up where the site is not deployed
        return {**found, "storage": None, "hashed_files": {}, "error": f"{type(error).__name__}: {error}"}


def media_files() -> dict[str, Any]:
    from django.core.files.storage import default_storage

    try:
        return {
            "media_storage": type_name(default_storage.__class__),
            "media_base_url": address_of(default_storage),
            "media_location": plain(getattr(default_storage, "location", None)),
        }
    except Exception:  # see static_files()
        return {"media_storage": None}


def address_of(storage: Any) -> Any:
    """Where a storage's files are served, or None: an address that needs a signature stays at home."""
    if hasattr(storage, "base_url"):
        return plain(storage.base_url)
    found = storage.url("x")
    return plain(found[:-1]) if found.endswith("/x") else None


def pipeline() -> dict[str, Any]:
    """The groups of django-pipeline, with what a page shows of them whether they are packed or not."""
    from django.apps import apps

    if not apps.is_installed("pipeline"):
        return {}
    from pipeline.conf import settings

    return {
        "enabled": bool(settings.PIPELINE_ENABLED),
        "stylesheets": {name: group("css", name) for name in settings.STYLESHEETS if settings.STYLESHEETS[name]},
        "javascript": {name: group("js", name) for name in settings.JAVASCRIPT if settings.JAVASCRIPT[name]},
    }


def group(kind: str, name: str) -> dict[str, Any]:
    """A group as a page shows it. Nothing is collected, compiled or written: the finders know the files."""
    from django.contrib.staticfiles.finders import find
    from pipeline.packager import Packager
    from pipeline.utils import guess_type

    packager = Packager()
    package = packager.package_for(kind, name)
    package._sources = sources(package.config.get("source_filenames", []))
    packager.compressor.read_bytes = lambda path: open(find(path), "rb").read()  # noqa: SIM115
    output = package.output_filename or ""
    paths = [compiled(packager.compiler, path) for path in package.paths]
    return {
        "output": [output, guess_type(output)],
        "sources": [[path, guess_type(path)] for path in paths],
        "template": package.template_name,
        "extra_context": plain(package.extra_context),
        "templates": packager.pack_templates(package) or "",
    }


def sources(wanted: Any) -> list[str]:
    """The files that django-pipeline's patterns mean, once everything is collected."""
    from django.contrib.staticfiles.finders import find, get_finders

    known = {
        os.path.join(getattr(storage, "prefix", None) or "", path)
        for finder in get_finders()
        if type(finder).__name__ != "PipelineFinder"
        for path, storage in finder.list(["CVS", ".*", "*~"])
    }
    found: list[str] = []
    for name in wanted:
        matching = sorted(path for path in known if matches(path, name)) if re.search("[*?[]", name) else [name]
        found += [path for path in matching if path not in found and find(path)]
    return found


def matches(path: str, wanted: str) -> bool:
    """Folder by folder; a wildcard finds nothing hidden."""
    pairs = list(zip(path.split("/"), wanted.split("/")))  # noqa: B905 - Python 3.8
    return path.count("/") == wanted.count("/") and all(
        fnmatch.fnmatch(part, pattern) and not (part.startswith(".") and not pattern.startswith("."))
        for part, pattern in pairs
    )


def compiled(compiler: Any, path: str) -> str:
    """The name that the site's compilers give to a file, without compiling it."""
    for kind in compiler.compilers:
        one = kind(verbose=False, storage=compiler.storage)
        if one.match_file(path):
            path = compiler.output_path(path, one.output_extension)
    return path


def sitetree() -> dict[str, Any]:
    from django.apps import apps

    if not apps.is_installed("sitetree"):
        return {}
    from sitetree import settings, sitetreeapp

    return {
        "unresolved": settings.UNRESOLVED_ITEM_MARKER,
        "errors_when_debugging": bool(settings.RAISE_ITEMS_ERRORS_ON_DEBUG),
        "admin_app": settings.ADMIN_APP_NAME,
        "translated": list(sitetreeapp._I18N_TREES),
        "dynamic": dynamic_trees(sitetreeapp.get_dynamic_trees()),
    }


def dynamic_trees(registered: Any) -> list[dict[str, Any]]:
    """Trees that code adds, in the order in which it does."""
    found = []
    for key, trees in registered.items():
        if key == "orphans":
            found += [
                {"tree": alias, "alone": True, "items": dynamic_items(tree)}
                for alias, several in trees.items()
                for tree in several
            ]
        else:
            tree, _, parent = key.partition("|:|")
            below = None if parent == "None" else parent
            found += [{"tree": tree, "parent": below, "items": dynamic_items(each)} for each in trees]
    return found


def dynamic_items(tree: Any) -> list[dict[str, Any]]:
    """Its items as rows. Those that only code or the database can open to a visitor stay hidden, and all below them."""
    names = (
        *("title", "hint", "url", "urlaspattern", "hidden", "alias", "description", "inmenu", "inbreadcrumbs"),
        *("insitetree", "access_loggedin", "access_guest", "access_perm_type", "sort_order"),
    )
    places: dict[int, int] = {}
    rows: list[dict[str, Any]] = []
    for item in tree.dynamic_items:
        parent = places.get(id(item.parent)) if item.parent is not None else None
        lost = item.parent is not None and parent is None
        if lost or item.access_restricted or hasattr(item, "access_check"):
            continue
        places[id(item)] = len(rows)
        rows.append({**{name: plain(getattr(item, name)) for name in names}, "parent": parent})
    return rows


def waffle() -> dict[str, Any]:
    from django.apps import apps

    if not apps.is_installed("waffle"):
        return {}
    from waffle.utils import get_setting

    names = ("COOKIE", "TEST_COOKIE", "SECURE", "MAX_AGE", "OVERRIDE", "FLAG_DEFAULT", "SWITCH_DEFAULT")
    return {name.lower(): plain(get_setting(name)) for name in (*names, "SAMPLE_DEFAULT")}


def honeypot() -> dict[str, Any]:
    """The field is printed in every form, so neither its name nor its value is a secret.

    Newer versions render the page of a caught form for the request, so that it varies by cookie.
    """
    from django.apps import apps
    from django.conf import settings

    value = getattr(settings, "HONEYPOT_VALUE", "")
    return {
        "field_name": str(getattr(settings, "HONEYPOT_FIELD_NAME", "")),
        "value": str(value() if callable(value) else value),
        "knows_visitor": apps.is_installed("honeypot")
        and hasattr(importlib.import_module("honeypot.decorators"), "honeypot_error"),
    }


def refusals() -> dict[str, str]:
    """The pages by which the site refuses a request, where they are the framework's own: they say nothing of it."""
    from django.apps import apps
    from django.conf import settings
    from django.core.exceptions import SuspiciousOperation
    from django.middleware import csrf
    from django.template.loader import render_to_string
    from django.test import RequestFactory, override_settings
    from django.urls import get_callable
    from django.views.defaults import bad_request

    request = RequestFactory().get("/")
    fails = get_callable(settings.CSRF_FAILURE_VIEW)
    reasons = {"csrf": "", "csrf no_referer": csrf.REASON_NO_REFERER, "csrf no_cookie": csrf.REASON_NO_CSRF_COOKIE}
    with override_settings(DEBUG=False):
        pages = {name: fails(request, reason=reason) for name, reason in reasons.items()}
        pages["400"] = bad_request(request, SuspiciousOperation())
        if limited := too_many(request):
            pages["429"] = limited
    told = {name: page.content.decode() for name, page in pages.items()}
    if apps.is_installed("honeypot"):
        field = getattr(settings, "HONEYPOT_FIELD_NAME", "")
        told["honeypot"] = render_to_string("honeypot/honeypot_error.html", {"fieldname": field})
    return told


def too_many(request: Any) -> Any:
    """django-allauth's page for who asks too often, where the site has no template for it."""
    from django.apps import apps
    from django.template import TemplateDoesNotExist
    from django.template.loader import get_template

    if not apps.is_installed("allauth.account"):
        return None
    try:
        get_template("429.html")
    except TemplateDoesNotExist:
        return importlib.import_module("allauth.core.internal.ratelimit").handler429(request)
    return None


def sorl() -> dict[str, Any]:
    from django.apps import apps

    if not apps.is_installed("sorl.thumbnail"):
        return {}
    from django.core.files.storage import default_storage
    from sorl.thumbnail import base, default
    from sorl.thumbnail.conf import defaults, settings

    backend = default.backend.__class__
    changed = {key: getattr(settings, name) for key, name in backend.extra_options}
    usual = {key: getattr(defaults, name) for key, name in backend.extra_options}
    names = (
        *("KEY_PREFIX", "PREFIX", "PRESERVE_FORMAT", "PROGRESSIVE", "ORIENTATION", "DUMMY", "DUMMY_SOURCE"),
        *("DUMMY_RATIO", "ALTERNATIVE_RESOLUTIONS", "REMOVE_URL_ARGS", "FORCE_OVERWRITE", "DEBUG", "FILTER_WIDTH"),
    )
    return {
        "backend": type_name(backend),
        "engine": type_name(default.engine.__class__),
        "storage": type_name(default.storage.__class__),
        "media_storage": type_name(default_storage.__class__),
        "options": plain(backend.default_options),
        "extra_options": {key: value for key, value in changed.items() if value != usual[key]},
        "extensions": dict(base.EXTENSIONS),
        **{name.lower(): plain(getattr(settings, f"THUMBNAIL_{name}")) for name in names},
    }


def imagekit() -> dict[str, Any]:
    """Specs that take a source and nothing else, with the pickle that names their files, cut at the source's name."""
    from django.apps import apps
    from django.conf import settings

    if not apps.is_installed("imagekit"):
        return {}
    from imagekit.registry import generator_registry

    strategy = settings.IMAGEKIT_DEFAULT_CACHEFILE_STRATEGY
    found = {
        "namer": settings.IMAGEKIT_SPEC_CACHEFILE_NAMER,
        "directory": str(settings.IMAGEKIT_CACHEFILE_DIR),
        "strategy": strategy if isinstance(strategy, str) else type_name(strategy),
        "specs": {},
        "fields": {},
    }
    for spec_id in sorted(generator_registry.get_ids()):
        # A generator may want any arguments, and then no page can be told a name beforehand.
        with contextlib.suppress(Exception):
            found["specs"][spec_id] = spec(generator_registry.get(spec_id, source=Source()))
    for model in apps.get_models():
        for name, descriptor in vars(model).items():
            if type(descriptor).__name__ == "ImageSpecFileDescriptor":
                field = {"source": descriptor.source_field_name, "spec": descriptor.field.spec_id}
                found["fields"][f"{model._meta.app_label}.{model._meta.model_name}.{name}"] = field
    return found


class Source:
    """A source whose name stands out in a pickle."""

    name = "\1"


def spec(made: Any) -> dict[str, Any]:
    from imagekit.hashers import CanonicalizingPickler

    output = io.BytesIO()
    hashed = [made.source.name, made.processors, made.format, made.options, made.autoconvert]
    CanonicalizingPickler(output, 0).dump(hashed)
    head, _, tail = output.getvalue().decode("latin-1").partition("V\1\n")
    processors = None
    with contextlib.suppress(TypeError, ValueError):  # one that holds more than data
        processors = json.loads(json.dumps([[type_name(each), vars(each)] for each in made.processors]))
    return {
        "head": head + "V",
        "tail": "\n" + tail,
        "processors": processors,
        "format": made.format,
        "options": plain(made.options),
        "autoconvert": bool(made.autoconvert),
    }


def countries() -> dict[str, Any]:
    """Names in the site's languages: those that it lists itself, else the one it speaks."""
    from django.apps import apps
    from django.conf import settings
    from django.utils import translation

    if not apps.is_installed("django_countries"):
        return {}
    from django_countries import countries as known
    from django_countries.conf import settings as told

    names = {}
    listed = [code for code, _ in settings.LANGUAGES] if settings.is_overridden("LANGUAGES") else []
    for language in dict.fromkeys([settings.LANGUAGE_CODE, *listed]):
        with translation.override(language):
            names[language] = [[code or "", str(name)] for code, name in known]
    return {
        "flag_url": str(told.COUNTRIES_FLAG_URL),
        "names": names,
        "codes": {
            code: {"alpha3": known.alpha3(code), "numeric": known.numeric(code), "ioc": known.ioc_code(code)}
            for code in known.countries
        },
        "flags": dict(known.flag_urls) if hasattr(known, "flag_urls") else {},
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description="Describe a Django site as JSON.")
    arguments.add_argument("--settings", required=True, help="Django's settings module")
    arguments.add_argument(
        "--path", action="append", default=[], help="folder to import the site from; may be repeated"
    )
    arguments.add_argument("--out", help="file to write; standard output by default")
    chosen = arguments.parse_args()
    # Run as a file, its own folder comes first; it has a signing.py and a messages.py that are not the site's.
    sys.path[:1] = [*(os.path.abspath(folder) for folder in chosen.path or ["."])]
    os.environ["DJANGO_SETTINGS_MODULE"] = chosen.settings  # law: environment, the only way to tell Django
    import django

    django.setup()
    manifest = json.dumps(describe(), indent=1, ensure_ascii=False)
    if chosen.out:
        with open(chosen.out, "w", encoding="utf-8") as file:
            file.write(manifest + "\n")
    else:
        print(manifest)


if __name__ == "__main__":
    main()
