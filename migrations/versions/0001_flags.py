"""Flags: which side serves what, who said so, and a trace that cannot be rewritten.

The audit row is written by a trigger, so a change made by hand in SQL leaves its trace as well: `who` is then the
database role. `bridge.flag` notifies on the channel `bridge_flag`; the payload is the audit row's id.
"""

from alembic import op

revision = "0001"
down_revision = None

UP = (
    """
    CREATE TABLE bridge.flag (
        kind text NOT NULL,
        name text NOT NULL,
        value text NOT NULL,
        since timestamptz NOT NULL DEFAULT now(),
        by text NOT NULL DEFAULT '',
        why text NOT NULL DEFAULT '',
        PRIMARY KEY (kind, name),
        CONSTRAINT flag_value CHECK (
            kind IN ('route', 'domain') AND value IN ('legacy', 'new') AND name <> ''
            OR kind = 'kill' AND value IN ('on', 'off') AND name = 'all'
        )
    )
    """,
    """
    CREATE TABLE bridge.flag_audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        who text NOT NULL CHECK (who <> ''),
        why text NOT NULL CHECK (why <> ''),
        kind text NOT NULL,
        name text NOT NULL,
        before text,
        after text
    )
    """,
    "CREATE INDEX flag_audit_flag ON bridge.flag_audit (kind, name, id DESC)",
    """
    CREATE FUNCTION bridge.flag_sign() RETURNS trigger LANGUAGE plpgsql SET search_path = bridge, pg_catalog AS $$
    BEGIN
        NEW.since := clock_timestamp();
        NEW.by := coalesce(nullif(current_setting('bridge.by', true), ''), session_user || ' (SQL)');
        NEW.why := coalesce(nullif(current_setting('bridge.why', true), ''), 'changed by hand');
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION bridge.flag_trace() RETURNS trigger LANGUAGE plpgsql SET search_path = bridge, pg_catalog AS $$
    DECLARE
        was bridge.flag := OLD;
        is_now bridge.flag := NEW;
        entry bigint;
    BEGIN
        INSERT INTO bridge.flag_audit (who, why, kind, name, before, after) VALUES (
            coalesce(nullif(current_setting('bridge.by', true), ''), session_user || ' (SQL)'),
            coalesce(nullif(current_setting('bridge.why', true), ''), 'changed by hand'),
            coalesce(is_now.kind, was.kind), coalesce(is_now.name, was.name), was.value, is_now.value
        ) RETURNING id INTO entry;
        PERFORM pg_notify('bridge_flag', entry::text);
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION bridge.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = bridge, pg_catalog AS $$
    BEGIN
        RAISE EXCEPTION '% of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege', HINT = 'The audit is append-only; flags are changed row by row.';
    END $$
    """,
    """
    CREATE TRIGGER flag_sign BEFORE INSERT OR UPDATE ON bridge.flag
    FOR EACH ROW EXECUTE FUNCTION bridge.flag_sign()
    """,
    """
    CREATE TRIGGER flag_trace AFTER INSERT OR UPDATE OR DELETE ON bridge.flag
    FOR EACH ROW EXECUTE FUNCTION bridge.flag_trace()
    """,
    "CREATE TRIGGER flag_kept BEFORE TRUNCATE ON bridge.flag EXECUTE FUNCTION bridge.refuse()",
    """
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bridge.flag_audit
    EXECUTE FUNCTION bridge.refuse()
    """,
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE bridge.flag, bridge.flag_audit")
    op.execute("DROP FUNCTION bridge.flag_sign(), bridge.flag_trace(), bridge.refuse()")
