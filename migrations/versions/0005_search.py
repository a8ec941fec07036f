"""The search index that needs no server of its own, and how far whoever fills an index has read the change feed.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_document",
        sa.Column("kind", sa.Text(collation="C"), primary_key=True),
        sa.Column("pk", sa.BigInteger, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("shown", JSONB, nullable=False),
        sa.Column("boost", sa.Float, nullable=False),
        sa.Column("words", TSVECTOR, nullable=False),
        sa.Column("run", sa.BigInteger, nullable=False),
        schema="bridge",
    )
    op.create_index("search_document_words", "search_document", ["words"], schema="bridge", postgresql_using="gin")
    op.create_table(
        "search_reader",
        sa.Column("engine", sa.Text, primary_key=True),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        schema="bridge",
    )


def downgrade() -> None:
    op.drop_table("search_reader", schema="bridge")
    op.drop_table("search_document", schema="bridge")
