"""What a loop printed is printed again where its values are the same, and only there."""

from collections.abc import Callable, Hashable
from typing import Any

import jinja2
import pytest

from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.functions import steady


class Row:
    def __init__(self, name: str) -> None:
        self.name, self.asked = name, 0

    def said(self) -> str:
        self.asked += 1
        return self.name


class Memory:
    is_open = True

    def __init__(self) -> None:
        self.kept: dict[Hashable, Any] = {}

    def holds(self, value: object) -> bool:
        return isinstance(value, Row)

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]


def page(source: str, **options: Any) -> tuple[jinja2.Template, Memory]:
    memory = Memory()
    functions = {"chance": lambda: "x", "fixed": steady(lambda: "y")}
    environment = DjangoEnvironment(
        jinja2.DictLoader({"page": source, "part": "part"}), prints=memory, functions=functions, **options
    )
    return environment.get_template("page"), memory


ROWS = [Row("<a>"), Row("b")]


@pytest.mark.parametrize(
    "body",
    [
        "{{ r.said }}",
        "{{ forloop.counter }}{{ r.said }}{{ around }}",
        "{{ cycle('x', 'y') }}{{ r.said|upper }}{% ifchanged %}{{ r.name }}{% endifchanged %}",
        "{{ fixed() }}{{ r.said }}{% for each in r.name %}{{ each }}{% endfor %}",
        "{% with twice = r.said %}{{ twice }}{{ twice }}{% endwith %}",
        "{{ cycle('x', 'y', name='side') }}{{ r.said }}{{ side }}",
        "{{ r.said }}{% for each in 'ab' %}{{ forloop.parentloop.counter }}{{ each }}{% endfor %}",
    ],
)
def test_a_closed_loop_over_remembered_rows_is_run_once(body: str) -> None:
    template, memory = page("{% for r in rows %}" + body + "{% endfor %}")
    rows = [Row("<a>"), Row("b")]
    first = template.render({"rows": rows, "around": 1})
    assert template.render({"rows": list(rows), "around": 1}) == first
    assert [row.asked for row in rows] == [1, 1]
    assert len(memory.kept) == 1
    assert "&lt;a&gt;" in first or "&lt;A&gt;" in first


@pytest.mark.parametrize(
    "source",
    [
        "{% for r in rows %}{{ chance() }}{% endfor %}",
        "{% for r in rows %}{{ user }}{% endfor %}",
        "{% for r in rows %}{{ request.path }}{% endfor %}",
        "{% for r in rows %}{{ now('Y') }}{% endfor %}",
        "{% for r in rows %}{{ r.name|random }}{% endfor %}",
        "{% for r in rows %}{% include 'part' %}{% endfor %}",
        "{% for r in rows %}{{ forloop.parentloop.counter }}{% endfor %}",
        "{% for r in rows %}{% for a in 'xy' %}{{ forloop.parentloop.parentloop.counter }}{% endfor %}{% endfor %}",
        "{% for r in rows %}{% with f = forloop %}{{ f.parentloop.counter }}{% endwith %}{% endfor %}",
        "{% with c = 'before' %}{% for r in rows %}{{ cycle('a', 'b', name='c') }}{% endfor %}{{ c }}{% endwith %}",
        "{% for r in rows %}{{ other }}{% endfor %}",
        "{% for r in rows %}{{ size }}{% endfor %}",
    ],
)
def test_a_loop_that_may_print_something_else_runs_each_time(source: str) -> None:
    template, memory = page(source)
    for _ in range(2):
        template.render({"rows": ROWS, "other": object(), "size": 1.0, "user": "u", "request": None})
    assert memory.kept == {}


@pytest.mark.parametrize(
    "variables",
    [{"rows": ROWS[:1]}, {"rows": ROWS[::-1]}, {"around": True}, {"around": "1"}, {"around": None}, {"around": 2}],
)
def test_other_values_print_anew(variables: dict[str, Any]) -> None:
    template, _ = page("{% for r in rows %}{{ r.name }}{{ around }}{% endfor %}")
    plain = DjangoEnvironment(jinja2.DictLoader({})).from_string(
        "{% for r in rows %}{{ r.name }}{{ around }}{% endfor %}"
    )
    template.render({"rows": ROWS, "around": 1})
    given = {"rows": ROWS, "around": 1, **variables}
    assert template.render(given) == plain.render(given)


def test_a_cycle_goes_on_where_a_remembered_loop_left_it() -> None:
    source = "{% for pass in passes %}{% for r in rows %}{{ cycle('1', '2', '3') }}{{ r.name }}{% endfor %}{{ chance() }}{% endfor %}"
    template, memory = page(source)
    expected = DjangoEnvironment(jinja2.DictLoader({"page": source}), functions={"chance": lambda: "x"})
    given = {"passes": [1.5, 2.5, 3.5, 4.5], "rows": ROWS}
    assert template.render(given) == template.render(given) == expected.get_template("page").render(given)
    assert len(memory.kept) == 3


def test_nothing_is_kept_by_a_memory_that_is_closed() -> None:
    template, memory = page("{% for r in rows %}{{ r.name }}{% endfor %}")
    memory.is_open = False
    assert template.render({"rows": ROWS}) == "&lt;a&gt;b"
    assert memory.kept == {}


def test_nothing_is_kept_while_templates_are_edited() -> None:
    template, memory = page("{% for r in rows %}{{ r.name }}{% endfor %}", auto_reload=True)
    assert template.render({"rows": ROWS}) == "&lt;a&gt;b"
    assert memory.kept == {}
