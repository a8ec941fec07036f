"""Personas: who asks. Each is signed in once, on legacy, through its own sign-in form, as a person would do it.

1. fetch the page and take the first form that has a password field, 2. send it back, hidden fields and all, with name
and password filled in, 3. follow where it leads, so that a greeting is read before the first comparison, 4. keep the
cookies. They go along with the persona's cases to both sides. Refuses: to guess; a form that comes back is an error.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parity.capture import Ask, Case, Headers, Observation
from parity.clean import cookies_of, http_date, text_of, unpacked
from parity.errors import PersonaError

STEPS = 5
NAMES = ("text", "email", "")
"""The types of an input into which a person writes a name; none is `text`."""


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password; the password is in no printed form of it."""

    name: str
    password: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "Login":
        """`name:password`; the password may hold colons."""
        name, colon, password = text.partition(":")
        if not (name and colon and password):
            raise PersonaError("a login is written NAME:PASSWORD")
        return cls(name, password)


@dataclass(slots=True)
class Browser:
    """Cookies and addresses of one visit, within one host."""

    side: Ask
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> tuple[str, Observation]:
        """The page after its redirects, and where that is."""
        for _ in range(STEPS):
            answer = await self.ask(Case(path))
            if not (300 <= answer.status < 400 and answer.first("location")):
                return path, answer
            path = self.inside(path, answer.first("location"))
        raise PersonaError(f"{path} redirects without end")

    async def ask(self, case: Case) -> Observation:
        answer = await self.side.ask(Case(case.path, case.method, "", (*case.headers, *self.headers()), case.body))
        if answer.error:
            raise PersonaError(f"{case.path}: {answer.error}")
        for name, value, attributes in cookies_of(answer):
            if _ended(attributes, answer) or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def headers(self) -> Headers:
        line = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return (("Cookie", line),) if line else ()

    def inside(self, at: str, target: str) -> str:
        whole = urlsplit(urljoin(self.side.origin + at, target))
        if f"{whole.scheme}://{whole.netloc}" != self.side.origin:
            raise PersonaError(f"signing in leads to another host: {whole.netloc}")
        return (whole.path or "/") + (f"?{whole.query}" if whole.query else "")


def _ended(attributes: dict[str, str], answer: Observation) -> bool:
    if "max-age" in attributes:
        return not attributes["max-age"].isdigit() or attributes["max-age"] == "0"
    until, now = http_date(attributes.get("expires", "")), http_date(answer.first("date"))
    return until is not None and now is not None and until <= now


async def sign_in(side: Ask, path: str, login: Login) -> Headers:
    """The Cookie header of `login`, signed in at `path`. Raises PersonaError with the reason."""
    browser = Browser(side)
    at, page = await browser.get(path)
    form = _form(page)
    if form is None:
        raise PersonaError(f"{at} (status {page.status}) has no form with a password: say where with --login-path")
    data = urlencode(_filled(form, login)).encode()
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Referer", side.origin + at))
    target = browser.inside(at, form.attributes.get("action") or at)
    answer = await browser.ask(Case(target, "POST", "", headers, data))
    if not 300 <= answer.status < 400:
        why = "name or password is wrong" if answer.status == 200 else f"status {answer.status}"
        raise PersonaError(f"{login.name} could not sign in at {at}: {why}")
    await browser.get(browser.inside(target, answer.first("location")))
    return browser.headers()


def _form(page: Observation) -> LexborNode | None:
    text, _ = text_of(unpacked(page).data, "utf-8")
    forms = LexborHTMLParser(text).css("form")
    return next((form for form in forms if form.css_first("input[type=password]")), None)


def _filled(form: LexborNode, login: Login) -> dict[str, str]:
    fields: dict[str, str] = {}
    named = False
    for node in form.css("input[name]"):
        kind = (node.attributes.get("type") or "").lower()
        name, value = node.attributes["name"] or "", node.attributes.get("value") or ""
        if kind == "password":
            fields[name] = login.password
        elif kind in NAMES and not named and not value:
            fields[name], named = login.name, True
        elif kind not in {"checkbox", "radio", "submit", "image", "button", "file"}:
            fields[name] = value
    return fields
