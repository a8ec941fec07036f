"""Pages over both APIs: `content` is the rendered HTML. Reading only, but for v1's staff."""

from rest_framework.authentication import TokenAuthentication
from rest_framework.serializers import HyperlinkedModelSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from apps.pages.models import Page
from legacy.api_v1 import PublishedOnly, SiteResource, describe
from legacy.api_v2 import PublishedForAll, StaffWrite, StrictFilterSet


class PageResource(SiteResource):
    class Meta(SiteResource.Meta):
        abstract = False
        queryset = Page.objects.all()
        resource_name = "pages/page"
        authorization = PublishedOnly()
        fields = ["title", "keywords", "description", "path", "content", "is_published", "template_name"]
        filtering = {
            "title": ("exact",),
            "keywords": ("exact", "icontains"),
            "path": ("exact",),
            "is_published": ("exact",),
        }


describe(PageResource, keywords="HTTP meta-keywords", description="HTTP meta-description")


class PageSerializer(HyperlinkedModelSerializer):
    class Meta:
        model = Page
        fields = [
            "title",
            "path",
            "keywords",
            "description",
            "content",
            "is_published",
            "template_name",
            "resource_uri",
        ]


class PageFilter(StrictFilterSet):
    class Meta:
        model = Page
        fields = {"title": ["exact"], "path": ["exact"], "keywords": ["exact", "icontains"], "is_published": ["exact"]}


class PageViewSet(PublishedForAll, ReadOnlyModelViewSet):
    model = Page
    serializer_class = PageSerializer
    authentication_classes = (TokenAuthentication,)
    permission_classes = (StaffWrite,)
    filterset_class = PageFilter
