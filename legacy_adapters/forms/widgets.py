"""The controls of a form: what each prints for a value, and how it reads its value from what was sent.

`get_context(name, value, attrs)["widget"]` is a dictionary with Django's keys, and `drawn(widget)` prints one; a
control of a site's own overrides either. Data and files have `get`, and `getlist` where a name can come twice.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, Self

from legacy_adapters.dtl.locale import current
from legacy_adapters.dtl.numberformat import number_format
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.forms.markup import attributes, shown, trimmed, written
from legacy_adapters.forms.media import Media, declared
from legacy_adapters.forms.words import Words

Drawn = dict[str, Any]

INPUT_FORMATS: Mapping[str, tuple[str, ...]] = {
    "DATE_INPUT_FORMATS": (
        *("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%b %d %Y", "%b %d, %Y", "%d %b %Y", "%d %b, %Y"),
        *("%B %d %Y", "%B %d, %Y", "%d %B %Y", "%d %B, %Y"),
    ),
    "TIME_INPUT_FORMATS": ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M"),
    "DATETIME_INPUT_FORMATS": tuple(
        f"{day} {clock}"
        for day in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y")
        for clock in ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M")
    ),
}
PADDED = {"C": 2, "F": 10, "G": 4, "Y": 4}


def input_formats(name: str) -> tuple[str, ...]:
    """In which a date may be typed in the language that is active; English where nobody wrote them down."""
    known: Any = current().formats.get(name)
    return tuple(known) if known else INPUT_FORMATS[name]


def typed(value: Any, form: str) -> Any:
    """A moment or a number as a person would type it; text as it is (django/utils/formats.py: localize_input())."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal | float | int):
        return number_format(value)
    if isinstance(value, datetime | date | time):
        # glibc writes the year 99 as `99`
        padded = re.sub(r"((?:^|[^%])(?:%%)*)%([CFGY])", lambda m: f"{m[1]}%0{PADDED[m[2]]}{m[2]}", form)
        return value.strftime(padded)
    return value


class Widget:
    """A control. `attrs` are its own attributes; those of a field are laid over them when it is printed."""

    input_type: Any = None
    needs_multipart_form = False
    is_required = False
    supports_microseconds = True
    use_fieldset = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        self.attrs: dict[str, Any] = dict(attrs or {})

    def copied(self) -> Self:
        """A control of a form's own, which may be changed without changing the others."""
        other = copy.copy(self)
        other.attrs = dict(self.attrs)
        return other

    @property
    def is_hidden(self) -> bool:
        return bool(self.input_type == "hidden")

    @property
    def media(self) -> Media:
        return declared(self, Media())

    def format_value(self, value: Any) -> Any:
        return None if value == "" or value is None else str(value)

    def build_attrs(self, own: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {**own, **(extra or {})}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        widget = {
            "name": name,
            "is_hidden": self.is_hidden,
            "required": self.is_required,
            "value": self.format_value(value),
            "attrs": self.build_attrs(self.attrs, attrs),
        }
        return {"widget": widget}

    def subwidgets(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Iterator[Drawn]:
        yield self.get_context(name, value, attrs)["widget"]

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        return trimmed(self.drawn(self.get_context(name, value, attrs)["widget"]))

    def drawn(self, widget: Drawn) -> str:
        raise NotImplementedError

    def drawn_part(self, widget: Drawn) -> str:
        """One of `subwidgets`, for a template that lays them out itself."""
        return self.drawn(widget)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def id_for_label(self, id_: str) -> str:
        return id_

    def use_required_attribute(self, initial: Any) -> bool:
        return not self.is_hidden


def input_tag(widget: Drawn) -> str:
    value = "" if widget["value"] is None else f' value="{written(widget["value"])}"'
    start = f'<input type="{shown(widget["type"])}" name="{shown(widget["name"])}"'
    return f"{start}{value}{attributes(widget['attrs'])}>\n"


class Input(Widget):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        attrs = dict(attrs or {})
        if "type" in attrs:
            self.input_type = attrs.pop("type")
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["type"] = self.input_type
        return context

    def drawn(self, widget: Drawn) -> str:
        return input_tag(widget)


class TextInput(Input):
    input_type = "text"


class NumberInput(Input):
    input_type = "number"


class EmailInput(Input):
    input_type = "email"


class URLInput(Input):
    input_type = "url"


class ColorInput(Input):
    input_type = "color"


class SearchInput(Input):
    input_type = "search"


class TelInput(Input):
    input_type = "tel"


class HiddenInput(Input):
    input_type = "hidden"


class PasswordInput(Input):
    """A password that was sent is not printed again, unless `render_value` says so."""

    input_type = "password"

    def __init__(self, attrs: dict[str, Any] | None = None, render_value: bool = False) -> None:
        super().__init__(attrs)
        self.render_value = render_value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value if self.render_value else None, attrs)


class MultipleHiddenInput(HiddenInput):
    """A hidden control for each value of a list."""

    def format_value(self, value: Any) -> Any:
        return [] if value is None else value

    def drawn(self, widget: Drawn) -> str:
        tags = []
        for index, value in enumerate(widget["value"]):
            attrs = dict(widget["attrs"])
            if attrs.get("id"):
                attrs["id"] = f"{attrs['id']}_{index}"
            one = HiddenInput().get_context(widget["name"], value, attrs)["widget"]
            tags.append(input_tag(one).strip())
        return "".join(tags)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return getattr(data, "getlist", data.get)(name)


class Textarea(Widget):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"cols": "40", "rows": "10", **(attrs or {})})

    def drawn(self, widget: Drawn) -> str:
        content = shown(widget["value"]) if widget["value"] else ""
        return f'<textarea name="{shown(widget["name"])}"{attributes(widget["attrs"])}>\n{content}</textarea>\n'


class TemporalInput(TextInput):
    format_key = ""
    supports_microseconds = False

    def __init__(self, attrs: dict[str, Any] | None = None, format: str | None = None) -> None:
        super().__init__(attrs)
        self.format = format or None

    def format_value(self, value: Any) -> Any:
        return typed(value, self.format or input_formats(self.format_key)[0])


class DateInput(TemporalInput):
    format_key = "DATE_INPUT_FORMATS"


class DateTimeInput(TemporalInput):
    format_key = "DATETIME_INPUT_FORMATS"


class TimeInput(TemporalInput):
    format_key = "TIME_INPUT_FORMATS"


def is_checked(value: Any) -> bool:
    return not (value is False or value is None or value == "")


class CheckboxInput(Input):
    """Checked or not; `check_test` says which values are."""

    input_type = "checkbox"

    def __init__(self, attrs: dict[str, Any] | None = None, check_test: Any = None) -> None:
        super().__init__(attrs)
        self.check_test = check_test or is_checked

    def format_value(self, value: Any) -> Any:
        return None if isinstance(value, bool) or value is None or value == "" else str(value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        if self.check_test(value):
            attrs = {**(attrs or {}), "checked": True}
        return super().get_context(name, value, attrs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if name not in data:
            return False
        value = data.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return bool(value)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class FileInput(Input):
    """A file to choose; what was chosen is in the files, and is never printed."""

    input_type = "file"
    needs_multipart_form = True
    allow_multiple_selected = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        attrs = dict(attrs or {})
        if self.allow_multiple_selected:
            attrs.setdefault("multiple", True)
        elif attrs.get("multiple"):
            raise ValueError(f"{type(self).__qualname__} doesn't support uploading multiple files.")
        super().__init__(attrs)

    def format_value(self, value: Any) -> Any:
        return None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return (getattr(files, "getlist", files.get) if self.allow_multiple_selected else files.get)(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files

    def use_required_attribute(self, initial: Any) -> bool:
        return super().use_required_attribute(initial) and not initial


FILE_INPUT_CONTRADICTION = object()
"""A file was sent together with the wish to have none."""


class ClearableFileInput(FileInput):
    """With a link to the file that is there, and a box to clear it where there need be none."""

    clear_checkbox_label: ClassVar[Any] = Words("Clear")
    initial_text: ClassVar[Any] = Words("Currently")
    input_text: ClassVar[Any] = Words("Change")
    checked = False

    def clear_checkbox_name(self, name: str) -> str:
        return f"{name}-clear"

    def clear_checkbox_id(self, name: str) -> str:
        return f"{name}_id"

    def is_initial(self, value: Any) -> bool:
        return bool(value and getattr(value, "url", False))

    def format_value(self, value: Any) -> Any:
        return value if self.is_initial(value) else None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        box = self.clear_checkbox_name(name)
        context["widget"] |= {
            "checkbox_name": box,
            "checkbox_id": self.clear_checkbox_id(box),
            "is_initial": self.is_initial(value),
            "input_text": self.input_text,
            "initial_text": self.initial_text,
            "clear_checkbox_label": self.clear_checkbox_label,
        }
        context["widget"]["attrs"].setdefault("disabled", False)
        context["widget"]["attrs"]["checked"] = self.checked
        return context

    def drawn(self, widget: Drawn) -> str:
        before = self._present(widget) if widget["is_initial"] else ""
        return f"{before}\n{input_tag({**widget, 'value': None})}"

    def _present(self, widget: Drawn) -> str:
        file = widget["value"]
        link = f'{shown(widget["initial_text"])}: <a href="{shown(file.url)}">{shown(file)}</a>'
        clear = "" if widget["required"] else self._box(widget)
        return f"{link}{clear}<br>\n{shown(widget['input_text'])}:"

    def _box(self, widget: Drawn) -> str:
        name, id_, attrs = shown(widget["checkbox_name"]), shown(widget["checkbox_id"]), widget["attrs"]
        flags = "".join(f" {flag}" for flag in ("disabled", "checked") if attrs.get(flag))
        label = f'<label for="{id_}">{shown(widget["clear_checkbox_label"])}</label>'
        return f'\n<input type="checkbox" name="{name}" id="{id_}"{flags}>\n{label}'

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        upload = super().value_from_datadict(data, files, name)
        box = self.clear_checkbox_name(name)
        self.checked = box in data
        if self.is_required or not CheckboxInput().value_from_datadict(data, files, box):
            return upload
        return FILE_INPUT_CONTRADICTION if upload else False

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return super().value_omitted_from_data(data, files, name) and self.clear_checkbox_name(name) not in data
