"""django-allauth's template tags (65): `element`, `slot`, `setvar`, `user_display`, `get_providers`.

`{% element "button", type="submit" %}…{% endelement %}` renders the theme's `allauth/elements/button.html`, or
`button__<layout>.html` inside a page that extends `allauth/layouts/<layout>.html`, with `attrs`, `slots` and all
variables. `{% slot "name" %}` fills a slot inside an element, and shows one in the element's own template.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from legacy_adapters.dtl.safe import SafeString

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOTS, LAYOUT, EXTENDED = "allauth_slots", "allauth_layout", "extended"
LAYOUTS = "allauth/layouts/"


def blocks() -> dict[str, Callable[..., object]]:
    return {"element": element, "slot": slot, "setvar": setvar}


def functions(display: Callable[[Any], str] = str, providers: Iterable[Any] = ()) -> dict[str, Callable[..., object]]:
    """`display` is the site's ACCOUNT_USER_DISPLAY, by default the username; `providers` are for social sign-in."""
    known = sorted(providers, key=lambda provider: str(provider.name))
    return {"user_display": display, "get_providers": lambda: list(known)}


def element(context: Any, body: Any, name: str, /, **attrs: Any) -> SafeString:
    layout = layout_of(context)
    names = [f"allauth/elements/{name}.html"]
    if layout:
        names.insert(0, f"allauth/elements/{name}__{layout}.html")
    slots: dict[str, list[str]] = {}
    with kept(context.state, {SLOTS: slots, LAYOUT: layout}):
        slots["default"] = [body()]
        if attrs.get("tags"):
            attrs["tags"] = [tag.strip() for tag in attrs["tags"].split(",")]
        variables = {**context, "slots": slots, "attrs": attrs}
        return SafeString(context.environment.select(tuple(names)).render(variables))


def layout_of(context: Any) -> str | None:
    """The layout that the page extends, or that the element around this one has, or the variable `page_layout`."""
    if LAYOUT not in context.state:
        for name in context.state.get(EXTENDED, ()):
            if name.startswith(LAYOUTS):
                return str(name.removeprefix(LAYOUTS).replace(".html", ""))
    layout: str | None = context.state.get(LAYOUT) or context.get("page_layout")
    return layout


def slot(context: Any, body: Any, name: str = "default") -> SafeString:
    slots = context.state.get(SLOTS)
    with context.push():
        if slots is None:
            filled: Mapping[str, list[str]] = context["slots"]
            return SafeString("".join(filled[name]) if name in filled else body())
        slots.setdefault(name, []).append(body())
        return SafeString("")


def setvar(context: Any, body: Any, name: str) -> SafeString:
    context[name] = SafeString(body().strip())
    return SafeString("")


@contextmanager
def kept(state: dict[Any, Any], values: Mapping[str, object]) -> "Iterator[None]":
    """The state with these values, and as it was afterwards."""
    before = dict(state)
    state.update(values)
    try:
        yield
    finally:
        state.clear()
        state.update(before)
