"""The tables that importers write, until a domain models them."""

from sqlalchemy import TIMESTAMP, Column, Integer, MetaData, String, Table, Text

_metadata = MetaData()

sponsors_sponsor = Table(
    "sponsors_sponsor",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("created", TIMESTAMP(timezone=True), nullable=False),
    Column("updated", TIMESTAMP(timezone=True), nullable=False),
    Column("creator_id", Integer),
    Column("last_modified_by_id", Integer),
    Column("name", String(100), nullable=False),
    Column("description", Text, nullable=False),
    Column("landing_page_url", String(200)),
    Column("twitter_handle", String(32)),
    Column("linked_in_page_url", String(200)),
    Column("web_logo", String(100), nullable=False),
    Column("white_logo", String(100)),
    Column("print_logo", String(100)),
    Column("primary_phone", String(32), nullable=False),
    Column("mailing_address_line_1", String(128), nullable=False),
    Column("mailing_address_line_2", String(128), nullable=False),
    Column("city", String(64), nullable=False),
    Column("state", String(64), nullable=False),
    Column("postal_code", String(64), nullable=False),
    Column("country", String(2), nullable=False),
    Column("country_of_incorporation", String(2)),
    Column("state_of_incorporation", String(64)),
)
