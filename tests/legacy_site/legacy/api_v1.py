"""API v1 (tastypie): who may read, who may write, and how callers name themselves.

Callers are guests, or show `Authorization: ApiKey name:key`. A key in the query or in a form is refused, a session is not
looked at. Writing takes a staff member's key. What a caller may not see or do is answered with 401.
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from tastypie.authentication import ApiKeyAuthentication
from tastypie.authorization import Authorization
from tastypie.exceptions import Unauthorized
from tastypie.http import HttpUnauthorized
from tastypie.resources import ModelResource
from tastypie.throttle import CacheThrottle


class KeyInHeaderOrGuest(ApiKeyAuthentication):
    def is_authenticated(self, request, **kwargs):
        request.has_api_key = False
        if {"username", "api_key"} & {*request.GET, *request.POST}:
            return HttpUnauthorized()
        if not request.headers.get("Authorization"):
            request.user = AnonymousUser()
            return True
        try:
            name, key = self.extract_credentials(request)
            user = get_user_model().objects.get(username=name)
        except (ValueError, get_user_model().DoesNotExist):
            return HttpUnauthorized()
        if not self.check_active(user):
            return False
        if self.get_key(user, key) is not True:
            return HttpUnauthorized()
        request.user = user
        request.has_api_key = True
        return True

    def extract_credentials(self, request):
        """The pair in the header; ValueError unless it is exactly one name and one key."""
        name, key = self.get_authorization_data(request).split(":")
        if not (name and key):
            raise ValueError("an API key header needs a name and a key")
        return name, key

    def get_identifier(self, request):
        """What the throttle counts by."""
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            return super().get_identifier(request)
        return f"{request.META.get('REMOTE_ADDR', 'noaddr')}_{request.META.get('REMOTE_HOST', 'nohost')}"


def writes(request):
    return request.user.is_staff and request.has_api_key


class ReadAllStaffWrite(Authorization):
    def read_list(self, object_list, bundle):
        return object_list

    def read_detail(self, object_list, bundle):
        return True

    def _listed(self, object_list, bundle):
        if not writes(bundle.request):
            raise Unauthorized("Only staff may write.")
        return object_list

    def _single(self, object_list, bundle):
        return writes(bundle.request)

    def delete_detail(self, object_list, bundle):
        self._listed(object_list, bundle)
        return True

    create_list = update_list = delete_list = _listed
    create_detail = update_detail = _single


class PublishedOnly(ReadAllStaffWrite):
    def read_list(self, object_list, bundle):
        return object_list if bundle.request.user.is_staff else object_list.filter(is_published=True)

    def read_detail(self, object_list, bundle):
        return bundle.request.user.is_staff or bundle.obj.is_published


class SiteResource(ModelResource):
    class Meta:
        abstract = True
        authentication = KeyInHeaderOrGuest()
        authorization = ReadAllStaffWrite()
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "delete"]
        throttle = CacheThrottle(throttle_at=600)


def describe(resource, **texts):
    """Say in the resource's schema what a column is for, as its users are used to read it there."""
    for name, text in texts.items():
        resource.base_fields[name].help_text = text
