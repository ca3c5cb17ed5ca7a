"""Whose documents are taken next: fair between collections, first in first out within each."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from samespace.core.types import State
from samespace.store.records.tables import collections, documents

SMALL_TEXT, SMALL_PICTURE = 4096, 1 << 20
"""Bytes up to which more are taken at once: else taking them would cost as much as embedding them, or more."""
TEXTS_FOR_ONE, PICTURES_FOR_ONE = 16, 4
"""So many of these count as one document."""
_TEXTS = frozenset({"text/plain", "text/markdown"})
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""Those of one frame: a small TIFF may have hundreds of pages."""

# Documents that were started before and did not come to an end may have killed their worker. After the first
# time each is taken by itself, after the second nothing else is in that worker: what it kills then, it kills alone.
_BY_ITSELF = 1
_NOTHING_BESIDE = 2


def next_in_turn(connection: Connection, owner: str, most: int) -> list[str]:
    """The ids of the documents that are to be taken now, all of one collection, oldest first; of small texts
    sixteen count as one document, of small pictures four.

    It is the collection with the fewest documents at work; among equals the one that was served longest ago.
    Having been served it stands behind the others, so that collections take turns, and one with nothing at
    work waits at most one claim of each of the others. One with documents at work waits while others have
    fewer: those end, or their leases do.
    """
    now = time.time()
    held = _attempts_held(connection, owner)
    if any(attempt > _NOTHING_BESIDE for attempt in held):
        return []
    collection_id = connection.execute(_next_collection(now)).scalar()
    if collection_id is None:
        return []
    oldest = (
        select(documents.c.id, documents.c.attempt, documents.c.size, documents.c.media_type)
        .where(documents.c.collection_id == collection_id, *_is_due(now))
        .order_by(documents.c.submitted_at)
        .limit(most * TEXTS_FOR_ONE)
    )
    rows = connection.execute(oldest.with_for_update(skip_locked=True)).all()
    if not rows or (rows[0].attempt >= _NOTHING_BESIDE and held):
        return []
    served = update(collections).where(collections.c.id == collection_id)
    connection.execute(served.values(claimed_at=now))
    if rows[0].attempt >= _BY_ITSELF:
        return [rows[0].id]
    return [row.id for row in _fitting(rows, most) if row.attempt < _BY_ITSELF]


def _fitting(rows: Sequence[Any], most: int) -> Sequence[Any]:
    """The first of them, as many as one claim takes."""
    room = most * TEXTS_FOR_ONE
    for count, row in enumerate(rows):
        room -= _share(row.media_type, row.size)
        if room < 0:
            return rows[:count]
    return rows


def _share(media_type: str, size: int) -> int:
    """Sixteenths of a place in a claim that a document takes."""
    if media_type in _TEXTS and size <= SMALL_TEXT:
        return 1
    if media_type in _PICTURES and size <= SMALL_PICTURE:
        return TEXTS_FOR_ONE // PICTURES_FOR_ONE
    return TEXTS_FOR_ONE


def claims_owed(connection: Connection, most: int, silent_for: float, limit: int) -> int:
    """How many claims of `most` documents those take that wait for longer than that; counts up to `limit` documents."""
    now = time.time()
    some = (
        select(documents.c.collection_id, documents.c.attempt)
        .join(collections, collections.c.id == documents.c.collection_id)
        .where(*_is_open(now), *_is_due(now), documents.c.submitted_at < now - silent_for)
        .limit(limit)
        .subquery()
    )
    alone = func.sum(case((some.c.attempt >= _BY_ITSELF, 1), else_=0))
    counts = select(func.count(), alone).group_by(some.c.collection_id)
    return sum(
        by_themselves - (by_themselves - count) // most  # rounded up
        for count, by_themselves in connection.execute(counts)
    )


def _attempts_held(connection: Connection, owner: str) -> list[int]:
    query = select(documents.c.attempt).where(
        documents.c.state == State.PROCESSING, documents.c.owner == owner
    )
    return list(connection.execute(query).scalars())


def _next_collection(now: float) -> Select[str]:
    mine = documents.c.collection_id == collections.c.id
    at_work = select(func.count()).where(mine, documents.c.state == State.PROCESSING)
    return (
        select(collections.c.id)
        .where(*_is_open(now), exists().where(mine, *_is_due(now)))
        .order_by(
            at_work.scalar_subquery(),
            collections.c.claimed_at.nulls_first(),
            collections.c.created_at,
            collections.c.id,
        )
        .limit(1)
    )


def _is_open(now: float) -> list[ColumnElement[bool]]:
    return [
        collections.c.state == State.READY,
        collections.c.paused.is_(false()),
        func.coalesce(collections.c.rest_until, 0) <= now,
    ]


def _is_due(now: float) -> list[ColumnElement[bool]]:
    return [
        documents.c.state == State.QUEUED,
        or_(documents.c.not_before.is_(None), documents.c.not_before <= now),
    ]
