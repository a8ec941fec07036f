"""A form of one side is accepted by the other, and whatever Django refuses is refused for the same reason."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies

from legacy_adapters.csrf import LETTERS, Csrf, Protection, Submission, mask, new_secret, unmask
from legacy_adapters.hosts import allowed_host, asked_port
from legacy_adapters.session_files import Format, SignedCookieStore
from legacy_adapters.sessions import Session, Stored
from legacy_adapters.settings import LegacySettings
from tests.legacy_adapters.identity.cases import generated
from tests.legacy_adapters.identity.conftest import KEYS, Oracle

NOW = 1_750_000_000.0
SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF"
OTHER = "Z9y8X7w6V5u4T3s2R1q0PoNmLkJiHgFe"
HOST = "shop.example.org"


def session_with(data: dict[str, Any]) -> Session:
    session = Session(SignedCookieStore(Format(KEYS)), LegacySettings())
    session.take(Stored(data, "", None))
    return session


def submission(
    method: str, headers: dict[str, str], field: str | None, secure: bool, settings: LegacySettings
) -> Submission:
    site = Csrf(settings)
    return Submission(
        method,
        allowed_host(headers, settings, "testserver"),
        secure,
        asked_port(headers, settings, "443" if secure else "80"),
        headers.get("origin"),
        headers.get("referer"),
        headers.get(site.header_name),
        field or "",
    )


def both(
    bare: Oracle, configured: dict[str, Any], *, brought: str | None = SECRET, session: dict[str, Any] | None = None,
    method: str = "POST", headers: dict[str, str] | None = None, field: str | None = None, secure: bool = False,
    exempt: bool = False,
) -> tuple[str | None, str | None]:  # fmt: skip
    """The reason for refusing a request, ours and Django's."""
    headers = {"host": HOST, **(headers or {})}
    cookies = {} if brought is None else {"csrftoken": brought}
    theirs = bare.with_settings(**configured).ask(
        "csrf",
        method=method,
        cookies=cookies,
        headers=headers,
        field=field,
        secure=secure,
        exempt=exempt,
        session=session,
    )
    settings = LegacySettings(
        **{name.lower(): value for name, value in {"ALLOWED_HOSTS": ("*",), **configured}.items()}
    )
    protection = Csrf(settings).open(cookies, session_with(session or {}))
    ours = protection.refusal(submission(method, headers, field, secure, settings), exempt=exempt)
    return ours, theirs["reason"]


TOKENS = {
    "missing": None,
    "empty": "",
    "masked": mask(SECRET, OTHER),
    "bare": SECRET,
    "of another": mask(OTHER, SECRET),
    "another bare": OTHER,
    "short": SECRET[:-1],
    "long": SECRET + "a",
    "odd letter": SECRET[:-1] + "!",
    "not ascii": SECRET[:-1] + "é",
    "of another framework": "0123456789abcdef" * 8,
}


@pytest.mark.parametrize("brought", [None, SECRET, mask(SECRET, OTHER), "", "short", "!" * 32, "é" * 64], ids=str)
@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("where", ["field", "header", "session"])
def test_a_token_is_believed_or_refused_as_by_django(
    bare: Oracle, brought: str | None, token: str | None, where: str
) -> None:
    if where == "session":
        kept = {} if brought is None or brought in ("", "short", "!" * 32, "é" * 64) else {"_csrftoken": brought}
        ours, theirs = both(bare, {"CSRF_USE_SESSIONS": True}, brought=None, session=kept, field=token)
    elif where == "field":
        ours, theirs = both(bare, {}, brought=brought, field=token)
    else:
        if token is not None and not token.isascii():
            token = token.encode().decode("latin-1")
        ours, theirs = both(bare, {}, brought=brought, headers={} if token is None else {"x-csrftoken": token})
    assert ours == theirs


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("exempt", [False, True])
def test_every_method_that_changes_something_is_checked(bare: Oracle, method: str, exempt: bool) -> None:
    ours, theirs = both(bare, {}, method=method, field=mask(SECRET), exempt=exempt)
    assert ours == theirs
    assert both(bare, {}, method=method, exempt=exempt)[0] == both(bare, {}, method=method, exempt=exempt)[1]


ORIGINS = [
    *(f"http://{HOST}", f"https://{HOST}", f"http://{HOST}:8000", f"http://{HOST}.evil.test", "null", "", "https://"),
    *(
        "http://trusted.test",
        "https://trusted.test",
        "https://a.below.test",
        "https://below.test",
        "http://a.below.test",
    ),
    *(
        "https://evilbelow.test",
        "https://a.below.test:444",
        "https://[::1",
        "https://A.BELOW.test",
        "javascript:alert(1)",
    ),
]
REFERERS = [
    *(f"https://{HOST}/form", f"http://{HOST}/form", f"https://{HOST}:8443/", "https://trusted.test/x", "https://"),
    *(
        "https://a.below.test/x",
        "https://evil.test/https://shop.example.org",
        f"https://{HOST}@evil.test/",
        "",
        "/form",
    ),
    *(
        "https://[::1/",
        f"https://{HOST}.",
        "https://cookie.test/",
        "https://cookie.test:8443/",
        "nonsense",
        f"//{HOST}/",
    ),
]
SITES: dict[str, dict[str, Any]] = {
    "plain": {},
    "trusting": {"CSRF_TRUSTED_ORIGINS": ("https://trusted.test", "https://*.below.test")},
    "cookie domain": {"CSRF_COOKIE_DOMAIN": "cookie.test"},
    "session domain": {"CSRF_USE_SESSIONS": True, "SESSION_COOKIE_DOMAIN": "cookie.test"},
    "strict hosts": {"ALLOWED_HOSTS": ("other.test",)},
    "behind a proxy": {"USE_X_FORWARDED_HOST": True, "USE_X_FORWARDED_PORT": True},
}


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("configured", SITES.values(), ids=SITES)
def test_where_a_request_comes_from_is_judged_alike(bare: Oracle, configured: dict[str, Any], secure: bool) -> None:
    told = {"field": mask(SECRET), "secure": secure, "session": {"_csrftoken": SECRET}}
    cases = [{"origin": origin} for origin in ORIGINS]
    cases += [{"referer": referer} for referer in REFERERS]
    cases += [{}, {"origin": "null", "referer": f"https://{HOST}/"}]
    forwarded = {"x-forwarded-host": "cookie.test", "x-forwarded-port": "8443"}
    for headers in [*cases, *({**case, **forwarded} for case in cases)]:
        ours, theirs = both(bare, configured, headers=headers, **told)
        assert ours == theirs, headers


@generated(
    9000,
    origin=strategies.none()
    | strategies.sampled_from(ORIGINS)
    | strategies.text("htps:/.*[]@shop.example", max_size=25),
    referer=strategies.none() | strategies.sampled_from(REFERERS) | strategies.text("htps:/.[]@?#exampl", max_size=25),
    secure=strategies.booleans(),
    site=strategies.sampled_from(sorted(SITES)),
    token=strategies.sampled_from(sorted(TOKENS)),
)
def test_any_request_is_judged_alike(
    bare: Oracle, origin: str | None, referer: str | None, secure: bool, site: str, token: str
) -> None:
    headers = {"origin": origin, "referer": referer}
    ours, theirs = both(
        bare,
        SITES[site],
        headers={name: value for name, value in headers.items() if value is not None},
        secure=secure,
        field=TOKENS[token],
        session={"_csrftoken": SECRET},
    )
    assert ours == theirs


def opened(brought: str | None, **configured: Any) -> Protection:
    settings = LegacySettings(**configured)
    cookies = {} if brought is None else {settings.csrf_cookie_name: brought}
    return Csrf(settings, clock=lambda: NOW).open(cookies, session_with({}))


@pytest.mark.parametrize("brought", [None, SECRET, mask(SECRET, OTHER), "broken"], ids=str)
@pytest.mark.parametrize("done", [{}, {"draw": True}, {"rotate": True}, {"draw": True, "rotate": True}], ids=str)
@pytest.mark.parametrize(
    "configured", [{}, {"csrf_cookie_httponly": True, "csrf_cookie_secure": True, "csrf_cookie_age": None}], ids=str
)
def test_the_cookie_is_set_when_and_as_django_sets_it(
    bare: Oracle, brought: str | None, done: dict[str, bool], configured: dict[str, Any]
) -> None:
    cookies = {} if brought is None else {"csrftoken": brought}
    theirs = bare.with_settings(**{name.upper(): value for name, value in configured.items()}).ask(
        "csrf", method="GET", cookies=cookies, headers={}, field=None, now=NOW, **done
    )
    protection = opened(brought, **configured)
    if done.get("draw"):
        protection.token()
    if done.get("rotate"):
        protection.rotate()
    closing = protection.close()

    def shape(cookie: str) -> tuple[bool, int, str]:
        value, _, rest = cookie.removeprefix("csrftoken=").partition(";")
        return value == SECRET, len(value), rest

    assert [shape(cookie) for cookie in closing.cookies] == [shape(cookie) for cookie in theirs["cookies"]]
    assert closing.vary is (theirs["vary"] == "Cookie")


@pytest.mark.parametrize("use_sessions", [False, True], ids=["cookie", "session"])
def test_a_form_of_one_side_is_accepted_by_the_other(bare: Oracle, use_sessions: bool) -> None:
    configured = {"CSRF_USE_SESSIONS": use_sessions}
    oracle = bare.with_settings(**configured)
    site = Csrf(LegacySettings(csrf_use_sessions=use_sessions, allowed_hosts=("*",)))
    drawn = oracle.ask("csrf", method="GET", cookies={}, headers={}, field=None, draw=True)
    secret = drawn["session"]["_csrftoken"] if use_sessions else drawn["cookies"][0].split(";")[0].split("=")[1]
    cookies, session = ({}, {"_csrftoken": secret}) if use_sessions else ({"csrftoken": secret}, {})
    assert site.open(cookies, session_with(session)).refusal(Submission("POST", HOST, field=drawn["token"])) is None

    kept = session_with({})
    protection = site.open({}, kept)
    token = protection.token()
    closing = protection.close()
    cookies = {} if use_sessions else {"csrftoken": closing.cookies[0].split(";")[0].split("=")[1]}
    asked = {"method": "POST", "headers": {}, "field": token, "cookies": cookies, "session": kept.data}
    assert oracle.ask("csrf", **asked)["reason"] is None


def test_after_rotation_a_form_drawn_before_is_refused(bare: Oracle) -> None:
    protection = opened(SECRET)
    before = protection.token()
    protection.rotate()
    secret = protection.close().cookies[0].split(";")[0].split("=")[1]
    asked = {"method": "POST", "headers": {}, "field": before, "cookies": {"csrftoken": secret}}
    assert bare.ask("csrf", **asked)["reason"] == "CSRF token from POST incorrect."
    assert opened(secret).refusal(Submission("POST", HOST, field=before)) == "CSRF token from POST incorrect."


def test_the_golden_vector_of_django_5_2_is_ours() -> None:
    token = "Z9y8X7w6V5u4T3s2R1q0PoNmLkJiHgFeZaAb1cCd3eEf5gGh7iIj9J9J9J9J9J9J"
    assert mask(SECRET, OTHER) == token
    assert unmask(token) == SECRET


@generated(
    4000,
    secret=strategies.text(LETTERS, min_size=32, max_size=32),
    by=strategies.text(LETTERS, min_size=32, max_size=32),
)
def test_a_mask_comes_off_again(secret: str, by: str) -> None:
    assert unmask(mask(secret, by)) == secret


def test_secrets_and_masks_do_not_repeat() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len({mask(SECRET) for _ in range(100)}) == 100


def test_a_reason_quotes_the_referer_as_it_came() -> None:
    settings = LegacySettings(allowed_hosts=("*",))
    sent = Submission("POST", HOST, secure=True, referer="https://evil.test/?a=<b>", field=mask(SECRET))
    reason = Csrf(settings).open({"csrftoken": SECRET}).refusal(sent)
    assert reason == "Referer checking failed - https://evil.test/?a=<b> does not match any trusted origins."
    assert urlsplit(reason.split()[4]).netloc == "evil.test"


def test_without_a_session_the_session_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="CSRF_USE_SESSIONS"):
        Csrf(LegacySettings(csrf_use_sessions=True)).open({})
