"""Requests made to be read twice: answered 4xx or closed, or forwarded in one reading that legacy shares.

Raw bytes against real Granian; legacy records what reached it.
"""

import socket
import time

import pytest

from tests.legacy_adapters.conftest import Served

HOST = "Host: site.example\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"


def post(path: str, headers: str, body: str) -> str:
    return f"POST {path} HTTP/1.1\r\n{HOST}{headers}\r\n{body}"


REFUSED = {
    "two lengths that differ": post("/echo", "Content-Length: 4\r\nContent-Length: 5\r\n", "abcde"),
    "a list of lengths": post("/echo", "Content-Length: 4, 4\r\n", "abcd"),
    "a signed length": post("/echo", "Content-Length: +4\r\n", "abcd"),
    "a negative length": post("/echo", "Content-Length: -1\r\n", ""),
    "an unknown coding": post("/echo", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    "chunked that is not last": post("/echo", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
    "a coding inside chunked": post("/echo", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    "two codings": post("/echo", CHUNKED + "Transfer-Encoding: identity\r\n", "0\r\n\r\n"),
    "a space before the colon": post("/echo", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
    "a coding in HTTP/1.0": post("/echo", CHUNKED, "0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0"),
    "a folded header": f"GET /x HTTP/1.1\r\n{HOST}X: a\r\n b\r\n\r\n",
    "a folded first header": f"GET /x HTTP/1.1\r\n {HOST}\r\n",
    "a carriage return in a header": f"GET /x HTTP/1.1\r\n{HOST}X: a\rX-Y: b\r\n\r\n",
    "a NUL in a header": f"GET /x HTTP/1.1\r\n{HOST}X: a\0b\r\n\r\n",
    "a header without a name": f"GET /x HTTP/1.1\r\n{HOST}: a\r\n\r\n",
    "no host": "GET /x HTTP/1.1\r\n\r\n",
    "two hosts": f"GET /x HTTP/1.1\r\n{HOST}Host: other\r\n\r\n",
    "a host that is a path": "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a host with a user": "GET /x HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "authority-form": f"GET other:80 HTTP/1.1\r\n{HOST}\r\n",
    "connect": f"CONNECT other:443 HTTP/1.1\r\n{HOST}\r\n",
    "asterisk-form": f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n",
    "a relative target": f"GET x HTTP/1.1\r\n{HOST}\r\n",
    "a space in the target": f"GET /x y HTTP/1.1\r\n{HOST}\r\n",
    "a NUL in the target": f"GET /x\0 HTTP/1.1\r\n{HOST}\r\n",
    "raw bytes in the target": f"GET /caf\xe9 HTTP/1.1\r\n{HOST}\r\n",
    "a lower-case method": f"get /x HTTP/1.1\r\n{HOST}\r\n",
    "no version": "GET /x\r\n\r\n",
    "a version to come": f"GET /x HTTP/3.0\r\n{HOST}\r\n",
    "a head that is too large": f"GET /x HTTP/1.1\r\n{HOST}X: {'a' * 2_000_000}\r\n\r\n",
    "too many headers": f"GET /x HTTP/1.1\r\n{HOST}{'X: a' + chr(13) + chr(10)}" + "X: a\r\n" * 400 + "\r\n",
    "a target that is too long": f"GET /{'a' * 70_000} HTTP/1.1\r\n{HOST}\r\n",
}


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_legacy_never_hears_of_it(served: Served, request_: str) -> None:
    answer = served.ask(request_)
    assert answer == b"<closed>" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert answer.endswith(b"<closed>")
    assert answer.count(b"HTTP/1.") <= 1
    assert served.legacy.heads == []


SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: site.example\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [f"Content-Length: {4 + len(SMUGGLED)}\r\n{CHUNKED}", f"{CHUNKED}Content-Length: 4\r\n"],
    ids=["cl.te", "te.cl"],
)
def test_length_and_chunked_together_are_read_as_chunked_and_the_connection_ends(served: Served, headers: str) -> None:
    """RFC 9112 §6.3: Transfer-Encoding wins and nothing after it is read. Legacy is told the chunks only."""
    answer = served.ask(post("/echo", headers, "3\r\nabc\r\n0\r\n\r\n" + SMUGGLED))
    assert answer.endswith(b"abc<closed>")
    assert len(served.legacy.heads) == 1
    assert b"content-length" not in served.legacy.heads[0]
    assert served.legacy.bodies == [b"abc"]


def test_the_same_length_twice_is_forwarded_once(served: Served) -> None:
    answer = served.ask(post("/echo", "Content-Length: 3\r\nContent-Length: 3\r\n", "abc"))
    assert answer.endswith(b"abc")
    assert served.legacy.heads[0].count(b"content-length: 3\r\n") == 1


def test_bare_line_feeds_are_forwarded_as_line_ends_only(served: Served) -> None:
    """The parser takes LF for CRLF, as RFC 9112 §2.2 allows; legacy gets CRLF and no second opinion."""
    served.ask("GET /x HTTP/1.1\nHost: site.example\nX: a\nY: b\n\n")
    head = served.legacy.heads[0]
    assert b"\r\nx: a\r\ny: b\r\n" in head
    assert head.count(b"\n") == head.count(b"\r\n")


def test_absolute_form_is_forwarded_in_origin_form_under_the_host_of_the_header(served: Served) -> None:
    served.ask(f"GET http://evil.example/x?y HTTP/1.1\r\n{HOST}\r\n")
    head = served.legacy.heads[0]
    assert head.startswith(b"GET /x?y HTTP/1.1\r\nhost: site.example\r\n")
    assert b"evil" not in head


def test_a_fragment_is_not_part_of_the_target(served: Served) -> None:
    served.ask(f"GET /x#y?z HTTP/1.1\r\n{HOST}\r\n")
    assert served.legacy.heads[0].startswith(b"GET /x HTTP/1.1\r\n")


@pytest.mark.parametrize("target", ["/a%0d%0aX-Injected:%201", "/a?b=%0d%0aX-Injected:%201", "/a%20HTTP/1.1%0d%0a"])
def test_an_encoded_line_break_stays_encoded(served: Served, target: str) -> None:
    served.get(target)
    assert served.legacy.heads[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    "target", ["/a//b/", "//evil.example/a", "/a/../../b", "/a/./b/", "/a%2Fb/", "/moved/%2e%2e/x/", "/a;b/", "/a%ff"]
)
def test_a_path_with_two_readings_reaches_legacy_byte_for_byte(served: Served, target: str) -> None:
    answer = served.get(target)
    assert b"x-bridge: legacy; path" in answer
    assert served.legacy.heads[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


BROKEN_CHUNKS = {
    "a size that is no number": "zz\r\nabc\r\n0\r\n\r\n",
    "a size that is too large": "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "a chunk longer than it says": "2\r\nabc\r\n0\r\n\r\n",
    "a signed size": "+3\r\nabc\r\n0\r\n\r\n",
    "a bare line feed in a chunk extension": "3;a=b\nX\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("body", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_a_broken_chunked_body_never_looks_whole_to_legacy(served: Served, body: str) -> None:
    answer = served.ask(post("/echo", CHUNKED, body + SMUGGLED))
    assert answer == b"<closed>" or answer.startswith(b"HTTP/1.1 400")
    assert answer.endswith(b"<closed>")
    assert served.legacy.bodies == []
    assert not any(b"smuggled" in head for head in served.legacy.heads)


def test_headers_that_wsgi_would_mistake_for_ours_do_not_pass(served: Served) -> None:
    served.get(
        "/x",
        "X_Forwarded_For: 6.6.6.6",
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-Proto: https",
        "Forwarded: for=6.6.6.6",
    )
    head = served.legacy.heads[0]
    assert b"6.6.6.6" not in head
    assert b"https" not in head
    assert b"\r\nx-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\nx-forwarded-host: site.example\r\n" in head


def test_connection_cannot_name_away_what_legacy_relies_on(served: Served) -> None:
    served.get("/x", "Connection: host, cookie, x-forwarded-for, x-mine", "Cookie: a=1", "X-Mine: 1")
    head = served.legacy.heads[0]
    assert b"host: site.example" in head
    assert b"cookie: a=1" in head
    assert b"x-forwarded-for: 127.0.0.1" in head
    assert b"x-mine" not in head


def test_a_body_that_comes_too_slowly_is_answered_408_and_legacy_is_let_go(served: Served) -> None:
    """When the socket closes is the server's business: see docs/architecture.md, what the router does not do."""
    answer = served.ask(post("/echo", "Content-Length: 10\r\n", "abc"))
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"\r\nconnection: close\r\n" in answer.lower()
    assert served.legacy.gone.wait(2)
    assert served.legacy.bodies == []


def test_a_head_that_does_not_end_never_reaches_legacy(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as slow:
        slow.sendall(f"GET /x HTTP/1.1\r\n{HOST}X: ".encode())
        time.sleep(0.2)
    assert served.legacy.heads == []


def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    two = f"GET /sleep/100 HTTP/1.1\r\n{HOST}\r\nGET /moved/b/ HTTP/1.1\r\n{HOST}\r\n"
    answer = served.ask(two)
    assert answer.index(b"GET /sleep/100") < answer.index(b"new:GET:/moved/b/")
