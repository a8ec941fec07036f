"""The change feed: what `bridge.tell_change()` writes and says when a watched table changes, whoever changed it.

A statement-level trigger tells once per statement, so an import of many rows pays for one notice. It names the rows by
primary key while they are few; more than MOST rows or statements in one transaction are told as the whole table, once.
The function must never fail a write of Django's: it runs with its owner's rights, asks the catalogue for the key (which
a migration of Django's may have renamed), and keeps far below the 8,000 bytes that a notice may have.

Each notice is also a row of `bridge.change`, for whoever missed it. Rows carry their transaction: identities are handed
out before a commit, so "newer than the last one seen" would miss a slow writer, and a snapshot does not.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOST = 50
LONGEST = 7000  # bytes of keys in a notice

STATEMENTS = (
    """
    CREATE TABLE bridge.change (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        relation text NOT NULL,
        keys text[]
    )
    """,
    "CREATE INDEX change_xid ON bridge.change (xid)",
    f"""
    CREATE FUNCTION bridge.tell_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        note CONSTANT text := 'bridge.told_' || TG_RELID;  -- how often this transaction has told of this table
        told int := coalesce(nullif(current_setting(note, true), ''), '0')::int;
        key text;
        changed text[];
        told_as bigint;
    BEGIN
        IF told >= {MOST} THEN
            RETURN NULL;  -- the whole table has been told
        END IF;
        IF TG_OP <> 'TRUNCATE' THEN
            SELECT quote_ident(attname) || '::text' INTO key
            FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            WHERE indrelid = TG_RELID AND indisprimary AND indnkeyatts = 1;
            key := coalesce(key, 'NULL::text');
            EXECUTE 'SELECT array_agg(key) FROM (' || concat_ws(' UNION ',
                CASE WHEN TG_OP <> 'INSERT' THEN '(SELECT ' || key || ' AS key FROM old_rows LIMIT {MOST + 1})' END,
                CASE WHEN TG_OP <> 'DELETE' THEN '(SELECT ' || key || ' AS key FROM new_rows LIMIT {MOST + 1})' END
            ) || ') AS changed' INTO changed;
            IF changed IS NULL THEN
                RETURN NULL;  -- the statement found no row
            END IF;
        END IF;
        told := told + 1;
        IF told >= {MOST} OR cardinality(changed) > {MOST} OR array_position(changed, NULL) IS NOT NULL
            OR octet_length(array_to_json(changed)::text) > {LONGEST}
        THEN
            changed := NULL;
        END IF;
        PERFORM set_config(note, CASE WHEN changed IS NULL THEN {MOST} ELSE told END::text, true);
        INSERT INTO bridge.change (relation, keys) VALUES (TG_TABLE_NAME, changed) RETURNING id INTO told_as;
        PERFORM pg_notify('bridge_change', json_build_object(
            'id', told_as, 'relation', TG_TABLE_NAME, 'keys', changed)::text);
        RETURN NULL;
    END $$
    """,  # noqa: S608 - nothing but the two limits above is put into it
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION bridge.tell_change() CASCADE")
    op.execute("DROP TABLE bridge.change")
