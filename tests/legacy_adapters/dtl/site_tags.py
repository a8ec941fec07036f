"""Tags of a site's own, on both sides: simple, with the context, inclusion and block tags."""

from collections.abc import Callable
from typing import Any

from django.template import Library

from importers.templates.libraries import TagFact
from legacy_adapters.dtl.functions import inclusion, simple_block, takes_context


def echo(*args: Any, **values: Any) -> str:
    return f"<{', '.join(map(str, args))}|{', '.join(f'{key}={value}' for key, value in values.items())}>"


def put(context: Any, name: str, value: Any = "put") -> str:
    context[name] = value
    return ""


def peek(context: Any, name: str) -> Any:
    return str(context.get(name, "-"))


def listed(*args: Any) -> dict[str, Any]:
    return {"xs": args, "x": "inner"}


def listed_here(context: Any, name: str) -> dict[str, Any]:
    return {"x": context.get(name)}


def twice(content: str, times: int = 2) -> str:
    return content * times


FACTS = [
    TagFact("echo", "simple"),
    TagFact("put", "simple"),
    TagFact("peek", "simple"),
    TagFact("listed", "inclusion", templates=("listed",)),
    TagFact("listed_here", "inclusion", templates=("listed",)),
    TagFact("twice", "simple_block", ("endtwice",)),
]


def add_to(library: Library) -> None:
    library.simple_tag(echo)
    library.simple_tag(put, takes_context=True)
    library.simple_tag(peek, takes_context=True)
    library.inclusion_tag("listed")(listed)
    library.inclusion_tag("listed", takes_context=True)(listed_here)
    library.simple_block_tag(twice)


def copied(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **values: function(*args, **values)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "echo": echo,
    "put": takes_context(copied(put)),
    "peek": takes_context(copied(peek)),
    "listed": inclusion("listed")(copied(listed)),
    "listed_here": takes_context(inclusion("listed")(copied(listed_here))),
}
BLOCKS = {"twice": simple_block(twice)}
