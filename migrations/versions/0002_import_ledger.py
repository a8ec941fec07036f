"""The ledger of imports: runs, and what each wrote.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATES = "'running', 'done', 'differs', 'killed', 'undone', 'undone in part'"


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("importer", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column(
            "state", sa.Text, sa.CheckConstraint(f"state IN ({STATES})", name="import_run_state"), nullable=False
        ),
        sa.Column("counts", JSONB, nullable=False, server_default="{}"),
        sa.Column("mark_start", JSONB, nullable=False),
        sa.Column("mark_end", JSONB, nullable=False),
        schema="bridge",
    )
    op.create_table(
        "import_row",
        sa.Column("run_id", sa.BigInteger, primary_key=True),  # no foreign key: checking it costs as much as the COPY
        sa.Column("key", sa.Text(collation="C"), primary_key=True),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("before", JSONB),
        sa.Column("after", JSONB),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("files", JSONB, nullable=False, server_default="[]"),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        schema="bridge",
    )


def downgrade() -> None:
    op.drop_table("import_row", schema="bridge")
    op.drop_table("import_run", schema="bridge")
