"""Flags and their audit.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE bridge.flag (
            kind text NOT NULL CHECK (kind IN ('route', 'domain', 'kill')),
            name text NOT NULL,
            stage text NOT NULL CHECK (stage IN ('legacy', 'new')),
            changed_at timestamptz NOT NULL DEFAULT now(),
            changed_by text NOT NULL,
            why text NOT NULL,
            PRIMARY KEY (kind, name),
            CHECK (kind <> 'kill' OR (name = '' AND stage = 'legacy'))
        )""")
    op.execute("""
        CREATE TABLE bridge.flag_audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            by text NOT NULL,
            why text NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            before text,
            after text
        )""")
    op.execute("""
        CREATE FUNCTION bridge.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'bridge.flag_audit is append-only'; END $$""")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bridge.flag_audit
        FOR EACH STATEMENT EXECUTE FUNCTION bridge.refuse()""")
    op.execute("""
        CREATE FUNCTION bridge.notify_flags() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NOTIFY bridge_flags; RETURN NULL; END $$""")
    op.execute("""
        CREATE TRIGGER notify AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON bridge.flag
        FOR EACH STATEMENT EXECUTE FUNCTION bridge.notify_flags()""")


def downgrade() -> None:
    op.execute("DROP TABLE bridge.flag_audit, bridge.flag")
    op.execute("DROP FUNCTION bridge.refuse, bridge.notify_flags")
