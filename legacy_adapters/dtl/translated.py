"""`{% blocktranslate a=b, count n=c, context "d", trimmed, asvar v %}`: parsed to a message and what fills it.

What stands in the block is not rendered but looked up: text and names of variables in turn, a second time after
`{% plural %}`. Anything else in it is refused.
"""

from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.parser import Parser

from legacy_adapters.dtl.filters.i18n import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TAG = "blocktranslate"


def parse(parser: Parser) -> nodes.CallBlock:
    """The tag as a block whose `message` is a Message and whose call has its values by name.

    The call's first argument is what `count` counts, its second what `context` says; None where there is none.
    """
    line = next(parser.stream).lineno
    count: nodes.Expr = nodes.Const(None)
    meaning: nodes.Expr = nodes.Const(None)
    values: list[nodes.Keyword] = []
    facts: dict[str, Any] = {}
    while parser.stream.current.type != "block_end":
        word = parser.stream.expect("name").value
        if parser.stream.skip_if("assign"):
            values.append(nodes.Keyword(word, parser.parse_expression(), lineno=line))
        elif word == "count":
            facts["counter"] = parser.stream.expect("name").value
            parser.stream.expect("assign")
            count = parser.parse_expression()
        elif word == "context":
            meaning = parser.parse_expression()
        elif word == "trimmed":
            facts["trimmed"] = True
        elif word == "asvar":
            facts["target"] = parser.stream.expect("name").value
        else:
            parser.fail(f"{word!r} says nothing to {TAG}", line)
        parser.stream.skip_if("comma")
    singular = _pieces(parser, parser.parse_statements(("name:plural", f"name:end{TAG}")))
    plural = None
    if parser.stream.skip_if("name:plural"):
        plural = _pieces(parser, parser.parse_statements((f"name:end{TAG}",)))
    next(parser.stream)
    node = nodes.CallBlock(nodes.Call(nodes.Name(TAG, "load"), [count, meaning], values, None, None), [], [], [])
    marked: Any = node.set_lineno(line, override=True)
    marked.message = Message(singular, plural, **facts)
    marked.target = None
    return node


def _pieces(parser: Parser, body: "Sequence[nodes.Node]") -> tuple[str, ...]:
    """Text and names in turn, text first and last."""
    pieces = [""]
    for output in body:
        for node in output.nodes if isinstance(output, nodes.Output) else [output]:
            text, name = _text_or_name(parser, node)
            if name is None:
                pieces[-1] += text
            else:
                pieces += [name, ""]
    return tuple(pieces)


def _text_or_name(parser: Parser, node: nodes.Node) -> tuple[str, str | None]:
    if isinstance(node, nodes.TemplateData):
        return node.data, None
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return node.value, None
    if isinstance(node, nodes.Name):
        return "", node.name
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "var":
        return "", str(node.args[0].as_const())
    return parser.fail(f"only text and names of variables stand in {TAG}", node.lineno)


def compiled(node: nodes.CallBlock, expression: "Callable[[nodes.Expr], str]") -> str:
    """The call as Python source; the function is the environment's."""
    count, meaning = (expression(argument) for argument in node.call.args)
    values = ", ".join(f"{pair.key!r}: {expression(pair.value)}" for pair in node.call.kwargs)
    message: Message = vars(node)["message"]
    return f"environment.blocks[{TAG!r}](c, {message!r}, {{{values}}}, {count}, {meaning})"
