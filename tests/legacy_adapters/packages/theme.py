"""The environment of imported templates, for templates that stand in a test."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import DictLoader

from legacy_adapters.dtl.context import Context
from legacy_adapters.dtl.environment import DjangoEnvironment

Registered = Mapping[str, Callable[..., Any]]


def theme(
    templates: Mapping[str, str] | None = None,
    functions: Registered | None = None,
    blocks: Registered | None = None,
    filters: Registered | None = None,
) -> DjangoEnvironment:
    return DjangoEnvironment(DictLoader(templates or {}), functions=functions, blocks=blocks, filters=filters)


def context(templates: Mapping[str, str] | None = None, **variables: object) -> Context:
    return Context(variables, theme(templates))
