"""The same over real HTTP: two small servers, one of them with a fault switch, and the runner between them."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from datetime import date

import pytest
from aiohttp import web

from parity.capture import Case, Side
from parity.clean import Rules
from parity.corpus import crawl, made
from parity.runner import Result, run
from parity.waivers import Accepted

PAGE = (
    '<!doctype html><html><body><a href="/one/">1</a><a href="/two/?p=1">2</a><a href="//x.test/">x</a></body></html>'
)


def raw(answer: bytes):
    """An answer that no HTTP library would send."""

    async def handler(request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        transport.write(answer)
        transport.close()
        await asyncio.sleep(60)
        raise AssertionError

    return handler


async def page(request: web.Request) -> web.Response:
    response = web.Response(text=PAGE, content_type="text/html")
    response.headers.add("Set-Cookie", "a=1")
    response.headers.add("Set-Cookie", "b=2")
    return response


async def packed(request: web.Request) -> web.Response:
    assert "gzip" in request.headers["Accept-Encoding"]
    return web.Response(
        body=gzip.compress(PAGE.encode()),
        headers={"Content-Encoding": "gzip", "Content-Type": "text/html; charset=utf-8"},
    )


async def other_text(request: web.Request) -> web.Response:
    response = await page(request)
    response.text = PAGE.replace(">1<", ">one<")
    return response


async def other_white_space(request: web.Request) -> web.Response:
    response = await page(request)
    response.text = PAGE.replace("<body>", "\n<body>\n ")
    return response


async def fewer_cookies(request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html", headers={"Set-Cookie": "a=1"})


async def silent(request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    raise AssertionError


async def reset(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def to_itself(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"http://{request.host}/there/?q=1"})


async def without_query(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/there/"})


async def limited(request: web.Request) -> web.Response:
    return web.Response(status=429)


counter = iter(range(10_000))


async def restless(request: web.Request) -> web.Response:
    return web.json_response({"n": next(counter), "fixed": 1})


async def restless_and_wrong(request: web.Request) -> web.Response:
    return web.json_response({"n": next(counter), "fixed": 2})


def through_the_router(label: str, answer=page):
    """What a router in front of both sides adds to an answer."""

    async def handler(request: web.Request) -> web.Response:
        response = await answer(request)
        response.headers["X-Bridge"] = label
        return response

    return handler


HANDLERS = {
    "given back": through_the_router("legacy; new has no answer"),
    "given back and spoiled": through_the_router("legacy; rescue", other_text),
    "new": through_the_router("new; stage new"),
    "page": page,
    "packed": packed,
    "other text": other_text,
    "other white space": other_white_space,
    "fewer cookies": fewer_cookies,
    "silent": silent,
    "reset": reset,
    "cut short": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: text/html\r\n\r\n<html>"),
    "chunks cut short": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    "no HTTP": raw(b"SSH-2.0-x\r\n\r\n"),
    "redirect": to_itself,
    "redirect without query": without_query,
    "limited": limited,
    "restless": restless,
    "restless and wrong": restless_and_wrong,
}


@contextlib.asynccontextmanager
async def server(name: str) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", HANDLERS[name])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        assert runner.addresses
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def outcomes(old: str, fresh: str, *paths: str, rules: Rules | None = None):
    async with (
        server(old) as legacy_url,
        server(fresh) as new_url,
        Side(legacy_url, timeout=0.5) as legacy,
        Side(new_url, timeout=0.5) as new,
    ):
        accepted = Accepted((), date(2026, 1, 1))
        cases = made(paths or ("/",))
        return [o async for o in run(cases, legacy=legacy, new=new, rules=rules or Rules(), accepted=accepted)]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("other text", "HTML text"), ("fewer cookies", "cookie"), ("limited", "status")],
)
async def test_a_switched_fault_is_found(fault, kind):
    (outcome,) = await outcomes("page", fault)
    assert outcome.result is Result.DIFFERS
    assert kind in {d.kind for d in outcome.differences}


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("silent", "new: timeout"),
        ("reset", "new: connection closed before an answer"),
        ("cut short", "new: body ended early"),
        ("chunks cut short", "new: body ended early"),
        ("no HTTP", "new: not an HTTP answer"),
    ],
)
async def test_a_side_that_fails_is_an_error_with_a_name(fault, name):
    (outcome,) = await outcomes("page", fault)
    assert (outcome.result, outcome.error) == (Result.ERROR, name)


async def test_nobody_there_is_an_error_with_a_name():
    async with Side("http://127.0.0.1:9") as side:
        assert (await side.ask(Case("/"))).error == "connection refused"


async def test_equal_servers_are_the_same_and_gzip_is_taken_off():
    found = await outcomes("page", "page", "/", "/b", "/c")
    assert [o.result for o in found] == [Result.SAME] * 3
    assert all(o.legacy is None and o.new is None for o in found)
    assert [o.result for o in await outcomes("packed", "packed")] == [Result.SAME]


async def test_redirects_are_not_followed_and_lead_to_the_same_place():
    assert [o.result for o in await outcomes("redirect", "redirect")] == [Result.SAME]
    (outcome,) = await outcomes("redirect", "redirect without query")
    assert [(d.kind, d.legacy, d.new) for d in outcome.differences] == [("redirect", "/there/?q=1", "/there/")]


async def test_two_refusals_for_asking_too_often_prove_nothing():
    (outcome,) = await outcomes("limited", "limited")
    assert outcome.result is Result.ERROR
    assert "rate limited" in outcome.error


async def test_what_legacy_does_not_repeat_is_noise_and_hides_nothing_else():
    (outcome,) = await outcomes("restless", "restless")
    assert (outcome.result, [d.location for d in outcome.noise]) == (Result.NOISY, ["root['n']"])
    (outcome,) = await outcomes("restless", "restless and wrong")
    assert (outcome.result, [d.location for d in outcome.differences]) == (Result.DIFFERS, ["root['fixed']"])


async def test_headers_of_a_side_win_and_duplicates_are_kept():
    async with server("page") as url, Side(url, (("X-Side", "1"),)) as side:
        answer = await side.ask(Case("/", headers=(("X-Side", "0"), ("X-Case", "1"))))
    assert answer.all("set-cookie") == ["a=1", "b=2"]


async def test_a_body_above_the_limit_is_cut_but_counted_whole():
    async with server("page") as url, Side(url, body_limit=10) as side:
        answer = await side.ask(Case("/"))
    assert (len(answer.body), answer.size, answer.cut) == (10, len(PAGE), True)


async def test_a_crawl_stays_on_the_host_and_within_its_bounds():
    async with server("page") as url, Side(url) as side:
        assert [case.path async for case in crawl(side)] == ["/", "/one/", "/two/?p=1"]
        assert [case.path async for case in crawl(side, pages=2)] == ["/", "/one/"]
        assert [case.path async for case in crawl(side, depth=0)] == ["/"]
        assert [case.path async for case in crawl(side, queries=0)] == ["/"]


async def test_a_crawl_within_claims_reads_where_it_starts_and_asks_only_what_is_claimed():
    async with server("page") as url, Side(url) as side:
        found = [case.path async for case in crawl(side, within=lambda path: path.startswith("/t"))]
        assert found == ["/two/?p=1"]
        assert [case.path async for case in crawl(side, within=lambda path: False)] == []
