"""Pages in the admin, filtered by the first two levels of their path."""

from django.contrib import admin

from apps.cms.admin import ContentAdmin
from apps.pages.models import DocumentFile, Image, Page


class Images(admin.StackedInline):
    model = Image
    extra = 1


class Files(admin.StackedInline):
    model = DocumentFile
    extra = 1


class FirstLevels(admin.SimpleListFilter):
    title = "path"
    parameter_name = "pathlimiter"

    def lookups(self, request, model_admin):
        paths = Page.objects.order_by("path").values_list("path", flat=True)
        levels = dict.fromkeys("/".join(path.split("/")[:2]) for path in paths)
        return [(level, level or "/") for level in levels]

    def queryset(self, request, queryset):
        return queryset.filter(path__startswith=self.value()) if self.value() else queryset


@admin.register(Page)
class PageAdmin(ContentAdmin):
    list_display = ["get_title", "path", "is_published"]
    list_filter = [FirstLevels, "is_published"]
    search_fields = ["title", "path"]
    fieldsets = [
        (
            None,
            {"fields": ["title", "keywords", "description", "path", "content", "content_markup_type", "is_published"]},
        ),
        ("More", {"fields": ["template_name"], "classes": ["collapse"]}),
    ]
    inlines = [Images, Files]
    save_as = True
