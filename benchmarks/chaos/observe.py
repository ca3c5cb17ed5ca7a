"""What the stores of the stack hold at the end, read by ourselves and not through its API."""

from collections import Counter
from dataclasses import dataclass, field

from samespace.core.marks import Marks
from samespace.core.types import State
from samespace.services import Services
from samespace.store.records import Collection, Document

LOOSE = "originals or vectors to let go of"
GIVEN_UP = "indexes that were given up"
_PAGE = 1000
_UNDER_WAY = (State.QUEUED, State.PROCESSING, State.DELETING)


@dataclass(frozen=True, slots=True)
class Seen:
    """A document on record."""

    home: str
    external_id: str | None
    id: str
    state: str
    reason: str | None
    content_hash: str
    live_hash: str | None


@dataclass(frozen=True, slots=True)
class Observed:
    """Documents; item keys by the name of their index, on record and in it; originals; vectors nobody holds."""

    documents: list[Seen] = field(default_factory=list)
    recorded: dict[str, Counter[str]] = field(default_factory=dict)
    indexed: dict[str, Counter[str]] = field(default_factory=dict)
    originals: set[str] = field(default_factory=set)
    unheld_vectors: set[str] = field(default_factory=set)


def unsettled(services: Services) -> list[str]:
    """What is still under way, in words; nothing when everything has come to its end."""
    counts = services.records.documents.counts()
    under_way = [f"{counts[state]} documents {state}" for state in _UNDER_WAY if counts.get(state)]
    if going := services.records.collections.all(State.DELETING):
        under_way.append(f"{len(going)} collections being deleted")
    if unswept := services.records.claims.unswept(_PAGE):
        under_way.append(f"{len(unswept)} documents with rows to sweep")
    if not services.records.garbage.is_empty():
        under_way.append(LOOSE)
    if services.records.indexes.given_up():
        under_way.append(GIVEN_UP)
    if Marks(services.settings.data).owed() is not None:
        under_way.append("a verify is owed")
    return under_way


def observe(services: Services) -> Observed:
    """Read everything."""
    seen = Observed()
    for collection in services.records.collections.all():
        documents = _documents(collection, services)
        seen.documents.extend(_seen(collection, doc) for doc in documents)
        items = [item for doc in documents for item in services.records.documents.items(doc)]
        for space in collection.spaces:
            known = [item.key for item in items if item.modality in space.modalities]
            seen.recorded[space.index_name] = Counter(known)
            seen.indexed[space.index_name] = Counter(
                row.item.key for rows, _ in services.index.scan(space.index_name) for row in rows
            )
    seen.originals.update(key.partition("/")[2] for key in services.blobs.keys("originals"))
    seen.unheld_vectors.update(_unheld_vectors(services))
    return seen


def _documents(collection: Collection, services: Services) -> list[Document]:
    found: list[Document] = []
    after = ""
    while page := services.records.documents.page(collection.id, after=after, limit=_PAGE):
        found += page
        after = page[-1].id
    return found


def _seen(collection: Collection, doc: Document) -> Seen:
    return Seen(
        collection.name,
        doc.external_id,
        doc.id,
        str(doc.state),
        doc.reason,
        doc.content_hash,
        doc.live_hash,
    )


def _unheld_vectors(services: Services) -> set[str]:
    unheld: set[str] = set()
    for page in services.vectors.pages(before=float("inf")):
        unheld.update(services.records.documents.unheld([kept.content_hash for kept in page]))
    return unheld
