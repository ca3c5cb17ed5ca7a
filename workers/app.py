"""The Celery application: how tasks travel. What they do stands in `tasks`."""

from celery import Celery
from kombu.entity import Queue

from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings

# In the order in which a worker serves them.
SMALL, BULK, LATER = "samespace.small", "samespace.bulk", "samespace.later"
QUEUES = (SMALL, BULK, LATER)

# Longer than any task. Nothing waits for it: a dead worker's documents come back through their leases
# in the records, and a message that is delivered twice finds its documents claimed.
VISIBILITY_SECONDS = 6 * 3600


def make_app(settings: Settings) -> Celery:
    """The application over the Redis of the settings."""
    if settings.redis_url is None:
        raise Misconfigured(
            "SAMESPACE_REDIS_URL is not set; `samespace up` starts a server of its own"
        )
    app = Celery("samespace", broker=_broker_url(settings.redis_url), include=["workers.tasks"])
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_default_queue=BULK,
        task_queues=[Queue(name) for name in QUEUES],
        task_routes={
            "workers.tasks.make_thumbnails": {"queue": LATER},
            "workers.tasks.ingest_documents": {"queue": BULK},
            "workers.tasks.*": {"queue": SMALL},
        },
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "queue_order_strategy": "priority",
            "socket_connect_timeout": 5,
            # A server that hangs must not hold up an upload; longer than a worker waits for a message, a second (no
            # longer: while it waits it does not hear that it is to stop).
            "socket_timeout": 5,
        },
        # The record row is written by then: rather let the reconciler send the message than let an upload wait.
        task_publish_retry_policy={"max_retries": 0},
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=5,
        worker_hijack_root_logger=False,
        worker_concurrency=settings.concurrency,
        worker_pool="threads",
        worker_cancel_long_running_tasks_on_connection_loss=False,
    )
    return app


def _broker_url(redis_url: str) -> str:
    """redis-py says unix:///path, kombu says redis+socket:///path."""
    if redis_url.startswith("unix://"):
        return redis_url.replace("unix://", "redis+socket://", 1)
    return redis_url
