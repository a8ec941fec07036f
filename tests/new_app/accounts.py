"""The world of accounts: both sides on one seeded database that can be brought back to where it was.

Stories and attacks are told in it. Nobody is signed in when it begins, and nothing has been counted or mailed.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx

from legacy_adapters.signing import Keys, loads
from new_app.db import plain_url
from parity.capture import Ask, Case, Observation, Side
from parity.journeys import LEGACY, NEW
from tests.conftest import new_database
from tests.new_app.sides import SECRET, Shipped, shipped

HOST = "www.example.org"
PASSWORD = "correct-horse"
ADMIN = "/admin/"
"""What legacy answers on either side."""
KEPT = ("users_user", "account_emailaddress", "users_membership", "authtoken_token", "tastypie_apikey")
"""Tables that stories change, and that are put back."""
NUMBERED = ("users_user", "account_emailaddress", "users_membership", "tastypie_apikey")
FACTS = {
    "users": """SELECT username, email, is_active, left(password, 4), last_login IS NOT NULL, first_name, last_name, bio,
        _bio_rendered, public_profile, search_visibility, email_privacy FROM users_user ORDER BY username""",
    "addresses": 'SELECT u.username, a.email, verified, "primary" FROM account_emailaddress a JOIN users_user u ON u.id = user_id ORDER BY 1, 2',
    "memberships": """SELECT u.username, legal_name, preferred_name, m.email_address, city, region, country, postal_code,
        psf_code_of_conduct, psf_announcements, votes, last_vote_affirmation IS NOT NULL, membership_type
        FROM users_membership m LEFT JOIN users_user u ON u.id = creator_id ORDER BY legal_name""",
    "tokens": "SELECT u.username, length(key) FROM authtoken_token JOIN users_user u ON u.id = user_id ORDER BY 1",
}


class InProcess:
    """The shipped application, asked as a server asks it."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self.client, self.origin = client, origin

    async def ask(self, case: Case) -> Observation:
        headers = [("Host", HOST), ("User-Agent", "bridge-parity"), ("Accept", "*/*"), *case.headers]
        self.client.cookies.clear()
        answer = await self.client.request(case.method, case.path, headers=headers, content=case.body)
        date = ("Date", format_datetime(datetime.now(UTC), usegmt=True))  # the server's, as a rule
        told = (date, *((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw))
        body = answer.content
        who = answer.headers.get("x-bridge", "")
        assert who.startswith("new") or case.path.startswith(ADMIN), f"{case.path}: answered by {who}"
        return Observation(self.origin, answer.status_code, told, body, case.method, case.path, len(body), "")


@dataclass(slots=True)
class Accounts:
    """The world of the stories."""

    ask: dict[str, Ask]
    database: Any
    mail: Path
    sides: Shipped
    url: str

    async def begin(self) -> None:
        restored = " ".join(f"DELETE FROM {name}; INSERT INTO {name} SELECT * FROM kept.{name};" for name in KEPT[:1])
        for file in self.mail.glob("*"):
            file.unlink()
        others = " ".join(f"INSERT INTO {name} SELECT * FROM kept.{name};" for name in KEPT[1:])
        emptied = " ".join(f"DELETE FROM {name};" for name in (*KEPT[1:], "django_session", "django_cache_table"))
        others += "".join(f"SELECT setval('{table}_id_seq', 1000);" for table in NUMBERED)
        await self.database.execute(
            f"BEGIN; SET LOCAL session_replication_role = replica; {emptied} {restored} {others} COMMIT;"
        )

    async def facts(self) -> Sequence[str]:
        found = [
            f"{name}: {tuple(row)}" for name, question in FACTS.items() for row in await self.database.fetch(question)
        ]
        sessions = await self.database.fetch("SELECT session_data, expire_date - now() AS left FROM django_session")
        found += sorted(f"session: {in_words(row['session_data'])} for {days(row['left'])}" for row in sessions)
        counters = await self.database.fetch(
            "SELECT cache_key FROM django_cache_table WHERE expires > now() ORDER BY 1"
        )
        found += [f"counter: {row['cache_key']}" for row in counters if ":rl:" in row["cache_key"]]
        return [*found, *sorted(f"mail: {without_keys(str(mail))}" for mail in mails(self.mail))]


def mails(folder: Path) -> list[tuple[str, ...]]:
    """From, to, subject and text of each."""
    parts = [part for file in sorted(folder.glob("*")) for part in file.read_bytes().split(b"\n" + b"-" * 79 + b"\n")]
    found = [message_from_bytes(part, policy=default) for part in parts if part.strip()]
    return [(*(str(one[name]) for name in ("From", "To", "Subject")), one.get_content().rstrip()) for one in found]


def without_keys(text: str) -> str:
    """Without what is made anew for each link."""
    return re.sub(r"(?<=key/)[0-9a-z]+-[0-9a-z-]+|(?<=confirm-email/)[-:\w]+", "KEY", text)


def days(left: Any) -> str:
    return f"{round(left.total_seconds() / 3600)} hours"


def in_words(data: str) -> str:
    """What a session holds, without what differs at each telling."""
    content = loads(data, keys=Keys(SECRET), salt="django.contrib.sessions.SessionStore")
    for proof in content.get("account_authentication_methods", []):
        proof.pop("at")
    content.pop("_auth_user_hash", None)
    if "_password_reset_key" in content:
        content["_password_reset_key"] = "KEY"
    content.get("account_login", {}).pop("initiated_at", None)
    return str(sorted(content.items()))


def path_in(folder: Path, part: str) -> str:
    """The path of the last link that was mailed."""
    links = [link for mail in mails(folder) for link in re.findall(r"https?://\S+", mail[-1]) if part in link]
    return urlsplit(links[-1]).path


@asynccontextmanager
async def world(template: str, folder: Path, **changed: Any) -> AsyncIterator[Accounts]:
    """Both sides on a copy of the seeded database; `folder` is new, `changed` are settings of the new side."""
    with new_database(template, template=template) as url:
        database = await asyncpg.connect(plain_url(url))
        await database.execute(
            "CREATE SCHEMA kept;" + "".join(f"CREATE TABLE kept.{name} AS SELECT * FROM {name};" for name in KEPT)
        )
        async with (
            shipped(url, folder, "legacy.settings_quick", **changed) as sides,
            Side(sides.legacy_url, (("Host", HOST),)) as legacy,
        ):
            yield Accounts(
                {LEGACY: legacy, NEW: InProcess(sides.new, sides.legacy_url)}, database, folder / "mail", sides, url
            )
        await database.close()
