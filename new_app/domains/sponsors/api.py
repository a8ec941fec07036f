"""What publishers ask the API: whose logos stand where, and what sponsors have handed in under a name.

Both name people and their addresses: the permission `sponsors.sponsor_publisher`, or staff. Parameters are read as the
framework's serializers read them, with their words for what is wrong.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from new_app.api.v2 import Problem, View
from new_app.columns import MissingFile, StoredFile
from new_app.content import slugify
from new_app.request import Call
from new_app.rows import Reader

PUBLISHERS = ("psf", "pycon", "pypi", "core")
PLACES = ("sidebar", "sponsors", "jobs", "blogpost", "footer", "docs", "download", "devguide")
LONGEST_NAME, LONGEST_NUMBER = 128, 1000
TRUE, FALSE = frozenset(("t", "y", "yes", "true", "on", "1")), frozenset(("f", "n", "no", "false", "off", "0"))
_POINT = re.compile(r"\.0*\s*$")
_LOGOS = """
    SELECT logo.publisher, logo.logo_place, logo.link_to_sponsors_page, logo.describe_as_sponsor,
        sponsor.id, sponsor.name, sponsor.description, sponsor.web_logo, sponsor.white_logo, sponsor.landing_page_url,
        package.name AS level, package."order" AS place, sponsorship.start_date, sponsorship.end_date
    FROM sponsors_sponsorship sponsorship
    JOIN sponsors_sponsor sponsor ON sponsor.id = sponsorship.sponsor_id
    JOIN sponsors_sponsorshippackage package ON package.id = sponsorship.package_id
    JOIN sponsors_sponsorbenefit benefit ON benefit.sponsorship_id = sponsorship.id
    JOIN sponsors_benefitfeature feature ON feature.sponsor_benefit_id = benefit.id
    JOIN sponsors_logoplacement logo ON logo.benefitfeature_ptr_id = feature.id
    WHERE sponsorship.status = 'finalized' AND sponsorship.overlapped_by_id IS NULL
        AND (now() AT TIME ZONE 'UTC')::date BETWEEN sponsorship.start_date AND sponsorship.end_date
        AND ($1::text IS NULL OR logo.publisher = $1) AND ($2::text IS NULL OR logo.logo_place = $2)
        AND ($3::text IS NULL OR sponsorship.year::text = $3)
    ORDER BY sponsorship.id, feature.id"""
_CONTACTS = """
    SELECT sponsor_id, name, email, "primary", administrative, accounting, manager
    FROM sponsors_sponsorcontact WHERE sponsor_id = ANY($1) ORDER BY id"""
_ASSETS = """
    SELECT asset.internal_name, asset.uuid, owner.model, sponsor.name,
        image.image, words.text, file.file, answer.response
    FROM sponsors_genericasset asset
    JOIN django_content_type owner ON owner.id = asset.content_type_id AND owner.app_label = 'sponsors'
    LEFT JOIN sponsors_sponsorship sponsorship ON owner.model = 'sponsorship' AND sponsorship.id = asset.object_id
    JOIN sponsors_sponsor sponsor
        ON sponsor.id = CASE owner.model WHEN 'sponsor' THEN asset.object_id ELSE sponsorship.sponsor_id END
    LEFT JOIN sponsors_imgasset image ON image.genericasset_ptr_id = asset.id
    LEFT JOIN sponsors_textasset words ON words.genericasset_ptr_id = asset.id
    LEFT JOIN sponsors_fileasset file ON file.genericasset_ptr_id = asset.id
    LEFT JOIN sponsors_responseasset answer ON answer.genericasset_ptr_id = asset.id
    WHERE asset.internal_name = $1
    ORDER BY asset.id"""


class Wrong(Exception):
    """A parameter cannot be read; the messages say why."""


async def logos(call: Call, read: Reader) -> list[dict[str, Any]]:
    """A logo for each place of each sponsorship that runs today."""
    said = checked(call, {"publisher": one_of(PUBLISHERS), "flight": one_of(PLACES), "year": integer})
    year = str(said["year"]) if said["year"] else None
    rows = await read.fetch(_LOGOS, said["publisher"], said["flight"], year)
    contacts: dict[int, list[dict[str, Any]]] = {}
    for row in await read.fetch(_CONTACTS, list({row["id"] for row in rows})) if rows else ():
        person = dict(row)
        contacts.setdefault(person.pop("sponsor_id"), []).append(person)
    return [_logo(call, row, contacts.get(row["id"], [])) for row in rows]


def _logo(call: Call, row: Mapping[str, Any], contacts: list[dict[str, Any]]) -> dict[str, Any]:
    name, level = row["name"], row["level"]
    told = f"{name} is a {level} sponsor of the Python Software Foundation."
    here = f"{call.origin}/psf/sponsors/#{slugify(name)}"
    return {
        "publisher": row["publisher"],
        "flight": row["logo_place"],
        "sponsor": name,
        "sponsor_id": str(row["id"]),
        "sponsor_slug": slugify(name),
        "description": told if row["describe_as_sponsor"] else row["description"],
        "logo": url_of(row["web_logo"]),
        "white_logo": url_of(row["white_logo"]),
        "start_date": row["start_date"].isoformat(),
        "end_date": row["end_date"].isoformat(),
        "sponsor_url": here if row["link_to_sponsors_page"] else row["landing_page_url"],
        "level_name": level,
        "level_order": row["place"],
        "contacts": contacts,
    }


async def handed_in(call: Call, read: Reader) -> list[dict[str, Any]]:
    """What sponsors have handed in, or were given, under an internal name."""
    said = checked(call, {"internal_name": text, "list_empty": boolean}, required="internal_name")
    found = []
    for name, uuid, owner, sponsor, image, words, file, answer in await read.fetch(_ASSETS, said["internal_name"]):
        value = url_of(image or file) or words or answer or ""
        if value or said["list_empty"]:
            found.append(
                {
                    "internal_name": name,
                    "uuid": str(uuid),
                    "value": value,
                    "content_type": owner.title(),
                    "sponsor": sponsor,
                    "sponsor_slug": slugify(sponsor),
                }
            )
    return found


def url_of(name: str | None) -> str | None:
    try:
        return StoredFile(name or "").url
    except MissingFile:
        return None


def checked(call: Call, fields: Mapping[str, Callable[[str], Any]], required: str = "") -> dict[str, Any]:
    """What each parameter says, None for one that does not; all that is wrong with them is answered with 400."""
    found: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for name, read in fields.items():
        sent = call.params.get(name)
        found[name] = None
        if sent is None or (sent == "" and name != required):
            if name == required:
                wrong[name] = ["This field is required."]
            continue
        try:
            found[name] = read(sent)
        except Wrong as error:
            wrong[name] = [*error.args]
    if wrong:
        raise Problem(400, wrong)
    return found


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def choice(sent: str) -> str:
        if sent not in choices:
            raise Wrong(f'"{sent}" is not a valid choice.')
        return sent

    return choice


def integer(sent: str) -> int:
    if len(sent) > LONGEST_NUMBER:
        raise Wrong("String value too large.")
    try:
        return int(_POINT.sub("", sent))
    except ValueError:
        raise Wrong("A valid integer is required.") from None


def boolean(sent: str) -> bool:
    if sent.lower() in TRUE:
        return True
    if sent.lower() not in FALSE:
        raise Wrong("Must be a valid boolean.")
    return False


def text(sent: str) -> str:
    said = sent.strip()
    if not said:
        raise Wrong("This field may not be blank.")
    wrong = []
    if len(said) > LONGEST_NAME:
        wrong.append(f"Ensure this field has no more than {LONGEST_NAME} characters.")
    if "\0" in said:
        wrong.append("Null characters are not allowed.")
    if wrong:
        raise Wrong(*wrong)
    return said


_PUBLISHER = {
    "permission": "sponsors.sponsor_publisher",
    "refusal": "Must have publisher permission.",
    "scope": "sponsors",
}
VIEWS = (
    View("sponsors/logo-placement/", data=logos, **_PUBLISHER),
    View("sponsors/sponsorship-assets/", data=handed_in, **_PUBLISHER),
)
