"""Django fixtures, loaded raw: stored HTML is taken as it is, references may point forward, files may come in any order.

A row that cannot be read is named and left out. A reference to a row that no file brought is set to NULL where the
column allows it; else the row goes too. Both are reported.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.core.serializers.python import Deserializer
from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model


@dataclass(slots=True)
class Report:
    loaded: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def load(paths: list[Path]) -> Report:
    report = Report()
    ContentType.objects.clear_cache()
    with transaction.atomic():
        rows, waiting, left = set(), [record for path in paths for record in _records(path, report)], None
        while waiting and len(waiting) != left:  # a natural key may name a row that comes later: go round again
            left = len(waiting)
            waiting = [(place, record, error) for place, record, _ in waiting if (error := _save(record, rows))]
        report.problems += [f"{place}: left out: {error}" for place, _, error in waiting]
        report.loaded.update(model._meta.label for model, _ in rows)
        _mend_references({model for model, _ in rows}, report)
        reset_sequences(connection)
    return report


def _records(path: Path, report: Report) -> list[tuple[str, dict[str, object], str]]:
    try:
        records = json.loads(path.read_text())
    except ValueError as error:
        report.problems.append(f"{path.name}: not JSON: {error}")
        return []
    return [(f"{path.name}, record {number}", record, "") for number, record in enumerate(records, start=1)]


def _save(record: dict[str, object], rows: set[tuple[type[Model], object]]) -> str:
    """What kept the record from being saved; nothing if it was."""
    try:
        with transaction.atomic():
            [row] = Deserializer([record])
            row.save()
    except (DeserializationError, ValidationError, DatabaseError, LookupError, TypeError, ValueError) as error:
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    rows.add((type(row.object), row.object.pk))
    return ""


def _mend_references(models: set[type[Model]], report: Report) -> None:
    """Deferred foreign keys are checked at commit, which names one of them and takes back everything: mend them first."""
    models = models | {relation.remote_field.through for model in models for relation in model._meta.local_many_to_many}
    links = [
        (model, column)
        for model in sorted(models, key=lambda model: model._meta.label)
        for column in model._meta.local_fields
        if column.remote_field
    ]
    while any(_mend(model, column, report) for model, column in links):
        pass  # what was removed may have been what another row named


def _mend(model: type[Model], column: Field, report: Report) -> int:
    there = column.remote_field.model._base_manager.values(column.target_field.attname)
    dangling = model._base_manager.filter(**{f"{column.name}__isnull": False}).exclude(**{f"{column.name}__in": there})
    count = dangling.count()
    if count and column.null:
        dangling.update(**{column.name: None})
        report.problems.append(f"{model._meta.label}.{column.name}: {count} set to NULL, what they name is not there")
    elif count:
        dangling._raw_delete(dangling.db)
        report.loaded[model._meta.label] -= count
        report.problems.append(f"{model._meta.label}: {count} removed, their {column.name} is not there")
    return count


def reset_sequences(connection: BaseDatabaseWrapper) -> None:
    """Let the next row of every table come after those that brought their own ids."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)
