"""Compare: two observations in, their differences out. Pure: no network, no clock, no file.

1. an error on either side is the only difference, 2. status (bodies of unlike answers are not compared, there is one
cause), 3. headers, 4. redirect target, 5. cookies, 6. media type and coding, 7. body. Headers whose order means nothing
are compared as sets, and every header counts except those of the connection, the transport, and request ids. Values of
cookies never appear in a difference, only their fingerprints.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from urllib.parse import urljoin

from parity.bodies import body_differences, size_of
from parity.capture import Observation
from parity.clean import Body, Leaf, Rules, Scrub, cookies_of, http_date, media_type, unpacked
from parity.difference import Difference, clipped

CLOSE = 5.0
"""Seconds by which two moments that both sides count from their own clock may be apart."""

OWN_STEP = frozenset(
    {"set-cookie", "location", "content-location", "content-type", "content-length", "content-encoding"}
    | {"etag", "expires", "accept-ranges"}
)
COMMA = frozenset(
    {"vary", "cache-control", "allow", "surrogate-control", "accept-patch", "x-robots-tag", "clear-site-data"}
    | {"access-control-allow-methods", "access-control-allow-headers", "access-control-expose-headers", "link"}
    | {"pragma", "content-language", "permissions-policy"}
)
SPACED = frozenset({"surrogate-key", "cache-tag"})
POLICIES = frozenset({"content-security-policy", "content-security-policy-report-only"})
SEMICOLON = frozenset({"strict-transport-security"})
COMMAS_OUTSIDE_QUOTES = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')


def compare(legacy: Observation, new: Observation, *, rules: Rules) -> tuple[Difference, ...]:
    """What the two answers do not share, at most `rules.most` of it; empty: they are the same to a visitor."""
    return tuple(islice(_differences(legacy, new, rules), rules.most))


def _differences(legacy: Observation, new: Observation, rules: Rules) -> Iterator[Difference]:
    if legacy.error or new.error:
        if legacy.error != new.error:
            yield Difference("failure", "answer", legacy.error or "answered", new.error or "answered")
        return
    scrubs = Scrub(legacy, rules), Scrub(new, rules)
    if legacy.status != new.status:
        yield Difference("status", "status", str(legacy.status), str(new.status))
    yield from _headers(legacy, new, scrubs, rules)
    yield from _location(legacy, new)
    yield from _cookies(legacy, new, rules)
    yield from _types(legacy, new)
    if legacy.status == new.status:
        yield from _body(legacy, new, scrubs, rules)


def _headers(legacy: Observation, new: Observation, scrubs: tuple[Scrub, Scrub], rules: Rules) -> Iterator[Difference]:
    names = {name.lower() for name, _ in (*legacy.headers, *new.headers)}
    for name in sorted(names - rules.ignored_headers - rules.request_ids - OWN_STEP):
        left, right = legacy.all(name), new.all(name)
        if left == right:
            continue
        if split := splitter(name):
            yield from _members(name, split(left), split(right), bool(left), bool(right), scrubs)
        elif not _same_values(left, right, scrubs):
            yield Difference("header", f"header {name}", joined(left), joined(right))
    yield from _expires(legacy, new)
    for name in sorted(names & rules.request_ids):
        if any(not value.strip() for value in new.all(name)):
            yield Difference("header", f"header {name}", joined(legacy.all(name)), joined(new.all(name)))
    if new.all("date") and http_date(new.first("date")) is None:
        yield Difference("header", "header date", joined(legacy.all("date")), joined(new.all("date")))


def _same_values(left: list[str], right: list[str], scrubs: tuple[Scrub, Scrub]) -> bool:
    return len(left) == len(right) and all(
        scrubs[0].leaf(a).same(scrubs[1].leaf(b)) for a, b in zip(left, right, strict=True)
    )


def joined(values: list[str]) -> str | None:
    return clipped(" ⏎ ".join(values)) if values else None


def splitter(name: str) -> Callable[[list[str]], set[str]] | None:
    """How the header's value falls into members; None where its order means something."""
    if name in COMMA:
        lowered = name not in {"link", "permissions-policy"}
        return lambda values: {m.lower() if lowered else m for v in values for m in _commas(v)}
    if name in SPACED:
        return lambda values: {member for value in values for member in value.split()}
    if name in POLICIES:
        return lambda values: {member for value in values for member in _sources(value)}
    if name in SEMICOLON:
        return lambda values: {m.strip().lower() for v in values for m in v.split(";") if m.strip()}
    return None


def _commas(value: str) -> list[str]:
    return [member.strip() for member in COMMAS_OUTSIDE_QUOTES.split(value) if member.strip()]


def _sources(policy: str) -> Iterator[str]:
    """`default-src 'self' a; b` as `default-src`, `default-src 'self'`, `default-src a`, `b`."""
    for directive in policy.split(";"):
        name, *sources = directive.split()[:1] and directive.split()
        yield from () if not name else (name.lower(), *(f"{name.lower()} {source}" for source in sources))


def _members(
    name: str, left: set[str], right: set[str], has_left: bool, has_right: bool, scrubs: tuple[Scrub, Scrub]
) -> Iterator[Difference]:
    if has_left != has_right:
        whole = (", ".join(sorted(side)) if has else None for side, has in ((left, has_left), (right, has_right)))
        yield Difference("header", f"header {name}", *map(clipped, whole))
        return
    cleaned = {scrubs[0].text(m): m for m in left - right}, {scrubs[1].text(m): m for m in right - left}
    for key in sorted(cleaned[0].keys() ^ cleaned[1].keys()):
        at = f"header {name}[{key}]"
        yield Difference("header member", at, cleaned[0].get(key), cleaned[1].get(key))


def _expires(legacy: Observation, new: Observation) -> Iterator[Difference]:
    """`Expires` counts from the answer's own clock: an hour from now is the same on both sides."""
    values = legacy.all("expires"), new.all("expires")
    ages = [_from_now(side.first("expires"), side) for side in (legacy, new)]
    near = ages[0] is not None and ages[1] is not None and abs(ages[0] - ages[1]) <= CLOSE
    if values[0] != values[1] and not (near and len(values[0]) == len(values[1])):
        yield Difference("header", "header expires", joined(values[0]), joined(values[1]))


def _from_now(value: str, observation: Observation) -> float | None:
    moment, now = http_date(value) if value else None, http_date(observation.first("date"))
    return (moment - now).total_seconds() if isinstance(moment, datetime) and now is not None else None


def _location(legacy: Observation, new: Observation) -> Iterator[Difference]:
    """Where a redirect leads, from the site's own root: `/a` and `http://this-side/a` are one place."""
    for name in ("location", "content-location"):
        raw = legacy.all(name), new.all(name)
        if raw[0] == raw[1]:
            continue
        leads = [[landing(value, side) for value in values] for values, side in zip(raw, (legacy, new), strict=True)]
        if leads[0] != leads[1]:
            yield Difference("redirect", f"header {name}", joined(leads[0]), joined(leads[1]))


def landing(value: str, observation: Observation) -> str:
    whole = urljoin(observation.origin + observation.path, value)
    own = whole == observation.origin or whole.startswith((f"{observation.origin}/", f"{observation.origin}?"))
    return whole[len(observation.origin) :] or "/" if own else whole


def _cookies(legacy: Observation, new: Observation, rules: Rules) -> Iterator[Difference]:
    sides = [_by_name(side) for side in (legacy, new)]
    for name in sorted(sides[0].keys() | sides[1].keys()):
        left, right = sides[0].get(name, []), sides[1].get(name, [])
        if len(left) != len(right):
            counts = (f"set {len(found)} ×" if found else None for found in (left, right))
            yield Difference("cookie", f"cookie {name}", *counts)
            continue
        for (value, attributes), (other, others) in zip(left, right, strict=True):
            yield from _cookie_value(name, value, other, rules)
            yield from _cookie_attributes(name, attributes, others, legacy, new)


def _by_name(observation: Observation) -> dict[str, list[tuple[str, dict[str, str]]]]:
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for name, value, attributes in cookies_of(observation):
        found.setdefault(name, []).append((value, attributes))
    return found


def _cookie_value(name: str, left: str, right: str, rules: Rules) -> Iterator[Difference]:
    words = rules.cookies.get(name) or rules.cookies.get("*")
    told = (words(left), words(right)) if words else (None, None)
    if left == right or (told[0] is not None and told[0] == told[1]):
        return
    shown = (clipped(word) or fingerprint(value) for word, value in zip(told, (left, right), strict=True))
    yield Difference("cookie value", f"cookie {name}", *shown)


def fingerprint(secret: str) -> str:
    """Enough to tell two values apart and never enough to use one."""
    return f"<{len(secret)} characters, {hashlib.sha256(secret.encode()).hexdigest()[:8]}>" if secret else "<empty>"


def _cookie_attributes(
    name: str, left: dict[str, str], right: dict[str, str], legacy: Observation, new: Observation
) -> Iterator[Difference]:
    for attribute in sorted(left.keys() | right.keys()):
        a, b = left.get(attribute), right.get(attribute)
        if attribute == "expires" and a and b:
            ages = _from_now(a, legacy), _from_now(b, new)
            if ages[0] is not None and ages[1] is not None and abs(ages[0] - ages[1]) <= CLOSE:
                continue
        same = a == b if attribute == "path" else (a and a.lower()) == (b and b.lower())
        if not same:
            yield Difference("cookie attribute", f"cookie {name}; {attribute}", a, b)


def _types(legacy: Observation, new: Observation) -> Iterator[Difference]:
    left, right = legacy.all("content-type"), new.all("content-type")
    if [*map(media_type, left)] != [*map(media_type, right)]:
        yield Difference("content type", "header content-type", joined(left), joined(right))
    if legacy.method == "HEAD" and legacy.all("content-length") != new.all("content-length"):
        values = legacy.all("content-length"), new.all("content-length")
        yield Difference("header", "header content-length", *map(joined, values))


def _body(legacy: Observation, new: Observation, scrubs: tuple[Scrub, Scrub], rules: Rules) -> Iterator[Difference]:
    if legacy.cut or new.cut:
        if (legacy.size, legacy.digest) != (new.size, new.digest):
            told = (f"{side.size} bytes, sha256 {side.digest[:16]}" for side in (legacy, new))
            yield Difference("bytes", "body", *told)
        return
    bodies = unpacked(legacy), unpacked(new)
    yield from _framing(legacy, new)
    if bodies[0].problem != bodies[1].problem:
        yield Difference("coding", "body", *(body.problem or "decodes" for body in bodies))
        return
    yield from _tags(legacy, new, bodies)
    media = legacy.first("content-type")
    if {media_type(side.first("content-type")).kind for side in (legacy, new)} == {media_type(media).kind}:
        yield from body_differences(bodies[0].data, bodies[1].data, media, scrubs, rules)
    elif bodies[0].data != bodies[1].data:
        yield Difference("bytes", "body", *(size_of(body.data) for body in bodies))


def _framing(legacy: Observation, new: Observation) -> Iterator[Difference]:
    """What an answer says of its own length must be so, and HEAD and 304 have no body."""
    told = []
    for side in (legacy, new):
        length = side.first("content-length")
        bare = side.method == "HEAD" or side.status in {204, 304}
        if bare and side.body:
            told.append("a body where none may be")
        elif not bare and length and length != str(len(side.body)):
            told.append("another length than announced")
        else:
            told.append("as announced")
    if told[0] != told[1]:
        yield Difference("framing", "body", *told)


def _tags(legacy: Observation, new: Observation, bodies: tuple[Body, Body]) -> Iterator[Difference]:
    """An entity tag is a digest of its body: it is compared only where the bodies are the same bytes."""
    left, right = legacy.all("etag"), new.all("etag")
    both = bool(left) and bool(right)
    if left == right or (both and bodies[0].data != bodies[1].data):
        return
    if both and [Leaf(v, v.removeprefix("W/")) for v in left] == [Leaf(v, v.removeprefix("W/")) for v in right]:
        return
    yield Difference("header", "header etag", joined(left), joined(right))
