"""API v2 (REST framework): staff write, everyone reads; what is not published exists for staff only."""

from django_filters.rest_framework import FilterSet
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission


class StaffWrite(BasePermission):
    def has_permission(self, request, view):
        return request.method in SAFE_METHODS or bool(request.user and request.user.is_staff)


class PublishedForAll:
    """Mixed into a view set: its model's rows, the published ones for all but staff."""

    def get_queryset(self):
        rows = self.model.objects.all()
        return rows if self.request.user.is_staff else rows.filter(is_published=True)


class StrictFilterSet(FilterSet):
    """Refuses a query parameter that is no filter, where the plain one ignores it."""

    @property
    def qs(self):
        if unknown := set(self.data) - set(self.filters):
            raise ValidationError({"error": [self.refusal(parameter) for parameter in unknown]})
        return super().qs

    @staticmethod
    def refusal(parameter):
        field, separator, lookup = parameter.rpartition("__")
        if not separator:
            field, lookup = parameter, "exact"
        return f"{lookup!r} is not an allowed filter on the {field!r} field."
