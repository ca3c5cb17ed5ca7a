"""Taking offers: many in one transaction and with few statements, to what they would come to one after another."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from samespace.core.errors import Busy, SamespaceError
from samespace.core.types import State
from samespace.store.fold import fold
from samespace.store.metadata import applied, check_size, is_same
from samespace.store.records.garbage import BLOB_LOCK, note_originals
from samespace.store.records.known import Known, answering, look_up
from samespace.store.records.offers import Offer, Outcome, Taken
from samespace.store.records.quotas import Quota, check_room, count_held, hold_collection
from samespace.store.records.rows import Document, queued
from samespace.store.records.tables import documents
from samespace.store.sql import serialise

_BY_ID = update(documents).where(documents.c.id == bindparam("known_id"))
# What a document is found by: ("content", its hash), ("external id", ...), ("name", folded).
_Key = tuple[str, str]


@dataclass(slots=True)
class _Room:
    """What a collection holds as its offers are taken."""

    quota: Quota
    documents: int = 0
    size: int = 0

    def check(self, known: Document | None, offer: Offer) -> None:
        now = replace(
            self.quota,
            held_documents=self.quota.held_documents + self.documents,
            held_bytes=self.quota.held_bytes + self.size,
        )
        check_room(now, known, offer)

    def count(self, documents: int, size: int) -> None:
        self.documents += documents
        self.size += size


@dataclass(slots=True)
class _Changes:
    """What is to be written, and what the documents that it changes are, or were, found by."""

    new: list[dict[str, Any]] = field(default_factory=list)
    renewed: list[dict[str, Any]] = field(default_factory=list)
    adopted: list[dict[str, Any]] = field(default_factory=list)
    garbage: list[tuple[str, str]] = field(default_factory=list)
    touched: set[_Key] = field(default_factory=set)

    def write(self, connection: Connection) -> None:
        note_originals(connection, self.garbage)
        if self.new:
            connection.execute(insert(documents), self.new)
        for rows in (self.renewed, self.adopted):
            if rows:
                # In the order in which everybody locks rows.
                connection.execute(_BY_ID, sorted(rows, key=lambda row: str(row["known_id"])))


def accept_offers(connection: Connection, offers: Sequence[Offer]) -> list[Taken | SamespaceError]:
    """Take the offers to one collection, in their order, or say why one is not taken: see `Documents.accept_all`.

    They are taken in runs in which none is about what an earlier one has changed, so that all of a run are looked up
    and written together.
    """
    collection_id = offers[0].collection_id
    serialise(connection, BLOB_LOCK)
    room = _Room(hold_collection(connection, collection_id))
    answers: list[Taken | SamespaceError] = []
    while len(answers) < len(offers):
        answers += _take_run(connection, offers[len(answers) :], room)
    count_held(connection, collection_id, room.documents, room.size)
    return answers


def _take_run(
    connection: Connection, offers: Sequence[Offer], room: _Room
) -> list[Taken | SamespaceError]:
    """Those at the beginning that have nothing to do with each other; at least one."""
    known = look_up(connection, offers)
    changes = _Changes()
    answers: list[Taken | SamespaceError] = []
    for offer in offers:
        if changes.touched and changes.touched & _asked_by(offer, known):
            break
        answers.append(_take_or_refuse(offer, known, changes, room))
    changes.write(connection)
    return answers


def _asked_by(offer: Offer, known: Known) -> set[_Key]:
    """Where the offer was looked for: what is changed there may make it another document's."""
    asked = {("content", offer.content_hash)}
    if offer.external_id is not None:
        asked.add(("external id", offer.external_id))
    return asked | {("name", name) for name in known.names_asked(offer)}


def _found_by(doc: Document) -> set[_Key]:
    name, external_id = ("name", fold(doc.name)), ("external id", doc.external_id or "")
    return {("content", doc.content_hash), name if doc.external_id is None else external_id}


def _take_or_refuse(
    offer: Offer, known: Known, changes: _Changes, room: _Room
) -> Taken | SamespaceError:
    try:
        return _take(offer, known, changes, room)
    except SamespaceError as error:
        return error


def _take(offer: Offer, known: Known, changes: _Changes, room: _Room) -> Taken:
    held = known.document(offer)
    room.check(held, offer)
    offer = _with_what_is_kept(offer, held)
    if held is None:
        outcome, doc = _outcome_of_new(offer, known), _new(offer, changes)
        room.count(1, offer.size)
    else:
        outcome = _outcome(held, offer)
        doc = _renewed(held, offer, outcome, changes)
        room.count(0, doc.size - held.size)
    if doc != held:
        changes.touched |= _found_by(doc) | (_found_by(held) if held else set())
    return Taken(doc, outcome, known.same_name(doc, offer))


def _with_what_is_kept(offer: Offer, held: Document | None) -> Offer:
    """The offer with all the metadata that the document has from now on; InvalidRequest, TooLarge."""
    metadata = applied(held.metadata if held else {}, offer.metadata, offer.metadata_mode)
    if held and offer.most_metadata is not None and not is_same(metadata, held.metadata):
        check_size(metadata, offer.name, offer.most_metadata)
    return replace(offer, metadata=metadata)


def _outcome_of_new(offer: Offer, known: Known) -> Outcome:
    if offer.external_id is not None or offer.on_same_name is None:
        return Outcome.CREATED
    return Outcome.KEPT_BOTH if answering(known.namesakes(offer.name)) else Outcome.CREATED


def _outcome(held: Document, offer: Offer) -> Outcome:
    if held.state is State.DELETING:
        raise Busy(f"document {held.name!r} is being deleted; add it again when that is done")
    if held.content_hash != offer.content_hash:
        return Outcome.REPLACED
    if not is_same(held.metadata, offer.metadata):
        return Outcome.UPDATED
    if offer.encoding not in {None, held.encoding}:
        return Outcome.UPDATED
    if held.state in {State.FAILED, State.CANCELLED}:
        return Outcome.RETRIED
    return Outcome.UNCHANGED


def _new(offer: Offer, changes: _Changes) -> Document:
    now = time.time()
    row = {
        **_offered(offer),
        "id": offer.id,
        "collection_id": offer.collection_id,
        "external_id": offer.external_id,
        "encoding": offer.encoding,
        "generation": 1,
        "live_generation": None,
        "live_hash": None,
        "swept_generation": 1,
        "has_leftovers": False,
        **queued(now),
        "created_at": now,
    }
    changes.new.append(_stored(row))
    return Document(**row)


def _renewed(held: Document, offer: Offer, outcome: Outcome, changes: _Changes) -> Document:
    external_id = offer.external_id or held.external_id
    if outcome is Outcome.UNCHANGED:
        if external_id != held.external_id:
            adopted = {
                "external_id": external_id,
                "folded_external_id": external_id and fold(external_id),
            }
            changes.adopted.append({"known_id": held.id, **adopted})
        return replace(held, external_id=external_id)
    row = {
        **_offered(offer),
        "external_id": external_id,
        "encoding": offer.encoding or held.encoding,
        "generation": held.generation + 1,
        **queued(time.time()),
    }
    if held.content_hash not in {offer.content_hash, held.live_hash}:
        changes.garbage.append((held.id, held.content_hash))
    changes.renewed.append({"known_id": held.id, **_stored(row)})
    return replace(held, **row)


def _offered(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.name,
        "media_type": offer.media_type,
        "size": offer.size,
        "content_hash": offer.content_hash,
        "metadata": dict(offer.metadata),
        "warnings": offer.warnings,
        "job_id": offer.job_id,
    }


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    """A document's columns as they are written."""
    external_id = row["external_id"]
    return {
        **row,
        "warnings": list(row["warnings"]),
        "folded_name": fold(row["name"]),
        "folded_external_id": external_id and fold(external_id),
    }
