"""What a sponsorship's benefits ask its sponsor for, and give: the assets, with what was handed over of each.

An asset and what was handed over for it find each other by name, at the sponsor or at the sponsorship, so that the same
logo serves every benefit and every year that asks for it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from legacy_adapters.dtl.safe import SafeString, escape
from legacy_adapters.forms import (
    CharField,
    ChoiceField,
    ClearableFileInput,
    Field,
    Form,
    ImageField,
    RadioSelect,
    Textarea,
    TextInput,
)
from new_app.content import slugify
from new_app.domains.sponsors.features import (
    Asset,
    FileAsset,
    GenericAsset,
    ImgAsset,
    ProvidedFileAsset,
    ProvidedTextAsset,
    RequiredImgAsset,
    RequiredResponseAsset,
    RequiredTextAsset,
    ResponseAsset,
    TextAsset,
)
from new_app.domains.sponsors.models import SponsorBenefit, Sponsorship
from new_app.tables import ContentType

Required = RequiredImgAsset | RequiredTextAsset | RequiredResponseAsset
Provided = ProvidedTextAsset | ProvidedFileAsset
REQUIRED: Sequence[type[Required]] = (RequiredImgAsset, RequiredTextAsset, RequiredResponseAsset)
PROVIDED: Sequence[type[Provided]] = (ProvidedTextAsset, ProvidedFileAsset)
ANSWERS = (("YES", "Yes"), ("NO", "No"))
LONGEST_LINE = 256
"""A longer text is typed into a box. Nothing stops a sponsor from typing more than `max_length`."""
A = TypeVar("A", bound=Required | Provided)


def of(session: Session, sponsorship: Sponsorship, kinds: Sequence[type[A]]) -> list[A]:
    """The assets of these kinds, oldest first. One that nothing is kept for has no value; legacy fails there."""
    found: list[A] = []
    for kind in kinds:
        of_sponsorship = joinedload(kind.sponsor_benefit).options(
            joinedload(SponsorBenefit.sponsorship), joinedload(SponsorBenefit.program)
        )
        asked = select(kind).join(SponsorBenefit).where(SponsorBenefit.sponsorship_id == sponsorship.id)
        found.extend(session.scalars(asked.options(of_sponsorship)))
    handed = handed_over(session, sponsorship) if found else {}
    for asset in found:
        if isinstance(asset, Provided) and asset.shared:
            asset.value = asset.shared_value
        else:
            asset.value = handed.get((asset.related_to == Asset.OF_SPONSOR, asset.internal_name))
    return sorted(found, key=lambda asset: asset.id)


def handed_over(session: Session, sponsorship: Sponsorship) -> dict[tuple[bool, str], Any]:
    """What was handed over, by whether it is the sponsor's and by name."""
    values = (ImgAsset.image, FileAsset.file, TextAsset.text, ResponseAsset.response)
    asked = select(ContentType.model, GenericAsset.internal_name, *values).select_from(GenericAsset)
    for kind in (ImgAsset, FileAsset, TextAsset, ResponseAsset):
        table = kind.__table__
        asked = asked.outerjoin(table, table.c.genericasset_ptr_id == GenericAsset.id)
    asked = asked.join(ContentType, ContentType.id == GenericAsset.content_type_id)
    owners = ((Asset.OF_SPONSOR, sponsorship.sponsor_id), (Asset.OF_SPONSORSHIP, sponsorship.id))
    here = or_(*(and_(ContentType.model == owner, GenericAsset.object_id == pk) for owner, pk in owners))
    rows = session.execute(asked.where(ContentType.app_label == "sponsors", here))
    return {
        (owner == Asset.OF_SPONSOR, name): next((value for value in said if value), None) for owner, name, *said in rows
    }


class AssetsForm(Form):
    """A field for each asset that is asked for: what is missing first, the latest first, then what has no date."""

    def __init__(self, assets: Iterable[Required]) -> None:
        super().__init__()
        for asset in sorted(assets, key=_urgency, reverse=True):
            self.fields[slugify(asset.internal_name).replace("-", "_")] = _field(asset)

    @property
    def has_input(self) -> bool:
        return bool(self.fields)


def _urgency(asset: Required) -> tuple[int, date]:
    return -int(bool(asset.value)), asset.due_date or date.min


def _field(asset: Required) -> Field:
    """The field for an asset. It may not be emptied once something is there."""
    label: Any = asset.label
    if asset.value:
        label = SafeString(f"<big><b>{escape(label)}</b></big><br><small>(Fulfilled, thank you!)</small>")
    elif asset.due_date:
        label = SafeString(f"<big><b>{escape(label)}</b></big><br><b>(Required by {asset.due_date})</b>")
    said: dict[str, Any] = {
        "required": bool(asset.value),
        "initial": asset.value,
        "label": label,
        "help_text": asset.help_text,
    }
    if isinstance(asset, RequiredImgAsset):
        return ImageField(widget=ClearableFileInput, **said)
    if isinstance(asset, RequiredResponseAsset):
        return ChoiceField(choices=ANSWERS, widget=RadioSelect, **said)
    short = asset.max_length is not None and asset.max_length <= LONGEST_LINE
    return CharField(widget=TextInput if short else Textarea, **said)
