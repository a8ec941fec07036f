"""How a site's own template functions say what they want: Django's `takes_context` and `inclusion_tag`, as marks.

A function that is registered with an environment is called by its name in a template. Unmarked, it gets the arguments
that stand there. What it returns is escaped unless it is safe.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., object])

TAKES_CONTEXT = "takes_context"
TEMPLATE = "template"
AS_IS = "prints_as_is"
HIDES_BLOCKS = "hides_blocks"
STEADY = "steady"


def takes_context(function: F) -> F:
    """The function gets the render's `Context` first (django/template/library.py: simple_tag(takes_context=True))."""
    setattr(function, TAKES_CONTEXT, True)
    return function


def inclusion(template: str) -> Callable[[F], F]:
    """The function returns variables, and the named template is rendered with them and nothing else.

    As in django/template/library.py: inclusion_tag; only `csrf_token` is carried over from around it.
    """

    def mark(function: F) -> F:
        setattr(function, TEMPLATE, template)
        return function

    return mark


def simple_block(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the content and the arguments as a block function (django/template/library.py: simple_block_tag).

    Django does not find the blocks inside such a tag when a template extends another, so neither do we.
    """
    takes_context = getattr(function, TAKES_CONTEXT, False)

    @wraps(function)
    def block(context: Any, body: Any, *args: Any, **values: Any) -> Any:
        given = (context, body(), *args) if takes_context else (body(), *args)
        result = function(*given, **values)
        if body.target is None:
            return result
        context[body.target] = result
        return ""

    setattr(block, HIDES_BLOCKS, True)
    return block


def prints_as_is(function: F) -> F:
    """What the function gives is printed as it stands, without escaping, as the tags of Django's own do."""
    setattr(function, AS_IS, True)
    return function


def steady(function: F) -> F:
    """The function prints the same for the same arguments, but for what it asks of a memory that keeps account."""
    setattr(function, STEADY, True)
    return function
