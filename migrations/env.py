"""What Alembic runs: the connection comes from `migrations.upgrade()`, which owns the transaction and the checks."""

from alembic import context

from new_app.db import BRIDGE_SCHEMA

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run `bridge migrate`: it takes the lock and checks what a migration touches")
context.configure(connection=connection, version_table_schema=BRIDGE_SCHEMA, transactional_ddl=True)
context.run_migrations()
