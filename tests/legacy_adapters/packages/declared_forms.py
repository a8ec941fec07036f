"""Forms declared once, for `django.forms` and for `legacy_adapters.forms`, and everything that can be seen of one.

`asked` runs in the oracle's process, `here` in the tests'; both look at a form with `seen`.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d"
    b"\0\0\0\0IEND\xaeB`\x82"
)
KINDS = [("", "none"), ("a", "A & <b>"), ("Group <g>", [("b", "B"), (3, "three")]), (1234, 1234)]
FLAT = [("a", "A"), ("b", "<B>"), (3, "three")]


class Row:
    _meta = True

    def __init__(self, pk: int, name: str) -> None:
        self.pk, self.name = pk, name

    def serializable_value(self, name: str) -> Any:
        return getattr(self, name)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<{self.pk}>"


ROWS = [Row(7, "seven"), Row(1, "one & <1>"), Row(12, "twelve")]


class Rows:
    """As much of a queryset as Django's fields ask of one."""

    class Model:
        class DoesNotExist(Exception):
            pass

    model = Model
    _prefetch_related_lookups = True

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def all(self) -> "Rows":
        return Rows(self.rows)

    none = all

    def __iter__(self) -> Any:
        return iter(self.rows)

    def get(self, **wanted: Any) -> Row:
        for row in self.filter(**wanted).rows:
            return row
        raise self.model.DoesNotExist

    def filter(self, **wanted: Any) -> "Rows":
        ((key, value),) = wanted.items()
        name, _, many = key.partition("__")
        kind = type(getattr(self.rows[0], name))
        values = [kind(each) for each in value] if many else [kind(value)]
        return Rows([row for row in self.rows if getattr(row, name) in values])


class Empty(Rows):
    def none(self) -> list[Row]:
        return []

    def all(self) -> "Empty":
        return Empty(self.rows)


class Stored:
    url = "/media/a%20b.png?x=1&y=2"

    def __str__(self) -> str:
        return "a <b>.png"


def declared(forms: Any, every_row: Any) -> dict[str, Any]:
    class Plain(forms.Form):
        name = forms.CharField(max_length=5, min_length=2, help_text="Yours & <b>mine</b>")
        mail = forms.EmailField(label="E-mail?", required=False)
        site = forms.URLField(required=False, assume_scheme="http", widget=forms.URLInput(attrs={"class": "w&d"}))
        slug = forms.SlugField(required=False, label="<Slug>")
        tag = forms.SlugField(required=False, allow_unicode=True)
        code = forms.RegexField(r"^[A-Z]+$", required=False, error_messages={"invalid": "Capitals <only>"})
        kept = forms.CharField(required=False, strip=False, empty_value=None, initial="x & y")
        secret = forms.CharField(widget=forms.PasswordInput, required=False)
        shown = forms.CharField(widget=forms.PasswordInput(render_value=True), required=False)
        note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, initial="<i>\nb")
        token = forms.CharField(widget=forms.HiddenInput, initial="t")

    class Numbers(forms.Form):
        error_css_class = "bad"
        whole = forms.IntegerField(min_value=-3, max_value=1000, initial=1234)
        step = forms.IntegerField(required=False, step_size=5, min_value=1)
        every = forms.IntegerField(required=False, step_size=5)
        price = forms.DecimalField(max_digits=5, decimal_places=2, required=False, initial=Decimal("1.50"))
        tiny = forms.DecimalField(decimal_places=8, required=False)
        any = forms.DecimalField(required=False, max_value=10)
        ratio = forms.FloatField(required=False, initial=0.5)
        text = forms.IntegerField(required=False, widget=forms.TextInput)

    class Choices(forms.Form):
        required_css_class = "needed"
        kind = forms.ChoiceField(choices=KINDS, label="Kind:")
        first = forms.ChoiceField(choices=FLAT, initial=3, help_text="f")
        called = forms.ChoiceField(choices=lambda: FLAT, required=False)
        radio = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect(attrs={"class": "r"}), help_text="h")
        many = forms.MultipleChoiceField(choices=KINDS, required=False, initial=["a", "3"])
        boxes = forms.MultipleChoiceField(choices=FLAT, widget=forms.CheckboxSelectMultiple, help_text="b")
        number = forms.TypedChoiceField(
            choices=[("", "-"), ("1", "one"), ("x", "odd")], coerce=int, empty_value=None, required=False
        )
        numbers = forms.TypedMultipleChoiceField(choices=[("1", "one"), ("x", "odd")], coerce=int, required=False)
        agree = forms.BooleanField()
        maybe = forms.NullBooleanField(initial=True)
        yes = forms.BooleanField(required=False, initial=True, widget=forms.CheckboxInput(attrs={"value": "on"}))
        hidden = forms.MultipleChoiceField(
            choices=FLAT, widget=forms.MultipleHiddenInput, required=False, initial=["a", "b"]
        )

    class Moments(forms.Form):
        day = forms.DateField(initial=date(99, 2, 3))
        moment = forms.DateTimeField(initial=datetime(2024, 3, 10, 12, 30, 5, 9, tzinfo=UTC), required=False)
        clock = forms.TimeField(required=False, initial=time(1, 2, 3, 4))
        typed = forms.DateField(required=False, input_formats=["%d.%m.%Y"], widget=forms.DateInput(format="%d.%m.%Y"))
        now = forms.DateTimeField(
            required=False, initial=lambda: datetime(2024, 1, 2, 3, 4, 5, 6), show_hidden_initial=True
        )

    class Files(forms.Form):
        file = forms.FileField(max_length=12)
        other = forms.FileField(required=False, allow_empty_file=True, initial=Stored(), disabled=False)
        plain = forms.FileField(required=False, widget=forms.FileInput)
        image = forms.ImageField(required=False, initial=Stored())

    class Picked(forms.Form):
        row = forms.ModelChoiceField(every_row())
        named = forms.ModelChoiceField(every_row(), to_field_name="name", required=False, empty_label="(none)")
        given = forms.ModelChoiceField(every_row(), initial=ROWS[1])
        radio = forms.ModelChoiceField(every_row(), widget=forms.RadioSelect, required=False)
        rows = forms.ModelMultipleChoiceField(every_row(), initial=ROWS[:2], required=False)
        boxes = forms.ModelMultipleChoiceField(every_row(), widget=forms.CheckboxSelectMultiple)

    class Hooked(Plain):
        field_order = ("slug", "nothing", "name")
        token = None
        kept = forms.CharField(disabled=True, initial="fixed", label_suffix=" ->")
        again = forms.CharField(widget=forms.TextInput(attrs={"id": "own", "aria-describedby": "mine"}), help_text="z")

        class Media:
            css = {"print": ["/p.css"], "all": ["/a.css?x=1&y", "https://x.example/b.css"]}
            js = ["/one.js", "/two.js"]

        def clean_name(self) -> str:
            if self.cleaned_data["name"] == "bob":
                raise forms.ValidationError("No %(who)s, <i>sorry</i>", code="bob", params={"who": "bobs"})
            return self.cleaned_data["name"].upper()

        def clean(self) -> None:
            if self.cleaned_data.get("again") == "no":
                self.add_error("slug", "slug too")
                raise forms.ValidationError(["first <1>", forms.ValidationError("second", code="two")])
            if self.cleaned_data.get("again") == "each":
                raise forms.ValidationError({"name": ["n1", "n2"], "mail": "m"})

    class Hidden(forms.Form):
        one = forms.IntegerField(widget=forms.HiddenInput)
        two = forms.CharField(widget=forms.HiddenInput, required=False)

    class Nothing(forms.Form):
        pass

    class Order(forms.Form):
        required_css_class = "needed"
        name = forms.CharField(widget=forms.TextInput(attrs={"class": "wide", "title": "a & b"}))
        mail = forms.EmailField(required=False, help_text="ours")
        kind = forms.ChoiceField(choices=[("a", "A"), ("b", "<B>")], widget=forms.RadioSelect)
        note = forms.CharField(widget=forms.Textarea, required=False, show_hidden_initial=True, initial="x")

    return {
        each.__name__: each
        for each in (Plain, Numbers, Choices, Moments, Files, Picked, Hooked, Hidden, Nothing, Order)
    }


def told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: told(each) for key, each in value.items()}
    if isinstance(value, list | tuple | Rows):
        return [told(each) for each in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Row | Stored):
        return repr(str(value))
    return f"file {value.name}" if hasattr(value, "chunks") else repr(value)


def seen_of_a_field(field: Any) -> dict[str, Any]:
    return {
        "printed": str(field),
        "html": field.__html__(),
        "hidden": str(field.as_hidden()),
        "text": str(field.as_text()),
        "textarea": str(field.as_textarea(attrs={"class": "x", "title": "a<b"})),
        "label": [field.label_tag(), field.label_tag("<x>", {"class": "k"}), field.label_tag(label_suffix="?")],
        "legend": field.legend_tag(),
        "group": field.as_field_group(),
        "classes": field.css_classes(),
        "more": field.css_classes("extra") if not field.errors and not field.field.required else "",
        "ids": [field.auto_id, field.id_for_label, field.html_name, field.html_initial_name, field.html_initial_id],
        "described": field.aria_describedby,
        "kind": [field.widget_type, field.is_hidden, field.use_fieldset],
        "value": told(field.value()),
        "initial": told(field.initial),
        "errors": [
            str(field.errors),
            field.errors.as_text(),
            field.errors.as_json(escape_html=True),
            list(field.errors),
        ],
        "parts": [[str(part), part.tag(), part.id_for_label] for part in field],
    }


def seen(form: Any) -> dict[str, Any]:
    about = {
        "valid": form.is_valid(),
        "errors": [
            str(form.errors),
            form.errors.as_text(),
            form.errors.as_json(),
            form.errors.as_json(escape_html=True),
        ],
        "data": {name: [error.code for error in errors] for name, errors in form.errors.as_data().items()},
        "top": [str(form.non_field_errors()), form.non_field_errors().as_text()],
        "cleaned": told(getattr(form, "cleaned_data", None)),
        "changed": form.changed_data if form.is_bound else None,
        "multipart": form.is_multipart(),
        "names": [[f.name for f in form.hidden_fields()], [f.name for f in form.visible_fields()]],
        "media": [str(form.media), str(form.media["css"]), str(form.media["js"])],
        "fields": {field.name: seen_of_a_field(field) for field in form},
    }
    layouts = {name: getattr(form, name)() for name in ("as_div", "as_p", "as_ul", "as_table", "__html__", "__str__")}
    return {**about, **{name: str(text) for name, text in layouts.items()}}


def seen_of_a_set(forms: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "valid": forms.is_valid(),
        "errors": [str(each) for each in forms.errors],
        "whole": [str(forms.non_form_errors()), forms.non_form_errors().as_json(), forms.total_error_count()],
        "count": [len(forms), len(forms.initial_forms), len(forms.extra_forms)],
        "management": str(forms.management_form),
        "empty": forms.empty_form.as_p(),
        "multipart": forms.is_multipart(),
    }
    if about["valid"]:
        about["cleaned"] = told(forms.cleaned_data)
        about["deleted"] = [form.prefix for form in forms.deleted_forms]
        about["ordered"] = [form.prefix for form in forms.ordered_forms] if forms.can_order else []
    layouts = {name: str(getattr(forms, name)()) for name in ("as_div", "as_p", "as_ul", "as_table", "__str__")}
    return {**about, **layouts}


def drawn(forms: Any, sent: Any, upload: Any, rows: Any, case: dict[str, Any]) -> dict[str, Any]:
    kind = declared(forms, rows)[case["form"]]
    data = None if case.get("data") is None else sent(case["data"])
    files = None if case.get("files") is None else sent([(n, upload(*file)) for n, file in case["files"]])
    if "set" in case:
        made = forms.formset_factory(kind, **case["set"])
        return seen_of_a_set(made(data, files, **case.get("options", {})))
    return seen(kind(data, files, **case.get("options", {})))


def asked(case: dict[str, Any]) -> dict[str, Any]:
    from django import forms
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone, translation
    from django.utils.datastructures import MultiValueDict

    def sent(pairs: list[tuple[str, Any]]) -> Any:
        collected = MultiValueDict()
        for name, value in pairs:
            collected.appendlist(name, value)
        return collected

    with translation.override(case.get("language", "en")), timezone.override(case.get("zone", "America/Chicago")):
        found = drawn(forms, sent, SimpleUploadedFile, lambda: Empty(ROWS), case)
        return {**found, "fields": dict(found["fields"])} if "fields" in found else found


def here(case: dict[str, Any], locale: Any = None) -> dict[str, Any]:
    from legacy_adapters import forms
    from legacy_adapters.dtl.locale import Locale, activated

    locale = locale or Locale(language="en", use_tz=True)
    with activated(locale, case.get("language"), case.get("zone", "America/Chicago")):
        return drawn(SimpleNamespace(**vars(forms)), forms.Sent, forms.Uploaded, lambda: ROWS, case)


def plain(value: Any) -> Any:
    """Without the classes of safe strings, which do not travel."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return "".join(value) if isinstance(value, str) else value


def asked_plainly(case: dict[str, Any]) -> Any:
    return plain(asked(case))


def printed(source: str, data: list[tuple[str, str]] | None, variables: dict[str, Any]) -> str:
    """What Django's template prints of the form of an order."""
    from django import forms
    from django.template import engines

    order = declared(forms, lambda: Empty(ROWS))["Order"](None if data is None else dict(data))
    page = engines["django"].from_string("{% load widget_tweaks %}" + source)
    return "".join(page.render({"form": order, **variables}))
