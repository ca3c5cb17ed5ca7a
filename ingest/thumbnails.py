"""Thumbnails of picture documents, made when nobody waits for anything else."""

import io
import logging
from collections.abc import Sequence

from ingest.release import release
from ingest.thumbnail import ThumbnailJob
from ingest.tools import Tools
from samespace.core.errors import NotFound, SamespaceError
from samespace.store.blobs import original, thumbnail
from samespace.store.records import Document

log = logging.getLogger(__name__)

SIDE = 320


def make_thumbnails(ids: Sequence[str], tools: Tools) -> None:
    """One WebP for each live picture document that has none, under its content hash."""
    found = tools.records.documents.many(ids).values()
    wanted = [doc for doc in found if doc.live_hash and doc.media_type.startswith("image/")]
    missing = [doc for doc in wanted if not tools.blobs.exists(thumbnail(str(doc.live_hash)))]
    jobs = [(doc, job) for doc in missing if (job := _job(doc, tools))]
    made = tools.sandbox.run_many([job for _, job in jobs])
    for (doc, _), webp in zip(jobs, made, strict=True):
        if isinstance(webp, SamespaceError):
            log.warning("no thumbnail of document %s: %s", doc.id, webp)
        else:
            tools.blobs.put(thumbnail(str(doc.live_hash)), io.BytesIO(webp))
            if not tools.records.documents.live([doc.id]):  # it was deleted meanwhile
                tools.records.loose.note_original(doc.id, str(doc.live_hash))
                release(tools)


def _job(doc: Document, tools: Tools) -> ThumbnailJob | None:
    try:
        data = tools.blobs.get(original(str(doc.live_hash)))
    except NotFound:
        # It was deleted after it was looked up; the others still want theirs.
        log.warning("no thumbnail of document %s: its original is gone", doc.id)
        return None
    return ThumbnailJob(name=doc.name, source=data, max_pixels=tools.settings.max_pixels, side=SIDE)
