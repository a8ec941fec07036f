"""What publishers ask: where logos stand, and what was handed in under a name."""

from django.urls import reverse
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.sponsors.models import GenericAsset, LogoPlacement, Sponsorship
from apps.sponsors.models.features import LogoPlace, Publisher


class IsPublisher(BasePermission):
    message = "Must have publisher permission."

    def has_permission(self, request, view):
        user = request.user
        return user.is_staff or user.has_perm("sponsors.sponsor_publisher")


class Wanted(serializers.Serializer):
    publisher = serializers.ChoiceField(Publisher.choices, required=False)
    flight = serializers.ChoiceField(LogoPlace.choices, required=False)
    year = serializers.IntegerField(required=False)


class Named(serializers.Serializer):
    internal_name = serializers.CharField(max_length=128)
    list_empty = serializers.BooleanField(required=False, default=False)


class View(APIView):
    permission_classes = [IsPublisher]

    def get(self, request, *args, **kwargs):
        said = self.parameters(data=request.GET)
        said.is_valid(raise_exception=True)
        return Response(list(self.found(said.validated_data)))


class Logos(View):
    parameters = Wanted

    def found(self, wanted):
        running = Sponsorship.objects.enabled().select_related("sponsor", "package").order_by("pk")
        if wanted.get("year"):
            running = running.filter(year=wanted["year"])
        for sponsorship in running:
            logos = LogoPlacement.objects.filter(sponsor_benefit__sponsorship=sponsorship).order_by("pk")
            for column, name in (("publisher", "publisher"), ("logo_place", "flight")):
                if wanted.get(name):
                    logos = logos.filter(**{column: wanted[name]})
            yield from (self.logo(sponsorship, logo) for logo in logos)

    def logo(self, sponsorship, logo):
        sponsor, level = sponsorship.sponsor, sponsorship.package.name
        page = self.request.build_absolute_uri(f"{reverse('psf-sponsors')}#{sponsor.slug}")
        described = f"{sponsor.name} is a {level} sponsor of the Python Software Foundation."
        roles = ("name", "email", "primary", "administrative", "accounting", "manager")
        return {
            "publisher": logo.publisher,
            "flight": logo.logo_place,
            "sponsor": sponsor.name,
            "sponsor_id": str(sponsor.pk),
            "sponsor_slug": sponsor.slug,
            "description": described if logo.describe_as_sponsor else sponsor.description,
            "logo": sponsor.web_logo.url,
            "white_logo": sponsor.white_logo.url if sponsor.white_logo else None,
            "start_date": sponsorship.start_date,
            "end_date": sponsorship.end_date,
            "sponsor_url": page if logo.link_to_sponsors_page else sponsor.landing_page_url,
            "level_name": level,
            "level_order": sponsorship.package.order,
            "contacts": list(sponsor.contacts.order_by("pk").values(*roles)),
        }


class HandedIn(View):
    parameters = Named

    def found(self, wanted):
        for asset in GenericAsset.objects.filter(internal_name=wanted["internal_name"]).order_by("pk"):
            if not asset.value and not wanted["list_empty"]:
                continue
            owner = asset.content_object
            sponsor = getattr(owner, "sponsor", owner)
            yield {
                "internal_name": asset.internal_name,
                "uuid": asset.uuid,
                "value": getattr(asset.value, "url", asset.value) if asset.value else "",
                "content_type": asset.content_type.name.title(),
                "sponsor": sponsor.name,
                "sponsor_slug": sponsor.slug,
            }
