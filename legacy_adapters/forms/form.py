"""A form: fields declared in a class, what was sent, what came of it, and how it is printed.

`is_valid()` cleans in Django's order: each field and its `clean_<name>()`, then `clean()`. Hooks read and write
`cleaned_data`, raise ValidationError or call `add_error`. Data is a mapping with `get` and `getlist`: see `Sent`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from functools import cached_property
from typing import Any, ClassVar

from legacy_adapters.dtl.locale import gettext
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.forms import layouts
from legacy_adapters.forms.bound import BoundField
from legacy_adapters.forms.errors import NON_FIELD_ERRORS, ErrorDict, ErrorList, ValidationError
from legacy_adapters.forms.fields import Field
from legacy_adapters.forms.media import Media, declared
from legacy_adapters.forms.widgets import Widget


class Sent(dict[str, list[Any]]):
    """Names and values as they were sent: `get` is the last value of a name, `getlist` is all of them."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def get(self, name: str, default: Any = None) -> Any:
        values = self.getlist(name)
        return values[-1] if values else default

    def getlist(self, name: str) -> list[Any]:
        return list(super().get(name, ()))


class Form:
    base_fields: ClassVar[dict[str, Field]] = {}
    field_order: Sequence[str] | None = None
    prefix: str | None = None
    use_required_attribute = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        for name in own:
            delattr(cls, name)
        cls.declared_fields = own
        fields: dict[str, Field] = {}
        for ancestor in reversed(cls.__mro__):
            fields.update(ancestor.__dict__.get("declared_fields", {}))
            for name, value in vars(ancestor).items():
                if value is None:
                    fields.pop(name, None)
        cls.base_fields = fields

    declared_fields: ClassVar[dict[str, Field]] = {}

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        auto_id: str | bool | None = "id_%s",
        prefix: str | None = None,
        initial: Mapping[str, Any] | None = None,
        error_class: type[ErrorList] = ErrorList,
        label_suffix: Any = None,
        empty_permitted: bool = False,
        field_order: Sequence[str] | None = None,
        use_required_attribute: bool | None = None,
    ) -> None:
        self.is_bound = data is not None or files is not None
        self.data: Any = Sent() if data is None else data
        self.files: Any = Sent() if files is None else files
        self.auto_id, self.initial, self.error_class = auto_id, initial or {}, error_class
        self.prefix = self.prefix if prefix is None else prefix
        self.label_suffix = gettext(":") if label_suffix is None else label_suffix
        self.fields = {name: field.copied() for name, field in self.base_fields.items()}
        self.order_fields(self.field_order if field_order is None else field_order)
        self.empty_permitted = empty_permitted
        if use_required_attribute is not None:
            self.use_required_attribute = use_required_attribute
        if empty_permitted and self.use_required_attribute:
            raise ValueError("The empty_permitted and use_required_attribute arguments may not both be True.")
        self._errors: ErrorDict | None = None
        self._bound: dict[str, BoundField] = {}
        self.cleaned_data: dict[str, Any]

    def order_fields(self, field_order: Sequence[str] | None) -> None:
        """The named fields first; names that are none are passed over."""
        first = {name: self.fields[name] for name in field_order or () if name in self.fields}
        self.fields = {**first, **self.fields}

    def __iter__(self) -> Iterator[BoundField]:
        return (self[name] for name in self.fields)

    def __getitem__(self, name: str) -> BoundField:
        if name not in self.fields:
            known = ", ".join(sorted(self.fields))
            raise KeyError(f"Key '{name}' not found in '{type(self).__name__}'. Choices are: {known}.")
        if name not in self._bound:
            self._bound[name] = BoundField(self, self.fields[name], name)
        return self._bound[name]

    def add_prefix(self, name: str) -> str:
        return f"{self.prefix}-{name}" if self.prefix else name

    def add_initial_prefix(self, name: str) -> str:
        return f"initial-{self.add_prefix(name)}"

    def sent(self, widget: Widget, name: str) -> Any:
        return widget.value_from_datadict(self.data, self.files, name)

    def get_initial_for_field(self, field: Field, name: str) -> Any:
        value = self.initial.get(name, field.initial)
        value = value() if callable(value) else value
        if isinstance(value, datetime | time) and not field.widget.supports_microseconds:
            return value.replace(microsecond=0)
        return value

    @property
    def errors(self) -> ErrorDict:
        if self._errors is None:
            self.full_clean()
        assert self._errors is not None
        return self._errors

    def is_valid(self) -> bool:
        return self.is_bound and not self.errors

    def full_clean(self) -> None:
        self._errors = ErrorDict()
        if not self.is_bound:
            return
        self.cleaned_data = {}
        if self.empty_permitted and not self.has_changed():
            return
        for bound in self:
            self._clean_field(bound)
        try:
            cleaned = self.clean()
        except ValidationError as error:
            self.add_error(None, error)
        else:
            self.cleaned_data = self.cleaned_data if cleaned is None else cleaned

    def _clean_field(self, bound: BoundField) -> None:
        name = bound.name
        try:
            self.cleaned_data[name] = bound.field.clean_bound(bound)
            if hook := getattr(self, f"clean_{name}", None):
                self.cleaned_data[name] = hook()
        except ValidationError as error:
            self.add_error(name, error)

    def clean(self) -> dict[str, Any] | None:
        """What concerns more than one field; an error raised here belongs to the form."""
        return self.cleaned_data

    def add_error(self, field: str | None, error: Any) -> None:
        if not isinstance(error, ValidationError):
            error = ValidationError(error)
        if field is not None and hasattr(error, "error_dict"):
            raise TypeError("The field must be None where the error says its fields itself.")
        by_name = error.error_dict if hasattr(error, "error_dict") else {field or NON_FIELD_ERRORS: error.error_list}
        for name, found in by_name.items():
            if name not in self.errors:
                self.errors[name] = self._no_errors(name)
            self.errors[name].extend(found)
            self.cleaned_data.pop(name, None)

    def _no_errors(self, name: str) -> ErrorList:
        if name == NON_FIELD_ERRORS:
            return self.error_class(error_class="nonfield")
        if name not in self.fields:
            raise ValueError(f"'{type(self).__name__}' has no field named '{name}'.")
        return self.error_class(field_id=self[name].auto_id)

    def has_error(self, field: str, code: str | None = None) -> bool:
        found = self.errors.get(field)
        return found is not None and (code is None or any(error.code == code for error in found.as_data()))

    def non_field_errors(self) -> ErrorList:
        found = self.errors.get(NON_FIELD_ERRORS)
        return self.error_class(error_class="nonfield") if found is None else found

    def has_changed(self) -> bool:
        return bool(self.changed_data)

    @cached_property
    def changed_data(self) -> list[str]:
        return [bound.name for bound in self if bound.has_changed()]

    @property
    def media(self) -> Media:
        return declared(self, sum((field.widget.media for field in self.fields.values()), Media()))

    def is_multipart(self) -> bool:
        return any(field.widget.needs_multipart_form for field in self.fields.values())

    def hidden_fields(self) -> list[BoundField]:
        return [bound for bound in self if bound.is_hidden]

    def visible_fields(self) -> list[BoundField]:
        return [bound for bound in self if not bound.is_hidden]

    def parts(self) -> tuple[ErrorList, list[BoundField], list[BoundField]]:
        """The errors above the fields, with those of hidden fields; the visible fields; the hidden ones."""
        errors = self.non_field_errors().copied()
        for bound in self.hidden_fields():
            said = gettext("(Hidden field %(name)s) %(error)s")
            errors.extend(said % {"name": bound.name, "error": str(error)} for error in bound.errors)
        return errors, self.visible_fields(), self.hidden_fields()

    def as_div(self) -> SafeString:
        return layouts.as_div(self)

    def as_p(self) -> SafeString:
        return layouts.as_p(self)

    def as_ul(self) -> SafeString:
        return layouts.as_ul(self)

    def as_table(self) -> SafeString:
        return layouts.as_table(self)

    def __str__(self) -> SafeString:
        return self.as_div()

    def __html__(self) -> SafeString:
        return self.as_div()

    render = as_div
