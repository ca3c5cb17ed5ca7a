"""Originals and cached vectors that may be nobody's: noted in the transaction, or before the write, that could make
them so, and looked at when the document they were noted for has come to its end. A crash in between costs time."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection, Engine, delete, insert, literal, or_, select, union

from samespace.core.types import State
from samespace.store.records.models import held_files
from samespace.store.records.tables import documents, garbage, items
from samespace.store.sql import reading, serialise, writing

BLOB_LOCK = "samespace.blobs"
_CONTENT_LOCK = "samespace.contents"
# Longer than a slice takes from being noted to being cached.
WRITING_SECONDS = 30.0
_UNFINISHED = (State.QUEUED, State.PROCESSING)


class Kind(StrEnum):
    """What a hash names: the bytes of a document, what an item's vectors were made of, a file of a model."""

    ORIGINAL = "original"
    CONTENT = "content"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class _Noted:
    """One entry."""

    id: int
    kind: Kind
    content_hash: str


@dataclass(frozen=True, slots=True)
class Unheld:
    """Hashes that no document, no item and no model holds."""

    originals: list[str]
    contents: list[str]
    models: list[str] = field(default_factory=list)


class Garbage:
    """What may have to be let go of."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, contents: Mapping[str, Sequence[str]], *, is_written: bool = False) -> None:
        """Note the contents whose vectors are about to be cached, by the id of the document they are cached for.

        From now on until that document's end they count as held: what is found in the cache stays there. They are
        not let go of for a while, in case the document goes before they are cached, unless they all are by now.
        """
        until = time.time() + (0 if is_written else WRITING_SECONDS)
        rows = [
            _entry(Kind.CONTENT, content_hash, document_id, until)
            for document_id, hashes in contents.items()
            for content_hash in dict.fromkeys(hashes)
        ]
        if rows:
            with writing(self._engine) as connection:
                serialise(connection, _CONTENT_LOCK)
                connection.execute(insert(garbage), rows)

    def note_original(self, document_id: str, content_hash: str) -> None:
        """Note an original of which something may have been stored after it was let go of."""
        with writing(self._engine) as connection:
            serialise(connection, BLOB_LOCK)
            note_original(connection, document_id, content_hash)

    def note_packing(self, files: Iterable[str], seconds: float) -> None:
        """Note files of a model that are about to be stored, before they are: they are let go of after so many
        seconds, unless a model holds them by then."""
        with writing(self._engine) as connection:
            serialise(connection, BLOB_LOCK)
            note_files(connection, files, time.time() + seconds)

    @contextmanager
    def file_lock(self, hash: str) -> Iterator[bool]:
        """Within it no model is put on record or taken off; answers whether a file of one is nobody's, and not noted
        to be let go of either."""
        noted = select(garbage.c.id).where(
            garbage.c.kind == Kind.MODEL, garbage.c.content_hash == hash
        )
        with writing(self._engine) as connection:
            serialise(connection, BLOB_LOCK)
            is_noted = connection.execute(noted.limit(1)).first() is not None
            yield not is_noted and hash not in held_files(connection)

    def is_empty(self) -> bool:
        """Whether there are no entries."""
        with reading(self._engine) as connection:
            return connection.execute(select(garbage.c.id).limit(1)).first() is None

    def is_due(self) -> bool:
        """Whether there are entries whose document does not wait and is not being worked on."""
        with reading(self._engine) as connection:
            return bool(_due(connection, 1))

    @contextmanager
    def letting_go(self, limit: int) -> Iterator[Unheld]:
        """Of the oldest entries that are due, what nobody holds: within it nobody accepts a document nor notes a
        content, so it may be deleted. Then the entries are forgotten, unless there was an error."""
        with writing(self._engine) as connection:
            serialise(connection, BLOB_LOCK)
            serialise(connection, _CONTENT_LOCK)
            # Read within the locks: SQLite gives the ids of rows that are gone to new ones.
            noted = _due(connection, limit)
            originals = {one.content_hash for one in noted if one.kind is Kind.ORIGINAL}
            contents = {one.content_hash for one in noted if one.kind is Kind.CONTENT}
            models = {one.content_hash for one in noted if one.kind is Kind.MODEL}
            yield Unheld(
                sorted(originals - _held_originals(connection, originals)),
                sorted(contents - _held_contents(connection, contents)),
                sorted(models - _held_models(connection, models)),
            )
            connection.execute(delete(garbage).where(garbage.c.id.in_([one.id for one in noted])))


def _due(connection: Connection, limit: int) -> list[_Noted]:
    query = (
        select(garbage.c.id, garbage.c.kind, garbage.c.content_hash)
        .outerjoin(documents, documents.c.id == garbage.c.document_id)
        .where(
            or_(documents.c.id.is_(None), documents.c.state.not_in(_UNFINISHED)),
            garbage.c.not_before <= time.time(),
        )
        .order_by(garbage.c.id)
        .limit(limit)
    )
    return [_Noted(id, Kind(kind), hash) for id, kind, hash in connection.execute(query)]


def note_original(connection: Connection, document_id: str, content_hash: str | None) -> None:
    """Note an original that this transaction takes from a document."""
    if content_hash is not None:
        row = _entry(Kind.ORIGINAL, content_hash, document_id, not_before=0)
        connection.execute(insert(garbage).values(row))


def note_originals(connection: Connection, taken: Sequence[tuple[str, str]]) -> None:
    """The same for many, each by the id of its document and its hash."""
    rows = [_entry(Kind.ORIGINAL, content_hash, id, not_before=0) for id, content_hash in taken]
    if rows:
        connection.execute(insert(garbage), rows)


def note_files(connection: Connection, files: Iterable[str], not_before: float = 0) -> None:
    """Note files of a model that this transaction takes away, or that are about to be stored."""
    rows = [_entry(Kind.MODEL, each, "", not_before) for each in sorted(set(files))]
    if rows:
        connection.execute(insert(garbage), rows)


def forget_files(connection: Connection, files: Iterable[str]) -> None:
    """Forget what was noted of files that a model holds now."""
    noted = garbage.c.content_hash.in_(set(files))
    connection.execute(delete(garbage).where(garbage.c.kind == Kind.MODEL, noted))


def _entry(kind: Kind, content_hash: str, document_id: str, not_before: float) -> dict[str, object]:
    return {
        "kind": kind,
        "content_hash": content_hash,
        "document_id": document_id,
        "not_before": not_before,
    }


def note_items(connection: Connection, document_ids: Sequence[str]) -> None:
    """Note the contents of these documents' items, which this transaction takes away."""
    held = select(
        literal(Kind.CONTENT.value), items.c.content_hash, items.c.document_id, literal(0.0)
    )
    held = held.where(items.c.document_id.in_(document_ids)).distinct()
    columns = ["kind", "content_hash", "document_id", "not_before"]
    connection.execute(insert(garbage).from_select(columns, held))


def forget_held(connection: Connection, document_ids: Sequence[str]) -> None:
    """Forget what was noted for these documents and is a content of an item of theirs now."""
    contents = select(items.c.content_hash).where(items.c.document_id.in_(document_ids))
    connection.execute(
        delete(garbage).where(
            garbage.c.document_id.in_(document_ids),
            garbage.c.kind == Kind.CONTENT,
            garbage.c.content_hash.in_(contents),
        )
    )


def _held_originals(connection: Connection, hashes: set[str]) -> set[str]:
    columns = (documents.c.content_hash, documents.c.live_hash)
    held = union(*(select(one).where(one.in_(hashes)) for one in columns))
    return set(connection.execute(held).scalars()) if hashes else set()


def _held_contents(connection: Connection, hashes: set[str]) -> set[str]:
    """By an item, or by a document that is being worked on; asked in one statement: the one becomes the other."""
    by_item = select(items.c.content_hash).where(items.c.content_hash.in_(hashes))
    by_turn = (
        select(garbage.c.content_hash)
        .join(documents, documents.c.id == garbage.c.document_id)
        .where(
            garbage.c.content_hash.in_(hashes),
            garbage.c.kind == Kind.CONTENT,
            documents.c.state.in_(_UNFINISHED),
        )
    )
    return set(connection.execute(union(by_item, by_turn)).scalars()) if hashes else set()


def _held_models(connection: Connection, hashes: set[str]) -> set[str]:
    """By a model, or by somebody who is just storing it."""
    if not hashes:
        return set()
    storing = select(garbage.c.content_hash).where(
        garbage.c.content_hash.in_(hashes),
        garbage.c.kind == Kind.MODEL,
        garbage.c.not_before > time.time(),
    )
    return held_files(connection) | set(connection.execute(storing).scalars())
