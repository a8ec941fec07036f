"""The variables of a render: one flat dict that knows how to give back what a scope has bound.

Django keeps a stack of dicts and searches it from the top (django/template/context.py). Here every variable stands in
one dict; a scope remembers, for each name bound in it, what the name was before, and leaving it puts that back.
Reading a variable is a dict lookup, whatever the depth. Binding goes to the innermost scope, as in Django.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from legacy_adapters.dtl.environment import DjangoEnvironment

MISSING: Final = object()
store = dict.__setitem__


class Context(dict[str, Any]):
    """The variables as they are at this point, and what belongs to the render beside them.

    `state` is the render's own dict, a fresh one in every included template (Django's `render_context`).
    """

    __slots__ = ("autoescape", "environment", "request", "scopes", "state")

    def __init__(self, variables: Mapping[str, Any], environment: "DjangoEnvironment", request: Any = None) -> None:
        super().__init__(variables)
        self.environment = environment
        self.autoescape = bool(environment.autoescape)
        self.state: dict[Any, Any] = {}
        self.scopes: list[dict[str, Any]] = [{}]
        self.request = request if request is not None else self.get("request")

    def new(self, variables: Mapping[str, Any]) -> "Context":
        """A context of these variables alone, in the same render."""
        context = Context(variables, self.environment, self.request)
        context.autoescape = self.autoescape
        return context

    def __setitem__(self, name: str, value: Any) -> None:
        scope = self.scopes[-1]
        if name not in scope:
            scope[name] = self.get(name, MISSING)
        store(self, name, value)

    def __delitem__(self, name: str) -> None:
        scope = self.scopes[-1]
        if name not in scope:
            raise KeyError(name)
        restore(self, name, scope.pop(name))

    def update(self, *others: Any, **values: Any) -> None:
        for name, value in dict(*others, **values).items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def set_upward(self, name: str, value: Any) -> None:
        """Bind where the name is bound already, else here."""
        if name in self:
            store(self, name, value)
        else:
            self[name] = value

    def push(self, **values: Any) -> "Context":
        """A new scope; `with context.push(a=1): …` leaves it again."""
        self.scopes.append({})
        for name, value in values.items():
            self[name] = value
        return self

    def leave(self) -> None:
        """Give back what the innermost scope has bound."""
        for name, value in self.scopes.pop().items():
            if value is MISSING:
                del_item(self, name, None)
            else:
                store(self, name, value)

    def __enter__(self) -> "Context":
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()


del_item = dict.pop


def restore(context: Context, name: str, value: Any) -> None:
    if value is MISSING:
        del_item(context, name, None)
    else:
        store(context, name, value)
