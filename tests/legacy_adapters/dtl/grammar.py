"""Families of templates by chance: a page that extends and includes others, and variables of every kind.

`pick` chooses from a sequence: Hypothesis where a run must repeat, `random` where it must be long.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.legacy_adapters.dtl.sides import Html, NotCalled, Refuses, Thing

Pick = Callable[[Sequence[Any]], Any]

NAMES = (
    "a",
    "b",
    "x",
    "xs",
    "d",
    "pairs",
    "rows",
    "thing",
    "none",
    "n",
    "f",
    "text",
    "missing",
    "call",
    "forloop",
    "c",
)
PATHS = (
    *("d.a", "d.b.c.1", "d.items", "d.nope.x", "xs.0", "xs.9", "text.upper", "thing.name", "thing.method", "pairs.0.1"),
    *("thing.quiet", "thing.quiet_property.x", "thing.delete", "rows.1.v", "x.y", "forloop.counter", "forloop.last"),
    *("forloop.parentloop.counter", "forloop.first", "notcalled.label", "refuses.x", "html", "money", "when", "day"),
    *("thing.with_argument", "thing.swallows", "safe_text", "gen", "big"),
)
LOUD = ("thing.loud", "thing.broken", "thing.typed", "thing.missing_inside")
LITERALS = (
    *(
        '"lit"',
        "'<l>'",
        '""',
        "0",
        "1",
        "2",
        "-1",
        "1.5",
        "None",
        "True",
        "False",
        '"it\\"s"',
        '"%s"',
        "'a\\nb'",
        "'\\\\'",
    ),
    *("'{{'", "'#}'", "'é\u2028'", "'\\'\"'", "+1", "1e2", "-0.5", "'{% x'", "'\\x41'", "0.10"),
)
PLAIN_FILTERS = (
    *("upper", "lower", "length", "first", "last", "safe", "escape", "force_escape", "capfirst", "title", "striptags"),
    *("linebreaksbr", "floatformat", "default_if_none:'dn'", "default:'d'", "yesno", "shout", "tagged", "quoted"),
    *("urlencode", "wordcount", "slugify", "make_list", "addslashes", "safeseq", "random_free", "unordered_list"),
)
WITH_ARGUMENT = {
    "add": ("1", "n", "x", "'s'", "d.a", "safe_text"),
    "default": ("'<d>'", "x", "n", "''", "safe_text"),
    "join": ("','", "'<br>'", "text", "safe_text"),
    "cut": ("'a'", "'&'", "safe_text"),
    "wrap": ("n", "x", "'<w>'", "None", "safe_text"),
    "stringformat": ("'s'", "'d'", "'05.1f'"),
    "truncatechars": ("3", "n"),
    "divisibleby": ("2", "n"),
    "date": ("'Y'", "'DATE_FORMAT'"),
    "slice": ("':2'", "'1:'", "'-1:'"),
}
OPERATORS = ("==", "!=", "<", ">", "<=", ">=", "in", "not in", "is", "is not", "and", "or")
TEXTS = (
    *(
        "",
        " ",
        "t",
        "\n",
        "<p> <b>",
        "{ ",
        "} }",
        "%}",
        "é",
        "a & b",
        "# ",
        "\n\n  ",
        "-",
        "{#\n#}",
        "{{\n}}",
        "{%\n%}",
        "}}",
        "#}",
    ),
    *(
        "-%}",
        "{ { ",
        "{# ",
        "\\n",
        "\t",
        "'\"",
        "{#}",
        "\u2028",
        "{{'{{'}}",
        "\x0c",
        "$ ${x}",
        "<!-- {# x #} -->",
    ),
)
BOUND = (*("a", "b", "x", "c", "k", "xs") * 4, "forloop", "block")
BLOCKS = ("one", "two", "th-ree", "four")
TEMPLATES = ("inc", "sub", "listed")


class Grammar:
    """One family. `depth` bounds how far constructs nest; `blocks` are the names not used yet in this template."""

    def __init__(self, pick: Pick, *, loud: bool = True) -> None:
        self.pick = pick
        self.loud = loud
        self.blocks: list[str] = []
        self.included: tuple[str, ...] = ()
        self.inside_block = self.extends = False
        self.cycles: list[str] = []

    def chance(self, of: int) -> bool:
        return bool(self.pick(range(of)) == 0)

    # Expressions

    def variable(self) -> str:
        if self.loud and self.chance(60):
            return str(self.pick(LOUD))
        if self.inside_block and self.chance(8 if self.extends else 80):
            return "block.super"
        return str(self.pick(NAMES if self.chance(2) else PATHS))

    def value(self) -> str:
        return str(self.pick(LITERALS)) if self.chance(4) else self.variable()

    def expression(self) -> str:
        text = self.value()
        while self.chance(4):
            text += "|" + self.filter()
        return text

    def filter(self) -> str:
        if self.loud and self.chance(60):
            return "fails"
        if self.chance(2):
            name = str(self.pick(PLAIN_FILTERS))
            return "upper" if name == "random_free" else name
        name = self.pick(tuple(WITH_ARGUMENT))
        return f"{name}:{self.value() if self.chance(40) else self.pick(WITH_ARGUMENT[name])}"

    def condition(self, depth: int = 2) -> str:
        if depth == 0 or self.chance(2):
            return ("not " if self.chance(4) else "") + self.expression()
        return f"{self.condition(depth - 1)} {self.pick(OPERATORS)} {self.condition(depth - 1)}"

    # Statements

    def body(self, depth: int) -> str:
        parts = [self.part(depth) for _ in range(self.pick((1, 1, 2, 2, 3, 4)))]
        return "".join(parts)

    def part(self, depth: int) -> str:
        kind = self.pick(range(10))
        if kind == 0:
            return str(self.pick(TEXTS))
        if kind < 4 or depth == 0:
            return f"{{{{ {self.expression()} }}}}"
        name = self.pick(LEAVES if self.chance(3) else NESTING)
        return str(getattr(self, name)(depth - 1))

    def if_(self, depth: int) -> str:
        text = f"{{% if {self.condition()} %}}{self.body(depth)}"
        while self.chance(4):
            text += f"{{% elif {self.condition()} %}}{self.body(depth)}"
        if self.chance(2):
            text += f"{{% else %}}{self.body(depth)}"
        return text + "{% endif %}"

    def for_(self, depth: int) -> str:
        names = self.pick(("a", "x", "b", "c", "xs", "g"))
        if self.chance(6):
            return self.for_pair(depth)
        sources = (
            "xs",
            "pairs",
            "rows",
            "d.items",
            "d.pairs",
            "text",
            "missing",
            "none",
            "gen",
            "empty",
            "xs|slice:':2'",
        )
        source = self.pick(("a", "n", "x", "d", "b") if self.chance(25) else sources)
        order = " reversed" if self.chance(4) else ""
        empty = f"{{% empty %}}{self.body(depth)}" if self.chance(3) else ""
        return f"{{% for {names} in {source}{order} %}}{self.body(depth)}{empty}{{% endfor %}}"

    def for_pair(self, depth: int) -> str:
        names = self.pick(("a, b", "a,b", "x, c"))
        source = "pairs" if self.chance(2) else "d.pairs"
        if self.chance(12):
            source = self.pick(("rows", "xs"))
        return f"{{% for {names} in {source} %}}{self.body(depth)}{{% endfor %}}"

    def with_(self, depth: int) -> str:
        pairs = " ".join(f"{name}={self.expression()}" for name in {self.pick(BOUND) for _ in range(self.pick((1, 2)))})
        return f"{{% with {pairs} %}}{self.body(depth)}{{% endwith %}}"

    def block(self, depth: int) -> str:
        if not self.blocks:
            return self.body(depth)
        name = self.blocks.pop()
        outer, self.inside_block = self.inside_block, True
        text = f"{{% block {name} %}}{self.body(depth)}{{% endblock %}}"
        self.inside_block = outer
        return text

    def ifchanged(self, depth: int) -> str:
        values = " ".join(self.expression() for _ in range(self.pick((0, 1, 1, 2))))
        otherwise = f"{{% else %}}{self.body(depth)}" if self.chance(3) else ""
        return f"{{% ifchanged {values} %}}{self.body(depth)}{otherwise}{{% endifchanged %}}"

    def spaceless(self, depth: int) -> str:
        return f"{{% spaceless %}}{self.body(depth)}{{% endspaceless %}}"

    def autoescape(self, depth: int) -> str:
        return f"{{% autoescape {self.pick(('on', 'off'))} %}}{self.body(depth)}{{% endautoescape %}}"

    def filter_block(self, depth: int) -> str:
        chain = "|".join(
            self.pick(("upper", "shout", "wrap:n", "cut:'a'", "lower", "striptags", "quoted", "wrap:missing"))
            for _ in range(self.pick((1, 2)))
        )
        return f"{{% filter {chain} %}}{self.body(depth)}{{% endfilter %}}"

    def twice(self, depth: int) -> str:
        name = f" as {self.pick(BOUND)}" if self.chance(3) else ""
        return f"{{% twice{self.pick(('', ' 1', ' times=3'))}{name} %}}{self.body(depth)}{{% endtwice %}}"

    def include(self, depth: int) -> str:
        if not self.included:
            return self.body(depth)
        name = self.pick(self.included)
        if self.loud and self.chance(30):
            return str(self.pick(('{% include "nope" %}', "{% include missing %}")))
        values = f" with {self.pick(BOUND)}={self.expression()}" if self.chance(2) else ""
        only = " only" if self.chance(4) else ""
        return f"{{% include {name}{values}{only} %}}"

    def cycle(self, depth: int) -> str:
        if self.cycles and self.chance(2):
            name = self.pick(self.cycles)
            return self.pick((f"{{% cycle {name} %}}", f"{{% resetcycle {name} %}}", f"{{{{ {name} }}}}"))
        values = " ".join(self.value() for _ in range(self.pick((2, 3))))
        if self.chance(2):
            name = self.pick(("c", "a", "k"))
            self.cycles.append(name)
            return f"{{% cycle {values} as {name}{' silent' if self.chance(2) else ''} %}}"
        return f"{{% cycle {values} %}}" + ("{% resetcycle %}" if self.chance(5) else "")

    def translated(self, depth: int) -> str:
        name, value = self.pick(BOUND), self.value()
        return str(
            self.pick(
                (
                    f"{{% translate 'a & %'{self.bound()} %}}",
                    f"{{% translate {value} %}}",
                    f"{{% blocktranslate with {name}={value} %}}100% {{{{ {name} }}}}<{{{{ x }}}}{{% endblocktranslate %}}",
                    f"{{% blocktranslate trimmed count k=n asvar {name} %}} one\n{{{{ k }}}} {{% plural %}}{{{{ a }}}}{{% endblocktranslate %}}",
                    "{{ _('lazy <b>') }}{{ _('t')|upper }}{% firstof missing _('<u>') %}",
                    f"{{% get_current_language as {name} %}}",
                    f"{{% get_current_timezone as {name} %}}",
                )
            )
        )

    def located(self, depth: int) -> str:
        tag, value = self.pick(
            (
                *(("localize", "on"), ("localize", "off"), ("localtime", "on"), ("localtime", "off")),
                *(("language", "'en'"), ("timezone", "'Europe/Paris'"), ("timezone", "None")),
            )
        )
        shown = self.pick(("", "{{ when }}", "{{ money }}{{ big }}", "{{ when|date:'H:i e' }}"))
        return f"{{% {tag} {value} %}}{shown}{self.body(depth)}{{% end{tag} %}}"

    def cache(self, depth: int) -> str:
        return f"{{% cache {self.pick((500, 'None', 0))} name {self.value()} %}}{self.body(depth)}{{% endcache %}}"

    def bound(self) -> str:
        return f" as {self.pick(BOUND)}" if self.chance(2) else ""

    def firstof(self, depth: int) -> str:
        return f"{{% firstof {' '.join(self.expression() for _ in range(self.pick((1, 2, 3))))}{self.bound()} %}}"

    def regroup(self, depth: int) -> str:
        source = self.pick(("rows", "xs", "pairs", "missing", "text", "gen"))
        name = self.pick(BOUND)
        key = self.pick(("k", "0", "v", "nope", "k|default:n", "v|wrap:missing"))
        return f"{{% regroup {source} by {key} as {name} %}}{{% for g in {name} %}}{{{{ g.grouper }}}}{{{{ g.list }}}}{{% endfor %}}"

    def widthratio(self, depth: int) -> str:
        return f"{{% widthratio {self.value()} {self.value()} {self.pick(('100', '100', '50', 'n', 'n', 'x') if self.chance(4) else ('100',))}{self.bound()} %}}"

    def echo(self, depth: int) -> str:
        named = f" k={self.expression()}" if self.chance(2) else ""
        return f"{{% echo {self.expression()}{named}{self.bound()} %}}"

    def put(self, depth: int) -> str:
        return f"{{% put '{self.pick(BOUND)}' {self.value()} %}}"

    def peek(self, depth: int) -> str:
        return f"{{% peek '{self.pick(('a', 'b', 'c', 'k', 'x', 'csrf_token'))}'{self.bound()} %}}"

    def listed(self, depth: int) -> str:
        return self.pick(("{% listed a n %}", "{% listed_here 'x' %}", "{% listed_here 'a' %}"))

    def small(self, depth: int) -> str:
        return str(
            self.pick(
                (
                    *(
                        "{% csrf_token %}",
                        "{% templatetag openblock %}",
                        "{# note #}",
                        "{% comment %}{{ x }}{% endcomment %}",
                    ),
                    *(
                        "{% verbatim %}{{ x }}{% endverbatim %}",
                        "{% debug %}",
                        "{% lorem 4 w %}",
                        "{{ forloop }}",
                        "{{ True }}",
                    ),
                )
            )
        )

    # Templates

    def template(self, depth: int, parent: str | None = None) -> str:
        self.blocks = list(BLOCKS)
        self.inside_block = False
        self.extends = parent is not None
        self.cycles = []
        if parent is None:
            return self.body(depth)
        blocks = "".join(self.block(depth) for _ in range(self.pick((1, 1, 2))))
        return f"{self.pick(('', '', 't '))}{{% extends {parent} %}}{blocks}"

    def family(self) -> dict[str, str]:
        """`page` may extend `child`, which may extend `base`; each may include `inc`, which may include `sub`."""
        templates = {"listed": "[{% for a in xs %}{{ a }}{% endfor %}{{ x }}{{ b }}{% csrf_token %}]"}
        templates["sub"] = self.template(1)
        self.included = ('"sub"', "templates")
        templates["inc"] = self.template(2)
        self.included = ('"inc"', '"sub"', "template", "templates")
        templates["base"] = self.template(3)
        templates["base"] += "".join(self.block(1) for _ in range(2))
        templates["child"] = self.template(2, self.pick(('"base"', '"base"', "base_name")))
        templates["page"] = self.template(3, self.pick((None, '"child"', '"base"', '"child"')))
        return templates


LEAVES = (
    "translated",
    "include",
    "cycle",
    "firstof",
    "regroup",
    "widthratio",
    "echo",
    "put",
    "peek",
    "listed",
    "small",
)
NESTING = (
    "located",
    "cache",
    "if_",
    "if_",
    "for_",
    "for_",
    "with_",
    "block",
    "ifchanged",
    "spaceless",
    "autoescape",
    "filter_block",
    "twice",
    "include",
)


class Odd(Thing):
    """Raises what the tag around it would read as a missing variable."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self.error = error

    def missing_inside(self) -> str:
        raise self.error("inside %s", ("a callable",))


class Generated:
    """Can be walked, has no length."""

    def __iter__(self) -> Iterator[int]:
        return iter((1, 2))

    def __repr__(self) -> str:
        return "<generated>"


def contexts(error: type[Exception], safe: Callable[[str], Any]) -> list[dict[str, Any]]:
    """The variables of each case; made anew for each side, since some can be used once only."""

    def common() -> dict[str, Any]:
        return {
            "thing": Odd(error),
            "notcalled": NotCalled(),
            "refuses": Refuses(),
            "html": Html(),
            "none": None,
            "template": "inc",
            "templates": ["nope", "sub"],
            "base_name": "base",
            "gen": Generated(),
            "safe_text": safe("<s>"),
            "csrf_token": "tok<en",
            "money": Decimal("1234.50"),
            "when": datetime(2024, 2, 29, 13, 5, tzinfo=UTC),
            "day": date(2024, 2, 29),
            "big": 1234567,
            "empty": [],
        }

    rich = {
        "a": "<a>", "b": 2, "x": "ex", "xs": [1, 2, 2], "pairs": [("p", 1), ("q", "<2>")], "n": 2, "f": 2.5,
        "d": {"a": 1, "b": {"c": [1, 2]}, "pairs": [("<k>", "v"), (1, None)]}, "text": "it's <b>", "call": lambda: "called",
        "rows": [{"k": 1, "v": "a"}, {"k": 1, "v": "b"}, {"k": 2, "v": "<c>"}],
    }  # fmt: skip
    poor = {
        "x": safe("<x>"), "xs": (), "d": {"items": [("k", "v")], "pairs": ["ab"]}, "pairs": [(1, 2), 3], "n": "2", "b": 0, "f": 1.25,
        "call": str, "text": "", "rows": [[1, 2]], "a": ["<", safe("<")],
    }  # fmt: skip
    strange = {
        "a": None, "b": True, "x": {"y": "<y>"}, "xs": "abc", "d": [["a", 1], ["b", 2]], "pairs": ["xy", (None, False)],
        "rows": range(2), "n": 0, "f": "nan", "text": 5, "call": Thing, "c": "see", "forloop": {"counter": "own"}, "k": "<k>",
    }  # fmt: skip
    safe_all = {name: safe(f"<{name}>") for name in NAMES} | {
        "xs": [safe("<i>"), "<j>"],
        "pairs": [(safe("<p>"), "&")],
        "d": {"a": safe("&")},
    }
    equal = rich | {
        "a": 1,
        "b": 1.0,
        "x": True,
        "n": 1,
        "xs": [1, 1.0, True],
        "text": "1",
        "none": False,
        "missing": "here",
    }
    numbers = dict(zip(NAMES, (0, 1, -1, 2.5, 10**7, 0.1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), strict=True))
    one = {name: [name] for name in NAMES} | {"d": {"items": [], "a": {}, "b": {"c": []}}, "pairs": {"ab": 1, "cd": 2}}
    return [common() | each for each in (rich, poor, strange, safe_all, equal, numbers, one)]
