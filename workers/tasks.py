"""The tasks: envelopes around `work`. Each may run twice, or long after it was sent."""

from collections.abc import Sequence

from celery import shared_task

from workers import work
from workers.process import current
from workers.run_job import start_job


@shared_task
def ingest_documents(*_: object) -> None:
    """See `work.ingest`; messages of the first release name documents, and are hints all the same."""
    work.ingest(current())


@shared_task
def delete_documents(document_ids: Sequence[str]) -> None:
    """Delete documents that are marked for it."""
    work.delete(document_ids, current())


@shared_task
def delete_collection(collection_id: str) -> None:
    """Delete a collection that is marked for it."""
    work.remove_collection(collection_id, current())


@shared_task
def run_job(job_id: str) -> None:
    """Do a job, of whatever kind."""
    start_job(job_id, current())


@shared_task
def classify_collection(job_id: str) -> None:
    """As messages of release 0.3.0 name it."""
    start_job(job_id, current())


@shared_task
def map_collection(job_id: str) -> None:
    """As messages of release 0.3.0 name it."""
    start_job(job_id, current())


@shared_task
def make_thumbnails(document_ids: Sequence[str]) -> None:
    """Make the thumbnails of pictures."""
    work.thumbnails(document_ids, current())
