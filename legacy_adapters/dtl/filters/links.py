"""The filters `urlize` and `urlizetrunc`: addresses in text become links (django/utils/html.py: Urlizer).

A word is an address if it begins with `http://`, `https://` or `www.`, ends in one of seven old top-level domains, or
is an e-mail address. Brackets and punctuation around it stay outside the link, a bracket that is part of it inside.
"""

import html
import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.safe import SafeString, escape, mark_safe

FILTERS: dict[str, Filter] = {}

LONGEST_URL = 2048
LONGEST_EMAIL = 320
PUNCTUATION = ".,:;!"
BRACKETS = (("(", ")"), ("[", "]"))
RESERVED = "!$&'()*+,;=:/?#[]@~"  # RFC 3986, and the tilde

_between_words = re.compile(r"([\s<>\"']+)")
_scheme = re.compile(r"https?://\[?\w", re.I)
_host = re.compile(r"www\.|(?!http)\w[^@]+\.(?:com|edu|gov|int|mil|net|org)(?:$|/.*$)", re.I)

_ATOM = r"[-!#$%&'*+/=?^_`{}|~0-9A-Z]+"
_QUOTED = r"[\001-\010\013\014\016-\037!#-\[\]-\177]|\\[\001-\011\013\014\016-\177]"
_mailbox = re.compile(rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:{_QUOTED})*")\Z', re.I)
_L = "a-z\u00a1-\uffff"
_domain = re.compile(
    rf"[{_L}0-9](?:[{_L}0-9-]{{0,61}}[{_L}0-9])?"
    rf"(?:\.(?!-)[{_L}0-9-]{{1,63}}(?<!-))*"
    rf"\.(?!-)(?:[{_L}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)\Z",
    re.I,
)
_literal = re.compile(r"\[([A-F0-9:.]+)\]\Z", re.I)


def _is_ip_address(text: str) -> bool:
    for kind in (IPv4Address, IPv6Address):
        try:
            kind(text)
        except AddressValueError:
            continue
        return kind is IPv4Address or len(text) <= 39
    return False


def is_email(text: str) -> bool:
    """Whether Django's validator takes the text for an e-mail address (django/core/validators.py: EmailValidator)."""
    mailbox, at, domain = text.rpartition("@")
    if not at or len(text) > LONGEST_EMAIL or not _mailbox.match(mailbox):
        return False
    literal = _literal.match(domain)
    return bool(_domain.match(domain)) or bool(literal and _is_ip_address(literal[1]))


def _requoted(part: str) -> str:
    return quote(unquote(part), safe=RESERVED)


def quoted(url: str) -> str:
    """The address with what needs quoting quoted, once."""
    try:
        scheme, host, path, query, fragment = urlsplit(url)
    except ValueError:
        return _requoted(url)
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(unquote(name), unquote(value)) for name, value in pairs])
    return urlunsplit((scheme, _requoted(host), _requoted(path), query, _requoted(fragment)))


def _without_brackets(middle: str, counts: dict[str, int]) -> tuple[str, str | None]:
    """The word without the closing brackets that nothing opens, and the last of these that went."""
    trail = None
    for opening, closing in BRACKETS:
        surplus = counts[closing] - counts[opening]
        if surplus > 0 and middle.endswith(closing):
            trail, middle = middle[-surplus:], middle[:-surplus]
            counts[closing] -= surplus
    return middle, trail


def _without_semicolon(middle: str, ampersand: int) -> tuple[str, str] | None:
    """The word without a `;` at its end, unless that ends an entity."""
    if not middle.endswith(";"):
        return None
    entity = middle[ampersand:]
    meant = html.unescape(entity)
    if meant != entity and not meant.endswith(";"):
        return None
    bare = middle.rstrip(PUNCTUATION)
    end = len(bare)
    if ampersand > -1 and len(middle) - len(middle.rstrip(";")) > 1:
        end += middle[end:].index(";") + 1
    return middle[:end], middle[end:]


def trimmed(word: str) -> tuple[str, str, str]:
    """What opens before the word, the word, and the punctuation after it."""
    middle = word.lstrip("([")
    lead, trail = word[: len(word) - len(middle)], ""
    counts = {character: middle.count(character) for pair in BRACKETS for character in pair}
    changed = True
    while changed and middle:
        changed = False
        middle, closed = _without_brackets(middle, counts)
        if closed is not None:
            # Django forgets here what it trimmed before; a link prints what Django prints.
            trail, changed = closed, True
        ampersand = middle.rfind("&")
        rest = middle.rstrip(PUNCTUATION if ampersand == -1 else PUNCTUATION.replace(";", ""))
        if rest != middle:
            middle, trail, changed = rest, middle[len(rest) :] + trail, True
        if (ended := _without_semicolon(middle, ampersand)) is not None:
            middle, trail, changed = ended[0], ended[1] + trail, True
    return lead, middle, trail


def _address(word: str) -> tuple[str, bool] | None:
    """Where a word leads, and whether a search engine should be told not to follow."""
    if len(word) <= LONGEST_URL and _scheme.match(word):
        return quoted(html.unescape(word)), True
    if len(word) <= LONGEST_URL and _host.match(word):
        return quoted(f"http://{html.unescape(word)}"), True
    if ":" not in word and is_email(word):
        mailbox, _, domain = word.rpartition("@")
        return f"mailto:{quote(mailbox, safe='')}@{quote(domain, safe='')}", False
    return None


def _linked(word: str, limit: int | None, escaping: bool) -> str:
    if "." in word or "@" in word or ":" in word:
        lead, middle, trail = trimmed(word)
        if address := _address(middle):
            url, nofollow = address
            shown = middle if limit is None or len(middle) <= limit else f"{middle[: max(0, limit - 1)]}…"
            if escaping:
                lead, shown, trail = escape(lead), escape(shown), escape(trail)
            relation = ' rel="nofollow"' if nofollow else ""
            return mark_safe(f'{lead}<a href="{escape(url)}"{relation}>{shown}</a>{trail}')  # type: ignore[no-any-return]
    return escape(word) if escaping else word


def linked(text: str, limit: int | None, autoescape: bool) -> SafeString:
    """Text with its addresses as links, the rest escaped unless it is safe."""
    escaping = autoescape and not isinstance(text, SafeString)
    words = _between_words.split(text)
    known = {word: _linked(word, limit, escaping) for word in set(words)}
    return SafeString("".join(known[word] for word in words))


@register(FILTERS, is_safe=True, needs_autoescape=True, text=True)
def urlize(value: str, autoescape: bool = True) -> SafeString:
    return linked(value, None, autoescape)


@register(FILTERS, is_safe=True, needs_autoescape=True, text=True)
def urlizetrunc(value: str, limit: Any, autoescape: bool = True) -> SafeString:
    return linked(value, int(limit), autoescape)
