"""`clearsessions`: sessions whose time is over go; and, of what only the new side keeps, families of tokens."""

from sqlalchemy import text

from new_app.tasks import Task, Work

BATCH = 10_000


async def clear_sessions(work: Work) -> str:
    """In batches: a long delete would hold up everybody's sessions."""
    total = 0
    expired = """DELETE FROM django_session WHERE session_key IN (
        SELECT session_key FROM django_session WHERE expire_date < now() LIMIT :batch)"""
    while True:
        async with work.database.unit_of_work() as session:
            gone = (await session.execute(text(expired), {"batch": BATCH})).rowcount  # type: ignore[attr-defined]
        total += gone
        if gone < BATCH:
            return f"{total} sessions gone"


async def clear_tokens(work: Work) -> str:
    async with work.database.unit_of_work() as session:
        done = await session.execute(text("DELETE FROM bridge.token_family WHERE expires_at < now()"))
    return f"{done.rowcount} families of tokens gone"  # type: ignore[attr-defined]


TASKS = (Task("clearsessions", "40 4 * * *", clear_sessions), Task("clear_tokens", "50 4 * * *", clear_tokens, False))
