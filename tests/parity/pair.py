"""Two equal answers, and ways to spoil one: what the tests of the comparison start from."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace

from parity.capture import Observation
from parity.clean import FormToken, Rules

LEGACY = "http://legacy.test:8001"
NEW = "http://new.test:8000"
DATE = "Mon, 23 Nov 2026 12:00:00 GMT"

HTML = """<!DOCTYPE html>
<html lang="en"><head><title>Things</title><link rel="stylesheet" href="/static/a.css">
<meta name="description" content="All things"></head>
<body class="page wide"><h1>Things &amp; more</h1>
<p id="intro" data-kind="lead">Hello <b>you</b> there.</p>
<ul><li><a href="/thing/1/">One</a></li><li><a href="/thing/2/?a=1&amp;b=2">Two</a></li><li>Three</li></ul>
<form action="/send/" method="post"><input type="hidden" name="token" value="TOKEN"><input name="q" required></form>
<pre>a
  b</pre><img src="/i.png" alt="An image"><!-- note --><script>let a = 1;</script>
<footer>End</footer></body></html>
"""
JSON = {"count": 2, "ok": True, "next": None, "items": [{"id": 1, "name": "a", "size": 10}, {"id": 2, "name": "b"}]}
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News &amp; more</title>
<atom:link href="http://legacy.test:8001/feed" rel="self"/>
<item><title>A</title><guid isPermaLink="false">g1</guid><pubDate>Mon, 01 Jun 2026 10:00:00 +0000</pubDate></item>
<item><title>B</title><guid isPermaLink="false">g2</guid><description>&lt;b&gt;x&lt;/b&gt;</description></item>
</channel></rss>"""
TEXT = "User-agent: *\nDisallow: /private/\nAllow: /\n"

BASE = (
    ("Date", DATE),
    ("Server", "one"),
    ("Vary", "Cookie, Accept"),
    ("Cache-Control", "max-age=60, public"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Surrogate-Key", "app things"),
    ("Content-Security-Policy", "default-src 'self'; img-src 'self' data:"),
    ("Allow", "GET, HEAD"),
    ("Strict-Transport-Security", "max-age=100; preload"),
    ("Set-Cookie", "flavour=oat; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"),
    ("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT"),
)

RULES = Rules(form_tokens=(FormToken("token", "secret", r"[a-z]{8}", lambda token, secret: token[4:] == secret),))

Fault = Callable[[Observation], Observation]


def answer(
    body: str | bytes = HTML,
    media: str = "text/html; charset=utf-8",
    *,
    status: int = 200,
    origin: str = LEGACY,
    extra: tuple[tuple[str, str], ...] = (),
    method: str = "GET",
    path: str = "/things/",
) -> Observation:
    data = body.encode() if isinstance(body, str) else body
    headers = (*BASE, ("Content-Type", media), *extra)
    return Observation(origin, status, headers, data, method, path, len(data), "", 0.01)


def page() -> Observation:
    return answer()


def api() -> Observation:
    return answer(json.dumps(JSON), "application/json")


def feed() -> Observation:
    return answer(FEED, "application/rss+xml; charset=utf-8")


def text() -> Observation:
    return answer(TEXT, "text/plain; charset=utf-8")


def image() -> Observation:
    return answer(b"\x89PNG\x00\x01\x02", "image/png")


def redirect() -> Observation:
    return answer("", status=302, extra=(("Location", "/there/?a=1#x"),))


def bare() -> Observation:
    return answer("", method="HEAD", extra=(("Content-Length", "120"),))


def zipped() -> Observation:
    return answer(gzip.compress(HTML.encode()), extra=(("Content-Encoding", "gzip"),))


def moved(observation: Observation) -> Observation:
    """The same answer from the new side: its own address where legacy has its own."""
    ours, theirs = LEGACY.encode(), NEW.encode()
    headers = tuple((name, value.replace(LEGACY, NEW)) for name, value in observation.headers)
    body = observation.body.replace(ours, theirs)
    return replace(observation, origin=NEW, headers=headers, body=body, size=len(body))


def without(name: str) -> Fault:
    return lambda o: replace(o, headers=tuple(h for h in o.headers if h[0].lower() != name.lower()))


def header(name: str, value: str) -> Fault:
    return lambda o: replace(o, headers=tuple((k, value if k.lower() == name.lower() else v) for k, v in o.headers))


def added(name: str, value: str) -> Fault:
    return lambda o: replace(o, headers=(*o.headers, (name, value)))


def swap(old: str, new: str) -> Fault:
    def fault(o: Observation) -> Observation:
        assert old.encode() in o.body, f"{old!r} is not in the body: the fault would be none"
        return body_of(o.body.replace(old.encode(), new.encode(), 1))(o)

    return fault


def body_of(data: bytes) -> Fault:
    return lambda o: replace(o, body=data, size=len(data))


def value(change: Callable[[dict], object]) -> Fault:
    """One change in the JSON."""

    def fault(o: Observation) -> Observation:
        data = json.loads(o.body)
        change(data)
        return body_of(json.dumps(data).encode())(o)

    return fault


def field(**values: object) -> Fault:
    return lambda o: replace(o, **values)  # type: ignore[arg-type]
