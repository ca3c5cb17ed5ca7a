"""Telling the queue that there is work. The records know it already: a message that is lost costs time, not data."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from celery import Celery
from kombu.exceptions import OperationalError
from pydantic import BaseModel
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from samespace.core.batched import batched
from samespace.core.errors import Unavailable
from samespace.core.settings import Settings
from samespace.store.records import Job, Records
from workers.app import QUEUES, make_app
from workers.kinds.kind import AnyKind

log = logging.getLogger(__name__)

DOCUMENTS_PER_TASK = 16
# Sent at a time; whoever finds the queue empty after a claim and documents waiting sends another one.
_MOST_MESSAGES = 64


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as those see it who fill it."""

    app: Celery
    redis: Redis

    def ingest(self, documents: int) -> bool:
        """Say that so many documents wait, a message for each claim but not too many; False if the queue could not be
        told.

        A message names none: whoever takes it takes the documents whose turn it is.
        """
        claims = range(0, documents, DOCUMENTS_PER_TASK)[:_MOST_MESSAGES]
        return all(self._send("ingest_documents") for _ in claims)

    def delete(self, document_ids: Sequence[str]) -> bool:
        """Have documents removed that are marked for deletion."""
        return all(
            self._send("delete_documents", some)
            for some in batched(document_ids, DOCUMENTS_PER_TASK)
        )

    def delete_collection(self, collection_id: str) -> bool:
        """Have a collection removed that is marked for deletion."""
        return self._send("delete_collection", collection_id)

    def job(self, job: Job) -> bool:
        """Have a job done that is no ingest."""
        return self._send("run_job", job.id)

    def thumbnails(self, document_ids: Sequence[str], *, in_seconds: float = 0) -> bool:
        """Have thumbnails made."""
        return all(
            self._send("make_thumbnails", some, in_seconds)
            for some in batched(document_ids, DOCUMENTS_PER_TASK)
        )

    def length(self, *names: str) -> int:
        """How many messages wait, in all queues or in these; Unavailable."""
        try:
            return sum(int(self.redis.llen(name)) for name in names or QUEUES)
        except RedisError as error:
            raise Unavailable(f"the queue does not answer: {error}") from error

    def ping(self) -> None:
        """Unavailable unless Redis answers."""
        try:
            self.redis.ping()
        except RedisError as error:
            raise Unavailable(f"the queue does not answer: {error}") from error

    def close(self) -> None:
        """Let the connections go."""
        self.app.close()
        self.redis.close()

    def _send(
        self, task: str, argument: Sequence[str] | str | None = None, in_seconds: float = 0
    ) -> bool:
        arguments = [] if argument is None else [argument]
        try:
            self.app.send_task(
                f"workers.tasks.{task}", args=arguments, countdown=in_seconds or None
            )
        except (OperationalError, RedisError, OSError) as error:
            log.warning("the queue was not told of %s, the reconciler will do it: %s", task, error)
            return False
        return True


def submit_job(
    kind: AnyKind, params: BaseModel, collection_id: str | None, *, records: Records, queue: Queue
) -> Job:
    """A new job of a kind, in a collection or of all of them; of a kind that goes once, the one that is under way."""
    create = records.jobs.create_once if kind.is_once else records.jobs.create
    given = params.model_dump(mode="json", exclude_none=True)
    job = create(secrets.token_hex(16), collection_id, kind.name, given)
    queue.job(job)
    return job


def open_queue(settings: Settings) -> Queue:
    """The queue over the Redis of the settings; Misconfigured if they name none."""
    app = make_app(settings)
    # One more try is for a connection that a restart of Redis broke; to wait for Redis is the caller's choice.
    redis = Redis.from_url(
        str(settings.redis_url),
        socket_timeout=5,
        socket_connect_timeout=5,
        retry=Retry(NoBackoff(), 1),
    )
    return Queue(app, redis)
