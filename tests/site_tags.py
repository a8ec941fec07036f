"""The reference site's own template tags on the new side, as a team that migrates writes them: TEMPLATE_TAGS names it.

The Django side is `tests/legacy_site/legacy/templatetags/site_extras.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from legacy_adapters.dtl.functions import inclusion, takes_context


def initials(name: object) -> str:
    return "".join(word[0] for word in str(name).split()).upper()


@takes_context
def address_of(context: Mapping[str, Any], thing: Any) -> str:
    return str(context["request"].build_absolute_uri(thing.get_absolute_url()))


@takes_context
def visitor(context: Mapping[str, Any], nobody: object) -> object:
    user = context["request"].user
    return user.get_username() if user.is_authenticated else nobody


@takes_context
def search_form(context: Mapping[str, Any]) -> "Form":
    said = context["request"].GET
    choices = [("", "Everywhere"), ("downloads", "Downloads"), ("docs", "Documentation & guides")]
    return Form(
        Field("q", "Search for", CharField(TextInput({"maxlength": "80"})), said.get("q")),
        Field("section", "Section", ChoiceField(Select({}, choices)), said.get("section")),
    )


@inclusion("extras/entry_card.html")
@takes_context
def entry_card(context: Mapping[str, Any], entry: Any, heading: str = "h3") -> dict[str, Any]:
    return {"entry": entry, "heading": heading, "site": context["SITE_INFO"]}


def notice(context: Mapping[str, Any], body: Callable[[], str], kind: object, title: object = "") -> str:
    content = body()
    if not content.strip():
        return ""
    shown = Markup("<strong>{}</strong> ").format(title) if title else ""
    frame = Markup('<div class="notice notice-{}" data-at="{}">{}{}</div>')
    return frame.format(kind, context["request"].path, shown, content)


class TextInput:
    """`<input>` as Django's TextInput prints it."""

    input_type = "text"

    def __init__(self, attrs: dict[str, Any]) -> None:
        self.attrs = attrs

    def render(self, name: str, value: str | None, attrs: Mapping[str, Any]) -> str:
        shown = Markup(' value="{}"').format(value) if value else ""
        return Markup('<input type="{}" name="{}"{}{}>').format(self.input_type, name, shown, flat(attrs))


class Select:
    """`<select>` as Django's Select prints it."""

    def __init__(self, attrs: dict[str, Any], choices: Sequence[tuple[str, str]]) -> None:
        self.attrs, self.choices = attrs, choices

    def render(self, name: str, value: str | None, attrs: Mapping[str, Any]) -> str:
        options = Markup("\n\n").join(
            Markup('  <option value="{}"{}>{}</option>').format(
                key, Markup(" selected") if key == (value or "") else "", label
            )
            for key, label in self.choices
        )
        return Markup('<select name="{}"{}>\n{}\n\n</select>').format(name, flat(attrs), options)


def flat(attrs: Mapping[str, Any]) -> Markup:
    return Markup("").join(
        Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value)
        for name, value in attrs.items()
    )


class CharField:
    required = False
    show_hidden_initial = False

    def __init__(self, widget: Any) -> None:
        self.widget = widget


class ChoiceField(CharField):
    pass


class Field:
    """A bound field: what templates ask of one."""

    errors = ""

    def __init__(self, name: str, label: str, field: CharField, value: str | None) -> None:
        self.name, self.label, self.field, self._value = name, label, field, value
        self.id_for_label = f"id_{name}"

    def label_tag(self) -> Markup:
        return Markup('<label for="{}">{}:</label>').format(self.id_for_label, escape(self.label))

    def as_widget(self, widget: Any = None, attrs: dict[str, Any] | None = None, only_initial: bool = False) -> str:
        shown = widget or self.field.widget
        merged = {**shown.attrs, **(attrs or {})}
        html: str = shown.render(self.name, self._value, {**merged, "id": self.id_for_label})
        return html

    def __str__(self) -> str:
        return self.as_widget()

    __html__ = __str__


class Form:
    def __init__(self, *fields: Field) -> None:
        self._fields = {field.name: field for field in fields}

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())


FILTERS = {"initials": initials}
FUNCTIONS = {
    "address_of": address_of,
    "entry_card": entry_card,
    "search_form": search_form,
    "visitor": visitor,
}
BLOCKS = {"notice": notice}
