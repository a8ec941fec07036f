"""What is wrong with what was sent: single errors, the errors of a field, the errors of a form.

`ValidationError` takes what Django's does: a message with a code and parameters, a list, or a dictionary by field.
Messages are put into words when they are read, so they speak the language of the reader.
"""

import json
from collections import UserList
from collections.abc import Iterator
from typing import Any

from legacy_adapters.dtl.safe import SafeString, escape
from legacy_adapters.forms.markup import optional, shown, trimmed
from legacy_adapters.forms.words import spoken

NON_FIELD_ERRORS = "__all__"


class ValidationError(Exception):
    """One error, a list of errors, or errors by field."""

    message: Any
    code: str | None
    params: Any
    error_list: list["ValidationError"]
    error_dict: dict[str, list["ValidationError"]]

    def __init__(self, message: Any, code: str | None = None, params: Any = None) -> None:
        super().__init__(message, code, params)
        if isinstance(message, ValidationError):
            message, code, params = message._parts()
        if isinstance(message, dict):
            self.error_dict = {name: _one(errors).error_list for name, errors in message.items()}
        elif isinstance(message, list):
            self.error_list = [error for each in message for error in _one(each).flat()]
        else:
            self.message, self.code, self.params = message, code, params
            self.error_list = [self]

    def _parts(self) -> tuple[Any, Any, Any]:
        if hasattr(self, "error_dict"):
            return self.error_dict, None, None
        if hasattr(self, "message"):
            return self.message, self.code, self.params
        return self.error_list, None, None

    def flat(self) -> list["ValidationError"]:
        if hasattr(self, "error_dict"):
            return [error for errors in self.error_dict.values() for error in errors]
        return self.error_list

    def text(self) -> str:
        """A single error's words, its parameters filled in; safe where the message is."""
        said: Any = self.message % self.params if self.params else spoken(self.message)
        return said if isinstance(said, str) else str(said)

    @property
    def messages(self) -> list[str]:
        return [error.text() for error in self.flat()]

    @property
    def message_dict(self) -> dict[str, list[str]]:
        return {name: [error.text() for error in errors] for name, errors in self.error_dict.items()}

    def __iter__(self) -> Iterator[Any]:
        return iter(self.message_dict.items() if hasattr(self, "error_dict") else self.messages)

    def __str__(self) -> str:
        return repr(self.message_dict if hasattr(self, "error_dict") else self.messages)

    def __repr__(self) -> str:
        return f"ValidationError({self})"


def _one(error: Any) -> ValidationError:
    return error if isinstance(error, ValidationError) else ValidationError(error)


class ErrorList(UserList[Any]):
    """The errors of one field or of a whole form; printed it is a list in HTML, or nothing."""

    def __init__(self, errors: Any = None, error_class: str | None = None, field_id: str | None = None) -> None:
        super().__init__(errors)
        self.error_class = f"errorlist {error_class}" if error_class is not None else "errorlist"
        self.field_id = field_id

    def as_data(self) -> list[ValidationError]:
        return ValidationError(self.data).error_list

    def get_json_data(self, escape_html: bool = False) -> list[dict[str, str]]:
        return [
            {"message": escape(error.text()) if escape_html else error.text(), "code": error.code or ""}
            for error in self.as_data()
        ]

    def as_json(self, escape_html: bool = False) -> str:
        return json.dumps(self.get_json_data(escape_html))

    def as_text(self) -> SafeString:
        return trimmed("".join(f"* {shown(error)}\n" for error in self))

    def as_ul(self) -> SafeString:
        if not self:
            return SafeString("")
        own_id = f' id="{shown(self.field_id)}_error"' if self.field_id else ""
        items = "".join(f"<li>{shown(error)}</li>" for error in self)
        return trimmed(f'<ul class="{shown(self.error_class)}"{own_id}>{items}</ul>')

    __str__ = as_ul
    __html__ = as_ul
    render = as_ul

    def copied(self) -> "ErrorList":
        """The same errors under the same class, for a list that grows."""
        copy = type(self)(list(self.data))
        copy.error_class = self.error_class
        return copy

    def __iter__(self) -> Iterator[Any]:
        return (_text(error) for error in self.data)

    def __getitem__(self, index: Any) -> Any:
        return _text(self.data[index])

    def __contains__(self, item: object) -> bool:
        return item in list(self)

    def __eq__(self, other: object) -> bool:
        return list(self) == (list(other) if isinstance(other, ErrorList) else other)

    def __repr__(self) -> str:
        return repr(list(self))


def _text(error: Any) -> Any:
    return error.text() if isinstance(error, ValidationError) else error


class ErrorDict(dict[str, ErrorList]):
    """The errors of a form by field, in the order in which they were found."""

    error_class = "errorlist"

    def as_data(self) -> dict[str, list[ValidationError]]:
        return {name: errors.as_data() for name, errors in self.items()}

    def get_json_data(self, escape_html: bool = False) -> dict[str, list[dict[str, str]]]:
        return {name: errors.get_json_data(escape_html) for name, errors in self.items()}

    def as_json(self, escape_html: bool = False) -> str:
        return json.dumps(self.get_json_data(escape_html))

    def as_text(self) -> SafeString:
        blocks = (
            f"* {shown(name)}\n" + "".join(f"  * {shown(error)}\n" for error in errors) for name, errors in self.items()
        )
        return trimmed("".join(blocks))

    def as_ul(self) -> SafeString:
        if not self:
            return SafeString("")
        items = "".join(f"<li>{shown(name)}{shown(errors)}</li>" for name, errors in self.items())
        return trimmed(f"<ul{optional('class', self.error_class)}>{items}</ul>")

    __str__ = as_ul
    __html__ = as_ul
    render = as_ul
