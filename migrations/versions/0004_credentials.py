"""Credentials that the old site does not know: sign-ins by other sites, families of tokens, API keys.

Nothing here points at the site's own tables: a user who is gone is found by nobody, and the legacy site stays free to
delete rows without asking this schema.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def moment(name: str, *, needed: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if needed else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed, server_default=default)


def upgrade() -> None:
    op.create_table(
        "social_account",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("uid", sa.Text, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("label", sa.Text, nullable=False),
        moment("created_at", needed=True),
        moment("signed_in_at"),
        schema="bridge",
    )
    op.create_table(
        "token_family",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("password_digest", sa.Text, nullable=False),
        sa.Column("current", UUID, nullable=False),
        moment("created_at", needed=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
        moment("revoked_at"),
        schema="bridge",
    )
    op.create_table(
        "api_key",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("beginning", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        moment("created_at", needed=True),
        moment("used_at"),
        moment("expires_at"),
        moment("revoked_at"),
        schema="bridge",
    )


def downgrade() -> None:
    for name in ("api_key", "token_family", "social_account"):
        op.drop_table(name, schema="bridge")
