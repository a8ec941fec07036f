"""Flags: which side serves what, who said so, and a trace that cannot be rewritten.

The audit is written by a trigger, so a change made by hand in SQL leaves its line as well; it is then signed with the
database role. The settings `bridge.by` and `bridge.why` of the transaction sign a change made by `bridge`.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BY = "coalesce(nullif(current_setting('bridge.by', true), ''), session_user || ' (SQL)')"
WHY = "coalesce(nullif(current_setting('bridge.why', true), ''), 'changed by hand')"
TABLES = (
    """
    CREATE TABLE bridge.flag (
        kind text NOT NULL CHECK (kind IN ('route', 'domain', 'kill')),
        name text NOT NULL,
        stage text NOT NULL CHECK (stage IN ('legacy', 'new')),
        changed_at timestamptz NOT NULL DEFAULT now(),
        changed_by text NOT NULL DEFAULT '',
        why text NOT NULL DEFAULT '',
        PRIMARY KEY (kind, name),
        CONSTRAINT flag_kill CHECK (CASE kind WHEN 'kill' THEN name = '' AND stage = 'legacy' ELSE name <> '' END)
    )
    """,
    """
    CREATE TABLE bridge.flag_audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        by text NOT NULL CHECK (by <> ''),
        why text NOT NULL CHECK (why <> ''),
        kind text NOT NULL,
        name text NOT NULL,
        before text,
        after text
    )
    """,
)
FUNCTIONS = (
    f"""
    CREATE FUNCTION bridge.flag_sign() RETURNS trigger LANGUAGE plpgsql SET search_path = bridge, pg_catalog AS $$
    BEGIN
        NEW.changed_at := clock_timestamp();
        NEW.changed_by := {BY};
        NEW.why := {WHY};
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE FUNCTION bridge.flag_trace() RETURNS trigger LANGUAGE plpgsql SET search_path = bridge, pg_catalog AS $$
    BEGIN
        IF TG_OP IN ('UPDATE', 'DELETE') AND (TG_OP = 'DELETE' OR (OLD.kind, OLD.name) <> (NEW.kind, NEW.name)) THEN
            INSERT INTO bridge.flag_audit (by, why, kind, name, before, after)
            VALUES ({BY}, {WHY}, OLD.kind, OLD.name, OLD.stage, NULL);
        END IF;
        IF TG_OP = 'UPDATE' AND (OLD.kind, OLD.name) = (NEW.kind, NEW.name) THEN
            INSERT INTO bridge.flag_audit (by, why, kind, name, before, after)
            VALUES ({BY}, {WHY}, NEW.kind, NEW.name, OLD.stage, NEW.stage);
        ELSIF TG_OP IN ('INSERT', 'UPDATE') THEN
            INSERT INTO bridge.flag_audit (by, why, kind, name, before, after)
            VALUES ({BY}, {WHY}, NEW.kind, NEW.name, NULL, NEW.stage);
        END IF;
        NOTIFY bridge_flags;
        RETURN NULL;
    END $$
    """,  # noqa: S608 - nothing but BY and WHY above is put into it
    """
    CREATE FUNCTION bridge.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = bridge, pg_catalog AS $$
    BEGIN
        RAISE EXCEPTION '% of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING HINT = 'The audit is append-only, and flags are changed row by row so that each change is in it.';
    END $$
    """,
)
TRIGGERS = (
    "CREATE TRIGGER sign BEFORE INSERT OR UPDATE ON bridge.flag FOR EACH ROW EXECUTE FUNCTION bridge.flag_sign()",
    """
    CREATE TRIGGER trace AFTER INSERT OR UPDATE OR DELETE ON bridge.flag
    FOR EACH ROW EXECUTE FUNCTION bridge.flag_trace()
    """,
    "CREATE TRIGGER row_by_row BEFORE TRUNCATE ON bridge.flag EXECUTE FUNCTION bridge.refuse()",
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bridge.flag_audit
    EXECUTE FUNCTION bridge.refuse()
    """,
)


def upgrade() -> None:
    for statement in (*TABLES, *FUNCTIONS, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE bridge.flag, bridge.flag_audit")
    op.execute("DROP FUNCTION bridge.flag_sign(), bridge.flag_trace(), bridge.refuse()")
