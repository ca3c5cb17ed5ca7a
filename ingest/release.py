"""Letting go of what no document holds any more: cached vectors, originals, thumbnails."""

from collections.abc import Iterable, Sequence

from ingest.tools import Tools
from samespace.store.blobs import original, thumbnail


def release(contents: Sequence[str], originals: Iterable[str | None], tools: Tools) -> None:
    """Delete the cached vectors of contents, and the blobs of originals, that nothing refers to now."""
    tools.vectors.delete(tools.records.documents.unheld(contents))
    for content_hash in {one for one in originals if one is not None}:
        with tools.records.documents.blob_lock(content_hash) as is_unused:
            if is_unused:
                tools.blobs.delete(original(content_hash))
                tools.blobs.delete(thumbnail(content_hash))
