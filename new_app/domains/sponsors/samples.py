"""URLs of sponsorships that parity compares."""

from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.sponsors.features import BenefitFeature, GenericAsset
from new_app.domains.sponsors.models import SponsorBenefit, Sponsorship

MINE = "/users/sponsorships/"
ASSETS = ("assets/", "provided-assets/")
LOGOS, HANDED_IN = "/api/v2/sponsors/logo-placement/", "/api/v2/sponsors/sponsorship-assets/"
QUERIES = {
    LOGOS: (
        *("", "?publisher=psf", "?flight=download&year=2026", "?publisher=none&flight=x&year=y", "?year=&publisher="),
        *("?year=2026.0", "?year=0", "?year=-1", "?year=99999999999999999999", "?format=json", "?format=xml"),
    ),
    HANDED_IN: (
        "",
        "?internal_name=",
        "?internal_name=none",
        "?internal_name=%00&list_empty=maybe",
        "?list_empty=null",
    ),
}
ODD = (
    "/api/v2/sponsors/",
    "/api/v2/sponsors/logo-placement",
    f"/api/v2/a/b{LOGOS[7:]}c/d",
    f"/api/v2/x{HANDED_IN[8:]}",
)


async def sample_urls(session: AsyncSession) -> list[str]:
    sponsorships = (await session.scalars(select(Sponsorship.id).order_by(Sponsorship.id).limit(30))).all()
    features = select(SponsorBenefit.sponsorship_id, BenefitFeature.id).join(BenefitFeature.sponsor_benefit)
    of_feature = await session.execute(features.order_by(BenefitFeature.id).limit(30))
    names = (
        await session.scalars(select(GenericAsset.internal_name).distinct().order_by("internal_name").limit(9))
    ).all()
    named = [f"{HANDED_IN}?internal_name={quote(name)}" for name in names]
    return [
        *(f"{path}{query}" for path, queries in QUERIES.items() for query in queries),
        *ODD,
        *named,
        *(f"{path}&list_empty={said}" for path in named[:3] for said in ("true", "No", "")),
        *("/sponsors/application/", "/sponsors/application/?config_year=2025", "/sponsors/application"),
        MINE,
        *(f"{MINE}{pk}/" for pk in (*sponsorships, 0, 999_999, 99_999_999_999)),
        *(f"{MINE}{pk}/{which}" for pk in (*sponsorships, 0) for which in ASSETS),
        *(f"{MINE}{pk}/assets/?required_asset={feature}" for pk, feature in of_feature),
        *(f"{MINE}{pk}/assets/?required_asset={odd}" for pk in sponsorships[:1] for odd in ("", "0", "99999999999")),
    ]
