"""Companies → sponsors. Reads `companies_company`, writes `sponsors_sponsor`, changes nothing in the former.

A company is *matched* to a sponsor by slug, normalised name or web domain, is *new* if no sponsor has any of them, and
is *ambiguous* where they point to more than one sponsor or two companies point to the same: that is listed for a person
and not written. `decisions` is that person's answer.

| sponsor column   | from the company                                                           |
|------------------|----------------------------------------------------------------------------|
| name             | name (a new sponsor only)                                                  |
| description      | about, the markup as it was written: the column is plain text              |
| landing_page_url | url                                                                        |
| web_logo         | logo: copied to sponsor_web_logos/ if a media folder is given, else as is  |

A match fills empty columns only, and later changes only what an import filled. `contact` and `email` are not carried: a
sponsor's contact is a person who gets mails and rights.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import msgspec

from importers import names
from importers.core import Action, Plan, Step
from importers.ledger import Entry
from importers.rows import Rows, file_hash
from importers.sources import Bad, Checked, Source, extract
from importers.tables import sponsors_sponsor

Markup = Literal["html", "plain", "markdown", "restructuredtext"]
Key = tuple[str, str]
Files = tuple[dict[str, Any], ...]

DEFAULTS: dict[str, Any] = {
    "white_logo": "",  # Django writes '' for a file column without a file, also where it may be NULL
    "print_logo": "",
    **dict.fromkeys(("primary_phone", "mailing_address_line_1", "mailing_address_line_2", "city", "state"), ""),
    **dict.fromkeys(("postal_code", "country", "state_of_incorporation"), ""),
}
NAME_LENGTH = 100
FILE_LENGTH = 100
LOGO_FOLDER = "sponsor_web_logos"


class Company(msgspec.Struct):
    """A row of `companies_company`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    slug: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    about: str
    about_markup_type: Markup
    about_rendered: str = msgspec.field(name="_about_rendered")
    url: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    logo: Annotated[str, msgspec.Meta(max_length=100)] | None = None


@dataclass(slots=True)
class Index:
    """Who is known by a key: sponsors that are there, and companies of this import."""

    rows: dict[int, Any]
    sponsors: dict[Key, list[int]] = field(default_factory=dict)
    companies: dict[Key, list[str]] = field(default_factory=dict)

    def add_sponsors(self) -> None:
        for number, row in self.rows.items():
            for key in names.keys(row["name"], row["landing_page_url"]):
                self.sponsors.setdefault(key, []).append(number)


class Companies:
    """`bridge import companies`. `media` is where sponsors' files live, `media_from` where companies' files are."""

    name = "companies"

    def __init__(
        self,
        *,
        media: Path | None = None,
        media_from: Path | None = None,
        decisions: Mapping[str, int | None] | None = None,
    ) -> None:
        self.target = Rows(sponsors_sponsor, DEFAULTS)
        self._media = media
        self._media_from = media_from or media
        self._decisions = decisions or {}  # company slug → sponsor id, or None for "a new sponsor"
        self._taken: dict[str, str] = {}  # logo's name → the company that has it in this import

    async def plan(self, connection: Any, source: Source, earlier: Mapping[str, Entry]) -> Plan:
        records, bad = await extract(source, "companies.company", Company, "slug")
        strays = [record for record in records if record.value.logo and _leads_out(record.value.logo)]
        if strays:
            bad += [Bad(stray.place, "logo", f"{stray.value.logo!r} leads out of the media folder") for stray in strays]
            gone = {stray.value.slug for stray in strays}
            records = [record for record in records if record.value.slug not in gone]
        index = Index({row["id"]: row for row in await self.target.load(connection)})
        index.add_sponsors()
        made_from = {int(entry.target): key for key, entry in earlier.items()}
        keys: dict[str, tuple[Key, ...]] = {}
        for record in records:
            company = record.value
            keys[company.slug] = tuple(names.keys(company.name, company.url, company.slug))
            for key in keys[company.slug]:
                index.companies.setdefault(key, []).append(company.slug)
        plan = Plan([], bad)
        self._taken.clear()
        for record in records:
            entry = earlier.get(record.value.slug)
            step: Step | None
            if entry is not None:
                step = self._again(record, entry, index, plan)
            else:
                step = self._first(record, keys[record.value.slug], index, made_from, plan)
            if step is not None:
                plan.steps.append(step)
        unknown = sorted(set(self._decisions) - keys.keys())
        plan.notes.extend(f"--match {slug}: no company has this slug" for slug in unknown)
        return plan

    def _first(
        self, record: Checked[Company], keys: tuple[Key, ...], index: Index, made_from: Mapping[int, str], plan: Plan
    ) -> Step | None:
        """A company that no import has written yet."""
        company = record.value
        if company.slug in self._decisions:
            chosen = self._decisions[company.slug]
            if chosen is None:
                return self._new(record, plan, "new: you said so")
            if chosen not in index.rows:
                plan.notes.append(f"--match {company.slug}={chosen}: there is no sponsor {chosen}")
                return Step(company.slug, Action.SKIP, f"ambiguous: there is no sponsor {chosen}")
            return self._fill(record, index.rows[chosen], "you said so", plan)
        by: dict[int, str] = {}
        for key in keys:
            for number in index.sponsors.get(key, ()):
                by.setdefault(number, f"by {key[0]}")
        rivals: list[str] = []
        if any(len(index.companies[key]) > 1 for key in keys):
            same = {slug for key in keys for slug in index.companies[key]}
            rivals = sorted(same - {company.slug} - self._decisions.keys())
        if len(by) > 1:
            listed = ", ".join(f"{index.rows[n]['name']} ({n}, {how})" for n, how in by.items())
            return Step(company.slug, Action.SKIP, f"ambiguous: may be {listed}")
        if rivals:
            return Step(company.slug, Action.SKIP, f"ambiguous: the same as company {', '.join(rivals)}")
        if not by:
            return self._new(record, plan, "new")
        number, how = next(iter(by.items()))
        if number in made_from:
            return Step(company.slug, Action.SKIP, f"ambiguous: sponsor {number} has company {made_from[number]} {how}")
        return self._fill(record, index.rows[number], how, plan)

    def _new(self, record: Checked[Company], plan: Plan, reason: str) -> Step | None:
        company = record.value
        if len(company.name) > NAME_LENGTH:
            fault = f"has {len(company.name)} characters; a sponsor's name holds {NAME_LENGTH}"
            plan.bad.append(Bad(record.place, "name", fault))
            return None
        values, files = self._wanted(record, plan)
        return Step(company.slug, Action.CREATE, reason, after={"name": company.name} | values, files=files)

    def _fill(self, record: Checked[Company], row: Any, how: str, plan: Plan) -> Step:
        """A matched sponsor: what is empty there and known here."""
        values, files = self._wanted(record, plan)
        after = {name: value for name, value in values.items() if value and not row[name]}
        reason = f"matched {how}: {row['name']} ({row['id']})"
        if not after:
            return Step(record.value.slug, Action.SAME, reason + "; nothing is empty there", str(row["id"]))
        reason += "; fills " + ", ".join(after)
        return Step(
            *(record.value.slug, Action.CHANGE, reason, str(row["id"])),
            after=after,
            seen=self.target.hash(row),
            files=files if "web_logo" in after else (),
        )

    def _again(self, record: Checked[Company], entry: Entry, index: Index, plan: Plan) -> Step:
        """A company that an import wrote: change what it owns, if nobody else touched the sponsor since."""
        slug, row = record.value.slug, index.rows.get(int(entry.target))
        if row is None:
            return Step(slug, Action.SKIP, f"sponsor {entry.target} was deleted since run {entry.run}", entry.target)
        seen, owned = self.target.hash(row), entry.after or {}
        if seen != entry.hash:
            edited = ", ".join(name for name, value in owned.items() if row[name] != value) or "another column"
            reason = f"a person changed sponsor {entry.target} since run {entry.run}: {edited}"
            return Step(slug, Action.SKIP, reason, entry.target)
        values, files = self._wanted(record, plan)
        if entry.files and not files:
            values["web_logo"] = owned.get("web_logo", "")  # copied by an earlier run, which had a media folder
        if "name" in owned and len(record.value.name) <= NAME_LENGTH:
            values["name"] = record.value.name
        after = {n: v for n, v in values.items() if n in owned or (v and not row[n])}
        changed = [name for name, value in after.items() if row[name] != value]
        if not changed:
            return Step(slug, Action.SAME, f"as run {entry.run} left it", entry.target)
        reason = "the company changed: " + ", ".join(changed)
        return Step(slug, Action.CHANGE, reason, entry.target, after=owned | after, seen=seen, files=files)

    def _wanted(self, record: Checked[Company], plan: Plan) -> tuple[dict[str, Any], Files]:
        company, (logo, files) = record.value, self._logo(record, plan)
        return {"description": company.about, "landing_page_url": company.url or None, "web_logo": logo}, files

    def _logo(self, record: Checked[Company], plan: Plan) -> tuple[str, Files]:
        """The logo's name for the sponsor, and the file to copy."""
        name = record.value.logo or ""
        if not name or self._media is None or self._media_from is None:
            return name, ()
        origin = self._media_from / name
        if not origin.is_file():
            plan.notes.append(f"{record.place}: logo: {origin} does not exist; the name is kept")
            return name, ()
        digest = file_hash(origin)
        target = self._free_name(PurePosixPath(name), record.value.slug, digest)
        self._taken[target] = record.value.slug
        return target, ({"from": str(origin), "to": str(self._media / target), "hash": digest},)

    def _free_name(self, name: PurePosixPath, slug: str, digest: str) -> str:
        """The same name on every run: the file's own, or with the company's slug where another logo has that."""
        room = FILE_LENGTH - len(LOGO_FOLDER) - 1 - len(name.suffix)
        mark = hashlib.blake2b(slug.encode(), digest_size=4).hexdigest()
        for stem in (name.stem, f"{name.stem[:20]}-{slug[:40]}", f"{name.stem[:20]}-{mark}"):
            free = f"{LOGO_FOLDER}/{stem[:room]}{name.suffix}"
            path = (self._media or Path()) / free
            if self._taken.get(free, slug) == slug and (not path.exists() or file_hash(path) == digest):
                return free
        return f"{LOGO_FOLDER}/{mark}-{digest}{name.suffix}"


def _leads_out(name: str) -> bool:
    """Would this file name leave the media folder?"""
    return name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts
