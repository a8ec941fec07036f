"""Ten templates, Django's rendering beside ours of their imports: microseconds per render, in one process, in turns.

python -m tests.bench.templates
"""

import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from types import SimpleNamespace
from typing import Any

import jinja2
from django.template import Context

from importers.templates import convert
from legacy_adapters.dtl.environment import DjangoEnvironment
from tests.legacy_adapters.dtl.oracle import both
from tests.legacy_adapters.dtl.sides import KNOWN, django_engine

TEMPLATES = {
    "text": "<p>" + "nothing but text " * 40 + "</p>",
    "variables": "".join(f"<td>{{{{ row{i} }}}}</td>" for i in range(20)),
    "lookups": "{% for r in releases %}<li>{{ r.name }} {{ r.version.number }} {{ r.url }}</li>{% endfor %}",
    "conditions": "{% for r in releases %}{% if r.published and not r.pre %}{{ r.name }}{% elif r.version.number >= 3 %}old{% else %}-{% endif %}{% endfor %}",
    "filters": "{% for r in releases %}{{ r.name|upper|truncatechars:12 }}{{ r.missing|default:'none' }}{{ r.url|urlencode }}{{ r.date|date:'Y-m-d' }}{% endfor %}",
    "table": "<table>{% for row in table %}<tr class=\"{% cycle 'odd' 'even' %}\">{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>",
    "scopes": "{% for r in releases %}{% with n=r.name u=r.url %}{{ forloop.counter }}{{ n }}{{ u }}{% endwith %}{% endfor %}",
    "include": "{% for r in releases %}{% include 'row' with x=r.name %}{% endfor %}",
    "extends": "{% extends 'base' %}{% block title %}{{ title }}{{ block.super }}{% endblock %}{% block body %}{% for r in releases %}{{ r.name }}{% endfor %}{% endblock %}",
    "page": "{% extends 'base' %}{% block body %}{% for r in releases %}{% ifchanged r.version.number %}<h2>{{ r.version.number }}</h2>{% endifchanged %}"
    "<a href=\"{{ r.url }}\"{% if forloop.first %} class=\"first\"{% endif %}>{{ r.name|title }}</a>{% include 'row' with x=r.date|date %}{% endfor %}{% endblock %}",
}  # fmt: skip
AROUND = {
    "row": "<b>{{ x }}</b>",
    "base": "<html><title>{% block title %}site{% endblock %}</title>{% for m in menu %}<a href='{{ m.0 }}'>{{ m.1 }}</a>{% endfor %}{% block body %}{% endblock %}</html>",
}


def variables() -> dict[str, Any]:
    from datetime import date

    releases = [
        SimpleNamespace(
            name=f"release <{i}>",
            url=f"/downloads/release/{i}/",
            published=i % 3,
            pre=i % 2,
            date=date(2024, 1, 1 + i),
            version=SimpleNamespace(number=i // 5),
        )
        for i in range(20)
    ]
    return {
        **{f"row{i}": f"value {i}" for i in range(20)},
        "releases": releases,
        "table": [[f"cell {x}" for x in range(10)] for _ in range(20)],
        "menu": [(f"/{i}/", f"item {i}") for i in range(10)],
        "title": "A page",
    }


def per_call(render: Callable[[], object], seconds: float = 0.04) -> float:
    start, calls = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        render()
        calls += 1
    return (time.perf_counter() - start) / calls * 1e6


def measure(rounds: int = 7) -> dict[str, tuple[float, float]]:
    """Microseconds of Django and of ours, by template: medians of rounds in turns."""
    sources = TEMPLATES | AROUND
    engine = django_engine(sources)
    imported = {name: convert(source, name=name, known=KNOWN).text for name, source in sources.items()}
    environment = DjangoEnvironment(jinja2.DictLoader(imported))
    values = variables()
    found: dict[str, tuple[float, float]] = {}
    with both():
        for name in TEMPLATES:
            theirs, ours = engine.get_template(name), environment.get_template(name)
            assert theirs.render(Context(values)) == ours.render(values), name
            pairs = [
                (per_call(lambda: theirs.render(Context(values))), per_call(lambda: ours.render(values)))  # noqa: B023
                for _ in range(rounds)
            ]
            found[name] = (median(pair[0] for pair in pairs), median(pair[1] for pair in pairs))
    return found


def rows() -> Iterator[tuple[str, float, float, float, float | None, str]]:
    for name, (django, ours) in measure().items():
        yield f"template {name}: ours, Django", ours, django, django / ours, None, "µs per render"


def main() -> None:
    for name, (django, ours) in measure().items():
        sys.stdout.write(f"{name:12} Django {django:8.1f} µs   ours {ours:8.1f} µs   {django / ours:5.1f} ×\n")


if __name__ == "__main__":
    main()
