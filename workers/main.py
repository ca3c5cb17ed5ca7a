"""Running a worker process: wiring, Celery, the background threads, a clean stop."""

import logging
import threading

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

from samespace.core.leisure import keep_what_is_there
from samespace.core.settings import Settings
from samespace.core.yielding import yield_to_others
from samespace.registry.resolve import spaces_for
from samespace.registry.starters import settle_starters
from samespace.wiring import open_services
from workers.background import start_background
from workers.lost_index import make_lost_index
from workers.process import Process, set_process
from workers.submit import open_queue

log = logging.getLogger(__name__)


def run_worker(settings: Settings) -> int:
    """Work until told to stop (SIGTERM, SIGINT); answers the exit status.

    On a stop, documents in the middle of their turn are put back after the slice they are at.
    """
    yield_to_others(settings.worker_nice)
    queue = open_queue(settings)
    services = open_services(settings)
    settle_starters(services.records.registry)
    process = Process(services, queue)
    set_process(process)
    _follow_signals(process)
    try:
        make_lost_index(process)
        return _serve(queue.app, settings)
    finally:
        process.stopping.set()
        services.records.workers.forget(process.owner)
        services.close()


def _serve(app: Celery, settings: Settings) -> int:
    worker = app.Worker(
        pool="threads",
        concurrency=settings.concurrency,
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _follow_signals(process: Process) -> None:
    @worker_ready.connect(weak=False)
    def ready(**_: object) -> None:
        start_background(process)
        threading.Thread(target=_warm_up, args=[process], name="warm-up", daemon=True).start()

    asked: list[bool] = []

    @worker_shutting_down.connect(weak=False)
    def stop(**_: object) -> None:
        # In a signal handler: a second signal may come while the first one holds the lock of the event.
        if not asked:
            asked.append(True)
            process.stopping.set()


def _warm_up(process: Process) -> None:
    """Load the encoders of the default preset, so that the first document need not wait for them."""
    try:
        for space in spaces_for(process.services.settings.preset, process.services.records):
            process.services.encoders.get(space).prepare()
    except Exception:
        log.exception(
            "the encoders of preset %r cannot be loaded", process.services.settings.preset
        )
    keep_what_is_there()
