"""A manifest made by the reference site's own interpreter says what Django's own resolver says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from legacy_adapters import introspect
from legacy_adapters.errors import ManifestError
from legacy_adapters.manifest import Manifest, Part, parse_manifest, read_manifest
from legacy_adapters.patterns import canonical
from legacy_adapters.settings import LegacySettings, fingerprint

SITE = Path(__file__).resolve().parent.parent / "legacy_site"
SECRET = "a-key-that-must-not-leave-the-site"


@pytest.fixture(scope="module")
def content() -> bytes:
    """What introspect.py prints for the reference site, run as a file from a folder that has nothing of ours."""
    command = [sys.executable, introspect.__file__, "--settings", "legacy.settings", "--path", str(SITE)]
    environment = {
        "PATH": "",
        "DJANGO_SECRET_KEY": SECRET,
        "DATABASE_URL": "postgresql://someone:pass-word@127.0.0.1:1/no",
    }
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def manifest(content: bytes) -> Manifest:
    return parse_manifest(content)


def test_no_database_is_needed_and_no_secret_leaves_the_site(content: bytes) -> None:
    assert SECRET.encode() not in content
    assert b"pass-word" not in content


def test_both_sides_can_tell_that_they_share_a_key(manifest: Manifest) -> None:
    assert manifest.secret_key == fingerprint(SECRET)
    assert manifest.secret_key != fingerprint(SECRET + "x")


def test_patterns_stand_in_the_resolvers_order_with_their_full_route(manifest: Manifest) -> None:
    assert [pattern.order for pattern in manifest.patterns] == list(range(len(manifest.patterns)))
    box = next(pattern for pattern in manifest.patterns if pattern.name == "box")
    assert (box.route, box.converters) == ("box/<slug:label>/", {"label": "django.urls.converters.SlugConverter"})
    admin = [pattern for pattern in manifest.patterns if pattern.route.startswith("admin/")]
    assert len(admin) > 100
    assert {pattern.app for pattern in admin} >= {"admin"}


def test_methods_are_those_of_the_view_class(manifest: Manifest) -> None:
    by_name = {pattern.name: pattern for pattern in manifest.patterns}
    assert by_name["account_login"].methods == {"GET", "HEAD", "OPTIONS", "POST", "PUT"}
    assert by_name["admin:index"].methods is None


def test_tables_heads_and_content_types_are_named(manifest: Manifest) -> None:
    tables = {model.table: model for model in manifest.models}
    assert "pre_release" in tables["downloads_release"].columns
    assert tables["users_user_groups"].many_to_many
    assert ("downloads", "releasefile") in manifest.content_types
    assert ("users", "user_groups") not in manifest.content_types
    assert manifest.migration_heads["sessions"] == ["0001_initial"]


def test_the_sites_languages_come_with_formats_and_messages(manifest: Manifest) -> None:
    assert manifest.locale.languages == (("en-us", "English"), ("de", "German"))
    assert manifest.locale.formats["en-us"]["DATE_FORMAT"] == "N j, Y"
    assert manifest.locale.info["de"]["name_local"] == "Deutsch"
    named = {name for names in manifest.locale.catalogues.values() for name in names}
    assert named == set(manifest.locale.files)
    assert all(name.endswith(".mo") for name in named)


def test_templates_and_settings_are_named(manifest: Manifest) -> None:
    assert manifest.settings.auth_user_model == "users.User"
    assert manifest.settings.session_cookie_name == "sessionid"
    assert manifest.template_libraries["static"] == "django.templatetags.static"
    assert any(folder.startswith(str(SITE)) for folder in manifest.template_dirs)
    assert manifest.static.storage


def test_template_folders_stand_in_the_order_of_the_loaders(manifest: Manifest) -> None:
    assert manifest.template_dirs[0] == str(SITE / "templates")
    assert Path(manifest.template_apps["sitetree"]).parts[-2:] == ("sitetree", "templates")
    assert manifest.template_dirs.index(manifest.template_apps["sitetree"]) > 0


@pytest.mark.parametrize(
    ("module", "name", "kind", "stops"),
    [
        ("apps.boxes.templatetags.boxes", "box", "simple", ()),
        ("honeypot.templatetags.honeypot", "render_honeypot_field", "inclusion", ()),
        ("waffle.templatetags.waffle_tags", "flag", "block", ("else", "endflag")),
        ("sorl.thumbnail.templatetags.thumbnail", "thumbnail", "block", ("empty", "endthumbnail")),
        ("django.contrib.admin.templatetags.admin_list", "result_list", "simple", ()),
        ("sitetree.templatetags.sitetree", "sitetree_menu", "unknown", ()),
        ("django.template.defaulttags", "if", "block", ("elif", "else", "endif")),
    ],
)
def test_a_tag_is_of_the_kind_that_its_library_made_it(
    manifest: Manifest, module: str, name: str, kind: str, stops: tuple[str, ...]
) -> None:
    tag = manifest.template_modules[module].tags[name]
    assert (tag.kind, tag.stops) == (kind, stops)


def test_a_tag_says_its_signature_and_a_filter_what_it_takes(manifest: Manifest) -> None:
    tag = manifest.template_modules["honeypot.templatetags.honeypot"].tags["render_honeypot_field"]
    assert (tag.signature, tag.template, tag.takes_context) == (
        "(field_name=None)",
        "honeypot/honeypot_field.html",
        False,
    )
    filters = manifest.template_modules["django.template.defaultfilters"].filters
    assert (filters["upper"], filters["cut"], filters["date"]) == ((1, 1), (2, 2), (1, 2))


def test_packages_are_described_and_one_that_cannot_be_says_why(
    manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert manifest.package_errors == {}
    assert manifest.pipeline.javascript["main"].output == ("js/main-min.js", "text/javascript")
    assert (manifest.sorl.prefix, manifest.waffle.cookie, manifest.honeypot.field_name) == (
        *("cache/", "dwf_%s", "email_body_text"),
    )

    def pipeline() -> None:
        raise ImportError("redis://me:pass@host is away")

    monkeypatch.setattr(introspect, "pipeline", pipeline)
    found = introspect.packages()
    assert found["package_errors"]["pipeline"] == "ImportError: redis://host is away"
    assert "pipeline" not in found


def test_what_the_site_does_not_set_has_djangos_default() -> None:
    from django.conf import global_settings

    defaults = LegacySettings()
    for name in LegacySettings.__struct_fields__:
        ours, theirs = getattr(defaults, name), getattr(global_settings, name.upper(), None)
        expected = tuple(theirs) if isinstance(theirs, list) else theirs
        if name not in {
            "root_urlconf",
            "site_id",
            "media_url",
            "message_level",
            "message_tags",
        }:  # none; an empty one read as "/"
            assert ours == (str(expected) if name.endswith("_url") and expected is not None else expected), name


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (b"", "is not a manifest"),
        (b"{}", "is not a manifest"),
        (b"\xff\xfe", "is not a manifest"),
        (b'{"format": 99}', "is of format 99, this bridge reads 1"),
        (b'{"format": 1, "patterns": 3}', "is not a manifest"),
    ],
)
def test_a_broken_manifest_says_what_to_do(broken: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(broken)
    with pytest.raises(ManifestError, match="bridge adopt") as failure:
        read_manifest(path)
    assert says in str(failure.value)
    assert str(path) in str(failure.value)


def test_a_missing_manifest_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="run `bridge adopt`"):
        read_manifest(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("parts", "claim"),
    [
        (("api/", "^(?P<api_name>v1)/", "^(?P<resource_name>a/b)/$"), "^api/v1/a/b/$"),
        (("a/", "<slug:x>/"), "a/<slug:other>/"),
        (("a-b/",), "^a-b/$"),
        (("v2/", r"^(?P<format>\.[a-z0-9]+/?)\Z"), r"^v2/\.(?P<format>[a-z0-9]+)/?$"),
    ],
)
def test_a_claim_is_recognised_however_django_joins_it(parts: tuple[str, ...], claim: str) -> None:
    assert canonical(parts) == canonical([claim])


@pytest.mark.parametrize(
    ("one", "other"),
    [("a/<int:x>/", "a/<slug:x>/"), ("^a/(b|c)/$", "^a/b|c/$"), ("^a(b)?/$", "^ab?/$"), ("a.b", "^a.b$")],
)
def test_patterns_that_match_different_paths_stay_different(one: str, other: str) -> None:
    assert canonical([one]) != canonical([other])


def test_an_expression_without_an_anchor_is_searched_for_unless_it_ends_the_path() -> None:
    assert Part("regex", "x/?$", "x/?$").as_claim(endpoint=True) == "^x/?$"
    assert Part("regex", "x/", "x/").as_claim(endpoint=False) == "^(?s:.*?)x/"


def test_a_site_that_does_not_load_is_told_apart(tmp_path: Path) -> None:
    command = [sys.executable, introspect.__file__, "--settings", "no_such_module", "--path", str(tmp_path)]
    done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no_such_module" in done.stderr


def test_passwords_are_cut_out_of_addresses() -> None:
    found = introspect.cache({"LOCATION": ["redis://me:secret@h:1/0"], "OPTIONS": {"password": "x"}})
    assert json.dumps(found) == '{"LOCATION": ["redis://h:1/0"]}'


def test_rules_for_passwords_are_named_and_their_options_are_not(tmp_path: Path) -> None:
    name = "django.contrib.auth.password_validation.MinimumLengthValidator"
    (tmp_path / "small.py").write_text(
        f"""SECRET_KEY = "s"
ROOT_URLCONF = "small"
urlpatterns = []
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
AUTH_PASSWORD_VALIDATORS = [{{"NAME": "{name}", "OPTIONS": {{"min_length": 9}}}}]
"""
    )
    command = [sys.executable, introspect.__file__, "--settings", "small", "--path", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["settings"]["AUTH_PASSWORD_VALIDATORS"] == [name]
