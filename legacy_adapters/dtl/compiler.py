"""From Jinja2's nodes to a Python module that renders as Django does.

A template becomes `root(c, w)`, a function for each block and one for each partial: `c` is the `Context`, `w` takes a
piece of output. Text that stands together is one constant; a variable is a dict lookup where it stands; what a tag must
remember between two passes lives in `c.state` under a key of the tag's own. The statements are here, expressions in
`expressions.py`, what the compiled module calls in `runtime.py`.

Refused with a TemplateSyntaxError that names the line: what Django's language has no word for (imports, macros,
arithmetic, loops with a condition).
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame

from legacy_adapters.dtl import translated
from legacy_adapters.dtl.expressions import NOTHING, PRINTED, Expressions
from legacy_adapters.dtl.functions import HIDES_BLOCKS
from legacy_adapters.dtl.reads import bound_by_cycles, reading_of_a_loop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from legacy_adapters.dtl.environment import DjangoEnvironment

# What makes a loop's `forloop` visible to something that is not compiled here.
LOOKS_AROUND = (nodes.Include, nodes.Block, nodes.CallBlock)


# Scopes within scopes in one Python function; each may hold a loop and a `try`.
DEEPEST = 6


class Compiler(Expressions, CodeGenerator):
    """`code_generator_class` of the environment."""

    environment: "DjangoEnvironment"

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        visitor = self.STATEMENTS.get(type(node))
        if visitor is None:
            raise TemplateSyntaxError(
                f"{type(node).__name__} is not of Django's language", node.lineno, self.name, self.filename
            )
        return visitor(self, node)

    # The module

    def compile_template(self, node: nodes.Template) -> None:
        self.begin()
        for block in node.find_all(nodes.Block):
            if block.name in self.blocks:
                self.fail(f"block {block.name!r} defined twice", block.lineno)
            self.blocks[block.name] = block
        self.partials = {
            self.partial_name(call): call for call in node.find_all(nodes.CallBlock) if tag_of(call) == "partialdef"
        }
        self.number_cycles(node)
        self.writeline("from legacy_adapters.dtl.runtime import *")
        self.writeline(f"name = {self.name!r}")
        self.function("root", node.body, node)
        for name, block in self.blocks.items():
            self.block = name
            self.function(f"block_{name}", block.body, block)
        self.block = None
        for name, partial in self.partials.items():
            self.function(f"partial_{list(self.partials).index(name)}", body_of(partial), partial)
        self.epilogue(node)

    def function(self, name: str, body: Sequence[nodes.Node], node: nodes.Node) -> None:
        self.writeline(f"def {name}(c, w):", node, 1)
        self.writer = "w"
        self.depth = 0
        with self.indented():
            self.statements(body)

    def epilogue(self, node: nodes.Template) -> None:
        hidden = {
            block.name for call in node.find_all(nodes.CallBlock) if self.hides(call) for block in blocks_in(call)
        }
        blocks = ", ".join(f"{name!r}: block_{name}" for name in self.blocks if name not in hidden)
        partials = ", ".join(f"{name!r}: partial_{i}" for i, name in enumerate(self.partials))
        extends = node.find(nodes.Extends) is not None
        self.writeline(f"blocks = {{{blocks}}}", extra=1)
        self.writeline(f"partials = {{{partials}}}")
        self.writeline(f"extends = {extends}")
        for value, constant in self.constants.items():
            self.writeline(f"{constant} = SafeString({value!r})")
        for name, filter_ in self.filters.items():
            self.writeline(f"{filter_} = environment.filters[{name!r}]")
        for name, function in self.functions.items():
            self.writeline(f"{function} = environment.function({name!r})")
        for key in self.keys.values():
            self.writeline(f"{key} = Remembered()")
        debug = "&".join(f"{template}={code}" for template, code in self.debug_info)
        self.writeline(f"debug_info = {debug!r}")

    # Statements

    def statements(self, body: Sequence[nodes.Node]) -> None:
        written = self.stream.tell()
        for node in body:
            self.visit(node)
            if isinstance(node, nodes.Extends):
                # What stands after it is not rendered; its blocks are functions already.
                break
        if self.stream.tell() == written:
            self.writeline("pass")

    def write_out(self, code: str, node: nodes.Node | None = None) -> None:
        self.writeline(f"{self.writer}({code})", node)

    def output(self, node: nodes.Output) -> None:
        text = ""
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                text += child.data
            elif isinstance(child, nodes.Const) and isinstance(child.value, str):
                text += child.value
            else:
                if text:
                    self.write_out(repr(text))
                    text = ""
                self.write_out(self.shown(child), child)
        if text:
            self.write_out(repr(text))

    def if_(self, node: nodes.If) -> None:
        test = self.condition(as_expression(node.test))
        self.writeline(f"if {test}:", node)
        with self.indented():
            self.statements(node.body)
        rest: list[nodes.Node] = list(node.else_)
        if node.elif_:
            first, *others = node.elif_
            rest = [nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)]
        if rest:
            self.writeline("else:")
            with self.indented():
                self.statements(rest)

    def for_(self, node: nodes.For) -> None:
        if node.test is not None or node.recursive:
            self.fail("a loop of Django's has no condition and is not recursive", node.lineno)
        names = [self.target(item) for item in getattr(node.target, "items", [node.target])]
        sequence: Any = node.iter
        backwards = isinstance(sequence, nodes.Filter) and sequence.name == "reversed"
        if backwards:
            sequence = sequence.node
        values, size, index, item = (self.temporary_identifier() for _ in range(4))
        loop, around = (
            (self.temporary_identifier(), self.temporary_identifier()) if self.watches_loop(node) else ("", "")
        )
        if loop:
            self.writeline(f"{around} = c.get('forloop', NO_LOOP)", node)
        with self.scope():
            self.writeline(f"{values} = sequence({self.expression(sequence, NOTHING)})", node)
            with self.repeatable(node, values):
                self.writeline(f"{size} = len({values})")
                self.writeline(f"if {size} < 1:")
                with self.indented():
                    self.statements(node.else_)
                self.writeline("else:")
                with self.indented():
                    if loop:
                        self.writeline(f"c['forloop'] = {loop} = {{'parentloop': {around}}}")
                    if len(names) == 1:
                        self.writeline(f"c[{names[0]!r}] = None")
                    turned = f"reversed({values})" if backwards else values
                    self.writeline(f"for {index}, {item} in enumerate({turned}):", node)
                    with self.indented():
                        if loop:
                            self.writeline(f"count({loop}, {index}, {size})")
                        self.loop_body(node, names, item)

    @contextmanager
    def repeatable(self, node: nodes.For, values: str) -> "Iterator[None]":
        """What a closed loop prints may be printed again for the same values; loops inside of it go with it."""
        read = None if self.name is None or self.writer == "again" else reading_of_a_loop(self.environment, node)
        if read is None:
            yield
            return
        loop, writer, depth = self.temporary_identifier(), self.writer, self.depth
        self.writer, self.depth = "again", 1
        self.writeline(f"def {loop}(again):")
        with self.indented():
            yield
        self.writer, self.depth = writer, depth
        turns = "".join(
            f"{self.cycles[id(call)][0]}, " for call in node.find_all(nodes.Call) if id(call) in self.cycles
        )
        where = (self.name, loop, node.lineno)
        told = f"{where!r}, {sorted(read)!r}, ({turns}), {sorted(bound_by_cycles(node))!r}"
        self.writeline(f"repeat(c, {writer}, {loop}, Loop({told}), {values})")

    def loop_body(self, node: nodes.For, names: list[str], item: str) -> None:
        if len(names) == 1:
            self.writeline(f"store(c, {names[0]!r}, {item})")
            self.statements(node.body)
        else:
            # A scope for each pass, and none to leave it when a pass fails: as in Django.
            self.writeline(f"unpack(c, {names!r}, {item})", node)
            self.statements(node.body)
            self.writeline("c.leave()")

    def watches_loop(self, node: nodes.For) -> bool:
        """Whether anything in the loop can see `forloop`."""
        if any(name.name == "forloop" for name in node.find_all(nodes.Name)):
            return True
        calls = (call for call in node.find_all(nodes.Call) if not self.is_blind(call))
        return any(calls) or any(node.find_all(LOOKS_AROUND))

    def with_(self, node: nodes.With) -> None:
        values = [self.temporary_identifier() for _ in node.values]
        for name, value in zip(values, node.values, strict=True):
            self.writeline(f"{name} = {self.expression(value, PRINTED)}", node)
        names = [self.target(target) for target in node.targets]
        with self.scope(*names):
            for target, name in zip(names, values, strict=True):
                self.writeline(f"store(c, {target!r}, {name})")
            self.statements(node.body)

    def assign(self, node: nodes.Assign) -> None:
        name = self.target(node.target)
        value = as_expression(node.node)
        if isinstance(value, nodes.Call) and isinstance(value.node, nodes.Name) and value.node.name == "regroup":
            code = self.regroup(value, name)
        else:
            code = self.expression(value, PRINTED)
        self.writeline(f"c[{name!r}] = {code}", node)

    def assign_block(self, node: nodes.AssignBlock) -> None:
        text = self.captured(node.body)
        self.writeline(f"c[{self.target(node.target)!r}] = {text}", node)

    def block_(self, node: nodes.Block) -> None:
        self.writeline(f"show_block(c, {self.writer}, {node.name!r}, block_{node.name})", node)

    def extends_(self, node: nodes.Extends) -> None:
        self.writeline(
            f"extend(c, w, __jinja_template__, {self.expression(as_expression(node.template), PRINTED)})", node
        )

    def include(self, node: nodes.Include) -> None:
        self.writeline(
            f"include(c, {self.writer}, {self.expression(as_expression(node.template), PRINTED)}, name)", node
        )

    def autoescape(self, node: nodes.ScopedEvalContextModifier) -> None:
        before = self.temporary_identifier()
        self.writeline(f"{before} = c.autoescape", node)
        self.writeline(f"c.autoescape = {self.expression(as_expression(node.options[0].value), PRINTED)}")
        self.statements(node.body)
        # Not given back when the body fails: as in Django, where `super()` may swallow the error.
        self.writeline(f"c.autoescape = {before}")

    def group(self, node: nodes.Scope) -> None:
        self.statements(node.body)

    def filter_block(self, node: nodes.FilterBlock) -> None:
        text = self.captured(node.body)
        with self.scope():
            self.writeline(f"c['var'] = {text}", node)
            self.write_out(f"text({self.filter_chain(node.filter, text)})", node)

    def block_tag(self, node: nodes.CallBlock) -> None:
        tag = tag_of(node)
        own: dict[str, Callable[[nodes.CallBlock], None]] = {
            "spaceless": self.spaceless,
            "ifchanged": self.ifchanged,
            "cache": self.cache,
            "partialdef": self.partialdef,
            translated.TAG: self.blocktranslate,
        }
        own.get(tag, self.block_function)(node)

    def blocktranslate(self, node: nodes.CallBlock) -> None:
        self.write_out(translated.compiled(node, lambda value: self.expression(value, PRINTED)), node)

    def spaceless(self, node: nodes.CallBlock) -> None:
        self.write_out(f"spaceless({self.captured(body_of(node))})", node)

    def ifchanged(self, node: nodes.CallBlock) -> None:
        key, frame, now = self.key_of(node), self.temporary_identifier(), self.temporary_identifier()
        self.writeline(f"{frame} = changes(c, {key})", node)
        text = None
        if node.call.args:
            values = ", ".join(self.expression(arg, NOTHING) for arg in node.call.args)
            self.writeline(f"{now} = [{values}]", node)
        else:
            text = self.captured(body_of(node))
            self.writeline(f"{now} = {text}", node)
        self.writeline(f"if {now} != {frame}[{key}]:", node)
        with self.indented():
            self.writeline(f"{frame}[{key}] = {now}")
            if text is None:
                self.statements(body_of(node))
            else:
                # Django renders the body again when it came out empty.
                self.writeline(f"if {text}: {self.writer}({text})")
                self.writeline("else:")
                with self.indented():
                    self.statements(body_of(node))
        for clause in clauses_of(node).values():
            self.writeline("else:")
            with self.indented():
                self.statements(clause)

    def cache(self, node: nodes.CallBlock) -> None:
        timeout, name, *vary = node.call.args
        using = {pair.key: pair.value for pair in node.call.kwargs}.get("using")
        where = self.expression(using, PRINTED) if using is not None else "None"
        key, found = self.temporary_identifier(), self.temporary_identifier()
        values = ", ".join(self.expression(arg, PRINTED) for arg in vary)
        self.writeline(
            f"{key} = Fragment(c, {self.expression(timeout, PRINTED)}, {where},"
            f" {self.expression(name, PRINTED)}, [{values}])",
            node,
        )
        self.writeline(f"{found} = {key}.get()")
        self.writeline(f"if {found} is None:")
        with self.indented():
            text = self.captured(body_of(node))
            self.writeline(f"{found} = {key}.set({text})")
        self.write_out(found)

    def partial_name(self, node: nodes.CallBlock) -> str:
        first = node.call.args[0] if node.call.args else None
        if isinstance(first, nodes.Const):
            return str(first.value)
        return str(self.fail("partialdef needs a name in quotes", node.lineno))

    def partialdef(self, node: nodes.CallBlock) -> None:
        if any(pair.key == "inline" for pair in node.call.kwargs):
            self.write_out(f"partial(c, partials, {self.partial_name(node)!r})", node)

    def block_function(self, node: nodes.CallBlock) -> None:
        tag, target = tag_of(node), vars(node)["target"]
        bodies = {clause: self.closure(body) for clause, body in clauses_of(node).items()}
        own = self.closure(body_of(node))
        clauses = ", ".join(f"{clause!r}: {code}" for clause, code in bodies.items())
        result = self.temporary_identifier()
        arguments = self.arguments(node.call)
        body = f"Body({own}, {{{clauses}}}, {target!r})"
        self.writeline(f"{result} = environment.blocks[{tag!r}](c, {body}{arguments})", node)
        self.write_out(f"returned(c, {result})", node)

    def hides(self, node: nodes.CallBlock) -> bool:
        return getattr(self.environment.blocks.get(tag_of(node)), HIDES_BLOCKS, False)

    # Parts of statements

    def closure(self, body: Sequence[nodes.Node]) -> str:
        """A function without arguments that gives a body's text."""
        name = self.temporary_identifier()
        self.writeline(f"def {name}():")
        with self.indented():
            depth, self.depth = self.depth, 0
            self.writeline(f"return {self.captured(body)}")
            self.depth = depth
        return name

    def captured(self, body: Sequence[nodes.Node]) -> str:
        """Render a body aside; gives the name of its text."""
        pieces, writer, before = self.temporary_identifier(), self.temporary_identifier(), self.writer
        self.writeline(f"{pieces} = []")
        self.writeline(f"{writer} = {pieces}.append")
        self.writer = writer
        self.statements(body)
        self.writer = before
        self.writeline(f"{pieces} = SafeString(''.join({pieces}))")
        return pieces

    def target(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Name):
            return node.name
        return str(self.fail("only a name can be bound", node.lineno))

    @contextmanager
    def indented(self) -> "Iterator[None]":
        self.indent()
        yield
        self.outdent()

    @contextmanager
    def scope(self, *names: str) -> "Iterator[None]":
        """A scope that binds these names; their values of before are kept when it begins."""
        with self.flat():
            kept = ", ".join(f"{name!r}: c.get({name!r}, MISSING)" for name in names)
            self.writeline(f"c.scopes.append({{{kept}}})")
            self.writeline("try:")
            with self.indented():
                yield
            self.writeline("finally: c.leave()")

    @contextmanager
    def flat(self) -> "Iterator[None]":
        """Python nests no more than twenty loops and `try`s: go on in a function of its own before that."""
        before, self.depth = self.depth, self.depth + 1
        if before < DEEPEST:
            yield
        else:
            name, self.depth = self.temporary_identifier(), 1
            self.writeline(f"def {name}():")
            with self.indented():
                yield
            self.writeline(f"{name}()")
        self.depth = before

    STATEMENTS: dict[type[nodes.Node], Callable[["Compiler", Any], None]] = {
        nodes.Template: compile_template,
        nodes.Output: output,
        nodes.If: if_,
        nodes.For: for_,
        nodes.With: with_,
        nodes.Assign: assign,
        nodes.AssignBlock: assign_block,
        nodes.Block: block_,
        nodes.Extends: extends_,
        nodes.Include: include,
        nodes.Scope: group,
        nodes.ScopedEvalContextModifier: autoescape,
        nodes.FilterBlock: filter_block,
        nodes.CallBlock: block_tag,
    }


def as_expression(node: nodes.Node) -> nodes.Expr:
    assert isinstance(node, nodes.Expr)
    return node


def blocks_in(node: nodes.Node) -> "Iterator[nodes.Block]":
    return node.find_all(nodes.Block)


def tag_of(node: nodes.CallBlock) -> str:
    return node.call.node.name  # type: ignore[attr-defined, no-any-return]


def body_of(node: nodes.CallBlock) -> Sequence[nodes.Node]:
    return node.body[0].body  # type: ignore[attr-defined, no-any-return]


def clauses_of(node: nodes.CallBlock) -> dict[str, Sequence[nodes.Node]]:
    return {vars(scope)["clause"]: scope.body for scope in node.body[1:]}  # type: ignore[attr-defined]


__all__ = ["Compiler", "Frame"]
