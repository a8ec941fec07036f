"""What a save on the reference site writes beyond what it was given, and what its tables refuse.

The cases run in a process of the site's own, in one go; each is undone before the next.
"""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from new_app.config import child_environment

SITE = Path(__file__).resolve().parent / "legacy_site"

SAVES = {
    "a save changes updated, a bulk update does not": """
        box = Box.objects.create(label="a", content="x", updated=old)
        assert box.updated > old
        Box.objects.update(updated=old)
        Box.objects.update(content="y")
        assert Box.objects.get().updated == old
    """,
    "an empty slug is filled from the name, in ASCII": """
        assert Company.objects.create(name="Générateurs  & Söhne").slug == "generateurs-sohne"
        assert Company.objects.create(name="Other", slug="kept").slug == "kept"
    """,
    "a newer latest release takes the mark from its own version only": """
        two = Release.objects.create(name="Python 2.7.18", version=2, is_latest=True, updated=old)
        first = Release.objects.create(name="Python 3.13.0", is_latest=True)
        Release.objects.update(updated=old)
        Release.objects.create(name="Python 3.14.0", is_latest=True)
        first.refresh_from_db(); two.refresh_from_db()
        assert (first.is_latest, first.updated == old, two.is_latest) == (False, True, True)
    """,
    "a site's markup is sanitised, a page's is not": """
        html = '<p style="x" title="t">&quot;<a href="javascript:x()">a</a><a href="/b">b</a><script>1</script></p>'
        assert Box.objects.create(label="a", content=html, content_markup_type="html")._content_rendered == (
            '<p title="t">"<a rel="noopener noreferrer">a</a><a href="/b" rel="noopener noreferrer">b</a></p>')
        assert Page.objects.create(path="a", content=html, content_markup_type="html")._content_rendered == html
        tick = "~~x~~ <script>1</script>"
        assert "<del>" in Page.objects.create(path="b", content=tick, content_markup_type="markdown")._content_rendered
        assert "~~x~~" in Box.objects.create(label="b", content=tick, content_markup_type="markdown")._content_rendered
        unsafe = Page.objects.create(path="c", content=tick, content_markup_type="markdown_unsafe")
        assert "<script>1</script>" in unsafe._content_rendered
    """,
    "a profile's own HTML is shown as text": """
        user = User.objects.create(username="u", bio="**b** <b>c</b>")
        assert user._bio_rendered == "<p><strong>b</strong> &lt;b&gt;c&lt;/b&gt;</p>"
    """,
    "a new user gets a token and a key, a fixture's user only the token": """
        user = User.objects.create(username="u")
        assert (Token.objects.filter(user=user).count(), ApiKey.objects.filter(user=user).count()) == (1, 1)
        user.save()
        raw = User(pk=77, username="v", password="!")
        raw.save_base(raw=True)
        assert (Token.objects.filter(user=raw).count(), ApiKey.objects.filter(user=raw).count()) == (1, 0)
        assert User.objects.get_by_natural_key("U") == user
    """,
    "a member who may vote is stamped once": """
        member = Membership.objects.create(legal_name="m", votes=True)
        stamp = member.last_vote_affirmation
        member.save()
        assert stamp and member.last_vote_affirmation == stamp
    """,
    "a job's place is named anew, and its last day set when it is approved": """
        job = Job(category=JobCategory.objects.create(name="c"), city="Porto", region="", country="Brasília")
        job.save()
        assert (job.location_slug, job.country_slug, job.expires) == ("porto-brasilia", "brasilia", None)
        job.city, job.status = "Faro", "approved"
        job.save()
        assert (job.location_slug, (job.expires - timezone.now()).days) == ("faro-brasilia", 89)
    """,
    "an election's slug follows its name": """
        election = Election.objects.create(name="One", date="2024-01-01", description=None)
        assert (election.slug, election._description_rendered) == ("one", None)
        election.name = "Two words"
        election.save()
        assert election.slug == "two-words"
    """,
    "a sponsorship is locked once it is past applied": """
        one = Sponsorship.objects.create()
        assert not one.locked
        one.status = "approved"
        one.save()
        assert one.locked
        one.locked = False
        one.save(update_fields=["locked"])
        one.refresh_from_db()
        assert not one.locked
    """,
    "a draft contract counts its revisions": """
        contract = Contract.objects.create(benefits_list="- x")
        contract.save()
        contract.status = "executed"
        contract.save()
        assert (contract.revision, contract.benefits_list_markup_type) == (1, "markdown")
    """,
    "an order is one sequence per table and conflicts go both ways": """
        program = SponsorshipProgram.objects.create(name="p")
        one, two = (SponsorshipBenefit.objects.create(name=name, program=program) for name in "ab")
        one.conflicts.add(two)
        assert (one.order, two.order, list(two.conflicts.all())) == (0, 1, [one])
        one.delete()
        two.refresh_from_db()
        assert two.order == 0
    """,
    "a feature comes back as its own kind": """
        program = SponsorshipProgram.objects.create(name="p")
        benefit = SponsorshipBenefit.objects.create(name="b", program=program)
        LogoPlacementConfiguration.objects.create(benefit=benefit, publisher="psf", logo_place="jobs")
        assert type(BenefitFeatureConfiguration.objects.get()) is LogoPlacementConfiguration
        assert type(BenefitFeatureConfiguration.non_polymorphic.get()) is BenefitFeatureConfiguration
    """,
    "a duration is read from words": """
        for text, minutes in {"15 min": 15, "2 hours": 120, "1.5 hours, 3 min": 93, "3 days, 04:30": 4590, "01:00:30": 60.5}.items():
            assert parse(text).total_seconds() == minutes * 60, text
        for text in ("", "soon", "3", "3 moons", "1 hour and"):
            try:
                parse(text)
            except TypeError:
                continue
            raise AssertionError(text)
    """,
    "the database refuses what it refused on the old site": """
        release = Release.objects.create(name="Python 3.1.0")
        system = OS.objects.create(name="o")
        ReleaseFile.objects.create(name="a", os=system, release=release, url="https://www.python.org/a", download_button=True)
        for number, columns in enumerate([
            {"url": "https://python.org/b"},
            {"url": "https://www.python.org/b", "gpg_signature_file": "ftp://x"},
            {"url": "https://www.python.org/c", "download_button": True},
        ]):
            try:
                with transaction.atomic():
                    ReleaseFile.objects.create(name=f"n{number}", os=system, release=release, **columns)
            except IntegrityError:
                continue
            raise AssertionError(columns)
        SponsorshipCurrentYear.objects.create(year=2025)
        try:
            with transaction.atomic():
                SponsorshipCurrentYear.objects.create(year=2026)
        except IntegrityError:
            return
        raise AssertionError("two current years")
    """,
}
PRELUDE = """
import django
django.setup()
from datetime import UTC, datetime
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from rest_framework.authtoken.models import Token
from tastypie.models import ApiKey
from apps.boxes.models import *
from apps.companies.models import Company
from apps.downloads.models import *
from apps.events.duration import parse
from apps.jobs.models import *
from apps.nominations.models import *
from apps.pages.models import Page
from apps.sponsors.models import *
from apps.users.models import *
old = datetime(2001, 1, 1, tzinfo=UTC)

def run(case, statements):
    def body():
        exec("def check():\\n" + statements, globals())
        check()
    try:
        with transaction.atomic():
            body()
            transaction.set_rollback(True)
        print(f"ok {case}")
    except Exception as error:
        import traceback
        print(f"failed {case}: {traceback.format_exc()!r}")
"""


@pytest.fixture(scope="module")
def outcomes(module_database: str) -> str:
    script = PRELUDE + "\n".join(
        f"run({case!r}, {textwrap.indent(textwrap.dedent(code), '    ')!r})" for case, code in SAVES.items()
    )
    environment = child_environment(
        DATABASE_URL=module_database, DJANGO_SETTINGS_MODULE="legacy.settings", PYTHONPATH=str(SITE)
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("case", SAVES)
def test_a_save_does_all_that_the_old_site_does(case: str, outcomes: str) -> None:
    assert f"ok {case}\n" in outcomes, outcomes


def test_migrations_hold_what_the_models_say() -> None:
    command = [sys.executable, str(SITE / "manage.py"), "makemigrations", "--check", "--dry-run", "--skip-checks"]
    done = subprocess.run(command, env=child_environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, "No changes detected" in done.stdout) == (0, True), done.stdout
