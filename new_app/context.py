"""Context: the variables that every page has, under the names that Django's context processors give them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from new_app.page import Page
from new_app.request import Call, Params, iri_to_uri
from new_app.session import Permissions

MESSAGE_LEVELS = {"DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40}
BLOG_URL = "https://blog.python.org"
SITE_INFO = {
    "site_name": "Python.org",
    "site_descript": "The official home of the Python Programming Language",
}


@dataclass(frozen=True, slots=True)
class Everywhere:
    """What does not differ between requests: settings of both sides, by their Django names.

    `navigation` gives the links that only a signed-in visitor has.
    """

    static_url: str = "/static/"
    media_url: str = "/media/"
    languages: tuple[tuple[str, str], ...] = (("en", "English"),)
    language_code: str = "en-us"
    time_zone: str = "UTC"
    site_info: Mapping[str, str] = field(default_factory=lambda: SITE_INFO)
    blog_url: str = BLOG_URL
    navigation: Callable[[Page], Mapping[str, Any]] = lambda _page: {}

    def variables(self, page: Page) -> dict[str, Any]:
        """The variables of one page."""
        call, user = page.call, page.user
        name = call.url_name
        namespace = name.rpartition(":")[0] if name is not None else None
        return {
            "True": True,
            "False": False,
            "None": None,
            "STATIC_URL": self.static_url,
            "MEDIA_URL": self.media_url,
            "LANGUAGES": self.languages,
            "LANGUAGE_CODE": self.language_code,
            "LANGUAGE_BIDI": False,
            "TIME_ZONE": self.time_zone,
            "request": TemplateRequest(call, user),
            "user": user,
            "perms": Permissions(user),
            "messages": page.visitor.messages,
            "DEFAULT_MESSAGE_LEVELS": MESSAGE_LEVELS,
            "SITE_INFO": self.site_info,
            "URL_NAME": name,
            "URL_NAMESPACE": namespace,
            "GET_HOST_WITH_SCHEME": call.origin,
            "BLOG_URL": self.blog_url,
            "USER_NAV_BAR": self.navigation(page),
            "csrf_token": CsrfToken(page),
        }


class CsrfToken:
    """`csrf_token` in a template: the answer sets its cookie if it is printed."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def __str__(self) -> str:
        return self._page.visitor.csrf_token()


class TemplateRequest:
    """`request` in a template: what Django's HttpRequest shows."""

    FILES: Mapping[str, str] = {}
    encoding = None

    def __init__(self, call: Call, user: Any) -> None:
        self._call, self.user = call, user

    @property
    def path(self) -> str:
        return self._call.path

    @property
    def path_info(self) -> str:
        return self._call.path

    @property
    def method(self) -> str:
        return self._call.method

    @property
    def resolver_match(self) -> "ResolverMatch | None":
        return ResolverMatch(self._call.url_name) if self._call.url_name is not None else None

    @property
    def scheme(self) -> str:
        return self._call.scheme

    @property
    def COOKIES(self) -> Mapping[str, str]:
        return self._call.cookies

    @cached_property
    def GET(self) -> "QueryDict":
        return QueryDict(self._call.params)

    @cached_property
    def POST(self) -> "QueryDict":
        return QueryDict(self._call.kept.get("sent", Params(b"")))

    @cached_property
    def META(self) -> Mapping[str, str]:
        """The headers as CGI writes them, and the variables of the request line."""
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self._call.headers.items()}
        return {
            **headers,
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "QUERY_STRING": self._call.query_string,
            "REMOTE_ADDR": self._call.remote_addr,
        }

    @property
    def headers(self) -> Mapping[str, str]:
        return {name.title(): value for name, value in self._call.headers.items()}

    def get_host(self) -> str:
        return self._call.host

    def get_port(self) -> str:
        return self._call.host.rpartition(":")[2] if ":" in self._call.host else "443" if self.is_secure() else "80"

    def is_secure(self) -> bool:
        return self._call.scheme == "https"

    def get_full_path(self) -> str:
        return self._call.full_path()

    def get_full_path_info(self) -> str:
        return self._call.full_path()

    def build_absolute_uri(self, location: str | None = None) -> str:
        """django/http/request.py: build_absolute_uri."""
        location = f"//{self.get_full_path()}" if location is None else str(location)
        parts = urlsplit(location)
        if not (parts.scheme and parts.netloc):
            plain = parts.path.startswith("/") and not parts.scheme and not parts.netloc
            if plain and "/./" not in parts.path and "/../" not in parts.path:
                location = self._call.origin + location.removeprefix("//")
            else:
                location = urljoin(self._call.origin + self.path, location)
        return iri_to_uri(location)


@dataclass(frozen=True, slots=True)
class ResolverMatch:
    """What the URL resolved to (django/urls/resolvers.py: ResolverMatch), by name."""

    view_name: str

    @property
    def namespace(self) -> str:
        return self.view_name.rpartition(":")[0]

    @property
    def namespaces(self) -> list[str]:
        return self.view_name.split(":")[:-1]

    @property
    def url_name(self) -> str:
        return self.view_name.rpartition(":")[2]


class QueryDict:
    """`request.GET` in a template (django/http/request.py: QueryDict): the last value counts."""

    def __init__(self, params: Params) -> None:
        self._params = params

    def __getitem__(self, name: str) -> str:
        if name not in self._params:
            raise KeyError(name)
        return self._params.get(name) or ""

    def __contains__(self, name: str) -> bool:
        return name in self._params

    def __iter__(self) -> Any:
        return iter(self._params)

    def __len__(self) -> int:
        return sum(1 for _ in self._params)

    def __bool__(self) -> bool:
        return len(self) > 0

    def get(self, name: str, default: str | None = None) -> str | None:
        return self._params.get(name) if name in self else default

    def getlist(self, name: str) -> list[str]:
        return self._params.all(name)

    def items(self) -> list[tuple[str, str]]:
        return [(name, self[name]) for name in self]

    def keys(self) -> list[str]:
        return list(self)

    def values(self) -> list[str]:
        return [self[name] for name in self]

    def lists(self) -> list[tuple[str, list[str]]]:
        return [(name, self.getlist(name)) for name in self]

    def urlencode(self) -> str:
        return self._params.encoded()
