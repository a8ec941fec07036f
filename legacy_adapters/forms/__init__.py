"""Forms without Django that declare, validate and print as Django 5.2's do with its default templates.

The names are Django's (`Form`, `CharField`, `widget`, `clean_<name>`, `as_p`, `formset_factory` …); messages are in
Django's words and in the language that is active. What each part refuses stands in its module.
"""

from legacy_adapters.forms.bound import BoundField, BoundWidget
from legacy_adapters.forms.choices import (
    CheckboxSelectMultiple,
    NullBooleanSelect,
    RadioSelect,
    Select,
    SelectMultiple,
)
from legacy_adapters.forms.errors import NON_FIELD_ERRORS, ErrorDict, ErrorList, ValidationError
from legacy_adapters.forms.fields import (
    BooleanField,
    CharField,
    DecimalField,
    EmailField,
    Field,
    FloatField,
    IntegerField,
    NullBooleanField,
    RegexField,
    SlugField,
    URLField,
    UUIDField,
)
from legacy_adapters.forms.files import FileField, ImageField, Uploaded
from legacy_adapters.forms.form import Form, Sent
from legacy_adapters.forms.formsets import FormSet, all_valid, formset_factory
from legacy_adapters.forms.media import Media, static_url
from legacy_adapters.forms.moments import DateField, DateTimeField, TimeField
from legacy_adapters.forms.selections import (
    ChoiceField,
    ModelChoiceField,
    ModelMultipleChoiceField,
    MultipleChoiceField,
    TypedChoiceField,
    TypedMultipleChoiceField,
)
from legacy_adapters.forms.widgets import (
    CheckboxInput,
    ClearableFileInput,
    ColorInput,
    DateInput,
    DateTimeInput,
    EmailInput,
    FileInput,
    HiddenInput,
    MultipleHiddenInput,
    NumberInput,
    PasswordInput,
    SearchInput,
    TelInput,
    Textarea,
    TextInput,
    TimeInput,
    URLInput,
    Widget,
)
from legacy_adapters.forms.words import Counted, Words

__all__ = [
    "NON_FIELD_ERRORS",
    "BooleanField",
    "BoundField",
    "BoundWidget",
    "CharField",
    "CheckboxInput",
    "CheckboxSelectMultiple",
    "ChoiceField",
    "ClearableFileInput",
    "ColorInput",
    "Counted",
    "DateField",
    "DateInput",
    "DateTimeField",
    "DateTimeInput",
    "DecimalField",
    "EmailField",
    "EmailInput",
    "ErrorDict",
    "ErrorList",
    "Field",
    "FileField",
    "FileInput",
    "FloatField",
    "Form",
    "FormSet",
    "HiddenInput",
    "ImageField",
    "IntegerField",
    "Media",
    "ModelChoiceField",
    "ModelMultipleChoiceField",
    "MultipleChoiceField",
    "MultipleHiddenInput",
    "NullBooleanField",
    "NullBooleanSelect",
    "NumberInput",
    "PasswordInput",
    "RadioSelect",
    "RegexField",
    "SearchInput",
    "Select",
    "SelectMultiple",
    "Sent",
    "SlugField",
    "TelInput",
    "TextInput",
    "Textarea",
    "TimeField",
    "TimeInput",
    "TypedChoiceField",
    "TypedMultipleChoiceField",
    "URLField",
    "URLInput",
    "UUIDField",
    "Uploaded",
    "ValidationError",
    "Widget",
    "Words",
    "all_valid",
    "formset_factory",
    "static_url",
]
