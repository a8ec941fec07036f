"""The fields of a form: what a value that was sent becomes, and what is said where it cannot.

`clean(value)` is `to_python`, `validate`, `run_validators`, in this order, as in Django; a field of a site's own
overrides one of them. Refused: `localize` (numbers and dates typed in the style of a language).
"""

import copy
import math
import re
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Self

from legacy_adapters.forms import validators as checks
from legacy_adapters.forms.choices import NullBooleanSelect
from legacy_adapters.forms.errors import ValidationError
from legacy_adapters.forms.validators import EMPTY_VALUES, Validator
from legacy_adapters.forms.widgets import (
    CheckboxInput,
    EmailInput,
    HiddenInput,
    NumberInput,
    TextInput,
    URLInput,
    Widget,
)
from legacy_adapters.forms.words import Words


class Field:
    widget: Any = TextInput
    hidden_widget: Any = HiddenInput
    default_validators: Sequence[Validator] = ()
    default_error_messages: ClassVar[Mapping[str, Any]] = {"required": Words("This field is required.")}
    empty_values: Sequence[Any] = EMPTY_VALUES
    localize = False

    def __init__(
        self,
        *,
        required: bool = True,
        widget: Any = None,
        label: Any = None,
        initial: Any = None,
        help_text: Any = "",
        error_messages: Mapping[str, Any] | None = None,
        show_hidden_initial: bool = False,
        validators: Sequence[Validator] = (),
        disabled: bool = False,
        label_suffix: Any = None,
    ) -> None:
        self.required, self.label, self.initial, self.help_text = required, label, initial, help_text
        self.show_hidden_initial, self.disabled, self.label_suffix = show_hidden_initial, disabled, label_suffix
        given = widget or self.widget
        self.widget = given() if isinstance(given, type) else given.copied()
        self.widget.is_required = required
        self.widget.attrs.update(self.widget_attrs(self.widget))
        self.error_messages: dict[str, Any] = {}
        for ancestor in reversed(type(self).__mro__):
            self.error_messages.update(ancestor.__dict__.get("default_error_messages", {}))
        self.error_messages.update(error_messages or {})
        self.validators: list[Validator] = [*self.default_validators, *validators]

    def copied(self) -> Self:
        """A field of a form's own, which may be changed without changing the others."""
        other = copy.copy(self)
        other.widget = self.widget.copied()
        other.error_messages, other.validators = dict(self.error_messages), list(self.validators)
        return other

    def error(self, code: str, params: Any = None) -> ValidationError:
        return ValidationError(self.error_messages[code], code, params)

    def is_empty(self, value: Any) -> bool:
        return value in self.empty_values

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> Any:
        return value

    def validate(self, value: Any) -> None:
        if self.required and self.is_empty(value):
            raise self.error("required")

    def run_validators(self, value: Any) -> None:
        if self.is_empty(value):
            return
        found = []
        for check in self.validators:
            try:
                check(value)
            except ValidationError as error:
                if getattr(error, "code", None) in self.error_messages:
                    error.message = self.error_messages[str(error.code)]
                found += error.flat()
        if found:
            raise ValidationError(found)

    def clean(self, value: Any) -> Any:
        value = self.to_python(value)
        self.validate(value)
        self.run_validators(value)
        return value

    def clean_bound(self, bound: Any) -> Any:
        return self.clean(bound.initial if self.disabled else bound.data)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if self.disabled else data

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        return {}

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            value = self.to_python(data)
            if isinstance(self, Coercing):
                return bool(self.coerced(value) != self.coerced(initial))
        except ValidationError:
            return True
        return bool(("" if initial is None else initial) != ("" if value is None else value))


class Coercing:
    """A field whose values become something else once they are known to be choices."""

    def coerced(self, value: Any) -> Any:
        raise NotImplementedError


class CharField(Field):
    def __init__(
        self,
        *,
        max_length: int | None = None,
        min_length: int | None = None,
        strip: bool = True,
        empty_value: Any = "",
        **options: Any,
    ) -> None:
        self.max_length, self.min_length, self.strip, self.empty_value = max_length, min_length, strip, empty_value
        super().__init__(**options)
        if min_length is not None:
            self.validators.append(checks.MinLengthValidator(int(min_length)))
        if max_length is not None:
            self.validators.append(checks.MaxLengthValidator(int(max_length)))
        self.validators.append(checks.ProhibitNullCharactersValidator())

    def to_python(self, value: Any) -> Any:
        if not self.is_empty(value):
            value = str(value).strip() if self.strip else str(value)
        return self.empty_value if self.is_empty(value) else value

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        limits = {"maxlength": self.max_length, "minlength": self.min_length}
        return {name: str(limit) for name, limit in limits.items() if limit is not None and not widget.is_hidden}


class RegexField(CharField):
    def __init__(self, regex: Any, **options: Any) -> None:
        super().__init__(**{"strip": False, **options})
        self.validators.append(checks.RegexValidator(regex))


class EmailField(CharField):
    widget = EmailInput
    default_validators = (checks.validate_email,)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": checks.MAX_EMAIL, **options})


class SlugField(CharField):
    def __init__(self, *, allow_unicode: bool = False, **options: Any) -> None:
        self.allow_unicode = allow_unicode
        self.default_validators = (checks.validate_unicode_slug if allow_unicode else checks.validate_slug,)
        super().__init__(**options)


class URLField(CharField):
    """`assume_scheme` is put before an address without one: `http` until Django 6.0, then `https`."""

    widget = URLInput
    default_error_messages = {"invalid": Words("Enter a valid URL.")}
    default_validators = (checks.URLValidator(),)

    def __init__(self, *, assume_scheme: str = "http", **options: Any) -> None:
        self.assume_scheme = assume_scheme
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not value:
            return value
        scheme, colon, _ = value.partition(":")
        if colon and scheme and scheme[0].isascii() and scheme[0].isalpha() and "/" not in scheme:
            return value
        return f"{self.assume_scheme}:{value}" if value.startswith("//") else f"{self.assume_scheme}://{value}"


class UUIDField(CharField):
    default_error_messages = {"invalid": Words("Enter a valid UUID.")}

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, uuid.UUID) else value

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if self.is_empty(value):
            return None
        try:
            return uuid.UUID(str(value))
        except ValueError:
            raise self.error("invalid") from None


class IntegerField(Field):
    widget = NumberInput
    default_error_messages = {"invalid": Words("Enter a whole number.")}

    def __init__(self, *, max_value: Any = None, min_value: Any = None, step_size: Any = None, **options: Any) -> None:
        self.max_value, self.min_value, self.step_size = max_value, min_value, step_size
        super().__init__(**options)
        if max_value is not None:
            self.validators.append(checks.MaxValueValidator(max_value))
        if min_value is not None:
            self.validators.append(checks.MinValueValidator(min_value))
        if step_size is not None:
            self.validators.append(checks.StepValueValidator(step_size, offset=min_value))

    def to_python(self, value: Any) -> Any:
        if self.is_empty(value):
            return None
        try:
            return self.number(value)
        except (ValueError, TypeError, InvalidOperation):
            raise self.error("invalid") from None

    def number(self, value: Any) -> Any:
        """`3.0` is 3."""
        return int(re.sub(r"\.0*\s*$", "", str(value)))

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        limits = {"min": self.min_value, "max": self.max_value, "step": self.step_size}
        wanted = isinstance(widget, NumberInput)
        return {name: limit for name, limit in limits.items() if limit is not None and wanted}


class FloatField(IntegerField):
    default_error_messages = {"invalid": Words("Enter a number.")}

    def number(self, value: Any) -> Any:
        return float(value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not self.is_empty(value) and not math.isfinite(value):
            raise self.error("invalid")

    def step(self) -> str:
        return "any" if self.step_size is None else str(self.step_size)

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        if isinstance(widget, NumberInput) and "step" not in widget.attrs:
            attrs.setdefault("step", self.step())
        return attrs


class DecimalField(FloatField):
    def __init__(self, *, max_digits: int | None = None, decimal_places: int | None = None, **options: Any) -> None:
        self.max_digits, self.decimal_places = max_digits, decimal_places
        super().__init__(**options)
        self.validators.append(checks.DecimalValidator(max_digits, decimal_places))

    def number(self, value: Any) -> Any:
        return Decimal(str(value))

    def validate(self, value: Any) -> None:
        Field.validate(self, value)
        if not self.is_empty(value) and not value.is_finite():
            raise self.error("invalid", {"value": value})

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return super().has_changed(initial, data)
        except InvalidOperation:
            return True  # a signalling NaN compares with nothing; Django answers 500

    def step(self) -> str:
        if self.decimal_places is None:
            return "any"
        return str(Decimal(1).scaleb(-self.decimal_places)).lower()


class BooleanField(Field):
    """Required means that it must be yes."""

    widget: Any = CheckboxInput

    def to_python(self, value: Any) -> Any:
        return bool(value) and not (isinstance(value, str) and value.lower() in ("false", "0"))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise self.error("required")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and bool(self.to_python(initial) != self.to_python(data))


class NullBooleanField(BooleanField):
    """Yes, no, or None for whatever is neither."""

    widget = NullBooleanSelect

    def to_python(self, value: Any) -> Any:
        if value in (True, "True", "true", "1"):
            return True
        return False if value in (False, "False", "false", "0") else None

    def validate(self, value: Any) -> None:
        return None
