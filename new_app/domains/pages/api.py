"""Pages as the JSON APIs show them: `content` is the rendered text."""

from new_app.api.resources import NO_DEFAULT, Field, Filter, Resource

EXACT = frozenset({"exact"})

PAGE = Resource(
    name="pages/page",
    model="Page",
    table="pages_page",
    fields=(
        Field("title", default=NO_DEFAULT),
        Field("keywords", blank=True, default=""),
        Field("description", blank=True, default=""),
        Field("path", unique=True, default=NO_DEFAULT),
        Field("content", "rendered", "_content_rendered", default=""),
        Field("is_published", "boolean", default=True),
        Field("template_name", blank=True, default=""),
    ),
    v2_fields=("title", "path", "keywords", "description", "content", "is_published", "template_name", "resource_uri"),
    order="item.title, item.path",
    v1_filters={"title": EXACT, "keywords": frozenset({"exact", "icontains"}), "path": EXACT, "is_published": EXACT},
    v2_filters=(
        Filter("title", "char", "title"),
        Filter("path", "char", "path"),
        Filter("keywords", "char", "keywords"),
        Filter("keywords__icontains", "icontains", "keywords"),
        Filter("is_published", "boolean", "is_published"),
    ),
    drafts=True,
    strict=True,
    read_only=True,
)
