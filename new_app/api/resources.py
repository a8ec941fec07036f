"""Resources as data: what a domain shows through the APIs, from which columns, and what may be filtered.

One declaration serves both versions of the API. `Where` collects conditions; names in it come from declarations,
values are always parameters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["string", "rendered", "integer", "boolean", "datetime", "related"]
WITH_RELATIONS = frozenset({"*"})
"""v1: every lookup of a relation, and what the resource behind it allows."""
NO_DEFAULT = "No default provided."
NEVER: frozenset[str] = frozenset({""})
"""v1: a field that is listed as filterable and refuses every lookup."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a resource. `to` is the resource that a relation points to; `column` is the name in the table."""

    name: str
    kind: Kind = "string"
    column: str = ""
    to: str = ""
    null: bool = False
    blank: bool = False
    unique: bool = False
    default: object = None
    label: str = ""
    help_text: str = ""

    @property
    def source(self) -> str:
        return self.column or self.name


Lookup = Literal["char", "contains", "icontains", "boolean", "choice", "datetime", "relation"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter of v2 and how it is read. `choices` are what a choice may be, in their order."""

    param: str
    lookup: Lookup
    column: str
    choices: tuple[int, ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A table as both APIs show it.

    `order` is SQL over the alias `item` and the names of relations; `place` is the order of a related table, which
    `order` calls `<relation>.place`: to sort some rows by text and many by number is far quicker than many by text.
    `drafts` says that rows with `is_published` false are for staff only. `strict` resources refuse an unknown
    parameter in v2. `bulk_delete` ones have a URL that only deletes.
    """

    name: str
    model: str
    table: str
    fields: Sequence[Field]
    v2_fields: Sequence[str]
    order: str
    place: str = ""
    v1_filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    v2_filters: Sequence[Filter] = ()
    v1_list_methods: tuple[str, ...] = ("GET", "POST")
    drafts: bool = False
    draft_by_default: bool = False
    strict: bool = False
    read_only: bool = False
    bulk_delete: bool = False

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


class Registry(Mapping[str, Resource]):
    """All resources by name, in the order in which v2 lists them."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = {resource.name: resource for resource in resources}

    def __getitem__(self, name: str) -> Resource:
        return self._resources[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)


class Where:
    """Conditions joined by AND, and their values. Which relations they need is remembered for the FROM clause."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[object] = []
        self.relations: set[str] = set()

    def add(self, template: str, value: object) -> None:
        """`template` has one {} for the parameter."""
        self.values.append(value)
        self.conditions.append(template.format(f"${len(self.values)}"))

    def constant(self, condition: str) -> None:
        self.conditions.append(condition)

    def __str__(self) -> str:
        return f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


INT4 = 2**31 - 1
INT8 = 2**63 - 1


def compare_number(where: Where, column: str, operator: str, number: int) -> None:
    """`column operator number` for a four-byte column and any Python integer."""
    if -INT4 - 1 <= number <= INT4:
        where.add(f"{column} {operator} {{}}", number)
    else:
        where.constant("TRUE" if (number > 0) == operator.startswith("<") and operator != "=" else "FALSE")


def like(text: str) -> str:
    """`text` as a literal inside a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def source(resource: Resource, registry: Registry, relations: set[str]) -> str:
    """The FROM clause with the joins for `relations`."""
    clause = f" FROM {resource.table} AS item"
    for one in resource.fields:
        if one.name in relations:
            joined = registry[one.to]
            table = joined.table
            if joined.place and f"{one.name}.place" in resource.order:
                table = f"(SELECT *, rank() OVER (ORDER BY {joined.place}) AS place FROM {table})"  # noqa: S608 - declared names
            clause += f" JOIN {table} AS {one.name} ON {one.name}.id = item.{one.source}"
    return clause


def order_relations(resource: Resource) -> set[str]:
    """The relations that the order of a list looks at."""
    return {one.name for one in resource.fields if one.kind == "related" and f"{one.name}." in resource.order}


_SECONDS, _MICROSECONDS = """'YYYY-MM-DD"T"HH24:MI:SS'""", """'YYYY-MM-DD"T"HH24:MI:SS.US'"""


def column(one: Field, zone: str, related: str) -> str:
    """A field as SQL that gives what JSON shows: PostgreSQL shapes a row faster than Python does.

    `zone` ends a moment, `related` has {name} for the resource and {key} for the key of the URI.
    """
    value = f"item.{one.source}"
    if one.kind == "related":
        value = related.format(name=one.to, key=value)
    elif one.kind == "datetime":
        utc = f"{value} AT TIME ZONE 'UTC'"
        whole = f"extract(microseconds FROM {value})::int % 1000000 = 0"
        value = f"to_char({utc}, CASE WHEN {whole} THEN {_SECONDS} ELSE {_MICROSECONDS} END) || '{zone}'"
    return f'{value} AS "{one.name}"'
