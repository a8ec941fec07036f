"""Jinja2's parser, and the tags that Jinja2 does not have.

A block tag becomes a `CallBlock` whose body is a list of `Scope`s: what stands before the first clause, then one for
each clause, with the clause's name in `clause`. Jinja2 allows no node types of one's own, so the name it is bound to
(`as v`) is an attribute of the `CallBlock`: `target`.
"""

from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.parser import Parser

from legacy_adapters.dtl import translated

if TYPE_CHECKING:
    from legacy_adapters.dtl.environment import DjangoEnvironment

# The block tags of the language itself, and the clauses that each may have.
OWN_BLOCKS: dict[str, tuple[str, ...]] = {
    "spaceless": (),
    "ifchanged": ("else",),
    "cache": (),
    "partialdef": (),
}


class DjangoParser(Parser):
    environment: "DjangoEnvironment"

    def parse_statement(self) -> nodes.Node | list[nodes.Node]:
        name = self.stream.current.value
        if name == translated.TAG:
            return translated.parse(self)
        clauses = OWN_BLOCKS.get(name)
        if clauses is None and name in self.environment.blocks:
            clauses = getattr(self.environment.blocks[name], "clauses", ("else", "empty"))
        if clauses is None:
            return super().parse_statement()
        self._tag_stack.append(name)
        try:
            return self.parse_block_tag(name, clauses)
        finally:
            self._tag_stack.pop()

    def parse_block_tag(self, name: str, clauses: tuple[str, ...]) -> nodes.CallBlock:
        line = next(self.stream).lineno
        call = nodes.Call(nodes.Name(name, "load", lineno=line), [], [], None, None, lineno=line)
        node = nodes.CallBlock(call, [], [], [], lineno=line)
        extras: Any = node
        extras.target = self.parse_block_arguments(call)
        end = f"name:end{name}"
        ends = (*(f"name:{clause}" for clause in clauses), end)
        clause = ""
        while clause != f"end{name}":
            scope = nodes.Scope(self.parse_statements(ends), lineno=self.stream.current.lineno)
            marked: Any = scope
            marked.clause = clause
            node.body.append(scope)
            clause = next(self.stream).value
        while self.stream.current.type != "block_end":
            next(self.stream)
        return node

    def parse_block_arguments(self, call: nodes.Call) -> str | None:
        """Arguments with commas, flags as names; gives the name after `as`."""
        while self.stream.current.type != "block_end":
            if self.stream.skip_if("name:as"):
                return str(self.stream.expect("name").value)
            if call.args or call.kwargs:
                self.stream.expect("comma")
            if self.stream.current.type == "name" and self.stream.look().type == "assign":
                key = next(self.stream).value
                next(self.stream)
                value = self.parse_expression()
                call.kwargs.append(nodes.Keyword(key, value, lineno=value.lineno))
            else:
                call.args.append(self.parse_expression())
        return None

    def parse_test(self, node: nodes.Expr) -> nodes.Expr:
        """`a is not sameas(b)` is one operator in Django, where an error makes it false: mark it as one."""
        test = super().parse_test(node)
        if isinstance(test, nodes.Not):
            marked: Any = test
            marked.one_operator = True
        return test
