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
    """See `work.delete`."""
    work.delete(document_ids, current())


@shared_task
def delete_collection(collection_id: str) -> None:
    """See `work.remove_collection`."""
    work.remove_collection(collection_id, current())


@shared_task
def run_job(job_id: str) -> None:
    """See `run_job.start_job`."""
    start_job(job_id, current())


@shared_task
def classify_collection(job_id: str) -> None:
    """As release 0.4.0 named it."""
    start_job(job_id, current())


@shared_task
def map_collection(job_id: str) -> None:
    """As release 0.4.0 named it."""
    start_job(job_id, current())


@shared_task
def make_thumbnails(document_ids: Sequence[str]) -> None:
    """See `work.thumbnails`."""
    work.thumbnails(document_ids, current())
