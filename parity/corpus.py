"""Corpus: where cases come from: paths somebody names, a file, or the links of the legacy site itself.

Only requests that change nothing are taken (GET, HEAD, OPTIONS) unless the caller names other methods; HAR then gives
their bodies too. Cases are made one at a time and never twice. A file may be a list of URLs (`/path`,
`http://host/path`, `HEAD /path`; `#` begins a comment), an access log in common or combined format, or HAR; which
one is seen from its content.
"""

import json
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Set
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from parity.capture import SAFE, Ask, Case
from parity.clean import media_type, unpacked
from parity.errors import CorpusError

RouteOf = Callable[[str], str]
"""From a path to the name of its route."""

LOGGED = re.compile(r'"(?P<method>[A-Z]+) (?P<target>\S+) HTTP/[\d.]+" (?P<status>\d{3})')
LISTED = re.compile(r"(?:(?P<method>[A-Z]+)\s+)?(?P<target>(?:https?://|/)\S*)")
HAR_LIMIT = 256 * 1024 * 1024
UNSAFE = re.compile(r"[^\x21-\x7e]")


def general_route(path: str) -> str:
    """A route's name guessed from its path: what looks like a key becomes `<int>`, `<uuid>` or `<slug>`."""
    segments = urlsplit(path).path.split("/")
    return "/".join(_general(segment) for segment in segments) or "/"


def _general(segment: str) -> str:
    if segment.isdigit():
        return "<int>"
    if re.fullmatch(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", segment, re.IGNORECASE):
        return "<uuid>"
    known = re.fullmatch(r"v\d+", segment) or not re.search(r"\d", segment)
    return segment if known and len(segment) <= 40 else "<slug>"


def made(
    targets: Iterable[str | tuple[str, str] | Case], route_of: RouteOf = general_route, methods: Set[str] = SAFE
) -> Iterator[Case]:
    """Cases of paths, URLs, (method, path) pairs or cases; what was seen before and of other methods is left out."""
    seen: set[int] = set()
    for target in targets:
        case = target if isinstance(target, Case) else Case(target) if isinstance(target, str) else Case(*target[::-1])
        path = path_of(case.path)
        key = hash((case.method, path, case.body))
        if case.method in methods and path and key not in seen:
            seen.add(key)
            yield replace(case, path=path, route=route_of(path))


def path_of(target: str) -> str:
    """The path and query of a URL, with what no request line can carry percent-encoded."""
    parts = urlsplit(target) if re.match(r"[a-z]+://", target) else None
    path = target if parts is None else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path = urldefrag(path).url if "#" in path else path
    return UNSAFE.sub(lambda found: quote(found[0]), path) if path.startswith("/") else ""


def read_cases(path: Path, route_of: RouteOf = general_route, methods: Set[str] = SAFE) -> Iterator[Case]:
    """The cases of a file, read as they are needed."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as file:
            head = file.read(1024).lstrip()
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror}") from error
    if head.startswith("{"):
        return made(_har(path), route_of, methods)
    return made(_lines(path), route_of, methods)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """A line that is neither is named, unless the file is a log: servers write there whatever a client sent."""
    logged = False
    with path.open(encoding="utf-8", errors="backslashreplace") as file:
        for number, line in enumerate(file, 1):
            text = line.strip()
            found = LOGGED.search(text)
            logged = logged or found is not None
            found = found or (None if logged else LISTED.fullmatch(text))
            if found:
                yield found["method"] or "GET", found["target"]
            elif text and not text.startswith("#") and not logged:
                raise CorpusError(f"{path}, line {number}: neither a path, a URL nor a line of an access log")


def _har(path: Path) -> Iterator[Case]:
    if path.stat().st_size > HAR_LIMIT:
        raise CorpusError(f"{path} is larger than {HAR_LIMIT >> 20} MiB: export fewer requests")
    try:
        entries = json.loads(path.read_bytes())["log"]["entries"]
        cases = [_recorded(entry["request"]) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{path} begins like HAR and is none: {error!r}") from error
    return iter(cases)


def _recorded(request: dict[str, Any]) -> Case:
    """Of a recorded request its method, URL and body; its cookies and tokens were good for that visit only."""
    posted = request.get("postData") or {}
    headers = (("Content-Type", str(posted["mimeType"])),) if posted.get("mimeType") else ()
    return Case(str(request["url"]), str(request["method"]), "", headers, str(posted.get("text") or "").encode())


async def crawl(
    side: Ask,
    start: Iterable[str] = ("/",),
    route_of: RouteOf = general_route,
    *,
    pages: int = 300,
    depth: int = 8,
    queries: int = 5,
    within: Callable[[str], bool] | None = None,
) -> AsyncIterator[Case]:
    """Follow links within the side's own host, breadth first.

    At most `pages` cases, `depth` clicks away, `queries` different queries on one path: calendars have no end. With
    `within` only the links it takes are cases; the pages of `start` are read for their links in any case.
    """
    waiting = deque((path, 0) for path in dict.fromkeys(start))
    seen = {path for path, _ in waiting}
    variants: Counter[str] = Counter()
    given = 0
    while waiting and given < pages:
        path, steps = waiting.popleft()
        case = Case(path, "GET", route_of(path))
        if within is None or within(path):
            given += 1
            yield case
        for link in await _links(side, case) if steps < depth else ():
            bare = link.partition("?")[0]
            known = link in seen or len(seen) >= 20 * pages or variants[bare] >= queries
            if not known and (within is None or within(link)):
                seen.add(link)
                variants[bare] += 1
                waiting.append((link, steps + 1))


async def _links(side: Ask, case: Case) -> list[str]:
    answer = await side.ask(case)
    targets = answer.all("location")
    if media_type(answer.first("content-type")).kind == "html":
        tree = LexborHTMLParser(unpacked(answer).data)
        nodes = chain(tree.css("a[href], area[href], link[href]"), tree.css("script[src], img[src]"))
        targets += [node.attributes.get("href") or node.attributes.get("src") or "" for node in nodes]
    return [path for target in targets if (path := _within(side.origin, case.path, target))]


def _within(origin: str, at: str, target: str) -> str:
    """The path of a link that stays on the host, else nothing."""
    try:
        whole = urldefrag(urljoin(origin + at, target.strip())).url
        inside = urlsplit(whole)[:2] == urlsplit(origin)[:2]
    except ValueError:
        return ""
    return path_of(whole) if inside and len(whole) < 2000 else ""
