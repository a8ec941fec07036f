"""What Alembic runs for every command: the connection that `migrations.upgrade` opened, and nothing from a file.

Refuses to run by Alembic's own command line, which would know neither the lock nor the fence.
"""

from alembic import context

from migrations.fence import is_ours
from new_app.db import BRIDGE_SCHEMA

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("The schema `bridge` is migrated by `bridge migrate`, not by the alembic command.")

context.configure(
    connection=connection,
    version_table_schema=BRIDGE_SCHEMA,
    include_schemas=True,
    include_name=lambda name, kind, parents: is_ours(BRIDGE_SCHEMA, name, kind, parents),
    include_object=lambda obj, name, kind, reflected, other: (
        getattr(getattr(obj, "table", obj), "schema", None) == BRIDGE_SCHEMA
    ),
)
with context.begin_transaction():
    context.run_migrations()
