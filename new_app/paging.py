"""Paging: a long list in pages, by Django's rules (django/core/paginator.py, the list views of django/views/generic).

A page is a number from 1 to the last, or "last"; anything else is a missing page. The first page may be empty.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from new_app.page import Missing

T = TypeVar("T")
UNPAGED = {"paginator": None, "page_obj": None, "is_paginated": False}
"""What a list view that is not divided gives its template besides the list."""


@dataclass(frozen=True, slots=True)
class Paginator:
    """How a list of so many is divided."""

    count: int
    per_page: int

    @property
    def num_pages(self) -> int:
        return max(1, -(-self.count // self.per_page))

    @property
    def page_range(self) -> range:
        return range(1, self.num_pages + 1)

    def number(self, said: str | None) -> int:
        """The page that `?page=` asks for. Raises Missing where there is no such page."""
        try:
            number = self.num_pages if said == "last" else int(said or 1)
        except ValueError:
            raise Missing from None
        if not 1 <= number <= self.num_pages:
            raise Missing
        return number


@dataclass(frozen=True, slots=True)
class PageOf(Generic[T]):
    """One page of a list, as `page_obj` of a template."""

    object_list: Sequence[T]
    number: int
    paginator: Paginator

    def __iter__(self) -> Iterator[T]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    def __getitem__(self, index: int) -> T:
        return self.object_list[index]

    def __str__(self) -> str:
        return f"<Page {self.number} of {self.paginator.num_pages}>"

    def has_next(self) -> bool:
        return self.number < self.paginator.num_pages

    def has_previous(self) -> bool:
        return self.number > 1

    def has_other_pages(self) -> bool:
        return self.has_previous() or self.has_next()

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1

    def start_index(self) -> int:
        return (self.number - 1) * self.paginator.per_page + 1 if self.paginator.count else 0

    def end_index(self) -> int:
        return min(self.number * self.paginator.per_page, self.paginator.count)


def paged(paginator: Paginator, said: str | None, load: Callable[[int, int], Sequence[T]]) -> dict[str, Any]:
    """The variables of a list view: `load` gives a page's objects by its number and how many come before it."""
    number = paginator.number(said)
    found = load(number, (number - 1) * paginator.per_page)
    shown = PageOf(found, number, paginator)
    return {
        "paginator": paginator,
        "page_obj": shown,
        "is_paginated": shown.has_other_pages(),
        "object_list": found,
    }
