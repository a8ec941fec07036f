"""What the admin and both APIs ask of a release file's URLs. The database asks less: rows from older days stay as they are."""

from django.core.exceptions import ValidationError

from apps.downloads.models import HTTPS_PREFIX, SIDECARS, URL_COLUMNS, ReleaseFile

NOT_HTTPS = f"Release file URLs must begin with '{HTTPS_PREFIX}'."


def check_urls(file: ReleaseFile) -> None:
    """Raise ValidationError by column: a new URL off https://www.python.org/, or a sidecar that is not `url` + its suffix."""
    stored = ReleaseFile.objects.filter(pk=file.pk).values(*URL_COLUMNS).first() if file.pk is not None else None
    errors: dict[str, list[str]] = {}
    for column in URL_COLUMNS:
        value = getattr(file, column) or ""
        kept = stored is not None and value == (stored[column] or "")
        if value and not value.startswith(HTTPS_PREFIX) and not kept:
            errors.setdefault(column, []).append(NOT_HTTPS)
    for column, suffix in SIDECARS.items():
        value = getattr(file, column)
        if file.url and value and value != file.url + suffix:
            errors.setdefault(column, []).append(f"Sidecar URL must match the artifact URL plus '{suffix}'.")
    if errors:
        raise ValidationError(errors)
