"""Whether anything is begun and not ended, in one statement: what nobody owes need not be looked for in ten."""

from sqlalchemy import Connection, exists, or_, select

from samespace.core.types import State
from samespace.store.records.rows import Role
from samespace.store.records.tables import collections, documents, garbage, indexes, jobs


def is_anything_unfinished(connection: Connection) -> bool:
    """Whether a document, a job or a collection waits or is at work, or something is still to be cleared away."""
    of_document, of_job, of_collection = documents.c.state, jobs.c.state, collections.c.state
    ended_badly = of_document.in_([State.FAILED, State.CANCELLED])
    which = (
        select(documents.c.id).where(of_document.in_([State.QUEUED, State.PROCESSING])),
        select(documents.c.id).where(of_document == State.DELETING),
        select(documents.c.id).where(ended_badly, documents.c.has_leftovers),
        select(documents.c.id).where(documents.c.swept_generation < documents.c.live_generation),
        select(jobs.c.id).where(of_job == State.PROCESSING),
        select(jobs.c.id).where(of_job == State.QUEUED, jobs.c.kind != "ingest"),
        select(collections.c.id).where(of_collection.in_([State.QUEUED, State.DELETING])),
        select(garbage.c.id),
        select(indexes.c.id).where(indexes.c.role == Role.GIVEN_UP),
    )
    return bool(connection.execute(select(or_(*map(exists, which)))).scalar_one())
