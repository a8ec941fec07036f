"""Fields with choices: from a list, and from rows that the caller has loaded.

A row is whatever has a `pk` (or an `id`); its text is its label. Nothing here asks a database.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from legacy_adapters.forms.choices import RadioSelect, Select, SelectMultiple, normal
from legacy_adapters.forms.errors import ValidationError
from legacy_adapters.forms.fields import Coercing, Field
from legacy_adapters.forms.validators import ProhibitNullCharactersValidator
from legacy_adapters.forms.widgets import MultipleHiddenInput
from legacy_adapters.forms.words import Words

NOT_AVAILABLE = Words("Select a valid choice. %(value)s is not one of the available choices.")
NO_LIST = Words("Enter a list of values.")


class ChoiceField(Field):
    widget: Any = Select
    default_error_messages = {"invalid_choice": NOT_AVAILABLE}

    def __init__(self, *, choices: Any = (), **options: Any) -> None:
        super().__init__(**options)
        self.choices = choices

    @property
    def choices(self) -> Any:
        return self._choices

    @choices.setter
    def choices(self, choices: Any) -> None:
        self._choices: Any = normal(choices)
        self.widget.choices = self._choices

    def to_python(self, value: Any) -> Any:
        return "" if self.is_empty(value) else str(value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not self.valid_value(value):
            raise self.error("invalid_choice", {"value": value})

    def valid_value(self, value: Any) -> bool:
        known = (
            choice
            for first, label in self.choices
            for choice in ([inner for inner, _ in label] if isinstance(label, list | tuple) else [first])
        )
        return any(value == choice or str(value) == str(choice) for choice in known)


class TypedChoiceField(Coercing, ChoiceField):
    def __init__(self, *, coerce: Callable[[Any], Any] = lambda value: value, empty_value: Any = "", **options: Any):
        self.coerce, self.empty_value = coerce, empty_value
        super().__init__(**options)

    def coerced(self, value: Any) -> Any:
        if value == self.empty_value or self.is_empty(value):
            return self.empty_value
        try:
            return self.coerce(value)
        except (ValueError, TypeError, ValidationError):
            raise self.error("invalid_choice", {"value": value}) from None

    def clean(self, value: Any) -> Any:
        return self.coerced(super().clean(value))


class MultipleChoiceField(ChoiceField):
    widget: Any = SelectMultiple
    hidden_widget = MultipleHiddenInput
    default_error_messages = {"invalid_list": NO_LIST}

    def to_python(self, value: Any) -> Any:
        if not value:
            return []
        if not isinstance(value, list | tuple):
            raise self.error("invalid_list")
        return [str(each) for each in value]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise self.error("required")
        for each in value:
            if not self.valid_value(each):
                raise self.error("invalid_choice", {"value": each})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and _differs(initial or [], data or [])


def _differs(initial: Any, data: Any) -> bool:
    return len(initial) != len(data) or {str(each) for each in initial} != {str(each) for each in data}


class TypedMultipleChoiceField(Coercing, MultipleChoiceField):
    def __init__(self, *, coerce: Callable[[Any], Any] = lambda value: value, empty_value: Any = (), **options: Any):
        self.coerce, self.empty_value = coerce, [] if empty_value == () else empty_value
        super().__init__(**options)

    def coerced(self, value: Any) -> Any:
        if value == self.empty_value or self.is_empty(value):
            return self.empty_value
        done = []
        for each in value:
            try:
                done.append(self.coerce(each))
            except (ValueError, TypeError, ValidationError):
                raise self.error("invalid_choice", {"value": each}) from None
        return done

    def clean(self, value: Any) -> Any:
        return self.coerced(super().clean(value))

    def validate(self, value: Any) -> None:
        if value != self.empty_value:
            super().validate(value)
        elif self.required:
            raise self.error("required")


def is_row(value: Any) -> bool:
    return hasattr(value, "pk") or hasattr(value, "id")


class RowChoices:
    """The rows of a field as choices, the empty one first; asked anew each time."""

    def __init__(self, field: "ModelChoiceField") -> None:
        self.field = field

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for row in self.field.rows():
            yield self.field.prepare_value(row), self.field.label_from_instance(row)


class ModelChoiceField(ChoiceField):
    """One of the rows. `queryset` is the rows, or a function that gives them."""

    default_error_messages = {
        "invalid_choice": Words("Select a valid choice. That choice is not one of the available choices.")
    }

    def __init__(
        self,
        queryset: Iterable[Any] | Callable[[], Iterable[Any]],
        *,
        empty_label: Any = "---------",
        to_field_name: str | None = None,
        blank: bool = False,
        **options: Any,
    ) -> None:
        Field.__init__(self, **options)
        answered = self.required and self.initial is not None
        no_empty = answered or (isinstance(self.widget, RadioSelect) and not blank)
        self.empty_label = None if no_empty else empty_label
        self.to_field_name, self.queryset = to_field_name, queryset
        self._offer()

    def _offer(self) -> None:
        self._choices = self.widget.choices = RowChoices(self)

    def copied(self) -> Self:
        other = super().copied()
        if isinstance(self._choices, RowChoices):
            other._offer()
        return other

    def rows(self) -> Iterable[Any]:
        return self.queryset() if callable(self.queryset) else self.queryset

    def key_of(self, row: Any) -> Any:
        return getattr(row, self.to_field_name or ("pk" if hasattr(row, "pk") else "id"))

    def label_from_instance(self, row: Any) -> Any:
        return str(row)

    def prepare_value(self, value: Any) -> Any:
        return self.key_of(value) if is_row(value) else value

    def row_of(self, value: Any) -> Any:
        """The row with that key, None where there is none; ValueError where it is no key at all."""
        for row in self.rows():
            key = self.key_of(row)
            if key == (type(key)(value) if not isinstance(value, type(key)) else value):
                return row
        return None

    def to_python(self, value: Any) -> Any:
        if self.is_empty(value):
            return None
        ProhibitNullCharactersValidator()(value)
        try:
            row = self.row_of(self.prepare_value(value))
        except (ValueError, TypeError):
            row = None
        if row is None:
            raise self.error("invalid_choice", {"value": value})
        return row

    def validate(self, value: Any) -> None:
        Field.validate(self, value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = ("" if value is None else value for value in (initial, data))
        return not self.disabled and str(self.prepare_value(before)) != str(after)


class ModelMultipleChoiceField(ModelChoiceField):
    """Some of the rows, in the order in which they were given, whatever the order they were chosen in."""

    widget: Any = SelectMultiple
    hidden_widget = MultipleHiddenInput
    default_error_messages = {
        "invalid_list": NO_LIST,
        "invalid_choice": NOT_AVAILABLE,
        "invalid_pk_value": Words("“%(pk)s” is not a valid value."),
    }

    def __init__(self, queryset: Any, **options: Any) -> None:
        super().__init__(queryset, empty_label=None, **options)

    def to_python(self, value: Any) -> Any:
        return self.chosen(value) if value else []

    def clean(self, value: Any) -> Any:
        value = self.prepare_value(value)
        if not value:
            if self.required:
                raise self.error("required")
            return []
        if not isinstance(value, list | tuple):
            raise self.error("invalid_list")
        rows = self.chosen(value)
        self.run_validators(value)
        return rows

    def chosen(self, keys: Any) -> list[Any]:
        try:
            wanted = list(dict.fromkeys(keys))
        except TypeError:
            raise self.error("invalid_list") from None
        found = []
        for key in wanted:
            ProhibitNullCharactersValidator()(key)
            try:
                found.append(self.row_of(key))
            except (ValueError, TypeError):
                raise self.error("invalid_pk_value", {"pk": key}) from None
        known = {str(self.key_of(row)) for row in found if row is not None}
        for key in wanted:
            if str(key) not in known:
                raise self.error("invalid_choice", {"value": key})
        return [row for row in self.rows() if str(self.key_of(row)) in known]

    def prepare_value(self, value: Any) -> Any:
        if hasattr(value, "__iter__") and not isinstance(value, str) and not is_row(value):
            return [super(ModelMultipleChoiceField, self).prepare_value(each) for each in value]
        return super().prepare_value(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and _differs(self.prepare_value(initial or []), data or [])
