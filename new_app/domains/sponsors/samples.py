"""URLs of sponsorships that parity compares."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.sponsors.features import BenefitFeature
from new_app.domains.sponsors.models import SponsorBenefit, Sponsorship

MINE = "/users/sponsorships/"
ASSETS = ("assets/", "provided-assets/")


async def sample_urls(session: AsyncSession) -> list[str]:
    sponsorships = (await session.scalars(select(Sponsorship.id).order_by(Sponsorship.id).limit(30))).all()
    features = select(SponsorBenefit.sponsorship_id, BenefitFeature.id).join(BenefitFeature.sponsor_benefit)
    of_feature = await session.execute(features.order_by(BenefitFeature.id).limit(30))
    return [
        MINE,
        *(f"{MINE}{pk}/" for pk in (*sponsorships, 0, 999_999, 99_999_999_999)),
        *(f"{MINE}{pk}/{which}" for pk in (*sponsorships, 0) for which in ASSETS),
        *(f"{MINE}{pk}/assets/?required_asset={feature}" for pk, feature in of_feature),
        *(f"{MINE}{pk}/assets/?required_asset={odd}" for pk in sponsorships[:1] for odd in ("", "0", "99999999999")),
    ]
