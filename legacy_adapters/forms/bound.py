"""A field of one form, with the value and the errors that it has there: what templates print."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from legacy_adapters.dtl.locale import gettext
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.forms.errors import ErrorList, ValidationError
from legacy_adapters.forms.fields import Field
from legacy_adapters.forms.markup import element, optional, shown, trimmed
from legacy_adapters.forms.widgets import Drawn, Textarea, TextInput, Widget
from legacy_adapters.forms.words import spoken

if TYPE_CHECKING:
    from legacy_adapters.forms.form import Form


def pretty_name(name: str) -> str:
    """`first_name` is `First name`."""
    return name.replace("_", " ").capitalize()


class BoundField:
    def __init__(self, form: "Form", field: Field, name: str) -> None:
        self.form, self.field, self.name = form, field, name
        self.html_name = form.add_prefix(name)
        self.html_initial_name = form.add_initial_prefix(name)
        self.html_initial_id = form.add_initial_prefix(self.auto_id)
        self.help_text = field.help_text or ""

    @cached_property
    def label(self) -> Any:
        return pretty_name(self.name) if self.field.label is None else spoken(self.field.label)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator["BoundWidget"]:
        return iter(self.subwidgets)

    def __len__(self) -> int:
        return len(self.subwidgets)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, int | slice):
            raise TypeError(f"BoundField indices must be integers or slices, not {type(index).__name__}.")
        return self.subwidgets[index]

    @cached_property
    def subwidgets(self) -> list["BoundWidget"]:
        """The choices, each for itself; the control itself where it has none."""
        widget, id_ = self.field.widget, self.own_id
        attrs = self.build_widget_attrs({"id": id_} if id_ else {})
        parts = widget.subwidgets(self.html_name, self.value(), attrs=attrs)
        return [BoundWidget(widget, part) for part in parts]

    @property
    def errors(self) -> ErrorList:
        found = self.form.errors.get(self.name)
        return self.form.error_class() if found is None else found

    @property
    def data(self) -> Any:
        return self.form.sent(self.field.widget, self.html_name)

    @cached_property
    def initial(self) -> Any:
        return self.form.get_initial_for_field(self.field, self.name)

    def value(self) -> Any:
        shown_value = self.initial
        if self.form.is_bound:
            shown_value = self.field.bound_data(self.data, shown_value)
        return self.field.prepare_value(shown_value)

    def has_changed(self) -> bool:
        initial = self.initial
        if self.field.show_hidden_initial:
            try:
                initial = self.field.to_python(self.form.sent(self.field.hidden_widget(), self.html_initial_name))
            except ValidationError:
                return True
        return self.field.has_changed(initial, self.data)

    @property
    def is_hidden(self) -> bool:
        return bool(self.field.widget.is_hidden)

    @property
    def use_fieldset(self) -> bool:
        return bool(self.field.widget.use_fieldset)

    @property
    def widget_type(self) -> str:
        return re.sub(r"widget$|input$", "", type(self.field.widget).__name__.lower())

    @property
    def auto_id(self) -> str:
        pattern = self.form.auto_id
        if not pattern:
            return ""
        return str(pattern).replace("%s", self.html_name) if "%s" in str(pattern) else self.html_name

    @property
    def own_id(self) -> str:
        return self.field.widget.attrs.get("id") or self.auto_id

    @property
    def id_for_label(self) -> str:
        return str(self.field.widget.id_for_label(self.own_id))

    @property
    def aria_describedby(self) -> str | None:
        """The ids of the help and of the errors; None where the control names its own."""
        if self.field.widget.attrs.get("aria-describedby"):
            return None
        if not self.auto_id or self.is_hidden:
            return ""
        described = (("helptext", self.help_text), ("error", self.errors))
        return " ".join(f"{self.auto_id}_{part}" for part, there in described if there)

    def build_widget_attrs(self, attrs: Mapping[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        widget, built = widget or self.field.widget, dict(attrs)
        if widget.use_required_attribute(self.initial) and self.field.required and self.form.use_required_attribute:
            built["required"] = True
        if self.field.disabled:
            built["disabled"] = True
        if not widget.is_hidden and self.errors:
            built["aria-invalid"] = "true"
        if not built.get("aria-describedby") and not self.use_fieldset and (described := self.aria_describedby):
            built["aria-describedby"] = described
        return built

    def as_widget(
        self, widget: Widget | None = None, attrs: Mapping[str, Any] | None = None, only_initial: bool = False
    ) -> SafeString:
        widget = widget or self.field.widget
        built = self.build_widget_attrs(attrs or {}, widget)
        if self.auto_id and "id" not in widget.attrs:
            built.setdefault("id", self.html_initial_id if only_initial else self.auto_id)
        if only_initial and self.html_initial_name in self.form.data:
            value = self.form.sent(self.field.hidden_widget(), self.html_initial_name)
        else:
            value = self.value()
        return widget.render(self.html_initial_name if only_initial else self.html_name, value, built)

    def as_text(self, attrs: Mapping[str, Any] | None = None, **more: Any) -> SafeString:
        return self.as_widget(TextInput(), attrs, **more)

    def as_textarea(self, attrs: Mapping[str, Any] | None = None, **more: Any) -> SafeString:
        return self.as_widget(Textarea(), attrs, **more)

    def as_hidden(self, attrs: Mapping[str, Any] | None = None, **more: Any) -> SafeString:
        return self.as_widget(self.field.hidden_widget(), attrs, **more)

    def __str__(self) -> SafeString:
        if self.field.show_hidden_initial:
            return SafeString(self.as_widget() + self.as_hidden(only_initial=True))
        return self.as_widget()

    __html__ = __str__

    def label_tag(
        self,
        contents: Any = None,
        attrs: Mapping[str, Any] | None = None,
        label_suffix: Any = None,
        tag: str | None = None,
    ) -> SafeString:
        """The label, with the suffix unless it ends in punctuation; no tag where the control has no id."""
        text = shown(self._suffixed(spoken(contents) or self.label, label_suffix))
        if not self.own_id:
            return trimmed(text)
        built = dict(attrs or {})
        if target := self.id_for_label:
            built["for"] = target
        required = getattr(self.form, "required_css_class", None)
        if self.field.required and required is not None:
            built["class"] = f"{built['class']} {required}" if "class" in built else required
        return element(tag or "label", built, SafeString(text))

    def _suffixed(self, text: Any, suffix: Any) -> Any:
        for default in (self.field.label_suffix, self.form.label_suffix):
            suffix = default if suffix is None else suffix
        if suffix and text and text[-1] not in gettext(":?.!"):
            return SafeString(shown(text) + shown(suffix))
        return text

    def legend_tag(
        self, contents: Any = None, attrs: Mapping[str, Any] | None = None, label_suffix: Any = None
    ) -> SafeString:
        return self.label_tag(contents, attrs, label_suffix, tag="legend")

    def css_classes(self, extra_classes: Any = None) -> str:
        """Each class once; the order, which Django leaves to chance, is that of the names here."""
        extra = extra_classes.split() if hasattr(extra_classes, "split") else extra_classes
        classes = set(extra or [])
        if self.errors and hasattr(self.form, "error_css_class"):
            classes.add(self.form.error_css_class)
        if self.field.required and hasattr(self.form, "required_css_class"):
            classes.add(self.form.required_css_class)
        return " ".join(sorted(classes))

    def as_field_group(self) -> SafeString:
        """The label, the help, the errors and the control."""
        label = self.label_tag if not self.use_fieldset else self.legend_tag
        caption = shown(label()) if self.label else ""
        start = end = ""
        if self.use_fieldset:
            start, end = f"\n  <fieldset{optional('aria-describedby', self.aria_describedby)}>", "</fieldset>"
        errors = shown(self.errors)
        return trimmed(f"{start}\n  {caption}\n\n{self.help('div')}\n{errors}\n{shown(self)}{end}\n")

    render = as_field_group

    def help(self, tag: str) -> str:
        if not self.help_text:
            return ""
        own_id = f' id="{shown(self.auto_id)}_helptext"' if self.auto_id else ""
        return f'<{tag} class="helptext"{own_id}>{spoken(self.help_text)}</{tag}>'


class BoundWidget:
    """A choice of a field, for a template that lays the choices out itself."""

    def __init__(self, parent_widget: Widget, data: Drawn) -> None:
        self.parent_widget, self.data = parent_widget, data

    def tag(self, wrap_label: bool = False) -> SafeString:
        part = {**self.data, "wrap_label": wrap_label}
        return trimmed(self.parent_widget.drawn_part(part))

    def __str__(self) -> SafeString:
        return self.tag(wrap_label=True)

    __html__ = __str__

    @property
    def id_for_label(self) -> Any:
        return self.data["attrs"].get("id")

    @property
    def choice_label(self) -> Any:
        return self.data["label"]
