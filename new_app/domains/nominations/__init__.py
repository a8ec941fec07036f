"""Nominations: elections, who stands, and who named them. What is read has moved, forms that write have not."""

import random
from collections.abc import Iterable
from typing import Any

from new_app.domain import SAFE, Claim, Domain
from new_app.domains.nominations import pages
from new_app.domains.nominations.samples import sample_urls


def shuffle(values: Iterable[Any]) -> list[Any]:
    """Nobody stands first at every look."""
    listed = list(values)
    random.shuffle(listed)
    return listed


domain = Domain(
    name="nominations",
    claims=(
        Claim("nominations/elections/", "nominations:elections_list"),
        Claim("nominations/election/<slug:election>/", "nominations:election_detail"),
        Claim("nominations/elections/<slug:election>/nominees/", "nominations:nominees_list"),
        Claim("nominations/elections/<slug:election>/nominees/<slug:slug>/", "nominations:nominee_detail"),
        Claim("nominations/statement-preview/", "nominations:nomination_preview", SAFE | {"POST"}),
        Claim("nominations/<slug:election>/<int:pk>/", "nominations:nomination_detail"),
        Claim("users/nominations/", "users:user_nominations_view"),
    ),
    handlers=pages.HANDLERS,
    watches=(
        *("nominations_election", "nominations_electionkind", "nominations_nomination", "nominations_nominee"),
        "users_user",
    ),
    filters={"shuffle": shuffle},
    samples=sample_urls,
)
