"""Clean: decode an answer to a normal form in which only what matters can differ.

In this order: content coding, character set, then a tree for HTML and XML, a value for JSON, lines for text. What may
rightly differ between two good answers becomes a typed placeholder, and only after a check: a moment in time must be
the moment of this answer, a nonce must be the one its own policy header names, a form token must fit its own cookie, an
absolute address must be the answer's own. What fails its check stays as it is and shows as a difference. Both forms are
kept: two values are the same if they are equal as sent or equal once cleaned.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from parity.capture import Observation

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding"}
)
TRANSPORT = frozenset({"date", "server", "via", "age", "x-cache", "x-cache-hits", "x-served-by", "x-timer", "alt-svc"})
REQUEST_IDS = frozenset({"x-request-id", "x-correlation-id", "x-amzn-trace-id", "x-trace-id", "traceparent", "cf-ray"})

UNPACKED_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FormToken:
    """A hidden form field whose value is new at each asking. `fits(token, secret)` checks it against its cookie."""

    field: str
    cookie: str
    pattern: str
    fits: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A stretch of text that may differ: `pattern` finds it, `holds` checks each find against the answer it is in."""

    name: str
    pattern: re.Pattern[str]
    holds: Callable[[str, Observation], bool]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site adds to the rules of HTTP, and the bounds of a comparison.

    `cookies` put a cookie's value into words that can be compared and shown, by its name or `*` for any other; a value
    that no words are known for (None) is compared as it is and shown by its fingerprint.
    `now_within` seconds of the answer's Date header, a date in a body counts as the moment of the answer. `given_back`
    reads from the new side's answer why the new side left it to legacy; empty: it answered itself, or does not say.
    `exact`: a page whose bytes differ is a difference too, though its tree is the same.
    """

    ignored_headers: frozenset[str] = HOP_BY_HOP | TRANSPORT
    request_ids: frozenset[str] = REQUEST_IDS
    cookies: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)
    form_tokens: tuple[FormToken, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    given_back: Callable[[Observation], str] = lambda answer: ""
    now_within: float = 120.0
    exact: bool = False
    tree_limit: int = 2 * 1024 * 1024
    most: int = 100


@dataclass(frozen=True, slots=True)
class Body:
    """A body without its content coding; `problem` says why that could not be taken off."""

    data: bytes
    problem: str = ""


def unpacked(observation: Observation) -> Body:
    """The body without its content coding (RFC 9110 §8.4.1), capped at UNPACKED_LIMIT."""
    coding = observation.first("content-encoding", "identity").strip().lower()
    if coding == "identity" or not observation.body:
        return Body(observation.body)
    try:
        if coding in {"gzip", "x-gzip", "deflate"}:
            return Body(_inflated(observation.body, coding))
    except (zlib.error, gzip.BadGzipFile, EOFError) as error:
        return Body(observation.body, f"not valid {coding}: {error}")
    return Body(observation.body, f"content coding {coding} was not asked for")


def _inflated(data: bytes, coding: str) -> bytes:
    """RFC 1950 or 1952; bare deflate too, because servers send it by that name."""
    window = 31 if coding != "deflate" else (15 if data[0] & 0x0F == 8 else -15)
    machine = zlib.decompressobj(window)
    plain = machine.decompress(data, UNPACKED_LIMIT)
    if not machine.eof and not machine.unconsumed_tail:
        raise EOFError("it ends early")
    return plain


@dataclass(frozen=True, slots=True)
class MediaType:
    """`text/html; charset=utf-8` taken apart, lower case where case means nothing."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def charset(self) -> str:
        return dict(self.parameters).get("charset", "")

    @property
    def kind(self) -> str:
        """json · xml · html · text · binary"""
        main, _, sub = self.name.partition("/")
        if sub == "json" or sub.endswith("+json"):
            return "json"
        if sub in {"html", "xhtml+xml"}:
            return "html"
        if sub == "xml" or sub.endswith("+xml"):
            return "xml"
        return "text" if main == "text" or sub in {"javascript", "x-javascript", "yaml", "toml"} else "binary"


def media_type(value: str) -> MediaType:
    if not value.strip():
        return MediaType("")
    message = Message()
    message["content-type"] = value
    named = message.get_params(failobj=[], header="content-type")[1:]
    parameters = tuple(sorted((k.lower(), v.lower() if k.lower() == "charset" else v) for k, v in named))
    return MediaType(value.partition(";")[0].strip().lower(), parameters)


def text_of(data: bytes, charset: str) -> tuple[str, str]:
    """The text, and what is wrong with it. UTF-8 where no character set is named, and that is then compared too."""
    try:
        return data.decode(charset or "utf-8").removeprefix("\ufeff"), ""
    except LookupError:
        return data.decode("utf-8", "replace"), f"unknown character set {charset}"
    except UnicodeDecodeError as error:
        return data.decode(charset or "utf-8", "replace"), f"not valid {error.encoding}: {error.reason}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text or an attribute's value: as sent, and cleaned."""

    raw: str
    clean: str

    def same(self, other: "Leaf") -> bool:
        return self.raw == other.raw or self.clean == other.clean


ISO = re.compile(r"\b(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)?")
RFC = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|UTC|[+-]\d{4})")
NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]+)'")


class Scrub:
    """Replaces, in texts of one answer, what is the answer's own: its address, its moment, its nonces."""

    def __init__(self, observation: Observation, rules: Rules) -> None:
        self.observation = observation
        self.rules = rules
        self.netloc = urlsplit(observation.origin).netloc
        self.moment = http_date(observation.first("date"))
        policies = observation.all("content-security-policy") + observation.all("content-security-policy-report-only")
        self.nonces = {nonce for policy in policies for nonce in NONCE.findall(policy)}
        self.secrets = {name: value for name, value, _ in cookies_of(observation)}

    def leaf(self, text: str) -> Leaf:
        return Leaf(text, self.text(text))

    def text(self, text: str) -> str:
        if self.netloc and self.netloc in text:
            text = text.replace(self.observation.origin, "<origin>")
            # A bare one-word host, "web", is also a word of the text.
            if re.search("[.:]", self.netloc):
                text = re.sub(rf"(?<![\w.-]){re.escape(self.netloc)}(?![\w.:-])", "<host>", text)
        for nonce in self.nonces:
            text = text.replace(nonce, "<nonce>")
        if self.moment is not None and ":" in text:
            text = ISO.sub(self._iso, text)
            text = RFC.sub(self._rfc, text)
        for placeholder in self.rules.placeholders:
            text = placeholder.pattern.sub(lambda found, p=placeholder: self._typed(p, found), text)  # type: ignore[misc]
        return text

    def form_field(self, name: str, value: str) -> Leaf:
        """A form token's value becomes `<name>` if it has the right shape and fits the cookie set beside it."""
        for token in self.rules.form_tokens:
            if token.field == name and re.fullmatch(token.pattern, value):
                secret = self.secrets.get(token.cookie)
                good = secret is None or token.fits(value, secret)
                return Leaf(value, f"<{name}>" if good else f"<{name} that does not fit its cookie>")
        return self.leaf(value)

    def _typed(self, placeholder: Placeholder, found: re.Match[str]) -> str:
        return f"<{placeholder.name}>" if placeholder.holds(found[0], self.observation) else found[0]

    def _iso(self, found: re.Match[str]) -> str:
        day, between, time, fraction, zone = found.groups(default="")
        try:
            value = datetime.fromisoformat(f"{day}T{time}{'+00:00' if zone in {'', 'Z'} else zone}")
        except ValueError:
            return found[0]
        return f"<now {between}{len(fraction)}{zone}>" if self._is_now(value) else found[0]

    def _rfc(self, found: re.Match[str]) -> str:
        value = http_date(found[0])
        return f"<now {found[1]}>" if value is not None and self._is_now(value) else found[0]

    def _is_now(self, value: datetime) -> bool:
        return self.moment is not None and abs((value - self.moment).total_seconds()) <= self.rules.now_within


def http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def cookies_of(observation: Observation) -> list[tuple[str, str, dict[str, str]]]:
    """Each Set-Cookie as name, value and attributes (names in lower case), in the order sent (RFC 6265 §5.2)."""
    cookies = []
    for line in observation.all("set-cookie"):
        pair, *rest = line.split(";")
        name, _, value = pair.partition("=")
        attributes = {k.strip().lower(): v.strip() for k, _, v in (part.partition("=") for part in rest) if k.strip()}
        cookies.append((name.strip(), value.strip().strip('"'), attributes))
    return cookies
