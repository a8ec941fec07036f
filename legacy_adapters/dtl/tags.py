"""The functions that stand for tags of Django's own and need nothing of the compiler: `now`, `csrf_token` and more."""

import random
from collections.abc import Callable, Iterable, Mapping
from pprint import pformat
from typing import Any, TypeVar
from urllib.parse import urlencode

from legacy_adapters.dtl.context import Context
from legacy_adapters.dtl.errors import TemplateSyntaxError
from legacy_adapters.dtl.filters.dates import now_text
from legacy_adapters.dtl.functions import prints_as_is, takes_context
from legacy_adapters.dtl.safe import SafeString, conditional_escape, escape

F = TypeVar("F", bound=Callable[..., object])


@prints_as_is
@takes_context
def csrf_token(context: Context) -> str:
    token = context.get("csrf_token")
    if not token or token == "NOTPROVIDED":  # noqa: S105
        return ""
    return SafeString(f'<input type="hidden" name="csrfmiddlewaretoken" value="{conditional_escape(token)}">')


@prints_as_is
@takes_context
def debug(context: Context) -> str:
    """The variables, where the environment is in debug mode; nothing elsewhere. Django adds the loaded modules."""
    return escape(pformat(dict(context))) if context.environment.debug else ""


@takes_context
def querystring(context: Context, query: Any = None, **values: Any) -> str:
    """The query of the request, or another, with some of its parameters changed."""
    if query is None:
        request: Any = context.request
        query = request.GET
    parameters: dict[str, list[Any]] = {key: list(items) for key, items in lists(query)}
    for key, value in values.items():
        if value is None:
            parameters.pop(key, None)
        elif isinstance(value, Iterable) and not isinstance(value, str):
            parameters[key] = list(value)
        else:
            parameters[key] = [value]
    if not parameters and not query:
        return ""
    return "?" + urlencode([(key, str(item)) for key, items in parameters.items() for item in items])


def lists(query: Any) -> Iterable[tuple[str, Iterable[Any]]]:
    if hasattr(query, "lists"):
        return query.lists()  # type: ignore[no-any-return]
    if isinstance(query, Mapping):
        return [(key, [value]) for key, value in query.items()]
    raise TypeError(f"querystring: {query!r} is no query")


FIRST_PARAGRAPH = """\
Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore et dolore magna
aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat.
Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint
occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.""".replace("\n", " ")
FIRST_WORDS = FIRST_PARAGRAPH.lower().replace(",", "").split()[:19]
WORDS = sorted({word.strip(".,").lower() for word in FIRST_PARAGRAPH.split()})


@prints_as_is
def lorem(count: Any = 1, method: str = "b", common: Any = True) -> str:
    """Words (`w`), paragraphs (`p`) or plain paragraphs (`b`); the first are always the same, the others by chance."""
    try:
        number = int(count)
    except (TypeError, ValueError):
        number = 1
    common = common != "random" and bool(common)
    if method == "w":
        start = FIRST_WORDS[: max(number, 0)] if common else []
        return " ".join(start + [random.choice(WORDS) for _ in range(number - len(start))])  # noqa: S311
    texts = [FIRST_PARAGRAPH if common and index == 0 else paragraph() for index in range(number)]
    return "\n\n".join(f"<p>{text}</p>" if method == "p" else text for text in texts)


def paragraph() -> str:
    return " ".join(sentence() for _ in range(random.randint(1, 4)))  # noqa: S311


def sentence() -> str:
    words = random.sample(WORDS, random.randint(3, 12))  # noqa: S311
    return f"{words[0].capitalize()} {' '.join(words[1:])}{random.choice('.?')}"  # noqa: S311


def unknown_tag(name: str, text: str = "") -> str:
    raise TemplateSyntaxError(f"the tag {name!r} ({text}) could not be converted: register a function for it")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "csrf_token": csrf_token,
    "debug": debug,
    "lorem": lorem,
    "now": prints_as_is(now_text),
    "querystring": querystring,
    "unknown_tag": unknown_tag,
}
