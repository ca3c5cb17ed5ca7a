"""Thumbnails of picture documents, made when nobody waits for anything else."""

import io
import logging
from collections.abc import Sequence

from ingest.release import release
from ingest.thumbnail import ThumbnailJob, Thumbnails
from samespace.core.errors import NotFound, SamespaceError
from samespace.core.modalities import has_preview
from samespace.services import Services
from samespace.store.blobs import Size, original, thumbnail, thumbnails
from samespace.store.records import Document

log = logging.getLogger(__name__)


def make_thumbnails(ids: Sequence[str], services: Services) -> None:
    """The thumbnails of each live picture document that lacks one, under its content hash."""
    found = services.records.documents.many(ids).values()
    wanted = [doc for doc in found if doc.live_hash and has_preview(doc.media_type)]
    missing = [doc for doc in wanted if _lacks(doc, services)]
    jobs = [(doc, job) for doc in missing if (job := _job(doc, services))]
    made = services.sandbox.run_many([job for _, job in jobs])
    for (doc, _), both in zip(jobs, made, strict=True):
        if isinstance(both, SamespaceError):
            log.warning("no thumbnail of document %s: %s", doc.id, both)
        else:
            _keep(doc, both, services)


def _lacks(doc: Document, services: Services) -> bool:
    """Of a document that a release before 0.3.0 took in, the small one is there."""
    return not all(services.blobs.exists(key) for key in thumbnails(str(doc.live_hash)))


def _job(doc: Document, services: Services) -> ThumbnailJob | None:
    try:
        data = services.blobs.get(original(str(doc.live_hash)))
    except NotFound:
        # It was deleted after it was looked up; the others still want theirs.
        log.warning("no thumbnail of document %s: its original is gone", doc.id)
        return None
    return ThumbnailJob(name=doc.name, source=data, max_pixels=services.settings.max_pixels)


def _keep(doc: Document, both: Thumbnails, services: Services) -> None:
    for size, webp in ((Size.SMALL, both.small), (Size.LARGE, both.large)):
        services.blobs.put(thumbnail(str(doc.live_hash), size), io.BytesIO(webp))
    if not services.records.documents.live([doc.id]):  # it was deleted meanwhile
        services.records.garbage.note_original(doc.id, str(doc.live_hash))
        release(services)
