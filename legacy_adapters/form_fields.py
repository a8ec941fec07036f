"""django-widget-tweaks on any bound field: attributes set or added where a template prints a field.

A field has what Django's BoundField has: `as_widget(widget, attrs, only_initial)`, `field.widget.attrs`, `errors`,
`field.required`, `label_tag(attrs=…)`. A filter gives back the field with a change that its next printing makes, once;
the filter that stands first wins, as in the package (1.5).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from legacy_adapters.dtl.functions import prints_as_is, takes_context

Change = Callable[[Any, dict[str, Any], str, Any], None]
SEPARATOR = re.compile(r"(?<!:):(?!:)")
"""Between an attribute's name and its value; a colon of the name is written twice."""


class Tweaked:
    """A field with one change; everything but its printing is the field's own."""

    def __init__(self, field: Any, attribute: str, change: Change) -> None:
        name, *value = SEPARATOR.split(attribute, maxsplit=1)
        self._inner, self._change, self._spent = field, change, False
        self._name, self._value = name.replace("::", ":"), value[0] if value else True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __len__(self) -> int:
        return len(self._inner)

    def __bool__(self) -> bool:
        return bool(self._inner)

    def __iter__(self) -> Any:
        return iter(self._inner)

    def __getitem__(self, index: Any) -> Any:
        return self._inner[index]

    def as_widget(self, widget: Any = None, attrs: dict[str, Any] | None = None, only_initial: bool = False) -> str:
        if self._spent:
            return _printed(self._inner, widget, attrs or {}, only_initial)
        printed = self.changed(widget, attrs or {}, only_initial)
        self._spent = True
        return printed

    def changed(self, widget: Any, attrs: dict[str, Any], only_initial: bool) -> str:
        self._change(widget or self.field.widget, attrs, self._name, self._value)
        if self._name == "type":
            self.field.widget.input_type = self._value
            del attrs["type"]
        return _printed(self._inner, widget, attrs, only_initial)

    def as_hidden(self, attrs: dict[str, Any] | None = None, **more: Any) -> str:
        return self.as_widget(self.field.hidden_widget(), attrs, **more)

    def __str__(self) -> str:
        if self.field.show_hidden_initial:
            return self.as_widget() + self.as_hidden(only_initial=True)
        return self.as_widget()

    __html__ = __str__


def _printed(field: Any, widget: Any, attrs: dict[str, Any], only_initial: bool) -> str:
    """Only the outermost change is spent; those inside it are made each time."""
    how = field.changed if isinstance(field, Tweaked) else field.as_widget
    return how(widget, attrs, only_initial)


def set_attribute(widget: Any, attrs: dict[str, Any], name: str, value: Any) -> None:
    attrs[name] = value


def append_attribute(widget: Any, attrs: dict[str, Any], name: str, value: Any) -> None:
    if attrs.get(name):
        attrs[name] += f" {value}"
    elif widget.attrs.get(name):
        attrs[name] = f"{widget.attrs[name]} {value}"
    else:
        attrs[name] = value


def attr(field: Any, attribute: str) -> Any:
    return Tweaked(field, attribute, set_attribute) if field else ""


def append_attr(field: Any, attribute: str) -> Any:
    return Tweaked(field, attribute, append_attribute) if field else ""


def add_class(field: Any, css_class: str) -> Any:
    return append_attr(field, f"class:{css_class}")


def add_error_class(field: Any, css_class: str) -> Any:
    return _if(field, _has_errors, add_class, css_class)


def add_error_attr(field: Any, attribute: str) -> Any:
    return _if(field, _has_errors, attr, attribute)


def add_required_class(field: Any, css_class: str) -> Any:
    return _if(field, lambda field: getattr(field.field, "required", False), add_class, css_class)


def add_label_class(field: Any, css_class: str) -> Any:
    return field.label_tag(attrs={"class": css_class}) if field else ""


def set_data(field: Any, data: str) -> Any:
    return attr(field, f"data-{data}")


def remove_attr(field: Any, name: str) -> Any:
    if not field:
        return ""
    field.field.widget.attrs.pop(name, None)
    return field


def field_type(field: Any) -> str:
    """`charfield` of a CharField."""
    return _class_name(getattr(field, "field", None))


def widget_type(field: Any) -> str:
    """`textinput` of a TextInput."""
    return _class_name(getattr(getattr(field, "field", None), "widget", None))


def _class_name(value: object) -> str:
    return type(value).__name__.lower() if value else ""


def _has_errors(field: Any) -> bool:
    return bool(getattr(field, "errors", None))


def _if(field: Any, condition: Callable[[Any], bool], change: Callable[[Any, str], Any], value: str) -> Any:
    if not field:
        return ""
    return change(field, value) if condition(field) else field


@takes_context
@prints_as_is
def render_field(
    context: Mapping[str, Any],
    field: Any,
    attributes: Mapping[str, object] | None = None,
    *,
    append: Mapping[str, object] | None = None,
) -> str:
    """The field printed; WIDGET_ERROR_CLASS and WIDGET_REQUIRED_CLASS are variables of the page."""
    inner = getattr(field, "field", None)
    if _has_errors(field) and "WIDGET_ERROR_CLASS" in context:
        field = append_attr(field, f"class:{context['WIDGET_ERROR_CLASS']}")
    if inner and inner.required and "WIDGET_REQUIRED_CLASS" in context:
        field = append_attr(field, f"class:{context['WIDGET_REQUIRED_CLASS']}")
    for name, value in (attributes or {}).items():
        if name == "type":
            field.field.widget.input_type = value
        else:
            field = attr(field, f"{name}:{value}")
    for name, value in (append or {}).items():
        field = append_attr(field, f"{name}:{value}")
    return str(field)


def functions() -> dict[str, Callable[..., object]]:
    return {"render_field": render_field}


def filters() -> dict[str, Callable[..., object]]:
    return {
        function.__name__: function
        for function in (
            *(attr, append_attr, add_class, add_error_class, add_error_attr, add_required_class, add_label_class),
            *(set_data, remove_attr, field_type, widget_type),
        )
    }
