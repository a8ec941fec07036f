"""A cache file has the name and the bytes that django-imagekit gives it, and its tags print the same."""

import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_adapters.errors import SettingsError
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import Imagekit
from legacy_adapters.thumbnails.files import MediaFolder
from legacy_adapters.thumbnails.imagekit import Images, MissingSource, functions
from tests.legacy_adapters.packages.images import FieldFile, paint
from tests.legacy_adapters.packages.oracle import Oracle
from tests.legacy_adapters.packages.theme import theme

FILES = ["a/wide.jpg", "a/high.png", "small.gif", "grey.jpg", "clear.png", "web.webp", "turned5.jpg", "turned6.jpg"]
NAMERS = ["source_name_as_path", "source_name_dot_hash", "hash"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    ours, theirs = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    for folder in (ours, theirs):
        paint(folder)
    return ours, theirs


def images(manifest: Manifest, oracle: Oracle, root: Path, changed: dict[str, object] | None = None) -> Images:
    told = msgspec.convert(oracle("images:imagekit_told", changed or {}), Imagekit)
    site = msgspec.structs.replace(manifest, imagekit=told)
    return Images(site, MediaFolder(site, root))


def outcome(make) -> object:
    try:
        made = make()
        return made.name, bool(made) and made.url, made.name and (made.width, made.height)
    except Exception:
        return "refused"


def refused(answer: object) -> object:
    return "refused" if isinstance(answer, str) else answer


def files_below(root: Path) -> dict[Path, bytes]:
    return {path.relative_to(root): path.read_bytes() for path in (root / "CACHE").rglob("*.*") if path.is_file()}


def same_files(folders: tuple[Path, Path]) -> None:
    here, there = folders
    assert files_below(here) == files_below(there)
    for folder in folders:
        shutil.rmtree(folder / "CACHE", ignore_errors=True)


SIZES = [(30, 30), (40, None), (None, 25), (200, 100), (33, 10)]
OPTIONS = [{}, {"anchor": "tr"}, {"crop": False}, {"upscale": True}, {"crop": 0, "upscale": False}, {"anchor": "auto"}]


@pytest.mark.parametrize("file", FILES)
def test_a_thumbnail_is_named_and_drawn_alike(manifest, oracle, folders, file: str) -> None:
    made = images(manifest, oracle, folders[0])
    for width, height in SIZES:
        for options in OPTIONS:
            given = {"width": width, "height": height, **options}
            theirs = oracle("images:cachefile", str(folders[1]), "imagekit:thumbnail", file, given, {})
            dimensions = f"{width or ''}x{height or ''}"

            def make(dimensions: str = dimensions, options: dict[str, object] = options) -> object:
                return made.thumbnail(dimensions, FieldFile(file), {}, **options)

            assert outcome(make) == refused(theirs), given
    same_files(folders)


@pytest.mark.parametrize("namer", NAMERS)
@pytest.mark.parametrize("spec", ["site:avatar", "site:mat", "sites:photo:small", "sites:photo:tiny"])
def test_a_sites_own_spec_is_named_and_drawn_alike(manifest, oracle, folders, namer: str, spec: str) -> None:
    changed = {"IMAGEKIT_SPEC_CACHEFILE_NAMER": f"imagekit.cachefiles.namers.{namer}"}
    made = images(manifest, oracle, folders[0], changed)
    for file in [*FILES, "", "none.jpg"]:
        theirs = oracle("images:cachefile", str(folders[1]), spec, file, {}, changed)
        assert outcome(lambda file=file: made.generate(spec, FieldFile(file))) == refused(theirs), file
    same_files(folders)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    name=st.text("abü€\\\n\r\x1a 'é./-_", min_size=1, max_size=14),
    namer=st.sampled_from(NAMERS),
    spec=st.sampled_from(["site:avatar", "sites:photo:tiny", "imagekit:thumbnail"]),
)
def test_any_name_is_hashed_alike(manifest, oracle, folders, name: str, namer: str, spec: str) -> None:
    changed = {"IMAGEKIT_SPEC_CACHEFILE_NAMER": f"imagekit.cachefiles.namers.{namer}"}
    made = images(manifest, oracle, folders[0], changed)
    ours = made.thumbnail("x5", name, {}) if spec == "imagekit:thumbnail" else made.generate(spec, name)
    assert ours.name == oracle("images:cachefile_name", spec, name, {"height": 5} if ":th" in spec else {}, changed)


@pytest.mark.parametrize("field", ["small", "tiny"])
def test_a_models_field_is_made_of_its_source(manifest, oracle, folders, field: str) -> None:
    made = images(manifest, oracle, folders[0])
    assert made.told.fields[f"sites.photo.{field}"].source == "image"
    found = made.field("sites.photo", field, "a/high.png")
    assert (found.name, found.url, (found.width, found.height)) == oracle(
        "images:field", str(folders[1]), field, "a/high.png"
    )
    same_files(folders)


def test_what_nobody_can_name_beforehand_is_refused(manifest, oracle, folders) -> None:
    made = images(manifest, oracle, folders[0])
    with pytest.raises(SettingsError, match="site:wanting"):
        made.generate("site:wanting", "a/wide.jpg")
    with pytest.raises(MissingSource):
        _ = made.generate("site:avatar", "").url
    other = msgspec.structs.replace(manifest, imagekit=Imagekit(namer="mysite.names.mine"))
    with pytest.raises(SettingsError, match=r"mysite\.names\.mine"):
        Images(other, MediaFolder(manifest, folders[0]))


def test_nothing_is_drawn_where_the_site_makes_files_when_sources_are_saved(manifest, folders) -> None:
    told = Imagekit(strategy="imagekit.cachefiles.strategies.Optimistic")
    made = Images(msgspec.structs.replace(manifest, imagekit=told), MediaFolder(manifest, folders[0]))
    found = made.thumbnail("10x10", "a/wide.jpg", {})
    assert found.url == f"/media/{found.name}"
    assert not (folders[0] / str(found.name)).exists()


PAGES = [
    ("{% thumbnail '24x8' file.wide %}", "{{ thumbnail('24x8', file.wide) }}"),
    (
        "{% thumbnail '24x8' file.wide -- alt='A & B' class=\"x\" %}",
        "{{ thumbnail('24x8', file.wide, html={'alt': 'A & B', 'class': \"x\"}) }}",
    ),
    (
        "{% thumbnail '24x8' file.wide -- width=\"9\" %}",
        "{{ thumbnail('24x8', file.wide, html={'width': \"9\"}) }}",
    ),
    (
        "{% thumbnail '24x' file.wide as th %}{% if th %}{{ th.url }} {{ th.width }} {{ th.height }} {{ th }}{% endif %}",
        "{% set th = thumbnail('24x', file.wide) %}{% if th %}{{ th.url }} {{ th.width }} {{ th.height }} {{ th }}{% endif %}",
    ),
    (
        "{% thumbnail '24x' file.none as th %}[{{ th }}{% if th %}{{ th.url }}{% endif %}]",
        "{% set th = thumbnail('24x', file.none) %}[{{ th }}{% if th %}{{ th.url }}{% endif %}]",
    ),
    (
        "{% thumbnail 'imagekit:thumbnail' '9x9' file.wide anchor='b' %}",
        "{{ thumbnail('imagekit:thumbnail', '9x9', file.wide, anchor='b') }}",
    ),
    ("{% generateimage 'site:avatar' source=file.high %}", "{{ generateimage('site:avatar', source=file.high) }}"),
    (
        "{% generateimage 'imagekit:thumbnail' source=file.high width=9 as x %}{{ x.url }}",
        "{% set x = generateimage('imagekit:thumbnail', source=file.high, width=9) %}{{ x.url }}",
    ),
]


@pytest.mark.parametrize(("django", "jinja"), PAGES)
@pytest.mark.parametrize("both", [True, False])
def test_the_tags_print_an_image_or_give_it_a_name(manifest, oracle, folders, django: str, jinja: str, both) -> None:
    names = {"wide": "a/wide.jpg", "high": "a/high.png", "none": ""}
    made = images(manifest, oracle, folders[0])
    sorl = (lambda context, file, geometry: f"sorl {file} {geometry}") if both else None
    page = theme(functions=functions(lambda context: made, sorl)).from_string(jinja)
    found = page.render({"file": {name: FieldFile(path) for name, path in names.items()}})
    assert found == oracle("images:image_page", str(folders[1]), django, names)


def test_a_tag_of_the_other_package_goes_there(manifest, oracle, folders) -> None:
    made = images(manifest, oracle, folders[0])
    tags = functions(lambda context: made, lambda context, file, geometry: f"sorl {file} {geometry}")
    assert theme(functions=tags).from_string("{{ thumbnail('a/x9.jpg', '10x10') }}").render() == "sorl a/x9.jpg 10x10"
