"""Boxes in the admin, by label."""

from django.contrib import admin

from apps.boxes.models import Box
from apps.cms.admin import ContentAdmin


@admin.register(Box)
class BoxAdmin(ContentAdmin):
    ordering = ["label"]
