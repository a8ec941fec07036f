"""Systems, releases and files over both APIs.

Files are shown whether their release is published or not. v1 deletes the files of one release by `?release=`, v2 by
`delete_by_release/?release=`.
"""

import copy

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.authentication import TokenAuthentication
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet
from tastypie.constants import ALL, ALL_WITH_RELATIONS
from tastypie.exceptions import BadRequest
from tastypie.fields import ToOneField
from tastypie.validation import Validation

from apps.downloads.models import OS, Release, ReleaseFile
from apps.pages.api import PageResource
from legacy.api_v1 import PublishedOnly, SiteResource, describe
from legacy.api_v2 import PublishedForAll, StaffWrite, StrictFilterSet


class OSResource(SiteResource):
    class Meta(SiteResource.Meta):
        abstract = False
        queryset = OS.objects.all()
        resource_name = "downloads/os"
        fields = ["name", "slug"]
        filtering = {"name": ("exact",), "slug": ("exact",)}


class ReleaseResource(SiteResource):
    release_page = ToOneField(PageResource, "release_page", null=True, blank=True)

    class Meta(SiteResource.Meta):
        abstract = False
        queryset = Release.objects.all()
        resource_name = "downloads/release"
        authorization = PublishedOnly()
        fields = [
            "name",
            "slug",
            "version",
            "is_published",
            "release_date",
            "pre_release",
            "release_page",
            "release_notes_url",
            "show_on_download_page",
            "is_latest",
        ]
        filtering = {
            "name": ("exact",),
            "slug": ("exact",),
            "is_published": ("exact",),
            "pre_release": ("exact",),
            "version": ("exact", "startswith"),
            "release_date": (ALL,),
        }


class FileValidation(Validation):
    def is_valid(self, bundle, request=None):
        if bundle.obj is None:
            return {}
        try:
            bundle.obj.clean()
        except ValidationError as error:
            return error.message_dict
        return {}


class ReleaseFileResource(SiteResource):
    os = ToOneField(OSResource, "os")
    release = ToOneField(ReleaseResource, "release")

    class Meta(SiteResource.Meta):
        abstract = False
        queryset = ReleaseFile.objects.all()
        resource_name = "downloads/release_file"
        list_allowed_methods = ["get", "post", "delete"]
        validation = FileValidation()
        fields = [
            "name",
            "slug",
            "os",
            "release",
            "description",
            "is_source",
            "url",
            "gpg_signature_file",
            "md5_sum",
            "sha256_sum",
            "filesize",
            "download_button",
            "sigstore_signature_file",
            "sigstore_cert_file",
            "sigstore_bundle_file",
            "sbom_spdx2_file",
        ]
        filtering = {
            "name": ("exact",),
            "slug": ("exact",),
            "os": ALL_WITH_RELATIONS,
            "release": ALL_WITH_RELATIONS,
            "description": ("contains",),
        }

    def delete_list(self, request, **kwargs):
        if [key for key, values in request.GET.lists() for _ in values] != ["release"]:
            raise BadRequest("Deleting release files requires exactly one 'release' filter.")
        return super().delete_list(request, **kwargs)


describe(
    ReleaseFileResource,
    url="Download URL",
    gpg_signature_file="GPG Signature URL",
    sigstore_signature_file="Sigstore Signature URL",
    sigstore_cert_file="Sigstore Cert URL",
    sigstore_bundle_file="Sigstore Bundle URL",
    sbom_spdx2_file="SPDX-2 SBOM URL",
)
ReleaseFileResource.base_fields["is_source"].verbose_name = "Is Source Distribution"


class OSSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = OS
        fields = ["name", "slug", "resource_uri"]


class ReleaseSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = Release
        fields = [
            "name",
            "slug",
            "version",
            "is_published",
            "is_latest",
            "release_date",
            "pre_release",
            "release_page",
            "release_notes_url",
            "show_on_download_page",
            "resource_uri",
        ]


class ReleaseFileSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = ReleaseFile
        fields = [
            "name",
            "slug",
            "os",
            "release",
            "description",
            "is_source",
            "url",
            "gpg_signature_file",
            "md5_sum",
            "sha256_sum",
            "filesize",
            "download_button",
            "resource_uri",
            "sigstore_signature_file",
            "sigstore_cert_file",
            "sigstore_bundle_file",
            "sbom_spdx2_file",
        ]

    def validate(self, attrs):
        file = copy.copy(self.instance) if self.instance else ReleaseFile()
        for name, value in super().validate(attrs).items():
            setattr(file, name, value)
        try:
            file.clean()
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        return attrs


class ReleaseFileFilter(StrictFilterSet):
    class Meta:
        model = ReleaseFile
        fields = {
            "name": ["exact"],
            "slug": ["exact"],
            "description": ["contains"],
            "os": ["exact"],
            "release": ["exact"],
        }


class OSViewSet(ModelViewSet):
    queryset = OS.objects.all()
    serializer_class = OSSerializer
    authentication_classes = (TokenAuthentication,)
    permission_classes = (StaffWrite,)
    filterset_fields = ("name", "slug")


class ReleaseViewSet(PublishedForAll, ModelViewSet):
    model = Release
    serializer_class = ReleaseSerializer
    authentication_classes = (TokenAuthentication,)
    permission_classes = (StaffWrite,)
    filterset_fields = ("name", "slug", "is_published", "pre_release", "version", "release_date")


class ReleaseFileViewSet(ModelViewSet):
    queryset = ReleaseFile.objects.all()
    serializer_class = ReleaseFileSerializer
    authentication_classes = (TokenAuthentication,)
    permission_classes = (StaffWrite,)
    filterset_class = ReleaseFileFilter

    @action(detail=False, methods=["delete"])
    def delete_by_release(self, request):
        try:
            release = int(request.query_params.get("release") or "none")
        except ValueError:
            return Response(status=400)
        self.get_queryset().filter(release_id=release).delete()
        return Response(status=204)
