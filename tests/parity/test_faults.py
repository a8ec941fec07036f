"""Every kind of fault that we could think of is found, is said to be what it is, and harmless changes are not."""

import gzip
import json

import pytest

from parity.compare import compare
from tests.parity import pair
from tests.parity.pair import added, answer, body_of, field, header, swap, value, without

LINE = ("Set-Cookie", "flavour=oat; Path=/; HttpOnly; SameSite=Lax; Max-Age=600")

HEAD = {
    "status 500": (field(status=500), "status"),
    "status 201 for 200": (field(status=201), "status"),
    "header gone": (without("X-Frame-Options"), "header"),
    "header value": (header("X-Frame-Options", "DENY"), "header"),
    "header twice": (added("X-Frame-Options", "SAMEORIGIN"), "header"),
    "unknown header more": (added("X-Debug", "1"), "header"),
    "Vary gone": (without("Vary"), "header"),
    "Vary member gone": (header("Vary", "Cookie"), "header member"),
    "Vary member more": (header("Vary", "Cookie, Accept, Origin"), "header member"),
    "Cache-Control directive gone": (header("Cache-Control", "public"), "header member"),
    "Cache-Control age": (header("Cache-Control", "max-age=6, public"), "header member"),
    "Cache-Control private": (header("Cache-Control", "max-age=60, private"), "header member"),
    "surrogate key gone": (header("Surrogate-Key", "app"), "header member"),
    "policy directive gone": (header("Content-Security-Policy", "default-src 'self'"), "header member"),
    "policy source more": (
        header("Content-Security-Policy", "default-src 'self' x.test; img-src 'self' data:"),
        "header member",
    ),
    "policy report-only": (added("Content-Security-Policy-Report-Only", "default-src 'none'"), "header"),
    "Allow method gone": (header("Allow", "GET"), "header member"),
    "transport security gone": (without("Strict-Transport-Security"), "header"),
    "transport security weaker": (header("Strict-Transport-Security", "max-age=1; preload"), "header member"),
    "Last-Modified gone": (without("Last-Modified"), "header"),
    "Last-Modified other": (header("Last-Modified", "Sun, 22 Nov 2026 11:00:00 GMT"), "header"),
    "entity tag more": (added("ETag", '"x"'), "header"),
    "Expires more": (added("Expires", pair.DATE), "header"),
    "Date is no date": (header("Date", "now"), "header"),
    "cookie gone": (without("Set-Cookie"), "cookie"),
    "cookie more": (added("Set-Cookie", "b=1; Path=/"), "cookie"),
    "cookie twice": (added(*LINE), "cookie"),
    "cookie value": (header("Set-Cookie", LINE[1].replace("oat", "rye")), "cookie value"),
    "cookie HttpOnly gone": (header("Set-Cookie", LINE[1].replace(" HttpOnly;", "")), "cookie attribute"),
    "cookie Secure more": (header("Set-Cookie", LINE[1] + "; Secure"), "cookie attribute"),
    "cookie SameSite": (header("Set-Cookie", LINE[1].replace("Lax", "None")), "cookie attribute"),
    "cookie path": (header("Set-Cookie", LINE[1].replace("Path=/;", "Path=/x;")), "cookie attribute"),
    "cookie age": (header("Set-Cookie", LINE[1].replace("600", "60")), "cookie attribute"),
    "cookie domain": (header("Set-Cookie", LINE[1] + "; Domain=test"), "cookie attribute"),
    "character set gone": (header("Content-Type", "text/html"), "content type"),
    "character set other": (header("Content-Type", "text/html; charset=latin-1"), "content type"),
    "media type other": (header("Content-Type", "text/plain; charset=utf-8"), "content type"),
    "media type gone": (without("Content-Type"), "content type"),
    "unasked coding": (added("Content-Encoding", "br"), "coding"),
    "gzip that is none": (added("Content-Encoding", "gzip"), "coding"),
    "length announced wrong": (added("Content-Length", "3"), "framing"),
    "empty body with 200": (body_of(b""), "empty body"),
    "timeout": (field(error="timeout", status=0), "failure"),
    "reset": (field(error="connection reset", status=0), "failure"),
}
PAGE = {
    "text": (swap("Hello", "Hallo"), "HTML text"),
    "title": (swap("<title>Things", "<title>Thing"), "HTML text"),
    "space between words gone": (swap("Hello <b>", "Hello<b>"), "HTML text"),
    "entity escaped twice": (swap("&amp; more", "&amp;amp; more"), "HTML text"),
    "entity not escaped": (swap("Hello", "<i>Hello</i>"), "HTML element"),
    "attribute gone": (swap(' data-kind="lead"', ""), "HTML attribute"),
    "attribute more": (swap("<h1>", "<h1 hidden>"), "HTML attribute"),
    "attribute value": (swap('id="intro"', 'id="outro"'), "HTML attribute"),
    "class gone": (swap('class="page wide"', 'class="page"'), "HTML attribute"),
    "alternative text": (swap("An image", "image"), "HTML attribute"),
    "required gone": (swap(" required", ""), "HTML attribute"),
    "link": (swap("/thing/1/", "/thing/3/"), "HTML link"),
    "trailing slash of a link": (swap("/thing/1/", "/thing/1"), "HTML link"),
    "query of a link": (swap("?a=1&amp;b=2", "?a=1"), "HTML link"),
    "link to the other side": (swap("/thing/1/", f"{pair.LEGACY}/thing/1/"), "HTML link"),
    "image source": (swap("/i.png", "/j.png"), "HTML link"),
    "form target": (swap("/send/", "/post/"), "HTML link"),
    "form method": (swap('"post"', '"get"'), "HTML attribute"),
    "style sheet gone": (swap('<link rel="stylesheet" href="/static/a.css">', ""), "HTML element"),
    "item gone": (swap("<li>Three</li>", ""), "HTML element"),
    "item more": (swap("<li>Three</li>", "<li>Three</li><li>Four</li>"), "HTML element"),
    "items in another order": (lambda o: reordered(o), "HTML order"),
    "white space in pre": (swap("a\n  b", "a\n b"), "HTML text"),
    "element name": (swap("<b>you</b>", "<i>you</i>"), "HTML element"),
    "comment gone": (swap("<!-- note -->", ""), "HTML element"),
    "script": (swap("let a = 1", "let a = 2"), "HTML text"),
    "document type gone": (swap("<!DOCTYPE html>", ""), "HTML doctype"),
    "end cut off": (swap("</body></html>", ""), "HTML end"),
    "half of it": (lambda o: body_of(o.body[: len(o.body) // 2])(o), "HTML element"),
    "not in its character set": (lambda o: body_of(o.body.replace(b"Hello", b"H\xe9llo"))(o), "character set"),
    "description": (swap("All things", "Some things"), "HTML attribute"),
    "token of the wrong shape": (swap("TOKEN", "nothing"), "HTML attribute"),
}
API = {
    "value": (value(lambda d: d.update(count=3)), "JSON value"),
    "string for number": (value(lambda d: d.update(count="2")), "JSON type"),
    "float for integer": (value(lambda d: d.update(count=2.0)), "JSON type"),
    "one for true": (value(lambda d: d.update(ok=1)), "JSON type"),
    "empty for null": (value(lambda d: d.update(next="")), "JSON type"),
    "key gone": (value(lambda d: d.pop("next")), "JSON removed"),
    "key more": (value(lambda d: d.update(more=None)), "JSON added"),
    "deep value": (value(lambda d: d["items"][1].update(name="B")), "JSON value"),
    "deep key gone": (value(lambda d: d["items"][0].pop("size")), "JSON removed"),
    "list in another order": (value(lambda d: d["items"].reverse()), "JSON order"),
    "item gone": (value(lambda d: d["items"].pop()), "JSON removed"),
    "item more": (value(lambda d: d["items"].append({})), "JSON added"),
    "not JSON": (lambda o: body_of(o.body[:-1])(o), "not JSON"),
    "key twice": (swap('{"count": 2', '{"count": 2, "count": 2'), "not JSON"),
}
FEED = {
    "item order": (lambda o: body_of(swapped_items(o.body))(o), "XML order"),
    "guid": (swap(">g1<", ">g9<"), "XML text"),
    "guid attribute": (swap('isPermaLink="false"', 'isPermaLink="true"'), "XML attribute"),
    "date": (swap("10:00:00", "11:00:00"), "XML text"),
    "date in another zone": (swap("10:00:00 +0000", "12:00:00 +0200"), "XML text"),
    "item gone": (swap("<item><title>B</title>", "<x/><item><title>B</title>"), "XML element"),
    "entity escaped twice": (swap("&lt;b&gt;", "&amp;lt;b&amp;gt;"), "XML text"),
    "self link": (swap("/feed", "/feeds"), "XML link"),
    "name space": (swap("2005/Atom", "2006/Atom"), "XML element"),
    "not well-formed": (swap("</channel>", ""), "not XML"),
    "version": (swap('version="2.0"', 'version="0.91"'), "XML attribute"),
}
OTHER = {
    "text line gone": (pair.text, swap("Disallow: /private/\n", ""), "text"),
    "text line more": (pair.text, swap("Allow", "Crawl-delay: 1\nAllow"), "text"),
    "text space": (pair.text, swap("Allow: /", "Allow:/"), "text"),
    "line ends": (pair.text, swap("*\n", "*\r\n"), "text"),
    "last line end gone": (pair.text, lambda o: body_of(o.body[:-1])(o), "text"),
    "one byte": (pair.image, lambda o: body_of(o.body[:-1] + b"\x09")(o), "bytes"),
    "redirect elsewhere": (pair.redirect, header("Location", "/other/?a=1#x"), "redirect"),
    "redirect query lost": (pair.redirect, header("Location", "/there/#x"), "redirect"),
    "redirect fragment lost": (pair.redirect, header("Location", "/there/?a=1"), "redirect"),
    "redirect to the other side": (pair.redirect, header("Location", f"{pair.LEGACY}/there/?a=1#x"), "redirect"),
    "redirect without target": (pair.redirect, without("Location"), "redirect"),
    "permanent for temporary": (pair.redirect, field(status=301), "status"),
    "HEAD with a body": (pair.bare, body_of(b"x"), "framing"),
    "HEAD length": (pair.bare, header("Content-Length", "12"), "header"),
    "gzip cut off": (pair.zipped, lambda o: body_of(o.body[:-12])(o), "coding"),
    "inside gzip": (pair.zipped, body_of(gzip.compress(pair.HTML.replace("Hello", "Bye").encode())), "HTML text"),
}

FAULTS = [
    *((f"head: {name}", pair.page, *rest) for name, rest in HEAD.items()),
    *((f"page: {name}", pair.page, *rest) for name, rest in PAGE.items()),
    *((f"api: {name}", pair.api, *rest) for name, rest in API.items()),
    *((f"feed: {name}", pair.feed, *rest) for name, rest in FEED.items()),
    *((f"other: {name}", *rest) for name, rest in OTHER.items()),
]


def reordered(o):
    one, two = '<li><a href="/thing/1/">One</a></li>', '<li><a href="/thing/2/?a=1&amp;b=2">Two</a></li>'
    return swap(one + two, two + one)(o)


def swapped_items(data: bytes) -> bytes:
    head, first, second = data.split(b"<item>")
    second, tail = second.split(b"</channel>")
    return head + b"<item>" + second + b"<item>" + first + b"</channel>" + tail


@pytest.mark.parametrize(("make", "fault", "kind"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_is_found_and_named(make, fault, kind):
    legacy = make()
    found = compare(legacy, fault(pair.moved(legacy)), rules=pair.RULES)
    assert kind in {difference.kind for difference in found}, found


def test_the_table_holds_at_least_sixty_kinds_of_faults():
    assert len({name for name, *_ in FAULTS}) == len(FAULTS) >= 60


@pytest.mark.parametrize(
    "make", [pair.page, pair.api, pair.feed, pair.text, pair.image, pair.redirect, pair.bare, pair.zipped]
)
def test_an_unchanged_pair_has_no_difference(make):
    assert compare(make(), pair.moved(make()), rules=pair.RULES) == ()


def upper(o):
    return field(headers=tuple((name.upper(), value) for name, value in o.headers))(o)


HARMLESS = {
    "Date": (pair.page, header("Date", "Mon, 23 Nov 2026 12:00:09 GMT")),
    "Date gone": (pair.page, without("Date")),
    "Server": (pair.page, header("Server", "two")),
    "header case": (pair.page, upper),
    "header order": (pair.page, lambda o: field(headers=o.headers[::-1])(o)),
    "connection": (pair.page, added("Connection", "close")),
    "chunked": (pair.page, added("Transfer-Encoding", "chunked")),
    "request id": (pair.page, added("X-Request-ID", "7b1f")),
    "Vary order and case": (pair.page, header("Vary", "accept,cookie")),
    "Cache-Control order": (pair.page, header("Cache-Control", "public,max-age=60")),
    "Surrogate-Key order": (pair.page, header("Surrogate-Key", "things app")),
    "policy order": (pair.page, header("Content-Security-Policy", "img-src data: 'self';default-src 'self'")),
    "content type case": (pair.page, header("Content-Type", "Text/HTML;Charset=UTF-8")),
    "cookie attribute order": (
        pair.page,
        header("Set-Cookie", "flavour=oat; max-age=600; samesite=lax; httponly; path=/"),
    ),
    "absolute redirect": (pair.redirect, header("Location", f"{pair.NEW}/there/?a=1#x")),
    "attribute order": (pair.page, swap('id="intro" data-kind="lead"', 'data-kind="lead" id="intro"')),
    "attribute quotes": (pair.page, swap('id="intro"', "id=intro")),
    "class order": (pair.page, swap("page wide", "wide  page")),
    "idle white space": (pair.page, swap("<ul><li>", "<ul>\n\n   <li>")),
    "entity form": (pair.page, swap("Things &amp;", "Things &#38;")),
    "tag case": (pair.page, swap("<footer>End</footer>", "<FOOTER>End</FOOTER>")),
    "JSON key order": (pair.api, lambda o: body_of(json.dumps(json.loads(o.body), sort_keys=True).encode())(o)),
    "JSON white space": (pair.api, lambda o: body_of(json.dumps(json.loads(o.body), indent=1).encode())(o)),
    "JSON escapes": (pair.api, swap('"a"', '"\\u0061"')),
    "XML attribute quotes": (pair.feed, swap('version="2.0"', "version='2.0'")),
    "XML CDATA": (pair.feed, swap("&lt;b&gt;x&lt;/b&gt;", "<![CDATA[<b>x</b>]]>")),
    "XML prefix": (pair.feed, lambda o: body_of(o.body.replace(b"atom:", b"a:").replace(b":atom", b":a"))(o)),
    "XML layout": (pair.feed, swap("<item>", "\n  <item>")),
    "packed": (pair.page, lambda o: added("Content-Encoding", "gzip")(body_of(gzip.compress(o.body))(o))),
}


@pytest.mark.parametrize(("make", "change"), HARMLESS.values(), ids=HARMLESS)
def test_a_harmless_change_is_no_difference(make, change):
    assert compare(make(), change(pair.moved(make())), rules=pair.RULES) == ()


def with_token(token: str, secret: str):
    return answer(pair.HTML.replace("TOKEN", token), extra=(("Set-Cookie", f"secret={secret}"),))


def test_form_tokens_may_differ_if_each_fits_its_own_cookie():
    rules = pair.Rules(form_tokens=pair.RULES.form_tokens, cookies={"secret": lambda value: f"{len(value)} characters"})
    assert compare(with_token("abcdxxxx", "xxxx"), with_token("efghyyyy", "yyyy"), rules=rules) == ()
    (found,) = compare(with_token("abcdxxxx", "xxxx"), with_token("efghzzzz", "yyyy"), rules=rules)
    assert (found.kind, found.location) == ("HTML attribute", "/html/body/form/input[1]/@value")


def test_a_moment_may_differ_only_if_it_is_the_moment_of_the_answer():
    body = '{"now": "2026-11-23T12:00:0%dZ"}'
    legacy, new = answer(body % 1, "application/json"), answer(body % 3, "application/json")
    assert compare(legacy, new, rules=pair.RULES) == ()
    old = answer('{"now": "2026-11-22T12:00:01Z"}', "application/json")
    assert [d.kind for d in compare(legacy, old, rules=pair.RULES)] == ["JSON value"]
    other_form = answer('{"now": "2026-11-23 12:00:01"}', "application/json")
    assert [d.kind for d in compare(legacy, other_form, rules=pair.RULES)] == ["JSON value"]


def test_a_nonce_may_differ_only_if_the_policy_names_it():
    def page(nonce: str, used: str):
        return answer(
            f'<script nonce="{used}">1</script>',
            extra=(("Content-Security-Policy-Report-Only", f"script-src 'nonce-{nonce}'"),),
        )

    assert compare(page("abc123", "abc123"), page("xyz789", "xyz789"), rules=pair.RULES) == ()
    assert compare(page("abc123", "abc123"), page("xyz789", "abc999"), rules=pair.RULES)


def test_expiry_counts_from_the_answers_own_clock():
    def page(date: str, expires: str):
        cookie = f"a=1; expires={expires}; Max-Age=60"
        return header("Date", date)(answer(extra=(("Expires", expires), ("Set-Cookie", cookie))))

    legacy = page(pair.DATE, "Mon, 23 Nov 2026 12:01:00 GMT")
    assert (
        compare(legacy, page("Mon, 23 Nov 2026 12:00:20 GMT", "Mon, 23 Nov 2026 12:01:20 GMT"), rules=pair.RULES) == ()
    )
    found = compare(legacy, page(pair.DATE, "Mon, 23 Nov 2026 12:02:00 GMT"), rules=pair.RULES)
    assert {d.kind for d in found} == {"header", "cookie attribute"}


def test_no_difference_holds_a_cookies_value():
    legacy, new = (answer(extra=(("Set-Cookie", f"s={secret}"),)) for secret in ("hunter2hunter2", "secretsecret"))
    told = repr(compare(legacy, new, rules=pair.RULES))
    assert "hunter2" not in told
    assert "secretsecret" not in told


def test_one_difference_is_one_difference_and_says_where():
    (found,) = compare(pair.api(), value(lambda d: d["items"][1].update(name="B"))(pair.api()), rules=pair.RULES)
    assert (found.location, found.legacy, found.new) == ("root['items'][1]['name']", '"b"', '"B"')
    (found,) = compare(pair.page(), swap("/thing/2/", "/thing/5/")(pair.page()), rules=pair.RULES)
    assert found.location == "/html/body/ul/li[2]/a/@href"
    assert found.place == "/html/body/ul/li[*]/a/@href"


def test_a_huge_or_deep_body_is_compared_in_bounded_time_and_number():
    lines = "".join(f"<p>{n}</p>\n" for n in range(200_000))
    found = compare(answer(lines), answer(lines.replace("<p>1", "<p>2")), rules=pair.RULES)
    assert len(found) == pair.RULES.most
    deep = "<div>" * 5000
    assert compare(answer(deep + "a"), answer(deep + "b"), rules=pair.RULES)
    nested = "[" * 100_000
    assert compare(answer(nested, "application/json"), answer(nested + "]", "application/json"), rules=pair.RULES)


def test_a_host_of_one_word_is_still_a_word_of_the_text():
    legacy = answer("<p>web</p>", origin="http://web")
    assert compare(legacy, answer("<p>app</p>", origin="http://app"), rules=pair.RULES)


def test_its_own_address_may_stand_in_a_body_and_the_other_sides_may_not():
    legacy = answer(f"<a href='{pair.LEGACY}/x'>{pair.LEGACY[7:]}</a>")
    assert compare(legacy, pair.moved(answer(f"<a href='{pair.NEW}/x'>{pair.NEW[7:]}</a>")), rules=pair.RULES) == ()
    (found,) = compare(
        answer("<a href='/x'>x</a>"),
        swap("/x", f"{pair.LEGACY}/x")(answer("<a href='/x'>x</a>", origin=pair.NEW)),
        rules=pair.RULES,
    )
    assert found.kind == "HTML link"
