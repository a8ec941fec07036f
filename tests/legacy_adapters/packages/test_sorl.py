"""A thumbnail has the name, the size, the rows and the bytes that sorl-thumbnail gives it."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_adapters.errors import SettingsError
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import Sorl
from legacy_adapters.thumbnails import sorl
from legacy_adapters.thumbnails.files import MediaFolder
from tests.legacy_adapters.packages.images import FieldFile, paint
from tests.legacy_adapters.packages.oracle import Oracle
from tests.legacy_adapters.packages.theme import theme

FILES = [
    *("a/wide.jpg", "a/high.png", "small.gif", "grey.jpg", "clear.png", "web.webp", "line.png"),
    *("turned2.jpg", "turned3.jpg", "turned5.jpg", "turned6.jpg", "turned8.jpg"),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same images for both sides, each with a folder of its own to write to."""
    ours, theirs = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    for folder in (ours, theirs):
        paint(folder)
    return ours, theirs


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def told(manifest: Manifest, oracle: Oracle, changed: dict[str, object], root: Path) -> Manifest:
    """The manifest of a site with these settings and this media folder."""
    sorl_told = msgspec.convert(oracle("images:told", changed), Sorl)
    static = msgspec.structs.replace(manifest.static, media_location=str(root))
    return msgspec.structs.replace(manifest, sorl=sorl_told, static=static)


def agree(manifest, oracle, folders, file, geometry, options, *, rows=None, changed=None, field=True) -> object:
    """What both sides say and write, which is the same."""
    here, there = folders
    for folder in folders:
        shutil.rmtree(folder / "cache", ignore_errors=True)
    changed, rows = changed or {}, rows or {}
    expected = oracle("images:sorl", str(there), file, geometry, options, rows, changed, field)
    site = told(manifest, oracle, changed, here)
    found = dict(rows)
    made = sorl.Thumbnails(site, MediaFolder(site), found)
    try:
        image = made.get(FieldFile(file) if field else file, geometry, **options)
    except Exception:
        assert isinstance(expected, str), expected
        return expected
    assert not isinstance(expected, str), expected
    assert (image.name, image.url, image.size) == expected[0]
    assert {key: parsed(value) for key, value in found.items()} == {
        key: parsed(value) for key, value in expected[1].items()
    }
    written = {path.relative_to(here): path.read_bytes() for path in (here / "cache").rglob("*.*")}
    assert written == {path.relative_to(there): path.read_bytes() for path in (there / "cache").rglob("*.*")}
    return image


def parsed(value: str) -> object:
    data = json.loads(value)
    return sorted(data) if isinstance(data, list) else data


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("geometry", "options"),
    [
        ("40x40", {}),
        ("x30", {"format": "PNG", "quality": 100}),
        ("200", {"crop": "center", "upscale": False}),
        ("30x50", {"crop": "10% 20px", "format": "WEBP"}),
    ],
)
def test_a_missing_thumbnail_is_drawn_alike(manifest, oracle, folders, file, geometry, options) -> None:
    assert agree(manifest, oracle, folders, file, geometry, options)


@pytest.mark.parametrize(
    ("geometry", "options"),
    [
        ("30x30", {"crop": "top"}),
        ("30x30", {"crop": "left bottom"}),
        ("30x20", {"crop": "smart"}),
        ("60x10", {"crop": "smart"}),
        ("30x20", {"crop": "noop"}),
        ("30x30", {"crop": "sideways"}),
        ("30x30", {"crop": "a b c"}),
        ("30x30", {"crop": True}),
        ("30x30", {"cropbox": "5, 5, 45,25"}),
        ("30", {"cropbox": "5,5,45,25", "rounded": 5, "format": "PNG"}),
        ("30x30", {"rounded": "8", "format": "PNG"}),
        ("30x30", {"padding": True}),
        ("90x30", {"padding": True, "padding_color": "#00f"}),
        ("30x30", {"colorspace": "GRAY"}),
        ("30x30", {"colorspace": None}),
        ("30x30", {"orientation": False}),
        ("30x30", {"progressive": False}),
        ("30x30", {"remove_border": True}),
        ("30x30", {"own_option": [1, 2]}),
        ("30x30", {"format": "TIFF"}),
        ("nonsense", {}),
        ("", {}),
        ("x", {}),
        ("0x0", {}),
    ],
)
@pytest.mark.parametrize("file", ["a/wide.jpg", "a/high.png"])
def test_every_option_has_the_same_effect(manifest, oracle, folders, file, geometry, options) -> None:
    agree(manifest, oracle, folders, file, geometry, options)


@pytest.mark.parametrize(
    "changed",
    [
        {"THUMBNAIL_PRESERVE_FORMAT": True},
        {"THUMBNAIL_PREFIX": "thumbs/", "THUMBNAIL_KEY_PREFIX": "k"},
        {"THUMBNAIL_PROGRESSIVE": False, "THUMBNAIL_ORIENTATION": False},
        {"THUMBNAIL_ALTERNATIVE_RESOLUTIONS": [1.5, 2]},
        {"THUMBNAIL_FORMAT": "PNG", "THUMBNAIL_QUALITY": 60, "THUMBNAIL_UPSCALE": False},
        {"MEDIA_URL": "https://media.example/"},
    ],
)
@pytest.mark.parametrize("file", ["a/high.png", "turned6.jpg"])
def test_a_sites_settings_count(manifest, oracle, folders, changed, file) -> None:
    if "MEDIA_URL" in changed:
        site = msgspec.structs.replace(manifest.static, media_base_url=changed["MEDIA_URL"])
        manifest = msgspec.structs.replace(manifest, static=site)
    agree(manifest, oracle, folders, file, "30x30", {"crop": "10px center"}, changed=changed)


@pytest.mark.parametrize("field", [True, False])
@pytest.mark.parametrize("file", ["none.jpg", "broken.jpg", "a/wide.jpg?x=1", "../out.jpg"])
def test_a_source_that_cannot_be_read_keeps_its_address(manifest, oracle, folders, file: str, field: bool) -> None:
    agree(manifest, oracle, folders, file, "30x30", {}, field=field)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    name=st.text("abü ./-_", min_size=1, max_size=12),
    geometry=st.sampled_from(["10x10", "x10", "10", "5x7"]),
    options=st.dictionaries(
        st.sampled_from(["crop", "quality", "format", "x", "padding_color"]),
        st.one_of(st.sampled_from(["JPEG", "PNG"]), st.integers(), st.booleans(), st.text(max_size=3), st.none()),
        max_size=3,
    ),
)
def test_a_name_is_the_hash_of_everything_asked_for(manifest, oracle, folders, name, geometry, options) -> None:
    options = {**options, "format": "PNG"}
    agree(manifest, oracle, folders, f"none/{name}", geometry, options)


def test_what_was_made_before_is_known_by_its_row(manifest, oracle, folders) -> None:
    image = agree(manifest, oracle, folders, "a/wide.jpg", "30x30", {})
    assert isinstance(image, sorl.Image)
    site = told(manifest, oracle, {}, folders[0])
    rows: dict[str, str] = {}
    sorl.Thumbnails(site, MediaFolder(site), rows).get(FieldFile("a/wide.jpg"), "30x30")
    key = f"sorl-thumbnail||image||{image.key}"
    rows[key] = json.dumps({"name": "else/where.jpg", "storage": image.storage, "size": [3, 4]})
    again = agree(manifest, oracle, folders, "a/wide.jpg", "30x30", {}, rows=rows)
    assert isinstance(again, sorl.Image)
    assert (again.name, again.size, again.is_portrait(), again.ratio) == ("else/where.jpg", (3, 4), True, 0.75)


def test_another_engine_is_refused(manifest: Manifest, folders) -> None:
    other = msgspec.structs.replace(manifest, sorl=Sorl(engine="sorl.thumbnail.engines.convert_engine.Engine"))
    with pytest.raises(SettingsError, match="convert_engine"):
        sorl.Thumbnails(other, MediaFolder(manifest, folders[0]), {})


PAGES = [
    (
        '{% thumbnail file.wide "x30" format="PNG" quality=100 as im %}{{ im.url }} {{ im.width }}x{{ im.height }} '
        "{{ im.src }} {{ im.x }} {{ im.y }} {{ im }} {{ im.ratio }} {{ im.is_portrait }}{% endthumbnail %}[{{ im }}]",
        None,
    ),
    ('{% thumbnail file.none "30x30" as im %}{{ im.url }}{{ im.width }}{% empty %}nothing{% endthumbnail %}', None),
    ('{% thumbnail file.none "30x30" as im %}{{ im.url }}{% empty %}nothing{% endthumbnail %}', None),
    ('{% thumbnail file.empty "30x30" as im %}{{ im.url }}{% empty %}nothing{% endthumbnail %}', None),
    ('{% thumbnail file.empty "30x30" as im %}{{ im.url }}{% endthumbnail %}', None),
    ('{% thumbnail file.wide "nonsense" as im %}{{ im.url }}{% empty %}nothing{% endthumbnail %}', None),
    ('{% thumbnail file.wide "30x30" crop=crop options=more as im %}{{ im.url }}{% endthumbnail %}', None),
    ('{% thumbnail "a/high.png" "20" as im %}{{ im.url }}{{ im|margin:"40x41" }}{% endthumbnail %}', None),
    (
        '{% thumbnail file.high "20x20" as im %}{{ im|margin:"41x40" }} {{ file.wide|margin:"20x30" }} '
        '{{ im|background_margin:"41x40" }} {{ im|is_portrait }} {{ file.wide|is_portrait }} {{ file.none|margin:"1" }} '
        '{{ im.url|resolution:"2x" }} {{ file.empty|is_portrait }} {{ file.empty|margin:"1" }}{% endthumbnail %}',
        None,
    ),
]


@pytest.mark.parametrize("source", [source for source, _ in PAGES])
@pytest.mark.parametrize("changed", [{}, {"THUMBNAIL_DUMMY": True}])
def test_a_page_shows_what_the_tags_show(manifest, oracle, folders, source: str, changed) -> None:
    here, there = folders
    files = {"wide": "a/wide.jpg", "high": "a/high.png", "none": "none.jpg", "empty": ""}
    variables = {"files": files, "crop": "left", "more": {"quality": 50}}
    expected = oracle("images:render", str(there), "{% load thumbnail %}" + source, variables, changed)
    site = told(manifest, oracle, changed, here)
    made = sorl.Thumbnails(site, MediaFolder(site), {})
    page = theme(blocks=sorl.blocks(lambda context: made), filters=sorl.filters(lambda: made)).from_string(
        in_jinja(source)
    )
    file = {name: FieldFile(path) for name, path in files.items()}
    assert page.render({**variables, "file": file}) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("markdown_thumbnails", "a ![cap](/media/a/wide.jpg) b ![](a/high.png) ![x] (none.jpg) [n](a/wide.jpg)"),
        ("html_thumbnails", '<img src="/media/a/wide.jpg"> <img alt="A b" src="a/high.png"> <img class="x" src="y">'),
    ],
)
def test_images_in_a_text_become_thumbnails(manifest, oracle, folders, name: str, text: str) -> None:
    here, there = folders
    source = "{% load thumbnail %}{{ text|" + name + "|safe }}"
    expected = oracle("images:render", str(there), source, {"text": text}, {"THUMBNAIL_FILTER_WIDTH": 33})
    site = told(manifest, oracle, {"THUMBNAIL_FILTER_WIDTH": 33}, here)
    made = sorl.Thumbnails(site, MediaFolder(site), {})
    page = theme(filters=sorl.filters(lambda: made)).from_string("{{ text|" + name + "|safe }}")
    assert page.render({"text": text}) == expected


def in_jinja(source: str) -> str:
    for name in ("file.wide", "file.none", "file.empty", "file.high", '"a/high.png"'):
        source = source.replace(f"thumbnail {name} ", f"thumbnail {name}, ")
    for option in ("format", "crop", "options", "quality"):
        source = source.replace(f" {option}=", f", {option}=")
    for name in ("margin", "background_margin", "resolution"):
        for value in ("40x41", "41x40", "20x30", "1", "2x"):
            source = source.replace(f'|{name}:"{value}"', f'|{name}("{value}")')
    return source.replace("{% empty %}", "{% else %}")


def test_without_a_name_the_tag_is_an_address(manifest, oracle, folders) -> None:
    here, there = folders
    variables = {"files": {"wide": "a/wide.jpg", "none": ""}}
    source = '{% load thumbnail %}{% thumbnail file.wide "30x30" %}{% thumbnail file.none "30x30" %}'
    expected = oracle("images:render", str(there), source, variables, {})
    site = told(manifest, oracle, {}, here)
    made = sorl.Thumbnails(site, MediaFolder(site), {})
    page = (
        "{{ thumbnail(file.wide, '30x30') }}{{ thumbnail(file.none, '30x30') }}{{ thumbnail(file.wide, 'nonsense') }}"
    )
    names = {name: FieldFile(path) for name, path in variables["files"].items()}
    tags = sorl.functions(lambda context: made)
    assert theme(functions=tags).from_string(page).render({"file": names}) == expected
