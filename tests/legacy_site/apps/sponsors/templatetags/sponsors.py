"""The sponsors whose logo has a place: on the page of sponsors by package, elsewhere in one list.

Those of the same package come by id, so that two readers of one database see one order. The lists on three pages are kept
in the cache for a day by the template.
"""

import math

from django import template

from apps.sponsors.models import Sponsorship, SponsorshipPackage, TieredBenefitConfiguration
from apps.sponsors.models.features import LogoPlace, Publisher

register = template.Library()


@register.inclusion_tag("sponsors/partials/sponsors-list.html")
def list_sponsors(logo_place, publisher=Publisher.FOUNDATION.value):
    shown = Sponsorship.objects.enabled().with_logo_placement(logo_place=logo_place, publisher=publisher)
    sponsorships = shown.order_by("package", "pk").select_related("sponsor", "package")
    context = {"logo_place": logo_place, "sponsorships": sponsorships}
    if logo_place == LogoPlace.SPONSORS_PAGE:
        packages = SponsorshipPackage.objects.all()
        context["packages"] = packages
        context["sponsorships_by_package"] = {
            package.slug: {
                "label": package.name,
                "logo_dimension": str(package.logo_dimension),
                "sponsorships": [one for one in sponsorships if one.package.slug == package.slug],
            }
            for package in packages
        }
    return context


@register.simple_tag
def benefit_quantity_for_package(benefit, package):
    tier = TieredBenefitConfiguration.objects.filter(benefit=benefit, package=package).order_by("pk").first()
    return "" if tier is None else tier.display_label or tier.quantity


@register.filter
def ideal_size(image, ideal_dimension):
    """The width at which a logo covers as much of the page as every other; the dimension itself where its file is gone."""
    dimension = int(ideal_dimension)
    try:
        width, height = image.width, image.height
    except FileNotFoundError:
        width = height = dimension
    return int(width * math.sqrt(100 * dimension / (width * height)))
