"""Does one visitor mean the same to both sides? Proved live: each thing is made on one side and used on the other.

1. The site's session engine, message storage, backends and hashers are ones that the new side knows.
2. Every stored password is of a listed algorithm; the newest sessions in the database are signed with our secret.
3. A form of legacy's sign-in page carries a token that our rules accept.
4. A token of ours is accepted by legacy, one with another secret is refused.
5. A session and two messages of ours are read by legacy, and what legacy then wrote is read here.
6. A link of ours that would set a password is good on legacy, and a forged one is not.

Nobody is signed in, no password is set and nothing is mailed; the sessions made for it are deleted again.
"""

import json
import re
import secrets
from urllib.parse import urlsplit

import aiohttp

from legacy_adapters.cookies import parse_cookies
from legacy_adapters.csrf import FIELD, Csrf, Submission, mask, new_secret
from legacy_adapters.errors import LegacyError, SettingsError
from legacy_adapters.links import AccountLinks
from legacy_adapters.manifest import Manifest
from legacy_adapters.messages import COOKIE, INFO, NOT_FINISHED, SESSION_KEY, Message, Notices
from legacy_adapters.passwords import Hashers
from legacy_adapters.session_stores import CachedDatabaseStore, DatabaseStore
from legacy_adapters.sessions import Session
from legacy_adapters.signing import Keys
from legacy_adapters.users import UserModel, quoted
from legacy_adapters.visits import Visits
from new_app.commands.checks import Check
from new_app.config import Settings
from new_app.rows import Rows

NEWEST = 50
SAME_KEY = "DJANGO_SECRET_KEY must be the site's SECRET_KEY, and the manifest of today's settings"
RESET = "account_reset_password_from_key"
TOKEN = re.compile(rf'name="{FIELD}" value="([A-Za-z0-9]+)"')


async def identity_checks(settings: Settings, manifest: Manifest) -> list[Check]:
    """All proofs, for a database and a legacy site that answer."""
    key = settings.django_secret_key.get_secret_value()
    keys = Keys(key, tuple(one.get_secret_value() for one in settings.django_secret_key_fallbacks))
    rows = Rows(settings.database_url, size=1)
    try:
        visits = Visits.of(manifest, keys, rows.fetch)
        hashers = Hashers(manifest.settings, manifest.django)
        known = f"{manifest.settings.session_engine}, {manifest.settings.message_storage}"
        found = [Check("identity settings", True, known)]
        found.append(await stored_passwords(rows, manifest, hashers))
        found.append(await stored_sessions(rows, visits))
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
            page = Page(client, settings.legacy_url, manifest)
            found += await forms(page, Csrf(manifest.settings))
            found.append(await shared_session(page, visits, Notices(manifest.settings, keys)))
            found += await links(rows, page, visits, AccountLinks(manifest.settings, keys))
    except SettingsError as error:
        return [Check("identity settings", False, str(error), "or leave whoever is signed in to legacy")]
    except (LegacyError, OSError, aiohttp.ClientError, TimeoutError) as error:
        return [Check("identity", False, f"{type(error).__name__}: {error}", SAME_KEY)]
    finally:
        await rows.close()
    return found


class Page:
    """The legacy site's sign-in page, asked directly, as the router would ask it."""

    def __init__(self, client: aiohttp.ClientSession, legacy: str, manifest: Manifest) -> None:
        self._client, self.manifest = client, manifest
        settings = manifest.settings
        path = settings.login_url
        if not path.startswith("/"):
            named = [pattern.route for pattern in manifest.patterns if pattern.name == path]
            path = f"/{named[0].strip('^$')}" if named else "/accounts/login/"
        self.url = f"{legacy.rstrip('/')}{path}"
        named_hosts = [host for host in settings.allowed_hosts if "*" not in host]
        self._headers = {"Host": named_hosts[0].lstrip(".")} if named_hosts else {}
        if settings.secure_proxy_ssl_header is not None:
            name, value = settings.secure_proxy_ssl_header
            self._headers[name.removeprefix("HTTP_").replace("_", "-")] = value
            self._headers["Referer"] = f"https://{self._headers.get('Host', self.url.split('/')[2])}/"

    async def leads_to(self, path: str) -> tuple[str, dict[str, str]]:
        """Where the site sends whoever follows this link, empty if nowhere, and the cookies that it sets."""
        url = urlsplit(self.url)._replace(path=path).geturl()
        async with self._client.get(url, headers=self._headers, allow_redirects=False) as answer:
            cookies = {name: one.value for name, one in answer.cookies.items()}
            return answer.headers.get("Location", ""), cookies

    async def get(self, **cookies: str) -> tuple[int, str, dict[str, str]]:
        return await self._ask("GET", cookies, None)

    async def post(self, form: dict[str, str], **cookies: str) -> int:
        return (await self._ask("POST", cookies, form))[0]

    async def _ask(
        self, method: str, cookies: dict[str, str], form: dict[str, str] | None
    ) -> tuple[int, str, dict[str, str]]:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
        async with self._client.request(
            method, self.url, headers={**self._headers, **sent}, data=form, allow_redirects=False
        ) as answer:
            given: dict[str, str] = {}
            for cookie in answer.headers.getall("Set-Cookie", []):
                given |= parse_cookies(cookie.split(";")[0])
            return answer.status, await answer.text(errors="replace"), given


async def stored_passwords(rows: Rows, manifest: Manifest, hashers: Hashers) -> Check:
    """Whether the new side could check every password there is."""
    model = UserModel.of(manifest)
    counted = await rows.fetch(
        f"""SELECT CASE WHEN password LIKE '!%' THEN '' ELSE split_part(password, '$', 1) END AS algorithm, count(*)
        FROM {quoted(model.table)} GROUP BY 1 ORDER BY 2 DESC"""  # noqa: S608
    )
    names = {row[0]: row[1] for row in counted}
    unknown = [name[:20] for name in names if name and not hashers.knows(f"{name}$")]
    told = ", ".join(f"{count} {name[:20] or 'unusable'}" for name, count in names.items()) or "nobody yet"
    return Check("passwords", not unknown, told, f"PASSWORD_HASHERS does not list {', '.join(unknown)}")


async def stored_sessions(rows: Rows, visits: Visits) -> Check:
    """Whether the newest sessions were signed with our secret."""
    store = visits.store
    if not isinstance(store, DatabaseStore | CachedDatabaseStore):
        return Check("sessions", True, f"{visits.settings.session_engine}: none to look at")
    newest = await rows.fetch(
        f"""SELECT session_data FROM django_session WHERE expire_date > now()
        ORDER BY expire_date DESC LIMIT {NEWEST}"""  # noqa: S608
    )
    read = sum(bool(store.decode(row[0])) for row in newest)
    return Check("sessions", read == len(newest), f"{read} of the newest {len(newest)} are read", SAME_KEY)


async def forms(page: Page, csrf: Csrf) -> list[Check]:
    """Tokens of both sides."""
    cookie = csrf.settings.csrf_cookie_name
    status, body, cookies = await page.get()
    drawn = TOKEN.search(body)
    if drawn is None or cookie not in cookies:
        return [Check("forms", True, f"not proven: {page.url} answers {status} without a form and a CSRF cookie")]
    reason = csrf.open(cookies).refusal(Submission("POST", "here", field=drawn[1]))
    secret = new_secret()
    good = await page.post({FIELD: mask(secret)}, **{cookie: secret})
    bad = await page.post({FIELD: mask(new_secret())}, **{cookie: secret})
    advice = "do legacy and the new side agree on CSRF_COOKIE_NAME, hosts and https?"
    return [
        Check("a form of legacy's, here", reason is None, reason or "accepted", "run `bridge adopt` again"),
        Check("a form of ours, at legacy", good != 403, f"answers {good}", advice),
        Check("a forged form, at legacy", bad == 403, f"answers {bad}", "does the sign-in page check CSRF tokens?"),
    ]


async def shared_session(page: Page, visits: Visits, notices: Notices) -> Check:
    """A session of ours with a message, shown by legacy; and the session that legacy stored when it had shown it."""
    if notices.kind == "cookie" or not isinstance(visits.store, DatabaseStore | CachedDatabaseStore):
        return Check("session and messages", True, "not proven: only sessions in the database are tried")
    name = "a session and messages of ours"
    ours, theirs = (f"bridge doctor {secrets.token_hex(8)}" for _ in range(2))
    session = await Session(visits.store, visits.settings).load()
    session.update({SESSION_KEY: json.dumps([Message(INFO, theirs, "").packed()]), "bridge.doctor": ours})
    await session.save()
    assert session.key is not None
    try:
        packed = [Message(INFO, ours, "").packed(), NOT_FINISHED]
        sent = {visits.settings.session_cookie_name: session.key, COOKIE: notices.signer.sign_object(packed)}
        status, body, _ = await page.get(**sent)
        in_cookie, in_session = notices.kind == "session" or ours in body, theirs in body
        stored = await Session(visits.store, visits.settings, session.key).load()
        back = stored.get("bridge.doctor") == ours and SESSION_KEY not in stored
    finally:
        await session.flush()
    missing = [
        what
        for what, there in (("the cookie's message", in_cookie), ("the session's message", in_session))
        if not there
    ]
    if missing:
        told = f"{page.url} answers {status} without {' and '.join(missing)}"
        return Check(name, False, told, f"{SAME_KEY}; or that page shows no messages")
    return Check(name, back, "shown by legacy, and read back" if back else "shown, not read back", SAME_KEY)


async def links(rows: Rows, page: Page, visits: Visits, ours: AccountLinks) -> list[Check]:
    """A link to a new password for somebody who has one, followed as far as legacy says whether it is good."""
    named = [pattern.route for pattern in page.manifest.patterns if pattern.name == RESET]
    model = UserModel.of(page.manifest)
    found = await rows.fetch(
        f"""SELECT {quoted(model.pk)} FROM {quoted(model.table)} WHERE is_active AND password NOT LIKE '!%'
        ORDER BY 1 LIMIT 1"""  # noqa: S608
    )
    user = await visits.authentication.users.by_pk(found[0][0]) if named and found else None
    if user is None:
        return [Check("a link of ours, at legacy", True, "not proven: the site mails no such link, or has nobody")]
    emails = [row[0] for row in await rows.fetch("SELECT email FROM account_emailaddress WHERE user_id = $1", user.pk)]
    key = ours.reset(user, [*emails, *([user.email.lower()] if user.email else [])])
    path = f"/{named[0].replace('^', '').partition('(?P')[0]}{ours.uid(user.pk)}"
    to, cookies = await page.leads_to(f"{path}-{key}/")
    if key := cookies.get(visits.settings.session_cookie_name, ""):
        await (await Session(visits.store, visits.settings, key).load()).flush()
    forged, _ = await page.leads_to(f"{path}-{key[:6]}-{secrets.token_hex(16)}/")
    good = to.endswith("-set-password/")
    return [
        Check("a link of ours, at legacy", good, "good" if good else "not taken for good", SAME_KEY),
        Check("a forged link, at legacy", not forged, "refused" if not forged else f"leads to {forged}"),
    ]
