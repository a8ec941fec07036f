"""What the tests of pages and APIs find in the database: small, and with the odd cases in it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from new_app.columns import Markup
from new_app.domains.boxes import Box
from new_app.domains.downloads.models import OS, Release, ReleaseFile
from new_app.domains.pages.models import Page
from new_app.domains.users.models import ApiKey, Token, User

KEYS = {name: f"{name:a<40}" for name in ("staff", "plain", "inactive")}
"""User to key; the same one for both versions of the API."""
ODD = "Quotes \" \\ ' <b>&amp;</b> é \u2028 \U0001f40d 100% under_score"


def markup(raw: str, rendered: str) -> Markup:
    return Markup(raw=raw, markup_type="html", rendered=rendered)


def users() -> list[User]:
    made = []
    for name, key in KEYS.items():
        user = User(username=name, password="!", is_staff=name == "staff", is_active=name != "inactive")
        user.bio = markup("", "")
        user.auth_token = Token(key=key)
        user.api_key = ApiKey(key=key)
        made.append(user)
    return made


def pages() -> list[Page]:
    return [
        Page(
            title=f"Page {number % 3}" if number else ODD,
            keywords="Python, language" if number % 2 else "",
            description=ODD if number == 2 else "",
            path=f"about/page{number}" if number else "about",
            content=markup("<p>x</p>", f"<p>{ODD}</p>\n\n  "),
            is_published=number != 4,
            template_name="pages/raw.html" if number == 3 else "",
        )
        for number in range(8)
    ]


def releases(page: Page) -> list[Release]:
    start = datetime(2020, 1, 1, 12, 30, 15, tzinfo=UTC)
    made = []
    for number in range(26):
        moment = start + timedelta(days=37 * number, microseconds=number * 1001 if number % 2 else 0)
        release = Release(
            name=f"Python 3.{number // 3 + 6}.{number % 3}" + ("rc1" if number % 8 == 7 else ""),
            slug=f"python-{number}",
            is_published=number % 10 != 9,
            pre_release=number % 8 == 7,
            is_latest=number == 20,
            release_date=moment,
            content=markup("", ""),
        )
        release.release_page = page if number == 24 else None
        made.append(release)
    made.append(Release(name="Python 2.7.18", slug="python-2718", version=2, is_latest=True, is_published=True))
    made.append(Release(name=f"Install manager {ODD}", slug="manager", version=100, is_latest=True, is_published=True))
    for release in made[-2:]:
        release.release_date, release.content = start, markup("text", "<p>text</p>")
    return made


def files(systems: list[OS], of: list[Release]) -> list[ReleaseFile]:
    return [
        ReleaseFile(
            name=f"File {number}",
            slug=f"file-{number}",
            os=systems[number % 3],
            release=of[number % len(of)],
            description=ODD if number % 7 == 0 else "",
            is_source=number % 3 == 0,
            url=f"https://www.python.org/ftp/file-{number}.tgz",
            md5_sum="d41d8cd98f00b204e9800998ecf8427e",
            filesize=number * 1_000_000,
            download_button=number < len(of),
        )
        for number in range(130)
    ]


async def fill(session: AsyncSession) -> None:
    """Write it all."""
    systems = [OS(name=name, slug=name.lower()) for name in ("Windows", "macOS", "Source")]
    written = pages()
    made = releases(written[1])
    session.add_all([*users(), *written, *systems, *made])
    await session.flush()
    session.add_all(files(systems, made))
    session.add_all(
        [
            Box(label="plain", content=markup("x", "<p>x</p>")),
            Box(label="odd_one", content=markup("", ODD)),
            Box(label="empty", content=markup("", "")),
        ]
    )
