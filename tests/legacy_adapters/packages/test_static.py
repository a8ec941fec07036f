"""Static files, media and packages have the addresses that Django's storages and django-pipeline give them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_adapters import pipeline
from legacy_adapters.dtl.safe import conditional_escape, is_safe
from legacy_adapters.errors import ManifestError
from legacy_adapters.manifest import Manifest, parse_manifest
from legacy_adapters.static import MediaFiles, StaticFiles, functions, read_names
from tests.legacy_adapters.packages.oracle import Oracle, Raised
from tests.legacy_adapters.packages.theme import context, theme

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
HASHED = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
LENIENT = "tests.legacy_adapters.packages.storages.Lenient"
NAMES = {
    "css/a.css": "css/a.0123456789ab.css",
    "fonts/f.eot": "fonts/f.aaaaaaaaaaaa.eot",
    "a b.txt": "a b.bbbbbbbbbbbb.txt",
}
PATHS = [
    *("css/a.css", "/css/a.css", "css/a.css#top", "css/a.css?x=1", "fonts/f.eot?#iefix", "fonts/f.eot?x#iefix"),
    *("a b.txt", "a%20b.txt", "css/", "css/?q#f", "missing.css", "missing.css#f", "ü.txt", "", "a\\b", "<&'\"> .js"),
    *(" css/a.css ", "//x/y", "http://x/y.css", "loose.txt", "../up"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static-root")
    (folder / "staticfiles.json").write_text(json.dumps({"version": "1.1", "paths": NAMES, "hash": "x"}))
    (folder / "loose.txt").write_text("loose")
    return folder


def chosen(root: Path, storage: str, **changed: object) -> dict[str, object]:
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": storage},
    }
    return {"STATIC_ROOT": str(root), "STORAGES": storages, **changed}


def adopted(oracle: Oracle, values: dict[str, object]) -> Manifest:
    return parse_manifest(json.dumps(oracle("rendering:manifest", values)).encode())


def outcome(call, *args):
    """An address as a template prints it; names that a storage refuses are refused by both, in words of their own."""
    try:
        return str(conditional_escape(call(*args)))
    except (ValueError, Raised):
        return "refused"


@pytest.mark.parametrize(
    ("storage", "changed"),
    [
        (PLAIN, {}),
        (PLAIN, {"STATIC_URL": "https://cdn.example/s/"}),
        (PLAIN, {"STATIC_URL": "sub/ü & 'x'/"}),
        (HASHED, {}),
        (HASHED, {"DEBUG": True}),
        (HASHED, {"STATIC_URL": "https://cdn.example/s/"}),
        (LENIENT, {}),
        ("pipeline.storage.PipelineManifestStorage", {}),
    ],
)
def test_a_static_files_address(oracle: Oracle, root: Path, storage: str, changed: dict[str, object]) -> None:
    values = chosen(root, storage, **changed)
    manifest = adopted(oracle, values)
    for static in (StaticFiles(manifest), StaticFiles(manifest, root=root)):
        for path in PATHS:
            template = "{% load static %}{% static path %}"
            theirs = outcome(oracle, "rendering:render", template, {"path": path}, values)
            assert outcome(static.url, path) == theirs, path


@settings(max_examples=150, derandomize=True, deadline=None)
@given(path=st.one_of(st.text(max_size=12), st.text("ab./?#% \\&'ü", max_size=12), st.sampled_from(PATHS)))
@pytest.mark.parametrize("storage", [PLAIN, LENIENT])
def test_any_name_is_quoted_as_the_storage_does(oracle: Oracle, root: Path, path: str, storage: str) -> None:
    values = chosen(root, storage)
    static = StaticFiles(oracle_manifest(oracle, values))
    theirs = outcome(oracle, "rendering:render", "{% load static %}{% static path %}", {"path": path}, values)
    assert outcome(static.url, path) == theirs


_KNOWN: dict[str, Manifest] = {}


def oracle_manifest(oracle: Oracle, values: dict[str, object]) -> Manifest:
    key = repr(values)
    if key not in _KNOWN:
        _KNOWN[key] = adopted(oracle, values)
    return _KNOWN[key]


def test_names_come_from_the_manifest_where_the_folder_is_elsewhere(oracle: Oracle, root: Path, tmp_path: Path) -> None:
    manifest = adopted(oracle, chosen(root, HASHED))
    assert StaticFiles(manifest, root=tmp_path).url("css/a.css") == "/static/css/a.0123456789ab.css"


@pytest.mark.parametrize("content", ["{", '{"version": "2"}'])
def test_a_list_of_names_that_django_would_refuse_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "staticfiles.json").write_text(content)
    with pytest.raises(ManifestError):
        read_names(tmp_path / "staticfiles.json")


@pytest.mark.parametrize("changed", [{}, {"STATIC_URL": "s & t/"}, {"MEDIA_URL": "https://m.example/ü/"}])
def test_prefixes_are_printed_as_they_are(oracle: Oracle, changed: dict[str, object]) -> None:
    manifest = adopted(oracle, changed)
    names = functions(StaticFiles(manifest), MediaFiles(manifest))
    template = "{% load static %}{% get_static_prefix %} {% get_media_prefix %}"
    found = theme(functions=names).from_string("{{ get_static_prefix() }} {{ get_media_prefix() }}")
    assert found.render() == oracle("rendering:render", template, {}, changed)


@pytest.mark.parametrize("path", PATHS)
def test_without_staticfiles_the_name_is_only_joined(oracle: Oracle, path: str) -> None:
    described = oracle("rendering:manifest", {"STATIC_URL": "s ü/"})
    described["static"]["finders"] = False
    static = StaticFiles(parse_manifest(json.dumps(described).encode()))
    assert static.url(path) == oracle("storages:joined", path, {"STATIC_URL": "s ü/"})


@pytest.mark.parametrize("name", ["a.png", "sub/ü b.png", "/x", "q?#.svg"])
@pytest.mark.parametrize("changed", [{}, {"MEDIA_URL": "https://m.example/files/"}, {"MEDIA_URL": "up/"}])
def test_media_have_the_default_storages_address(oracle: Oracle, name: str, changed: dict[str, object]) -> None:
    manifest = oracle_manifest(oracle, changed)
    assert MediaFiles(manifest).url(name) == oracle("storages:media_url", name, changed)


GROUPS = {
    "STYLESHEETS": {
        "one": {"source_filenames": ["stylesheets/style.css"], "output_filename": "out/one.css"},
        "media": {
            "source_filenames": ["stylesheets/*.css"],
            "output_filename": "out/m.css",
            "extra_context": {"media": "not print, 'tty'", "title": "a & b", "charset": "utf-8"},
        },
        "sassy": {"source_filenames": ["none.scss", "js/script.js"], "output_filename": "x.scss"},
        "bare": {"source_filenames": ["stylesheets/style.css"], "output_filename": "b", "extra_context": {"media": ""}},
        "empty": {},
    },
    "JAVASCRIPT": {
        "one": {"source_filenames": ["js/script.js"], "output_filename": "out/one-min.js"},
        "late": {
            "source_filenames": ["js/*.js", "js/script.js"],
            "output_filename": "out/late",
            "extra_context": {"async": True, "defer": True},
        },
        "now": {"source_filenames": [], "output_filename": "n.mjs", "extra_context": {"async": False}},
    },
}
KINDS = [("stylesheet", name) for name in (*GROUPS["STYLESHEETS"], "none")] + [
    ("javascript", name) for name in (*GROUPS["JAVASCRIPT"], "none")
]


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(("tag", "name"), KINDS)
def test_a_group_is_its_output_or_its_sources(oracle: Oracle, tag: str, name: str, enabled: bool, tmp_path) -> None:
    values = {"PIPELINE": {**GROUPS, "PIPELINE_ENABLED": enabled}, "STATIC_ROOT": str(tmp_path)}
    manifest = adopted(oracle, values)
    found = pipeline.functions(manifest, StaticFiles(manifest))[tag](context(), name)
    theirs = oracle("rendering:render", "{% load pipeline %}{% " + tag + " name %}", {"name": name}, values)
    assert str(found) == theirs
    assert is_safe(found)


def test_javascript_templates_come_last(oracle: Oracle, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "row.jst").write_text("<b><%= 'x' %></b>\n")
    javascript = {"t": {"source_filenames": ["js/script.js", "row.jst"], "output_filename": "t.js"}}
    values = {
        "PIPELINE": {"PIPELINE_ENABLED": False, "JAVASCRIPT": javascript},
        "STATIC_ROOT": str(tmp_path / "root"),
        "STATICFILES_DIRS": [str(tmp_path / "source"), str(Path("tests/legacy_site/static").resolve())],
    }
    manifest = adopted(oracle, values)
    found = pipeline.functions(manifest, StaticFiles(manifest))["javascript"](context(), "t")
    assert "window.JST" in found
    assert str(found) == oracle("rendering:render", "{% load pipeline %}{% javascript 't' %}", {}, values)


def test_a_groups_own_template_is_the_themes(manifest: Manifest) -> None:
    import msgspec

    package = msgspec.structs.replace(manifest.pipeline.stylesheets["style"], template="own.html")
    changed = msgspec.structs.replace(manifest.pipeline, stylesheets={"style": package})
    names = pipeline.functions(msgspec.structs.replace(manifest, pipeline=changed), StaticFiles(manifest))
    shown = context({"own.html": "[{{ url }} {{ title }} {{ type }}]"})
    assert names["stylesheet"](shown, "style") == "[/static/stylesheets/style.css default text/css]"
