"""Controls with choices: lists, radio buttons, checkboxes. A choice is (value, label) or (group, choices)."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Self

from legacy_adapters.forms.markup import attributes, optional, shown, written
from legacy_adapters.forms.widgets import Drawn, Widget, input_tag
from legacy_adapters.forms.words import Words

Group = tuple[Any, list[Drawn], int]


class CalledChoices:
    """Choices that a function gives, asked each time."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __iter__(self) -> Iterator[Any]:
        return iter(normal(self.function()))


def normal(choices: Any) -> Any:
    """Choices as a list of pairs; mappings, iterators and functions at both levels are understood."""
    if isinstance(choices, type) and hasattr(choices, "choices"):
        return choices.choices
    if callable(choices):
        return CalledChoices(choices)
    if not isinstance(choices, Mapping | list | tuple | Iterator):
        return choices
    pairs = choices.items() if isinstance(choices, Mapping) else choices
    return [(value, _grouped(label)) for value, label in pairs]


def _grouped(label: Any) -> Any:
    if callable(label) and not isinstance(label, str):
        label = label()
    if isinstance(label, Mapping):
        return list(label.items())
    if isinstance(label, list | tuple | Iterator):
        return [tuple(pair) for pair in label]
    return label


class ChoiceWidget(Widget):
    allow_multiple_selected = False
    add_id_index = True
    option_inherits_attrs = True
    checked_attribute: Mapping[str, Any] = {"checked": True}

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__(attrs)
        self.choices = choices

    @property
    def choices(self) -> Any:
        return self._choices

    @choices.setter
    def choices(self, choices: Any) -> None:
        self._choices: Any = normal(choices)

    def copied(self) -> Self:
        other = super().copied()
        if isinstance(self._choices, list):
            other._choices = list(self._choices)
        return other

    def format_value(self, value: Any) -> Any:
        if value is None and self.allow_multiple_selected:
            return []
        values = value if isinstance(value, list | tuple) else [value]
        return ["" if each is None else str(each) for each in values]

    def optgroups(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> list[Group]:
        """What is printed, by group: without a group, each choice is its own."""
        groups: list[Group] = []
        found = False
        for index, (first, label) in enumerate(self.choices):
            first = "" if first is None else first
            grouped = isinstance(label, list | tuple)
            options: list[Drawn] = []
            for subindex, (choice, text) in enumerate(label if grouped else [(first, label)]):
                selected = (not found or self.allow_multiple_selected) and str(choice) in value
                found = found or selected
                inner = subindex if grouped else None
                options.append(self.create_option(name, choice, text, selected, index, inner, attrs))
            groups.append((first if grouped else None, options, index))
        return groups

    def options(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Iterator[Drawn]:
        for _, options, _ in self.optgroups(name, value, attrs):
            yield from options

    def subwidgets(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Iterator[Drawn]:
        yield from self.options(name, self.format_value(value), attrs)

    def create_option(
        self,
        name: str,
        value: Any,
        label: Any,
        selected: bool,
        index: Any,
        subindex: int | None = None,
        attrs: dict[str, Any] | None = None,
    ) -> Drawn:
        place = str(index) if subindex is None else f"{index}_{subindex}"
        own = self.build_attrs(self.attrs, attrs) if self.option_inherits_attrs else {}
        if selected:
            own.update(self.checked_attribute)
        if "id" in own:
            own["id"] = self.id_for_label(own["id"], place)
        about = {"selected": selected, "index": place, "attrs": own, "type": self.input_type, "wrap_label": True}
        return {"name": name, "value": value, "label": label, **about}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["optgroups"] = self.optgroups(name, context["widget"]["value"], attrs)
        return context

    def id_for_label(self, id_: str, index: str | None = "0") -> str:
        return f"{id_}_{index}" if id_ and self.add_id_index else id_

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return (getattr(data, "getlist", data.get) if self.allow_multiple_selected else data.get)(name)


class Select(ChoiceWidget):
    input_type = "select"
    add_id_index = False
    option_inherits_attrs = False
    checked_attribute = {"selected": True}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if self.allow_multiple_selected:
            context["widget"]["attrs"]["multiple"] = True
        return context

    def drawn(self, widget: Drawn) -> str:
        groups = "".join(self._group(name, options) for name, options, _ in widget["optgroups"])
        return f'<select name="{shown(widget["name"])}"{attributes(widget["attrs"])}>{groups}\n</select>\n'

    def _group(self, name: Any, options: Iterable[Drawn]) -> str:
        inside = "".join(f"\n  {self.drawn_part(option)}" for option in options)
        return f'\n  <optgroup label="{shown(name)}">{inside}\n  </optgroup>' if name else inside

    def drawn_part(self, widget: Drawn) -> str:
        value, attrs = written(widget["value"]), attributes(widget["attrs"])
        return f'<option value="{value}"{attrs}>{shown(widget["label"])}</option>\n'

    def use_required_attribute(self, initial: Any) -> bool:
        """A list is `required` only where its first choice is none."""
        if self.allow_multiple_selected or not super().use_required_attribute(initial):
            return super().use_required_attribute(initial)
        return any(value is None or value == "" for value, _ in islice(self.choices, 1))


class NullBooleanSelect(Select):
    """Unknown, yes or no; `2` and `3` are what Django sent before 2.2."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, [("unknown", Words("Unknown")), ("true", Words("Yes")), ("false", Words("No"))])

    def format_value(self, value: Any) -> Any:
        known = {True: "true", False: "false", "true": "true", "false": "false", "2": "true", "3": "false"}
        return known.get(value, "unknown")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        yes, no = dict.fromkeys((True, "True", "true", "2"), True), dict.fromkeys((False, "False", "false", "3"), False)
        return {**yes, **no}.get(data.get(name))


class SelectMultiple(Select):
    allow_multiple_selected = True

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class RadioSelect(ChoiceWidget):
    input_type = "radio"
    use_fieldset = True

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return "" if index is None else super().id_for_label(id_, index)

    def drawn(self, widget: Drawn) -> str:
        attrs = widget["attrs"]
        groups = "".join(self._group(name, options) for name, options, _ in widget["optgroups"])
        return f"<div{optional('id', attrs.get('id'))}{optional('class', attrs.get('class'))}>{groups}\n</div>\n"

    def _group(self, name: Any, options: Iterable[Drawn]) -> str:
        inside = "".join(f"<div>\n    {self.drawn_part(option)}</div>" for option in options)
        return f"\n  <div><label>{shown(name)}</label>{inside}\n  </div>" if name else inside

    def drawn_part(self, widget: Drawn) -> str:
        if not widget["wrap_label"]:
            return f"{input_tag(widget)}\n\n"
        start = f"<label{optional('for', widget['attrs'].get('id'))}>"
        return f"{start}{input_tag(widget)} {shown(widget['label'])}</label>\n\n"


class CheckboxSelectMultiple(RadioSelect):
    allow_multiple_selected = True
    input_type = "checkbox"

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False
