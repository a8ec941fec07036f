"""A form printed whole: divisions, paragraphs, list items, table rows, to the last blank of Django's.

A form without visible fields prints its hidden ones with its errors; otherwise they stand in the last field.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.forms.markup import optional, shown, trimmed

if TYPE_CHECKING:
    from legacy_adapters.forms.bound import BoundField
    from legacy_adapters.forms.form import Form

Row = Callable[["BoundField", str], str]


def _hidden(fields: Sequence["BoundField"]) -> str:
    return "".join(shown(field) for field in fields)


def _rows(form: "Form", top: Callable[[str, str, bool], str], row: Row, indent: str) -> SafeString:
    errors, fields, hidden_fields = form.parts()
    hidden, listed = _hidden(hidden_fields), shown(errors)
    lines = [top(listed, hidden, bool(fields))]
    for place, field in enumerate(fields, 1):
        last = f"\n{indent}  {hidden}\n{indent}" if place == len(fields) else ""
        lines.append(row(field, last))
    lines.append(f"\n  {hidden}\n" if not fields and not errors else "")
    return trimmed("\n".join((lines[0], "".join(lines[1:-1]), lines[-1])))


def _label(field: "BoundField") -> str:
    return shown(field.label_tag()) if field.label else ""


def _class(field: "BoundField") -> str:
    return optional("class", field.css_classes())


def _above(tag: str) -> Callable[[str, str, bool], str]:
    def top(errors: str, hidden: str, fields: bool) -> str:
        alone = f"\n  <{tag}>{hidden}</{tag}>\n" if errors and not fields else ""
        return f"{errors}\n{alone}"

    return top


def as_div(form: "Form") -> SafeString:
    def row(field: "BoundField", last: str) -> str:
        return f"\n  <div{_class(field)}>\n    {field.as_field_group()}\n    {last}\n</div>\n"

    return _rows(form, _above("div"), row, "    ")


def as_p(form: "Form") -> SafeString:
    def row(field: "BoundField", last: str) -> str:
        text = f"\n      {field.help('span')}\n    " if field.help_text else ""
        inside = f"\n    {_label(field)}\n    {shown(field)}\n    {text}\n    {last}\n  "
        return f"\n  {shown(field.errors)}\n  <p{_class(field)}>{inside}</p>\n"

    return _rows(form, _above("p"), row, "    ")


def as_ul(form: "Form") -> SafeString:
    def top(errors: str, hidden: str, fields: bool) -> str:
        alone = "" if fields else f"\n    {hidden}\n  "
        return f"\n  <li>\n    {errors}\n  {alone}\n  </li>\n" if errors else ""

    def row(field: "BoundField", last: str) -> str:
        text = f"\n      {field.help('span')}\n    " if field.help_text else ""
        inside = f"\n    {shown(field.errors)}\n    {_label(field)}\n    {shown(field)}\n    {text}\n    {last}\n  "
        return f"\n  <li{_class(field)}>{inside}</li>\n"

    return _rows(form, top, row, "    ")


def as_table(form: "Form") -> SafeString:
    def top(errors: str, hidden: str, fields: bool) -> str:
        alone = "" if fields else f"\n        {hidden}\n      "
        return f'\n  <tr>\n    <td colspan="2">\n      {errors}\n      {alone}\n    </td>\n  </tr>\n' if errors else ""

    def row(field: "BoundField", last: str) -> str:
        text = f"\n        <br>\n        {field.help('span')}\n      " if field.help_text else ""
        cell = f"\n      {shown(field.errors)}\n      {shown(field)}\n      {text}\n      {last}\n    "
        return f"\n  <tr{_class(field)}>\n    <th>{_label(field)}</th>\n    <td>{cell}</td>\n  </tr>\n"

    return _rows(form, top, row, "      ")
