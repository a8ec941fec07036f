"""The tags of Django's own libraries that are loaded: static, i18n, l10n, tz, cache."""

from django.template.base import TokenType, filter_re

from importers.templates.draft import Draft, Tag, Writer
from importers.templates.expressions import CONSTANTS, WORDS, NotAnExpression, bound, call, literal
from importers.templates.tags.builtin import around
from importers.templates.tags.called import named_result
from importers.templates.tags.structure import keywords


def valued(draft: Draft, tag: Tag) -> None:
    """`{% TAG [value] [as name] %}`."""
    bits, name = named_result(tag.bits)
    draft.show(call(tag.name, *map(draft.writing.expression, bits)), name)


def asked_for(draft: Draft, tag: Tag) -> None:
    """`{% TAG for value as name %}`."""
    _, value, _, name = tag.bits
    draft.show(call(tag.name, draft.writing.expression(value)), name)


def around_value(draft: Draft, tag: Tag) -> None:
    """`{% TAG value %}` and a body."""
    around(draft, tag, draft.writing.expression(tag.bits[0]))


def switched(draft: Draft, tag: Tag) -> None:
    """`{% TAG [on|off] %}` and a body."""
    around(draft, tag, "false" if tag.bits[:1] == ["off"] else "true")


def cache(draft: Draft, tag: Tag) -> None:
    """The fragment's name is its text as it stands, quotes too."""
    time, name, *rest = tag.bits
    expression = draft.writing.expression
    using = [f"using={expression(rest.pop().removeprefix('using='))}"] if rest and rest[-1].startswith("using=") else []
    draft.open("cache", ", ".join([expression(time), literal(name), *map(expression, rest), *using]))
    with draft.deciding():
        draft.until("endcache")
    draft.open("endcache")


def translate(draft: Draft, tag: Tag) -> None:
    """What is translated is the text or the variable; filters work on the translation."""
    message, *options = tag.bits
    given, name = [], None
    while options:
        option = options.pop(0)
        if option == "noop":
            given.append("noop=true")
        elif option == "context":
            given.append(f"context={draft.writing.expression(options.pop(0))}")
        else:
            name = options.pop(0)
    match = filter_re.match(message)
    if match is None:
        raise NotAnExpression(message)
    text = draft.writing.expression(message[: match.end()])
    filters = message[match.end() :].lstrip(" |")
    if filters and "noop=true" not in given:
        text, given = f"{call('_', text, *given)}|{draft.writing.filters(filters)}", ["noop=true"]
    elif filters:
        text = f"{text}|{draft.writing.filters(filters)}"
    draft.show(call("translate", text, *given), name)


def blocktranslate(draft: Draft, tag: Tag) -> None:
    draft.open("blocktranslate", ", ".join(block_options(draft, tag)))
    while True:
        token = draft.take()
        if token.token_type is TokenType.TEXT:
            draft.text(token.contents)
        elif token.token_type is TokenType.VAR:
            name = token.contents
            plain = name.isidentifier() and name not in WORDS and name not in CONSTANTS
            draft.show(name if plain else call("var", literal(name)))
        elif token.contents.strip() == "plural":
            draft.open("plural")
        else:
            break
    draft.open("endblocktranslate")


def block_options(draft: Draft, tag: Tag) -> list[str]:
    bits, written, last = tag.bits, list[str](), list[str]()
    expression = draft.writing.expression
    while bits:
        option = bits.pop(0)
        if option in {"with", "count"}:
            prefix = "count " if option == "count" else ""
            pairs = keywords(bits, old_form=True)
            values = [f"{prefix}{bound(name)}={expression(value)}" for name, value in pairs]
            written = written + values if prefix else values + written
        elif option == "context":
            written.append(f"context {expression(bits.pop(0))}")
        elif option == "asvar":
            last.append(f"asvar {bound(bits.pop(0))}")
        else:
            last.insert(0, option)
    return written + last


TABLES: dict[str, dict[str, Writer]] = {
    "django.templatetags.static": {
        "static": valued,
        "get_static_prefix": valued,
        "get_media_prefix": valued,
    },
    "django.templatetags.i18n": {
        "blocktrans": blocktranslate,
        "blocktranslate": blocktranslate,
        "get_available_languages": valued,
        "get_current_language": valued,
        "get_current_language_bidi": valued,
        "get_language_info": asked_for,
        "get_language_info_list": asked_for,
        "language": around_value,
        "trans": translate,
        "translate": translate,
    },
    "django.templatetags.l10n": {"localize": switched},
    "django.templatetags.tz": {
        "get_current_timezone": valued,
        "localtime": switched,
        "timezone": around_value,
    },
    "django.templatetags.cache": {"cache": cache},
}
