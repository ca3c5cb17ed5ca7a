"""Running a worker process: wiring, Celery, the background threads, a clean stop."""

import logging
import threading

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

from ingest.sandbox import Sandbox
from ingest.tools import Tools
from samespace.core.leisure import keep_what_is_there
from samespace.core.settings import Settings
from samespace.core.yielding import yield_to_others
from samespace.encoders.presets import spaces_of
from samespace.wiring import Parts, open_parts
from workers.background import start_background
from workers.process import Process, set_process
from workers.submit import open_queue
from workers.verify import make_lost_index

log = logging.getLogger(__name__)


def run_worker(settings: Settings) -> int:
    """Work until told to stop (SIGTERM, SIGINT); answers the exit status.

    On a stop, documents in the middle of their turn are put back after the slice they are at.
    """
    yield_to_others(settings.worker_nice)
    queue = open_queue(settings)
    parts = open_parts(settings)
    tools = open_tools(parts)
    process = Process(tools, queue)
    set_process(process)
    _follow_signals(process)
    try:
        make_lost_index(process)
        return _serve(queue.app, settings)
    finally:
        process.stopping.set()
        parts.records.workers.forget(process.owner)
        tools.sandbox.close()
        parts.close()


def open_tools(parts: Parts) -> Tools:
    """Those of a worker: the parts of its process, and a sandbox as the settings size it, which is to be closed."""
    settings = parts.settings
    sandbox = Sandbox(
        settings.parsers,
        settings.parse_seconds,
        settings.parse_memory_mb,
        settings.parse_output_mb,
    )
    return Tools(
        settings=settings,
        records=parts.records,
        blobs=parts.blobs,
        vectors=parts.vectors,
        index=parts.index,
        encoders=parts.encoders,
        sandbox=sandbox,
    )


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
        for space in spaces_of(process.tools.settings.preset):
            process.tools.encoders.get(space).prepare()
    except Exception:
        log.exception("the encoders of preset %r cannot be loaded", process.tools.settings.preset)
    keep_what_is_there()
