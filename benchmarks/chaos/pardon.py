"""Cached vectors that may stay though no item holds them: of documents that were cancelled or failed, and may be
tried again."""

from benchmarks.chaos.observe import Observed
from ingest.items import cut
from ingest.parse import Limits, ParseJob
from ingest.spaces import open_spaces, splitter_for
from samespace.core.errors import SamespaceError
from samespace.core.wiring import Parts
from samespace.store.blobs import original
from samespace.store.records import Document

_ENDED_BADLY = {"failed", "cancelled"}


def contents_of_unfinished(observed: Observed, parts: Parts) -> set[str]:
    """The content hashes of the items these documents would have, found by opening and cutting them."""
    ids = [one.id for one in observed.documents if one.state in _ENDED_BADLY]
    found: set[str] = set()
    for doc in parts.records.documents.many(ids).values():
        found |= _contents(doc, parts)
    return found


def _contents(doc: Document, parts: Parts) -> set[str]:
    settings = parts.settings
    limits = Limits(settings.max_pixels, settings.max_pages, settings.max_characters)
    spaces = open_spaces(parts.records.collections.get(doc.collection_id), parts.encoders)
    data = parts.blobs.get(original(doc.content_hash))
    try:
        parsed = ParseJob(doc.name, doc.media_type, data, limits).run()
    except SamespaceError:
        return set()
    return {piece.item.content_hash for piece in cut(doc, parsed, splitter_for(spaces))}
