"""Tasks: whose they are (a flag), what came of them, and what of legacy's schedule is paused for them.

`fetched` keeps what other sites say to be asked with next time: validators of feeds.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME, KINDS = "flag_kind_check", "kind IN ('route', 'domain', 'kill')"
WITH_TASKS = "kind IN ('route', 'domain', 'kill', 'task')"


def upgrade() -> None:
    op.drop_constraint(NAME, "flag", schema="bridge")
    op.create_check_constraint(NAME, "flag", WITH_TASKS, schema="bridge")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "task_run",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, index=True),
        sa.Column("outcome", sa.Text, nullable=False, server_default="running"),
        sa.Column("said", sa.Text, nullable=False, server_default=""),
        sa.Column("started_at", moment, nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("finished_at", moment),
        schema="bridge",
    )
    op.create_table(
        "task_paused",
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("periodic_task", sa.Integer, primary_key=True),
        schema="bridge",
    )
    op.create_table(
        "fetched",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("modified", sa.Text, nullable=False),
        schema="bridge",
    )


def downgrade() -> None:
    for name in ("fetched", "task_paused", "task_run"):
        op.drop_table(name, schema="bridge")
    op.execute("DELETE FROM bridge.flag WHERE kind = 'task'")
    op.drop_constraint(NAME, "flag", schema="bridge")
    op.create_check_constraint(NAME, "flag", KINDS, schema="bridge")
