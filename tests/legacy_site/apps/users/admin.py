"""Users and members in the admin. A user signs up; the admin adds none."""

import csv

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpResponse

from apps.users.models import Membership, User


@admin.register(User)
class SiteUserAdmin(UserAdmin):
    fieldsets = [
        *UserAdmin.fieldsets,
        ("Profile", {"fields": ["bio", "search_visibility", "email_privacy", "public_profile"]}),
    ]

    def has_add_permission(self, request):
        return False


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    actions = ["export_csv"]
    list_display = ["__str__", "created", "updated"]
    list_filter = ["membership_type"]
    date_hierarchy = "created"
    raw_id_fields = ["creator"]
    search_fields = ["creator__username"]

    @admin.action(description="Export as CSV")
    def export_csv(self, request, queryset):
        response = HttpResponse(content_type="text/csv")
        columns = [field.name for field in Membership._meta.fields]
        csv.writer(response).writerows([columns, *queryset.values_list(*columns)])
        return response
