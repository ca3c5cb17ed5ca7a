"""Which documents of a collection offers are about, looked up for all of them together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, func, select

from samespace.core.types import State
from samespace.store.fold import composed, fold
from samespace.store.records.offers import Offer, SameName
from samespace.store.records.rows import Document, document
from samespace.store.records.tables import documents

_MOST_NAMESAKES = 100


@dataclass(slots=True)
class Known:
    """What was found: by its external id; by its bytes, one without an external id or else the first by that; by its
    folded name, those that nothing else is known by, the newest first."""

    by_external_id: dict[str, Document] = field(default_factory=dict)
    by_content: dict[str, Document] = field(default_factory=dict)
    by_name: dict[str, list[Document]] = field(default_factory=dict)

    def document(self, offer: Offer) -> Document | None:
        """The document this offer is about: by external id; else by its bytes, one without an external id first;
        else, where it is to replace such a one, by its name."""
        found = self._by_identity(offer)
        if found is None and offer.external_id is None and offer.on_same_name is SameName.REPLACE:
            return next(iter(self.namesakes(offer.name)), None)
        return found

    def _by_identity(self, offer: Offer) -> Document | None:
        same_bytes = self.by_content.get(offer.content_hash)
        if offer.external_id is None:
            return same_bytes
        if offer.external_id in self.by_external_id:
            return self.by_external_id[offer.external_id]
        return same_bytes if same_bytes and same_bytes.external_id is None else None

    def namesakes(self, name: str) -> list[Document]:
        """The documents of this name that nothing else is known by, the newest first. Case counts: `a.txt` and `A.txt`
        are two files."""
        found = self.by_name.get(fold(name), [])
        return [one for one in found if composed(one.name) == composed(name)]

    def same_name(self, doc: Document, offer: Offer) -> tuple[str, ...]:
        """The ids of the others of this document's name that answer, where it was offered by that alone."""
        if offer.on_same_name is None or doc.external_id is not None:
            return ()
        return tuple(one.id for one in answering(self.namesakes(doc.name)) if one.id != doc.id)

    def names_asked(self, offer: Offer) -> set[str]:
        """The folded names whose documents matter to what becomes of this offer."""
        if offer.on_same_name is None or offer.external_id is not None:
            return set()
        found = self._by_identity(offer)
        names = {fold(offer.name)}
        return names if found is None or found.external_id else names | {fold(found.name)}


def answering(docs: Iterable[Document]) -> list[Document]:
    """Those that answer searches, or will."""
    waits = {State.QUEUED, State.PROCESSING}
    return [doc for doc in docs if doc.live_generation is not None or doc.state in waits]


def look_up(connection: Connection, offers: Sequence[Offer]) -> Known:
    """What there is of what these offers to one collection are about; some hundreds of them at most."""
    mine = documents.c.collection_id == offers[0].collection_id
    # No column of an index but the content: of many contents, SQLite would rather read the whole collection.
    among = documents.c.collection_id.concat("") == offers[0].collection_id
    contents = documents.c.content_hash.in_({offer.content_hash for offer in offers})
    bare = _all(connection, among, contents, documents.c.external_id.is_(None))
    known = Known(by_content={doc.content_hash: doc for doc in bare})
    asked = {offer.external_id for offer in offers if offer.external_id is not None}
    unnamed = {offer.content_hash for offer in offers if offer.external_id is None}
    first = _first_external_ids(connection, among, unnamed - known.by_content.keys())
    if asked or first:
        ids = documents.c.external_id.in_(asked | set(first.values()))
        named = {str(doc.external_id): doc for doc in _all(connection, mine, ids)}
        known.by_external_id = named
        # One that was removed since it was found first is as good as none.
        known.by_content |= {content: named[id] for content, id in first.items() if id in named}
    names = {name for offer in offers for name in known.names_asked(offer)}
    if names:
        known.by_name = _newest_by_name(connection, mine, names)
    return known


def _all(connection: Connection, *which: ColumnElement[bool]) -> list[Document]:
    rows = connection.execute(select(documents).where(*which)).mappings()
    return [document(row) for row in rows]


def _first_external_ids(
    connection: Connection, among: ColumnElement[bool], contents: set[str]
) -> dict[str, str]:
    """Of the documents with these bytes, all of which have an external id: the first, by content."""
    if not contents:
        return {}
    query = select(documents.c.content_hash, func.min(documents.c.external_id))
    query = query.where(among, documents.c.content_hash.in_(contents))
    rows = connection.execute(query.group_by(documents.c.content_hash))
    return {row[0]: row[1] for row in rows}


def _newest_by_name(
    connection: Connection, mine: ColumnElement[bool], names: set[str]
) -> dict[str, list[Document]]:
    newest = (documents.c.created_at.desc(), documents.c.id)
    place = func.row_number().over(partition_by=documents.c.folded_name, order_by=newest)
    placed = select(documents.c.id, place.label("place")).where(
        mine,
        documents.c.folded_name.in_(names),
        documents.c.external_id.concat("").is_(None),  # by the index of names, see above
        documents.c.state != State.DELETING,
    )
    first = placed.subquery()
    query = select(documents).join(first, first.c.id == documents.c.id)
    query = query.where(first.c.place <= _MOST_NAMESAKES).order_by(*newest)
    found: dict[str, list[Document]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["folded_name"], []).append(document(row))
    return found
