"""Several forms of one kind on a page, counted by a management form that travels with them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.forms.errors import ErrorDict, ErrorList, ValidationError
from legacy_adapters.forms.fields import BooleanField, IntegerField
from legacy_adapters.forms.form import Form
from legacy_adapters.forms.markup import shown, trimmed
from legacy_adapters.forms.media import Media
from legacy_adapters.forms.widgets import CheckboxInput, HiddenInput, NumberInput
from legacy_adapters.forms.words import Counted, Words

MOST_FORMS = 1000


class ManagementForm(Form):
    TOTAL_FORMS = IntegerField(widget=HiddenInput)
    INITIAL_FORMS = IntegerField(widget=HiddenInput)
    MIN_NUM_FORMS = IntegerField(required=False, widget=HiddenInput)
    MAX_NUM_FORMS = IntegerField(required=False, widget=HiddenInput)

    def clean(self) -> dict[str, Any]:
        for name in ("TOTAL_FORMS", "INITIAL_FORMS"):
            self.cleaned_data.setdefault(name, 0)
        return self.cleaned_data


class FormSet:
    form: type[Form]
    extra, min_num, max_num, absolute_max = 1, 0, MOST_FORMS, 2 * MOST_FORMS
    can_order = can_delete = validate_min = validate_max = False
    can_delete_extra = True
    deletion_widget: Any = CheckboxInput
    ordering_widget: Any = NumberInput
    default_error_messages: ClassVar[Mapping[str, Any]] = {
        "missing_management_form": Words(
            "ManagementForm data is missing or has been tampered with. Missing fields: %(field_names)s. "
            "You may need to file a bug report if the issue persists."
        ),
        "too_many_forms": Counted("Please submit at most %(num)d form.", "Please submit at most %(num)d forms.", "num"),
        "too_few_forms": Counted(
            "Please submit at least %(num)d form.", "Please submit at least %(num)d forms.", "num"
        ),
    }

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        auto_id: str | bool | None = "id_%s",
        prefix: str | None = None,
        initial: Sequence[Mapping[str, Any]] | None = None,
        error_class: type[ErrorList] = ErrorList,
        form_kwargs: Mapping[str, Any] | None = None,
        error_messages: Mapping[str, Any] | None = None,
    ) -> None:
        self.is_bound = data is not None or files is not None
        self.data, self.files, self.auto_id, self.prefix = data or {}, files or {}, auto_id, prefix or "form"
        self.initial, self.error_class, self.form_kwargs = initial, error_class, dict(form_kwargs or {})
        self._errors: list[ErrorDict] | None = None
        self._non_form_errors = error_class(error_class="nonform")
        self.error_messages = {**self.default_error_messages, **(error_messages or {})}

    def __iter__(self) -> Iterator[Form]:
        return iter(self.forms)

    def __getitem__(self, index: Any) -> Any:
        return self.forms[index]

    def __len__(self) -> int:
        return len(self.forms)

    def __bool__(self) -> bool:
        return True

    @cached_property
    def management_form(self) -> ManagementForm:
        if self.is_bound:
            form = ManagementForm(self.data, auto_id=self.auto_id, prefix=self.prefix)
            form.full_clean()
            return form
        counts = {"TOTAL_FORMS": self.total_form_count(), "INITIAL_FORMS": self.initial_form_count()}
        limits = {"MIN_NUM_FORMS": self.min_num, "MAX_NUM_FORMS": self.max_num}
        return ManagementForm(auto_id=self.auto_id, prefix=self.prefix, initial={**counts, **limits})

    def total_form_count(self) -> int:
        if self.is_bound:
            return min(int(self.management_form.cleaned_data["TOTAL_FORMS"]), self.absolute_max)
        known = self.initial_form_count()
        if known > self.max_num >= 0:
            return known
        wanted = max(known, self.min_num) + self.extra
        return min(wanted, self.max_num) if self.max_num >= 0 else wanted

    def initial_form_count(self) -> int:
        if self.is_bound:
            return int(self.management_form.cleaned_data["INITIAL_FORMS"])
        return len(self.initial or ())

    @cached_property
    def forms(self) -> list[Form]:
        return [self._form(index) for index in range(self.total_form_count())]

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return dict(self.form_kwargs)

    def add_prefix(self, index: int | str) -> str:
        return f"{self.prefix}-{index}"

    def _form(self, index: int) -> Form:
        options: dict[str, Any] = {"prefix": self.add_prefix(index), "error_class": self.error_class}
        if self.is_bound:
            options |= {"data": self.data, "files": self.files}
        if self.initial and index < len(self.initial):
            options["initial"] = self.initial[index]
        if index >= self.initial_form_count() and index >= self.min_num:
            options["empty_permitted"] = True
        options |= {"auto_id": self.auto_id, "use_required_attribute": False, **self.get_form_kwargs(index)}
        return self._completed(self.form(**options), index)

    @property
    def empty_form(self) -> Form:
        options = {"auto_id": self.auto_id, "prefix": self.add_prefix("__prefix__"), "empty_permitted": True}
        form = self.form(**{**self.get_form_kwargs(None), **options, "use_required_attribute": False})
        return self._completed(form, None)

    def _completed(self, form: Form, index: int | None) -> Form:
        self.add_fields(form, index)
        return form

    def add_fields(self, form: Form, index: int | None) -> None:
        known = index is not None and index < self.initial_form_count()
        if self.can_order:
            place = index + 1 if index is not None and known else None
            form.fields["ORDER"] = IntegerField(
                label=Words("Order"), initial=place, required=False, widget=self.ordering_widget
            )
        if self.can_delete and (self.can_delete_extra or known):
            form.fields["DELETE"] = BooleanField(label=Words("Delete"), required=False, widget=self.deletion_widget)

    @property
    def initial_forms(self) -> list[Form]:
        return self.forms[: self.initial_form_count()]

    @property
    def extra_forms(self) -> list[Form]:
        return self.forms[self.initial_form_count() :]

    @property
    def errors(self) -> list[ErrorDict]:
        if self._errors is None:
            self.full_clean()
        return self._errors or []

    def non_form_errors(self) -> ErrorList:
        if self._errors is None:
            self.full_clean()
        return self._non_form_errors

    def total_error_count(self) -> int:
        return len(self.non_form_errors()) + sum(len(errors) for errors in self.errors)

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        if self._errors is None:
            self.full_clean()
        valid = [form.is_valid() for form in self.forms if not self._is_deleted(form)]
        return all(valid) and not self.non_form_errors()

    def _is_deleted(self, form: Form) -> bool:
        return self.can_delete and bool(form.cleaned_data.get("DELETE", False))

    def _is_untouched(self, index: int, form: Form) -> bool:
        return index >= self.initial_form_count() and not form.has_changed()

    @property
    def cleaned_data(self) -> list[dict[str, Any]]:
        if not self.is_valid():
            raise AttributeError(f"'{type(self).__name__}' object has no attribute 'cleaned_data'")
        return [form.cleaned_data for form in self.forms]

    @property
    def deleted_forms(self) -> list[Form]:
        if not self.is_valid() or not self.can_delete:
            return []
        placed = enumerate(self.forms)
        return [form for index, form in placed if not self._is_untouched(index, form) and self._is_deleted(form)]

    @property
    def ordered_forms(self) -> list[Form]:
        """By the numbers that were sent; what has none comes last."""
        if not self.is_valid() or not self.can_order:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute 'ordered_forms'")
        kept = [
            form
            for index, form in enumerate(self.forms)
            if not self._is_untouched(index, form) and not self._is_deleted(form)
        ]
        places = ((form.cleaned_data["ORDER"], form) for form in kept)
        return [form for _, form in sorted(places, key=lambda each: (each[0] is None, each[0] or 0))]

    def full_clean(self) -> None:
        self._errors = []
        self._non_form_errors = self.error_class(error_class="nonform")
        if not self.is_bound:
            return
        if not self.management_form.is_valid():
            missing = ", ".join(self.management_form.add_prefix(name) for name in self.management_form.errors)
            message = self.error_messages["missing_management_form"]
            self._non_form_errors.append(ValidationError(message, "missing_management_form", {"field_names": missing}))
        untouched = 0
        for index, form in enumerate(self.forms):
            untouched += self._is_untouched(index, form)
            found = form.errors
            if not self._is_deleted(form):
                self._errors.append(found)
        try:
            self._check_count(untouched)
            self.clean()
        except ValidationError as error:
            self._non_form_errors = self.error_class(error.error_list, error_class="nonform")

    def _check_count(self, untouched: int) -> None:
        sent = int(self.management_form.cleaned_data["TOTAL_FORMS"])
        if (self.validate_max and self._kept() > self.max_num) or sent > self.absolute_max:
            raise ValidationError(self.error_messages["too_many_forms"] % {"num": self.max_num}, "too_many_forms")
        if self.validate_min and self._kept() - untouched < self.min_num:
            raise ValidationError(self.error_messages["too_few_forms"] % {"num": self.min_num}, "too_few_forms")

    def _kept(self) -> int:
        return self.total_form_count() - len(self.deleted_forms)

    def clean(self) -> None:
        """What concerns more than one form; an error raised here belongs to all of them."""

    def has_changed(self) -> bool:
        return any(form.has_changed() for form in self)

    def is_multipart(self) -> bool:
        return (self.forms[0] if self.forms else self.empty_form).is_multipart()

    @property
    def media(self) -> Media:
        return (self.forms[0] if self.forms else self.empty_form).media

    def _printed(self, layout: str) -> SafeString:
        forms = "".join(getattr(form, layout)() for form in self.forms)
        return trimmed(f"{shown(self.management_form)}{forms}")

    def as_div(self) -> SafeString:
        return self._printed("as_div")

    def as_p(self) -> SafeString:
        return self._printed("as_p")

    def as_ul(self) -> SafeString:
        return self._printed("as_ul")

    def as_table(self) -> SafeString:
        return self._printed("as_table")

    def __str__(self) -> SafeString:
        return self.as_div()

    def __html__(self) -> SafeString:
        return self.as_div()


def formset_factory(
    form: type[Form],
    formset: type[FormSet] = FormSet,
    extra: int = 1,
    max_num: int | None = None,
    min_num: int | None = None,
    absolute_max: int | None = None,
    **flags: Any,
) -> type[FormSet]:
    """A class of forms of that kind; `flags` are those of FormSet, as `can_delete` and `validate_max`."""
    most = MOST_FORMS if max_num is None else max_num
    ceiling = most + MOST_FORMS if absolute_max is None else absolute_max
    if most > ceiling:
        raise ValueError("'absolute_max' must be greater or equal to 'max_num'.")
    name = f"{form.__name__}Set" if form.__name__.endswith("Form") else f"{form.__name__}FormSet"
    limits = {"extra": extra, "max_num": most, "min_num": min_num or 0, "absolute_max": ceiling}
    return type(name, (formset,), {"form": form, **limits, **flags})


def all_valid(formsets: Sequence[FormSet]) -> bool:
    """Each is asked, so that each has its errors."""
    answers = [formset.is_valid() for formset in formsets]
    return all(answers)
