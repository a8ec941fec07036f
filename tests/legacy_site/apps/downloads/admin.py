"""Systems and releases in the admin; files are edited with their release."""

from django.contrib import admin

from apps.cms.admin import STAMPS, ContentAdmin
from apps.downloads.models import OS, Release, ReleaseFile


@admin.register(OS)
class OSAdmin(ContentAdmin):
    prepopulated_fields = {"slug": ["name"]}


class Files(admin.StackedInline):
    model = ReleaseFile
    extra = 0
    readonly_fields = STAMPS


@admin.register(Release)
class ReleaseAdmin(ContentAdmin):
    date_hierarchy = "release_date"
    list_display = ["name", "is_published", "show_on_download_page"]
    list_filter = ["version", "is_published", "show_on_download_page"]
    ordering = ["-release_date"]
    prepopulated_fields = {"slug": ["name"]}
    raw_id_fields = ["release_page"]
    search_fields = ["name", "slug"]
    inlines = [Files]
