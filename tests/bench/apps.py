"""What the proxy bench serves: a trivial legacy, our router before it, and the proxy libraries before it."""

import os

UPSTREAM = os.environ.get("UPSTREAM", "http://127.0.0.1:1")
BODY = b"x" * 1024


async def trivial(scope, receive, send):
    """The least an ASGI server can answer."""
    if scope["type"] != "http":
        for name in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{name}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1024")]})
    await send({"type": "http.response.body", "body": BODY})


def router():
    from legacy_adapters.flags import MemoryFlags
    from legacy_adapters.proxy import LegacyProxy
    from legacy_adapters.router import Router
    from legacy_adapters.routes import Claim, RouteTable

    claims = [Claim(f"part{number}/<slug:slug>/", f"part{number}", "parts") for number in range(100)]
    return Router(trivial, LegacyProxy(UPSTREAM), RouteTable(claims), MemoryFlags())


def asgiproxy():
    from urllib.parse import urlsplit

    from asgiproxy.config import BaseURLProxyConfigMixin, ProxyConfig
    from asgiproxy.context import ProxyContext
    from asgiproxy.simple_proxy import make_simple_proxy_app

    config = type("Config", (BaseURLProxyConfigMixin, ProxyConfig), {"upstream_base_url": UPSTREAM})()
    config.rewrite_host_header = urlsplit(UPSTREAM).netloc
    return make_simple_proxy_app(ProxyContext(config))


def fastapi_proxy_lib():
    """The library's own core on Starlette, which is what its FastAPI wrapper calls."""
    import httpx
    from fastapi_proxy_lib.core.http import ReverseHttpProxy
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.routing import Route

    proxy = ReverseHttpProxy(httpx.AsyncClient(), base_url=UPSTREAM + "/")

    async def answer(request: Request):
        return await proxy.proxy(request=request, path=request.path_params["path"])

    return Starlette(routes=[Route("/{path:path}", answer)])


def asgi_proxy_lib():
    from asgi_proxy import asgi_proxy

    return asgi_proxy(UPSTREAM)


def django():
    """A page as Django makes it, without a database: about 2 ms of work."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.template import Context, Engine
    from django.urls import path

    page = Engine().from_string("{% for n in numbers %}<li>{{ n }} {{ n|add:1 }}{% endfor %}")

    def view(request):
        return HttpResponse(page.render(Context({"numbers": range(150)})))

    urls = type("urls", (), {"urlpatterns": [path("page/", view)]})
    settings.configure(ROOT_URLCONF=urls, ALLOWED_HOSTS=["*"], MIDDLEWARE=["django.middleware.common.CommonMiddleware"])
    import django as package

    package.setup()
    return WSGIHandler()
