"""When are two companies the same? By slug, by normalised name, by web domain.

A key is only as good as it is telling: an empty slug, a domain that many sites share (github.com, blogspot.com) and an
address that is no host name give none.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

# fmt: off
LEGAL_FORMS = frozenset([
    "ab", "ag", "aps", "as", "asa", "bv", "co", "company", "corp", "corporation", "eg", "ev", "gmbh", "inc",
    "incorporated", "kft", "kg", "kk", "limited", "llc", "llp", "ltd", "lp", "nv", "oy", "oyj", "plc", "pte",
    "pty", "pvt", "sa", "sarl", "sas", "sl", "spa", "srl", "sro", "ug", "株式会社", "有限会社",
])
# fmt: on

SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "nom", "or", "org"])
"""Labels under which country registries sell names: example.co.uk, example.com.au, example.or.jp."""

# fmt: off
SHARED_HOSTS = frozenset([
    "angelfire.com", "bit.ly", "bitbucket.org", "blogspot.com", "codeberg.org", "facebook.com", "fb.com",
    "geocities.com", "github.com", "github.io", "gitlab.com", "gitlab.io", "google.com", "herokuapp.com",
    "instagram.com", "launchpad.net", "linkedin.com", "livejournal.com", "medium.com", "meetup.com",
    "netlify.app", "pages.dev", "pypi.org", "python.org", "readthedocs.io", "readthedocs.org",
    "sourceforge.net", "substack.com", "t.co", "tumblr.com", "twitter.com", "vercel.app", "wikipedia.org",
    "wixsite.com", "wordpress.com", "x.com", "youtube.com",
])
# fmt: on
"""Registrable domains under which strangers live side by side."""

_DROPPED = re.compile(r"[.'’`]")
_NOT_WORD = re.compile(r"[\W_]+")
_PLAIN = re.compile(r"https?://(?:www\.)?([a-z0-9-]+\.[a-z]{3,})(?:[/?#]|\Z)")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_UNSLUG = re.compile(r"[^\w\s-]")
_DASHES = re.compile(r"[-\s]+")


def slug(name: str) -> str:
    """As Django's `slugify` makes it: ASCII, lower case, words joined by a dash."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _DASHES.sub("-", _UNSLUG.sub("", name.lower())).strip("-_")


def normalised(name: str) -> str:
    """Case, accents, width, punctuation, a leading "the" and the legal form do not tell companies apart."""
    if not name.isascii():
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
        name = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = _NOT_WORD.sub(" ", _DROPPED.sub("", name.casefold()).replace("&", " and ")).split()
    kept = words[1:] if len(words) > 1 and words[0] == "the" else words
    while len(kept) > 1 and (kept[-1] in LEGAL_FORMS or (kept[-1] == "and" and kept != words)):
        kept = kept[:-1]
    while len(kept) > 1 and kept[0] in {"株式会社", "有限会社"}:
        kept = kept[1:]
    return " ".join(kept)


def web_domain(url: str | None) -> str:
    """The name that somebody registered: `https://www.shop.example.co.uk/x` is `example.co.uk`. Empty if untold."""
    if not url:
        return ""
    if plain := _PLAIN.match(url):  # nearly all; and urlsplit takes ten times as long
        return "" if plain[1] in SHARED_HOSTS else plain[1]
    try:
        host = urlsplit(url if "//" in url else "//" + url).hostname or ""
        host = host.rstrip(".") if host.isascii() else host.rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError):
        return ""
    if not _HOST.fullmatch(host) or _is_address(host):
        return ""
    labels = host.split(".")
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL else 2
    domain = ".".join(labels[-size:])
    shared = domain in SHARED_HOSTS or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in SECOND_LEVEL)
    return "" if shared else domain


def _is_address(host: str) -> bool:
    if not host[-1].isdigit():
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def keys(name: str, url: str | None, own_slug: str = "") -> Iterator[tuple[str, str]]:
    """What this company may be known by, best first: (kind, value)."""
    slugs = {own_slug, slug(name)} - {""}
    yield from (("slug", one) for one in sorted(slugs))
    if name := normalised(name):
        yield "name", name
    if domain := web_domain(url):
        yield "web domain", domain
