"""Fields of files. A file that was sent has `name`, `size` and `read()`; an image must be one that Pillow opens."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from legacy_adapters.forms.errors import ValidationError
from legacy_adapters.forms.fields import Field
from legacy_adapters.forms.validators import validate_image_file_extension
from legacy_adapters.forms.widgets import FILE_INPUT_CONTRADICTION, ClearableFileInput, FileInput, Widget
from legacy_adapters.forms.words import Counted, Words


class Uploaded:
    """A file as it was sent, in memory."""

    def __init__(self, name: str, content: bytes, content_type: str | None = None) -> None:
        self.name, self.content_type, self.size = name, content_type, len(content)
        self._stream = BytesIO(content)

    def __bool__(self) -> bool:
        return bool(self.name)

    def __str__(self) -> str:
        return self.name

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def seek(self, place: int, whence: int = 0) -> int:
        return self._stream.seek(place, whence)

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        self.seek(0)
        while part := self.read(size):
            yield part


class FileField(Field):
    widget = ClearableFileInput
    default_error_messages = {
        "invalid": Words("No file was submitted. Check the encoding type on the form."),
        "missing": Words("No file was submitted."),
        "empty": Words("The submitted file is empty."),
        "max_length": Counted(
            "Ensure this filename has at most %(max)d character (it has %(length)d).",
            "Ensure this filename has at most %(max)d characters (it has %(length)d).",
            "max",
        ),
        "contradiction": Words("Please either submit a file or check the clear checkbox, not both."),
    }

    def __init__(self, *, max_length: int | None = None, allow_empty_file: bool = False, **options: Any) -> None:
        self.max_length, self.allow_empty_file = max_length, allow_empty_file
        super().__init__(**options)

    def to_python(self, data: Any) -> Any:
        if self.is_empty(data):
            return None
        try:
            name, size = data.name, data.size
        except AttributeError:
            raise self.error("invalid") from None
        if self.max_length is not None and len(name) > self.max_length:
            raise self.error("max_length", {"max": self.max_length, "length": len(name)})
        if not name:
            raise self.error("invalid")
        if not self.allow_empty_file and not size:
            raise self.error("empty")
        return data

    def clean(self, value: Any, initial: Any = None) -> Any:
        """The file, what was there before, or False where it is to be cleared."""
        if value is FILE_INPUT_CONTRADICTION:
            raise self.error("contradiction")
        if value is False:
            if not self.required:
                return False
            value = None
        return initial if not value and initial else super().clean(value)

    def clean_bound(self, bound: Any) -> Any:
        return self.clean(bound.initial if self.disabled else bound.data, bound.initial)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and data is not None


class ImageField(FileField):
    default_validators = (validate_image_file_extension,)
    default_error_messages = {
        "invalid_image": Words(
            "Upload a valid image. The file you uploaded was either not an image or a corrupted image."
        )
    }

    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        if file is None:
            return None
        try:
            self._open(file)
        except Exception as error:  # Pillow raises whatever its decoders do
            raise ValidationError(self.error_messages["invalid_image"], "invalid_image") from error
        file.seek(0)
        return file

    def _open(self, file: Any) -> None:
        from PIL import Image

        file.image = Image.open(BytesIO(file.read()))
        file.image.verify()
        file.content_type = Image.MIME.get(file.image.format)

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        return {"accept": "image/*"} if isinstance(widget, FileInput) and "accept" not in widget.attrs else {}
