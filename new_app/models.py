"""Every table that the new site maps, in one metadata. Importing this module is what makes it complete."""

from sqlalchemy import MetaData

from new_app import tables
from new_app.db import LegacyBase
from new_app.domains import (
    banners,
    blogs,
    boxes,
    codesamples,
    companies,
    work_groups,
)
from new_app.domains.community import models as community
from new_app.domains.downloads import models as downloads
from new_app.domains.events import models as events
from new_app.domains.jobs import models as jobs
from new_app.domains.minutes import models as minutes
from new_app.domains.nominations import models as nominations
from new_app.domains.pages import models as pages
from new_app.domains.sponsors import features as sponsor_features
from new_app.domains.sponsors import models as sponsors
from new_app.domains.successstories import models as successstories
from new_app.domains.users import models as users

MODULES = (
    *(tables, users, pages, downloads, events, jobs, sponsors, sponsor_features, nominations),
    *(banners, blogs, boxes, codesamples, community, companies, minutes, successstories, work_groups),
)

metadata: MetaData = LegacyBase.metadata
"""The tables of Django's schema that the new site reads and writes."""
