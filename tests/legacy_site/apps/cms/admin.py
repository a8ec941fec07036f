"""What the admin does for every kind of content: it notes who made a row and who changed it last, and shows both."""

from django.contrib import admin

STAMPS = ("created", "updated", "creator", "last_modified_by")


class ContentAdmin(admin.ModelAdmin):
    def save_model(self, request, obj, form, change):
        setattr(obj, "last_modified_by" if change else "creator", request.user)
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *STAMPS]

    def get_list_display(self, request):
        return [*super().get_list_display(request), "created", "updated"]

    def get_list_filter(self, request):
        return [*super().get_list_filter(request), "created", "updated"]

    def get_fieldsets(self, request, obj=None):
        own = [
            (title, options | {"fields": [name for name in options["fields"] if name not in STAMPS]})
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [*own, ("Who and when", {"fields": STAMPS, "classes": ("collapse",)})]
