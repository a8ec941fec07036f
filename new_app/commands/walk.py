"""The walk of `bridge up --check`: one whole cutover over real HTTP, step by step, on a throw-away stack.

1 everything from legacy · 2 parity is clean before the move · 3 the routes are moved · 4 new answers, parity is
clean · 5 an edit of a box shows on both sides · 6 importers: dry run, run, run again · 7 kill switch · 8 the audit
lists it all.
"""

import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import asyncpg
from rich.console import Console

if TYPE_CHECKING:
    from new_app.commands.up import Stack

MOVED = (
    *("/box/{label}/", "/downloads/latest/", "/downloads/feed.rss", "/api/v2/downloads/os/", "/robots.txt"),
    *("/", "/downloads/", "/no/such/page/"),
)
STAYS = ("/accounts/signup/", "/admin/login/")
EDIT = "UPDATE boxes_box SET _content_rendered = 'edited by the walk' WHERE label = $1"
WITH_THUMBNAILS = ("/", "/downloads/", "/jobs/", "/jobs/types/", "/psf/sponsors/")
FORGET = "DELETE FROM django_cache_table WHERE cache_key ~ '(_accesses$|:throttle_)'"
"""The throttles' counters: two parity runs within the hour ask more than they allow."""
LABEL = "SELECT label FROM boxes_box WHERE content_markup_type = 'html' ORDER BY id LIMIT 1"
console = Console(highlight=False)


class WalkError(Exception):
    """A step did not show what it must. The message holds what was seen instead."""


async def check(stack: "Stack") -> int:
    """Walk every step, one line each; 0 if all hold, else 1 at the first that does not."""
    steps: list[tuple[str, Callable[[Stack], Awaitable[str]]]] = [
        ("everything answers from legacy", all_from_legacy),
        ("parity of downloads and boxes is clean", parity_is_clean),
        ("the routes are moved to new", move_everything),
        ("new answers, parity is clean", new_answers),
        ("an edit of a box shows on both sides", edit_shows),
        ("importers: dry run, run, run again", imports),
        ("kill switch: everything from legacy again", kill),
        ("the audit lists each step", audit),
    ]
    for number, (title, step) in enumerate(steps, 1):
        began = time.monotonic()
        try:
            seen = await step(stack)
        except (WalkError, aiohttp.ClientError, OSError, TimeoutError) as error:
            console.print(f"{number} [red]FAILED[/] {title}")
            console.print(str(error)[-4000:], markup=False)
            return 1
        console.print(f"{number} [green]ok[/] {title} ({seen}) {time.monotonic() - began:.1f} s")
    return 0


async def parity(stack: "Stack", report: Path | None) -> int:
    """Everything moved, then every sample and what links lead to, asked of both sides by everybody.

    A site in service has its thumbnails: legacy draws them first, or both sides draw the same one at once, and one of
    them calls its file otherwise.
    """
    await move_everything(stack)
    async with aiohttp.ClientSession() as client:
        for path in WITH_THUMBNAILS:
            async with client.get(stack.legacy_url + path) as response:
                await response.read()
    wanted = ["--all", "--crawl", "--limit", "20000", "--html", "--personas", "anonymous,user,staff,superuser"]
    code, output = await stack.bridge(
        "parity", "run", *wanted, *_sides(stack), *(["--report", str(report)] if report else [])
    )
    console.print(output, markup=False)
    return code


async def all_from_legacy(stack: "Stack") -> str:
    return await _answered_by(stack, "legacy", (*MOVED, *STAYS))


async def parity_is_clean(stack: "Stack") -> str:
    code, link = await stack.bridge("preview", "--side", "new", "--cookie")
    if code:
        raise WalkError(link)
    cookie = link.strip().splitlines()[-1]
    return await _parity(stack, "downloads", "boxes", "--new-header", f"Cookie: {cookie}")


async def move_everything(stack: "Stack") -> str:
    _, board = await stack.bridge("stages", "--json")
    domains = sorted({route["domain"] for route in json.loads(board)})
    await _must(stack, "move", *domains, "--to", "new", "--why", "walk", "--by", "walk")
    return ", ".join(domains)


async def new_answers(stack: "Stack") -> str:
    seen = await _answered_by(stack, "new", MOVED)
    await _answered_by(stack, "legacy", STAYS)
    return f"{seen}; {await _parity(stack, 'boxes', 'download:download_release_detail', 'download:feed')}"


async def edit_shows(stack: "Stack") -> str:
    connection = await asyncpg.connect(stack.env["DATABASE_URL"])
    try:
        label = await _label(stack)
        await connection.execute(
            "UPDATE boxes_box SET _content_rendered = 'edited by the walk' WHERE label = $1", label
        )
    finally:
        await connection.close()
    async with aiohttp.ClientSession() as client:
        for side in (stack.url, stack.legacy_url):
            async with client.get(f"{side}/box/{label}/") as response:
                if (text := await response.text()) != "edited by the walk":
                    raise WalkError(f"{side}/box/{label}/ still says {text[:200]!r}")
    return label


async def imports(stack: "Stack") -> str:
    before = await _sponsors(stack)
    await _must(stack, "import", "companies", "--dry-run")
    if await _sponsors(stack) != before:
        raise WalkError("the dry run wrote rows")
    await _must(stack, "import", "companies", "--by", "walk")
    after = await _sponsors(stack)
    await _must(stack, "import", "companies", "--by", "walk")
    if await _sponsors(stack) != after:
        raise WalkError("the second run changed rows")
    return f"{before} sponsors, then {after}, then {after}"


async def kill(stack: "Stack") -> str:
    await _must(stack, "kill", "--why", "walk", "--by", "walk")
    return await _answered_by(stack, "legacy", (*MOVED, *STAYS))


async def audit(stack: "Stack") -> str:
    text = await _must(stack, "audit", "--json")
    entries = json.loads(text)
    if not any(entry["kind"] == "kill" for entry in entries) or len(entries) < 3:
        raise WalkError(text)
    return f"{len(entries)} entries"


async def _answered_by(stack: "Stack", side: str, paths: tuple[str, ...], patience: float = 1.0) -> str:
    """Every path answers from `side`; a flip has a second to get through."""
    label = await _label(stack)
    deadline = time.monotonic() + patience
    async with aiohttp.ClientSession() as client:
        for path in (path.format(label=label) for path in paths):
            while True:
                async with client.get(stack.url + path, allow_redirects=False) as response:
                    seen = response.headers.get("X-Bridge", "no X-Bridge header")
                if seen.startswith(side):
                    break
                if time.monotonic() > deadline:
                    raise WalkError(f"{path} was answered by {seen!r}, not by {side}")
    return f"{len(paths)} URLs"


async def _parity(stack: "Stack", *arguments: str) -> str:
    await _value(stack, FORGET)
    text = await _must(stack, "parity", "run", *arguments, *_sides(stack))
    return text.strip().splitlines()[-1]


def _sides(stack: "Stack") -> list[str]:
    return ["--legacy", stack.legacy_url, "--new", stack.url, "--visitors"]


async def _must(stack: "Stack", *arguments: str) -> str:
    code, output = await stack.bridge(*arguments)
    if code:
        raise WalkError(f"bridge {' '.join(arguments)} exited {code}:\n{output}")
    return output


async def _label(stack: "Stack") -> str:
    return str(
        await _value(stack, "SELECT label FROM boxes_box WHERE content_markup_type = 'html' ORDER BY id LIMIT 1")
    )


async def _sponsors(stack: "Stack") -> int:
    return int(str(await _value(stack, "SELECT count(*) FROM sponsors_sponsor")))


async def _value(stack: "Stack", query: str) -> object:
    connection = await asyncpg.connect(stack.env["DATABASE_URL"])
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
