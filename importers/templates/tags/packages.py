"""Tags of packages that sites use, whose words are the package's own: menus, pipelines, form fields, flags, thumbnails.

Each becomes a call, or a block, of the tag's name; words such as `from` and `for` become places or names of arguments.
Simple and inclusion tags need no line here where a manifest describes them; those that have one serve where none does.
"""

from collections.abc import Iterable

from importers.templates.draft import Draft, Tag, Writer
from importers.templates.expressions import NotAnExpression, bound, keyword, literal, named, quoted
from importers.templates.libraries import TagFact
from importers.templates.tags.called import block, body, function, inclusion, named_result, simple


def clauses(draft: Draft, bits: Iterable[str], *words: str) -> tuple[list[str], dict[str, str]]:
    """Expressions, and those of them that follow one of the words, by that word."""
    places, found = list[str](), dict[str, str]()
    rest = iter(bits)
    for bit in rest:
        if bit in words:
            found[bit] = draft.writing.expression(next(rest))
        else:
            places.append(draft.writing.expression(bit))
    return places, found


def dictionary(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{literal(name)}: {value}" for name, value in pairs) + "}"


# -- sitetree ---------------------------------------------------------------------------------------------------------


def tree(draft: Draft, tag: Tag) -> None:
    """`{% sitetree_menu from "main" include "trunk" template "x" %}`."""
    bits, name = named_result(tag.bits)
    places, found = clauses(draft, bits, "from", "include", "template")
    first = found.pop("from", None)
    given = [*([first] if first else []), *places, *(named(word, value) for word, value in found.items())]
    function(draft, tag, given, name)


def tree_children(draft: Draft, tag: Tag) -> None:
    """`{% sitetree_children of item for menu template "x" %}`."""
    bits = tag.bits
    at = bits.index("for")
    kind = literal(bits[at + 1])
    places, found = clauses(draft, bits[:at] + bits[at + 2 :], "of", "template")
    function(draft, tag, [found.pop("of"), kind, *places, *(named(word, value) for word, value in found.items())])


def tree_url(draft: Draft, tag: Tag) -> None:
    """`{% sitetree_url for item as v %}`."""
    bits, name = named_result(tag.bits)
    function(draft, tag, [draft.writing.expression(bits[1])], name)


# -- forms ------------------------------------------------------------------------------------------------------------


def render_field(draft: Draft, tag: Tag) -> None:
    """`{% render_field field class+="a" data-id="b" %}`: attributes that are set, and those that are appended to."""
    field, *pairs = tag.bits
    put, appended = list[tuple[str, str]](), list[tuple[str, str]]()
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise NotAnExpression(pair)
        target = appended if name.endswith("+") else put
        target.append((name.removesuffix("+"), draft.writing.expression(value)))
    given = [draft.writing.expression(field)]
    given += [dictionary(put)] if put or appended else []
    given += [named("append", dictionary(appended))] if appended else []
    function(draft, tag, given)


def expressions(draft: Draft, tag: Tag) -> None:
    """Expressions, one after the other."""
    bits, name = named_result(tag.bits)
    function(draft, tag, draft.writing.arguments(bits), name)


# -- flags, images, search, elements ----------------------------------------------------------------------------------


def flag(draft: Draft, tag: Tag) -> None:
    """The flag's name; a variable that is nothing means the flag of its own name."""
    text = tag.bits[0]
    name = draft.writing.expression(text)
    body(draft, tag, [name if quoted(text) is not None else f"{name}|default({literal(text)})"])


def sorl_thumbnail(draft: Draft, tag: Tag) -> None:
    bits, name = named_result(tag.bits)
    given = draft.writing.arguments(bits)
    if name is None:
        function(draft, tag, given)
    else:
        body(draft, tag, given, name)


def generated_image(draft: Draft, tag: Tag) -> None:
    """`… -- alt="x"`: what follows the dashes are attributes of the element."""
    bits, name = named_result(tag.bits)
    at = bits.index("--") if "--" in bits else len(bits)
    given = draft.writing.arguments(bits[:at])
    pairs = [keyword(bit) for bit in bits[at + 1 :]]
    if pairs:
        given.append(named("html", dictionary((key or "", draft.writing.expression(value)) for key, value in pairs)))
    function(draft, tag, given, name)


def highlight(draft: Draft, tag: Tag) -> None:
    """`{% highlight text with query html_tag "span" css_class "x" max_length 40 %}`."""
    places, found = clauses(draft, tag.bits, "with", "html_tag", "css_class", "max_length")
    query = found.pop("with")
    function(draft, tag, [*places, query, *(named(word, value) for word, value in found.items())])


def first_word(draft: Draft, tag: Tag) -> None:
    """A body, and a first word that is meant as it stands."""
    word, *rest = tag.bits or ["default"]
    body(draft, tag, [literal(word.strip("\"'")), *draft.writing.arguments(rest)])


def words(draft: Draft, tag: Tag) -> None:
    """A body, and words that are meant as they stand."""
    body(draft, tag, [literal(word.strip("\"'")) for word in tag.bits])


def admin_log(draft: Draft, tag: Tag) -> None:
    """`{% get_admin_log 10 as log for_user user %}`."""
    limit, _, name, *rest = tag.contents.split()[1:]
    user = [named("for_user", draft.writing.expression(rest[1]))] if len(rest) > 1 else []
    function(draft, tag, [limit, *user], bound(name))


PACKAGES: dict[str, dict[str, Writer]] = {
    "sitetree.templatetags.sitetree": {
        "sitetree_tree": tree,
        "sitetree_menu": tree,
        "sitetree_breadcrumbs": tree,
        "sitetree_children": tree_children,
        "sitetree_url": tree_url,
        "sitetree_page_title": tree,
        "sitetree_page_description": tree,
        "sitetree_page_hint": tree,
    },
    "pipeline.templatetags.pipeline": {"stylesheet": expressions, "javascript": expressions},
    "widget_tweaks.templatetags.widget_tweaks": {"render_field": render_field},
    "honeypot.templatetags.honeypot": {"render_honeypot_field": inclusion},
    "waffle.templatetags.waffle_tags": {"flag": flag, "switch": flag, "sample": flag, "wafflejs": simple},
    "sorl.thumbnail.templatetags.thumbnail": {"thumbnail": sorl_thumbnail},
    "sorl.thumbnail.templatetags.sorl_thumbnail": {"thumbnail": sorl_thumbnail},
    "imagekit.templatetags.imagekit": {"thumbnail": generated_image, "generateimage": generated_image},
    "allauth.templatetags.allauth": {"element": first_word, "slot": first_word, "setvar": words},
    "allauth.account.templatetags.account": {"user_display": simple},
    "allauth.socialaccount.templatetags.socialaccount": dict.fromkeys(
        ("get_providers", "get_social_accounts", "provider_login_url", "providers_media_js"), simple
    ),
    "crispy_forms.templatetags.crispy_forms_tags": {"crispy": expressions},
    "crispy_forms.templatetags.crispy_forms_field": {"crispy_field": expressions, "crispy_addon": expressions},
    "crispy_forms.templatetags.crispy_forms_utils": {"specialspaceless": block},
    "haystack.templatetags.highlight": {"highlight": highlight},
    "compressor.templatetags.compress": {"compress": words},
    "mptt.templatetags.mptt_tags": {"recursetree": block},
    "rest_framework.templatetags.rest_framework": {"code": words},
    "polymorphic.templatetags.polymorphic_admin_tags": {"breadcrumb_scope": block},
    "django.contrib.admin.templatetags.log": {"get_admin_log": admin_log},
}
STOPS: dict[str, tuple[str, ...]] = {
    "flag": ("else", "endflag"),
    "switch": ("else", "endswitch"),
    "sample": ("else", "endsample"),
    "thumbnail": ("empty", "endthumbnail"),
    **{
        name: (f"end{name}",)
        for name in ("element", "slot", "setvar", "specialspaceless", "compress", "recursetree", "code")
    },
    "breadcrumb_scope": ("endbreadcrumb_scope",),
}
SHOWN = {
    "sitetree_tree": ("sitetree/tree.html",),
    "sitetree_menu": ("sitetree/menu.html",),
    "sitetree_breadcrumbs": ("sitetree/breadcrumbs.html",),
    "render_honeypot_field": ("honeypot/honeypot_field.html",),
    "wafflejs": ("waffle/waffle.js",),
    "stylesheet": ("pipeline/css.html",),
    "javascript": ("pipeline/js.html", "pipeline/inline_js.html"),
    "element": ("allauth/elements/{}.html", "allauth/elements/{}__*.html"),
}
"""The templates that a tag shows where it is told no other, or by its first word."""
LEAVES = frozenset({"imagekit.templatetags.imagekit"})
ONLY_NAMED = frozenset({"sorl.thumbnail.templatetags.thumbnail", "sorl.thumbnail.templatetags.sorl_thumbnail"})
"""A thumbnail of sorl's has a body where it has a name; one of imagekit's never has."""

LIBRARIES = {
    module.rpartition(".")[2]: module for module in PACKAGES if not module.startswith(("crispy_forms.", "django."))
}
"""What `{% load %}` calls them; crispy's, whose one name stands for three modules, is put together elsewhere."""
CRISPY = tuple(module for module in PACKAGES if module.startswith("crispy_forms."))


def fact(module: str, name: str) -> TagFact:
    stops = () if module in LEAVES else STOPS.get(name, ())
    return TagFact(name, "own", stops, only_named=module in ONLY_NAMED, templates=SHOWN.get(name, ()))


def facts(module: str) -> list[TagFact]:
    return [fact(module, name) for name in PACKAGES[module]]
