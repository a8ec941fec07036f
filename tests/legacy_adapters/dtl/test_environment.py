"""The environment itself: what errors say, what is kept, what is registered, what is refused."""

import traceback
from typing import Any

import jinja2
import pytest

from legacy_adapters.dtl.context import Context
from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.errors import TemplateDoesNotExist, TemplateSyntaxError
from legacy_adapters.dtl.functions import inclusion, prints_as_is, simple_block, takes_context
from legacy_adapters.dtl.safe import SafeString


def environment(templates: dict[str, str], **options: Any) -> DjangoEnvironment:
    return DjangoEnvironment(jinja2.DictLoader(templates), **options)


def rendered(source: str, variables: dict[str, Any] | None = None, **options: Any) -> str:
    return environment({"t": source}, **options).get_template("t").render(variables or {})


def nothing_more() -> dict[str, Any]:
    return {}


def broken() -> str:
    raise ZeroDivisionError("broken")


# Errors


def test_an_error_keeps_its_type_and_names_every_template_it_passed() -> None:
    templates = {
        "page": "{% extends 'base' %}\n\n{% block a %}\n{% include 'row' %}{% endblock %}",
        "base": "\n{% block a %}{% endblock %}",
        "row": "one\ntwo {{ x|upper }}\n{% if y %}{% for a in b %}\n{{ broken }}{% endfor %}{% endif %}",
    }
    with pytest.raises(ZeroDivisionError) as raised:
        environment(templates).get_template("page").render({"broken": broken, "y": 1, "b": [1]})
    assert raised.value.__notes__ == [
        "in template 'page', line 1",
        "in template 'base', line 2",
        "in template 'page', line 4",
        "in template 'row', line 4",
    ]


def test_an_error_says_where_the_line_came_from() -> None:
    site = environment({"t": "\n{{ broken }}"}, origin=lambda name, line: f"/old/{name}.html:{line}")
    with pytest.raises(ZeroDivisionError) as raised:
        site.get_template("t").render({"broken": broken})
    assert raised.value.__notes__ == ["in template 't', line 2 (/old/t.html:2)"]
    assert "/old/t.html:2" in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("source", ["{{ x|nope }}", "{% if x|nope %}{% endif %}", "{% for a in b if c %}{% endfor %}", "{{ a + b }}", "{% import 'x' as y %}", "{% if a < b < c %}{% endif %}", "{{ resetcycle() }}", "{{ cycle_next('c') }}", "{% block a %}{% endblock %}{% block a %}{% endblock %}"])  # fmt: skip
def test_what_django_has_no_word_for_is_refused_with_its_line(source: str) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError) as refused:
        environment({"t": f"\n\n{source}"}).get_template("t")
    assert (refused.value.name, refused.value.lineno) == ("t", 3)


def test_a_tag_that_could_not_be_converted_fails_when_it_is_rendered() -> None:
    source = "{% if x %}{{ unknown_tag('odd', 'odd a b') }}{% endif %}"
    assert rendered(source) == ""
    with pytest.raises(TemplateSyntaxError, match="odd a b"):
        rendered(source, {"x": 1})


def test_a_function_that_nobody_registered_fails_when_it_is_called() -> None:
    assert rendered("{% if x %}{{ nobody(1) }}{% endif %}") == ""
    with pytest.raises(TemplateSyntaxError, match="nobody"):
        rendered("{{ nobody(1) }}")


@pytest.mark.parametrize("source", ["{% include 'x' %}", "{% extends 'x' %}", "{% include names %}", "{{ include_only('x') }}", "{{ gone() }}"])  # fmt: skip
def test_a_template_that_is_not_there_is_named(source: str) -> None:
    with pytest.raises(TemplateDoesNotExist, match="x"):
        rendered(source, {"names": ["y", "x"]}, functions={"gone": inclusion("x")(nothing_more)})


def test_is_with_a_literal_warns_nobody(recwarn: pytest.WarningsRecorder) -> None:
    assert rendered("{% if x is sameas('a') %}{% endif %}{% if 1 is sameas(1) %}one{% endif %}") == "one"
    assert not recwarn.list


# Templates


def test_a_template_is_compiled_once_unless_it_may_change() -> None:
    templates = {"t": "{% include 'x' %}", "x": "old"}
    kept, fresh = environment(templates), environment(templates, auto_reload=True)
    assert [site.get_template("t").render() for site in (kept, fresh)] == ["old", "old"]
    templates |= {"x": "new"}
    kept.loader.mapping["x"] = fresh.loader.mapping["x"] = "new"  # type: ignore[union-attr]
    assert [site.get_template("t").render() for site in (kept, fresh)] == ["old", "new"]


def test_a_template_may_extend_and_include_template_objects() -> None:
    site = environment({"base": "<{% block a %}{% endblock %}>", "t": "{% extends base %}{% block a %}{% include x %}{% endblock %}", "x": "{{ y }}"})  # fmt: skip
    objects = {"base": site.get_template("base"), "x": site.get_template("x"), "y": "&"}
    assert site.get_template("t").render(objects) == "<&amp;>"


class Own:
    def render(self, context: Any) -> str:
        return f"<{context['x']}>"


def test_whatever_renders_itself_may_be_included() -> None:
    assert rendered("{% with x=1 %}{% include own %}{% endwith %}", {"own": Own(), "x": 2}) == "<1>"


def test_escaping_may_be_off_for_a_whole_site() -> None:
    source = "{{ x }}{% autoescape true %}{{ x }}{% endautoescape %}"
    assert rendered(source, {"x": "<"}, autoescape=False) == "<&lt;"


def test_an_endless_template_says_so_once() -> None:
    with pytest.raises(RecursionError) as raised:
        rendered("{% include 't' %}")
    assert raised.value.__notes__ == ["in template 't', line 1"]


def test_a_template_that_extends_its_own_name_gets_the_next_one() -> None:
    templates = {
        "t": "{% extends name %}{% block a %}1{{ super() }}{% endblock %}",
        "_shadowed/1/t": "{% extends name %}{% block a %}2{{ super() }}{% endblock %}",
        "_shadowed/2/t": "{% block a %}3{% endblock %}",
    }
    assert environment(templates).get_template("t").render({"name": "t"}) == "123"


def test_names_may_be_relative() -> None:
    templates = {
        "a/b/t": "{% include './x' %}{% include '../x' %}{% include up %}",
        "a/b/x": "b",
        "a/x": "a",
        "x": "root",
    }
    assert environment(templates).get_template("a/b/t").render({"up": "../../x"}) == "baroot"
    with pytest.raises(TemplateSyntaxError, match="outside"):
        environment(templates).get_template("a/b/t").render({"up": "../../../x"})


def test_scopes_may_nest_deeper_than_pythons_blocks() -> None:
    depth = 15
    source = (
        "".join(f"{{% for a{i} in xs %}}{{% if a{i} and xs %}}" for i in range(depth)) + "{{ a0 }}{{ forloop.counter }}"
    )
    assert rendered(source + "{% endif %}{% endfor %}" * depth, {"xs": ["x"]}) == "x1"


# What a site registers


@takes_context
def remember(context: Context, value: Any) -> str:
    context["kept"] = value
    return ""


@takes_context
@inclusion("row")
def row(context: Context, *args: Any) -> dict[str, Any]:
    return {"args": args, "seen": context.get("x")}


def repeated(context: Context, body: Any, times: int, sep: str = "") -> str:
    texts = []
    for number in range(times):
        with context.push(**({body.target: number} if body.target else {})):
            texts.append(body())
    return SafeString(sep.join(texts)) if texts else body.otherwise()


def test_functions_get_what_they_ask_for() -> None:
    functions = {
        "remember": remember,
        "row": row,
        "join": lambda *args, sep: sep.join(args),
        "raw": prints_as_is(lambda: "<i>"),
    }
    templates = {
        "t": "{{ remember(x) }}{{ kept }}{{ join('<', x, sep='-') }}{% set j = join('a', 'b', sep='&') %}{{ j }}{{ raw() }}{{ row(1, x) }}",
        "row": "[{{ args }}{{ seen }}{{ x }}{{ csrf_token }}]",
    }
    site = environment(templates, functions=functions)
    assert site.get_template("t").render({"x": "X", "csrf_token": "T"}) == "X&lt;-Xa&amp;b<i>[(1, &#x27;X&#x27;)XT]"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% repeated 2 %}{{ x }}{% endrepeated %}", "&lt;&lt;"),
        ("{% repeated 2, sep='<' as i %}{{ i }}{% endrepeated %}{{ i }}", "0<1"),
        ("{% repeated 0 %}a{% else %}none{% endrepeated %}", "none"),
        ("{% repeated 0 %}a{% empty %}none{{ x }}{% endrepeated %}", "none&lt;"),
        ("{% repeated n %}{% repeated n %}{{ x }}{% endrepeated %}{% endrepeated %}", "&lt;" * 4),
        ("{% for y in xs %}{% repeated 1 %}{{ forloop.counter }}{{ y }}{% endrepeated %}{% endfor %}", "1a2b"),
        ("{% shout %}{{ x }}a{% endshout %}", "&lt;A&lt;A"),
        ("{% shout as v %}a{% endshout %}[{{ v }}]", "[AA]"),
    ],
)
def test_block_functions_render_their_body_as_they_like(source: str, expected: str) -> None:
    blocks = {"repeated": repeated, "shout": simple_block(lambda content: SafeString(content.replace("a", "A") * 2))}
    assert rendered(source, {"x": "<", "n": 2, "xs": "ab"}, blocks=blocks) == expected


class Fragments(dict[str, Any]):
    def set(self, key: str, value: Any, timeout: int | None) -> None:
        self[key] = value


def test_a_fragment_is_kept_under_djangos_key() -> None:
    from django.core.cache.utils import make_template_fragment_key

    kept, other = Fragments(), Fragments()
    site = environment(
        {
            "t": "{% cache 60, 'name', x, n %}{{ y }}{% endcache %}{% cache 60, 'b', using='other' %}{{ y }}{% endcache %}"
        },
        fragments=lambda name: other if name == "other" else kept,
    )
    assert site.get_template("t").render({"x": "<", "n": 1, "y": "first"}) == "firstfirst"
    assert site.get_template("t").render({"x": "<", "n": 1, "y": "second"}) == "firstfirst"
    assert site.get_template("t").render({"x": "<", "n": 2, "y": "second"}) == "secondfirst"
    assert list(kept) == [make_template_fragment_key("name", ["<", n]) for n in (1, 2)]
    assert list(other) == [make_template_fragment_key("b", [])]


@pytest.mark.parametrize("timeout", ["'x'", "missing", "x"])
def test_a_fragment_needs_seconds(timeout: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="seconds"):
        rendered(f"{{% cache {timeout}, 'n' %}}{{% endcache %}}", {"x": []})


def test_partials_see_the_variables_of_the_place_that_shows_them() -> None:
    source = "{% partialdef 'p' %}[{{ x }}{{ y }}]{% endpartialdef %}{% partialdef 'q', inline=true %}({{ x }}){% endpartialdef %}{% with y=2 %}{{ partial('p') }}{% endwith %}{{ partial('q') }}"
    assert rendered(source, {"x": 1}) == "(1)[12](1)"
    with pytest.raises(TemplateSyntaxError, match="nope"):
        rendered("{{ partial('nope') }}")


class Query(dict[str, Any]):
    def lists(self) -> Any:
        return self.items()


class Request:
    GET = Query(a=["1"], b=["x y", "z"])


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("querystring()", "?a=1&amp;b=x+y&amp;b=z"),
        ("querystring(a=2, c='ü')", "?a=2&amp;b=x+y&amp;b=z&amp;c=%C3%BC"),
        ("querystring(b=None)", "?a=1"),
        ("querystring(b=xs)", "?a=1&amp;b=1&amp;b=2"),
        ("querystring(a=None, b=None)", "?"),
        ("querystring(nothing)", ""),
        ("querystring(nothing, q=1)", "?q=1"),
    ],
)
def test_a_query_is_changed(call: str, expected: str) -> None:
    variables = {"request": Request(), "xs": [1, 2], "nothing": {}}
    assert rendered(f"{{{{ {call} }}}}", variables) == expected


def test_debug_shows_the_variables_in_debug_mode_only() -> None:
    assert rendered("{{ debug() }}", {"x": "<"}) == ""
    assert rendered("{{ debug() }}", {"x": "<"}, debug=True) == "{&#x27;x&#x27;: &#x27;&lt;&#x27;}"


# The context


def test_a_context_gives_back_what_a_scope_bound() -> None:
    context = Context({"a": 1, "b": 2}, environment({}))
    with context.push(a=10, c=30):
        context["b"] = 20
        context.update({"d": 40})
        context.set_upward("a", 11)
        context.set_upward("e", 50)
        assert dict(context) == {"a": 11, "b": 20, "c": 30, "d": 40, "e": 50}
        del context["c"]
        assert context.setdefault("c", 31) == 31
    assert dict(context) == {"a": 1, "b": 2}
    with context.push():
        context.set_upward("a", 12)
    assert dict(context) == {"a": 12, "b": 2}


def test_a_string_filter_keeps_what_the_text_of_an_object_is() -> None:
    class Rich:
        def __init__(self, text: str) -> None:
            self.text = text

        def __str__(self) -> str:
            return self.text

    page = DjangoEnvironment(jinja2.DictLoader({})).from_string("{{ a|truncatewords(9) }}{{ b|truncatewords(9) }}")
    assert page.render({"a": Rich(SafeString("<b>")), "b": Rich("<b>")}) == "<b>&lt;b&gt;"
