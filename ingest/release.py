"""Letting go of what no document holds any more: cached vectors, originals, thumbnails."""

from ingest.tools import Tools
from samespace.store.blobs import original, thumbnails

_AT_ONCE = 200
"""Looked at in one transaction, within which nothing is accepted."""


def release(tools: Tools) -> None:
    """Delete the cached vectors and the blobs that were noted as garbage and that nothing refers to now."""
    while tools.records.garbage.is_due():
        with tools.records.garbage.letting_go(_AT_ONCE) as unheld:
            tools.vectors.delete(unheld.contents)
            for content_hash in unheld.originals:
                for key in (original(content_hash), *thumbnails(content_hash)):
                    tools.blobs.delete(key)
