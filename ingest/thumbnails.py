"""Thumbnails of picture documents, made when nobody waits for anything else."""

import io
import logging
from collections.abc import Sequence

from ingest.release import release
from ingest.thumbnail import ThumbnailJob, Thumbnails
from ingest.tools import Tools
from samespace.core.errors import NotFound, SamespaceError
from samespace.store.blobs import Size, original, thumbnail, thumbnails
from samespace.store.records import Document

log = logging.getLogger(__name__)


def make_thumbnails(ids: Sequence[str], tools: Tools) -> None:
    """The thumbnails of each live picture document that lacks one, under its content hash."""
    found = tools.records.documents.many(ids).values()
    wanted = [doc for doc in found if doc.live_hash and doc.media_type.startswith("image/")]
    missing = [doc for doc in wanted if _lacks(doc, tools)]
    jobs = [(doc, job) for doc in missing if (job := _job(doc, tools))]
    made = tools.sandbox.run_many([job for _, job in jobs])
    for (doc, _), both in zip(jobs, made, strict=True):
        if isinstance(both, SamespaceError):
            log.warning("no thumbnail of document %s: %s", doc.id, both)
        else:
            _keep(doc, both, tools)


def _lacks(doc: Document, tools: Tools) -> bool:
    """Of a document that a release before 0.3.0 took in, the small one is there."""
    return not all(tools.blobs.exists(key) for key in thumbnails(str(doc.live_hash)))


def _job(doc: Document, tools: Tools) -> ThumbnailJob | None:
    try:
        data = tools.blobs.get(original(str(doc.live_hash)))
    except NotFound:
        # It was deleted after it was looked up; the others still want theirs.
        log.warning("no thumbnail of document %s: its original is gone", doc.id)
        return None
    return ThumbnailJob(name=doc.name, source=data, max_pixels=tools.settings.max_pixels)


def _keep(doc: Document, both: Thumbnails, tools: Tools) -> None:
    for size, webp in ((Size.SMALL, both.small), (Size.LARGE, both.large)):
        tools.blobs.put(thumbnail(str(doc.live_hash), size), io.BytesIO(webp))
    if not tools.records.documents.live([doc.id]):  # it was deleted meanwhile
        tools.records.garbage.note_original(doc.id, str(doc.live_hash))
        release(tools)
