"""Expressions of a template as Python source: lookups, filters, calls and the conditions of `if`.

A mode says what a missing variable is: PRINTED (`string_if_invalid`), NOTHING (None) or STRICT (an error, in a filter's
argument). Filters are resolved when the template is compiled, so Django's marks on them cost nothing later.
A condition is compiled to statements, since each operator turns an error into false
(django/template/smartif.py: infix(), prefix()).
"""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from legacy_adapters.dtl.environment import DjangoEnvironment

# Functions that are the compiler's own and give text, escaped where that is asked for.
PRINTS_TEXT = frozenset(
    ("cycle", "cycle_next", "resetcycle", "firstof", "include_only", "include_with", "partial", "widthratio")
)
STRICT, PRINTED, NOTHING = "strict", "printed", "nothing"
COMPARISONS = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}


class Expressions:
    """The half of the compiler that writes expressions."""

    environment: "DjangoEnvironment"
    name: str | None
    filters: dict[str, str]
    blocks: dict[str, nodes.Block]
    if TYPE_CHECKING:
        fail: Callable[[str, int], Any]
        writeline: Callable[..., None]
        temporary_identifier: Callable[[], str]
        indented: Callable[[], Any]
        writer: str

    def begin(self) -> None:
        self.constants: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.keys: dict[int, str] = {}
        self.cycles: dict[int, tuple[str, nodes.Call]] = {}
        self.partials: dict[str, nodes.CallBlock] = {}
        self.block: str | None = None
        self.depth = 0

    def key_of(self, node: nodes.Node) -> str:
        """The name of what a tag remembers under; the same wherever the tag is compiled a second time."""
        return self.keys.setdefault(id(node), f"key_{len(self.keys)}")

    def expression(self, node: nodes.Expr, mode: str) -> str:
        if isinstance(node, nodes.Const):
            return self.constant(node.value)
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            return self.lookup(node, mode)
        if isinstance(node, nodes.Filter):
            return self.filtered(node, mode)
        if isinstance(node, nodes.Call):
            return self.call(node, mode)
        if isinstance(node, nodes.Neg | nodes.Pos) and isinstance(node.node, nodes.Const):
            return f"({'-' if isinstance(node, nodes.Neg) else ''}{node.node.value!r})"
        if isinstance(node, nodes.Tuple | nodes.List):
            return "[" + ", ".join(self.expression(item, mode) for item in node.items) + "]"
        if isinstance(node, nodes.Dict):
            pairs = (f"{self.expression(pair.key, mode)}: {self.expression(pair.value, mode)}" for pair in node.items)
            return "{" + ", ".join(pairs) + "}"
        return str(self.fail(f"{type(node).__name__} is not of Django's language", node.lineno))

    def constant(self, value: Any) -> str:
        if isinstance(value, str):
            return self.constants.setdefault(value, f"text_{len(self.constants)}")
        return repr(value)

    # Lookups

    def lookup(self, node: nodes.Expr, mode: str) -> str:
        path: list[str] = []
        while isinstance(node, nodes.Getattr | nodes.Getitem):
            path.insert(0, self.bit(node))
            node = node.node
        if isinstance(node, nodes.Name):
            return self.variable(node.name, path, mode)
        if isinstance(node, nodes.Call) and called_name(node) == "var":
            return self.variable(str(node.args[0].value), path, mode)  # type: ignore[attr-defined]
        return f"inside_{mode}(c, {self.expression(node, mode)}, {tuple(path)!r})"

    def bit(self, node: nodes.Getattr | nodes.Getitem) -> str:
        if isinstance(node, nodes.Getattr):
            return node.attr
        if isinstance(node.arg, nodes.Const):
            return str(node.arg.value)
        return str(self.fail("a lookup needs a word or a number", node.lineno))

    def variable(self, name: str, path: list[str], mode: str) -> str:
        tail = f", {tuple(path)!r}" if path else ""
        return f"{mode}(c, {name!r}{tail})"

    # Filters

    def filtered(self, node: nodes.Filter, mode: str) -> str:
        """As in FilterExpression.resolve: with a `string_if_invalid`, a missing variable skips its filters."""
        if mode == PRINTED and self.environment.string_if_invalid:
            return f"unless_invalid(c, lambda: {self.filter_chain(node, None, 'guarded')})"
        return self.filter_chain(node, None, mode)

    def filter_chain(self, node: nodes.Filter, start: str | None, mode: str = PRINTED) -> str:
        inner = node.node
        if inner is None:
            value = str(start)
        elif isinstance(inner, nodes.Filter):
            value = self.filter_chain(inner, start, mode)
        elif mode == "guarded" and not is_variable(inner):
            value = self.expression(inner, PRINTED)
        else:
            value = self.expression(inner, mode)
        return self.filter_call(node, value)

    def filter_call(self, node: nodes.Filter, value: str) -> str:
        function = self.environment.filters.get(node.name)
        if function is None:
            self.fail(f"no filter called {node.name!r}; register it with the environment", node.lineno)
        name = self.filters.setdefault(node.name, f"filter_{len(self.filters)}")
        arguments = "".join(f", {self.argument(arg)}" for arg in node.args)
        if getattr(function, "needs_autoescape", False):
            arguments += ", autoescape=c.autoescape"
        if getattr(function, "expects_localtime", False):
            value = f"template_localtime({value})"
        if not getattr(function, "is_safe", False):
            return f"{name}({value}{arguments})"
        before = self.temporary_identifier()
        return f"keep_safe({name}({before} := {value}{arguments}), {before})"

    def argument(self, node: nodes.Expr) -> str:
        return self.expression(node, STRICT)

    # Calls

    def call(self, node: nodes.Call, mode: str) -> str:
        name = called_name(node)
        if name is None:
            return str(self.fail("only a function's name can be called", node.lineno))
        own = getattr(self, f"call_{name}", None)
        if own is not None:
            return str(own(node, mode))
        alias = self.functions.setdefault(name, f"function_{len(self.functions)}")
        arguments = self.arguments(node)
        if self.environment.is_plain(name):
            arguments = arguments.removeprefix(", ")
            return f"{alias}({arguments})"
        return f"{alias}(c{arguments})"

    def arguments(self, node: nodes.Call) -> str:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self.fail("a tag of Django's has no * arguments", node.lineno)
        positional = "".join(f", {self.expression(arg, PRINTED)}" for arg in node.args)
        return positional + self.keywords(node)

    def keywords(self, node: nodes.Call) -> str:
        if not node.kwargs:
            return ""
        pairs = ", ".join(f"{pair.key!r}: {self.expression(pair.value, PRINTED)}" for pair in node.kwargs)
        return f", **{{{pairs}}}"

    def call_var(self, node: nodes.Call, mode: str) -> str:
        return self.lookup(node, mode)

    def call_super(self, node: nodes.Call, mode: str) -> str:
        return self.variable("block", ["super"], mode)

    def call_firstof(self, node: nodes.Call, mode: str) -> str:
        values = " or ".join(f"({self.expression(arg, NOTHING)})" for arg in node.args)
        return f"first(c, {values})"

    def call_include_only(self, node: nodes.Call, mode: str) -> str:
        template, *_ = node.args
        # The template is found before the values are looked up.
        found = f"included(c, {self.expression(template, PRINTED)}, name)"
        return f"{called_name(node)}(c, {found}{self.keywords(node)})"

    call_include_with = call_include_only

    def call_partial(self, node: nodes.Call, mode: str) -> str:
        return f"partial(c, partials, {self.expression(node.args[0], PRINTED)})"

    def call_widthratio(self, node: nodes.Call, mode: str) -> str:
        values = ", ".join(f"lambda: {self.expression(arg, PRINTED)}" for arg in node.args)
        return f"widthratio({values})"

    def call_regroup(self, node: nodes.Call, mode: str) -> str:
        return str(self.fail("regroup stands in {% set name = regroup(…) %}", node.lineno))

    def regroup(self, node: nodes.Call, name: str) -> str:
        items, by = node.args
        return f"regroup(c, {name!r}, {self.expression(items, NOTHING)}, lambda: {self.expression(by, NOTHING)})"

    # Cycles

    def number_cycles(self, template: nodes.Template) -> None:
        """Give each `cycle` a key; tie `cycle_next` and `resetcycle` to the one that stands before them."""
        named: dict[str, tuple[str, nodes.Call]] = {}
        last: tuple[str, nodes.Call] | None = None
        for call in template.find_all(nodes.Call):
            name = called_name(call)
            if name == "cycle":
                last = (self.key_of(call), call)
                self.cycles[id(call)] = last
                for pair in call.kwargs:
                    if pair.key == "name" and isinstance(pair.value, nodes.Const):
                        named[pair.value.value] = last
            elif name == "cycle_next" or (name == "resetcycle" and call.args):
                known = named.get(getattr(call.args[0], "value", ""))
                if known is None:
                    self.fail(f"{name}: no cycle of that name stands before it", call.lineno)
                else:
                    self.cycles[id(call)] = known
            elif name == "resetcycle":
                if last is None:
                    self.fail("resetcycle: no cycle stands before it", call.lineno)
                else:
                    self.cycles[id(call)] = last

    def call_cycle(self, node: nodes.Call, mode: str) -> str:
        key, cycle = self.cycles[id(node)]
        options = {pair.key: getattr(pair.value, "value", None) for pair in cycle.kwargs}
        turn = self.temporary_identifier()
        *others, last = [self.expression(arg, PRINTED) for arg in cycle.args]
        value = "".join(f"{code} if {turn} == {index} else " for index, code in enumerate(others)) + last
        spun = f"({turn} := turn(c, {key}, {len(cycle.args)}), {value})[1]"
        return f"cycle(c, {spun}, {options.get('name')!r}, {bool(options.get('silent'))})"

    call_cycle_next = call_cycle

    def call_resetcycle(self, node: nodes.Call, mode: str) -> str:
        return f"resetcycle(c, {self.cycles[id(node)][0]})"

    # Output

    def shown(self, node: nodes.Expr) -> str:
        """Code for what is printed. A function's result is escaped, not localized; Django's own tags give text."""
        if not isinstance(node, nodes.Call) or called_name(node) in ("var", "super", "_"):
            if isinstance(node, nodes.Name):
                return f"show_name(c, {node.name!r})"
            return f"show(c, {self.expression(node, PRINTED)})"
        code = self.expression(node, PRINTED)
        return code if self.is_text(called_name(node)) else f"returned(c, {code})"

    def is_blind(self, node: nodes.Call) -> bool:
        """Whether a call sees nothing but its arguments."""
        name = called_name(node)
        if name == "var":
            return getattr(node.args[0], "value", None) != "forloop"
        return name in ("cycle", "cycle_next", "resetcycle", "firstof", "widthratio") or self.environment.is_plain(
            str(name)
        )

    def is_text(self, name: str | None) -> bool:
        if name in PRINTS_TEXT:
            return True
        return bool(getattr(self.environment.functions.get(str(name)), "prints_as_is", False))

    # Conditions

    def condition(self, node: nodes.Expr) -> str:
        """Write what evaluates a condition; gives the name or the code of its outcome."""
        if not is_operator(node) and not can_fail(node):
            return self.expression(node, NOTHING)
        target = self.temporary_identifier()
        if is_operator(node):
            self.operand(node, target)
        else:
            with self.attempt("VariableDoesNotExist", f"{target} = None"):
                self.operand(node, target)
        return target

    @contextmanager
    def attempt(self, error: str, otherwise: str) -> "Iterator[None]":
        self.writeline("try:")
        with self.indented():
            yield
        self.writeline(f"except {error}: {otherwise}")

    def operand(self, node: nodes.Expr, target: str) -> None:
        if not is_operator(node):
            self.writeline(f"{target} = {self.expression(node, NOTHING)}", node)
            return
        with self.attempt("Exception", f"{target} = False"):
            self.operator(node, target)

    def operator(self, node: nodes.Expr, target: str) -> None:
        if isinstance(node, nodes.And | nodes.Or):
            self.operand(node.left, target)
            self.writeline(f"if {target}:" if isinstance(node, nodes.And) else f"if not {target}:")
            with self.indented():
                self.operand(node.right, target)
        elif isinstance(node, nodes.Not) and not vars(node).get("one_operator"):
            self.operand(node.node, target)
            self.writeline(f"{target} = not {target}")
        elif isinstance(node, nodes.Compare):
            self.comparison(node, target)
        else:
            negated = isinstance(node, nodes.Not)
            test: Any = node.node if isinstance(node, nodes.Not) else node
            if test.name != "sameas":
                self.fail(f"no test called {test.name!r} in Django's language", node.lineno)
            self.binary(test.node, "is not" if negated else "is", test.args[0], target)

    def comparison(self, node: nodes.Compare, target: str) -> None:
        if len(node.ops) != 1:
            self.fail("a chain of comparisons needs parentheses to have Django's meaning", node.lineno)
        operand = node.ops[0]
        self.binary(node.expr, COMPARISONS[operand.op], operand.expr, target)

    def binary(self, left: nodes.Expr, operator: str, right: nodes.Expr, target: str) -> None:
        sides = []
        for side in (left, right):
            if is_operator(side):
                sides.append(self.temporary_identifier())
                self.operand(side, sides[-1])
            else:
                sides.append(self.expression(side, NOTHING))
        self.writeline(f"{target} = {sides[0]} {operator} {sides[1]}", left)


def called_name(node: nodes.Call) -> str | None:
    return node.node.name if isinstance(node.node, nodes.Name) else None


def is_variable(node: nodes.Expr) -> bool:
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return isinstance(node, nodes.Name) or (isinstance(node, nodes.Call) and called_name(node) in ("var", "super"))


def is_operator(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.And | nodes.Or | nodes.Not | nodes.Compare | nodes.Test)


def can_fail(node: nodes.Expr) -> bool:
    """Whether an expression may raise VariableDoesNotExist: where a filter has a variable for an argument."""
    return any(not isinstance(arg, nodes.Const) for call in node.find_all(nodes.Filter) for arg in call.args) or (
        isinstance(node, nodes.Filter) and any(not isinstance(arg, nodes.Const) for arg in node.args)
    )
