"""What a worker does beside its tasks: keep its leases, say that it lives, reconcile, submit what is due."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict

from samespace.core.errors import SamespaceError
from samespace.registry.starters import keep_starters
from samespace.store.records.workers import Worker
from workers.due import submit_due
from workers.process import Process
from workers.reconcile import reconcile

log = logging.getLogger(__name__)

_WHOLE_SECONDS = 60.0
# A collection of a moment is not worth a copy of its model.
_KEEP_SECONDS = 600.0


def start_background(process: Process) -> None:
    """Start the threads; they end when the process is told to stop, leases are kept until it exits."""
    settings = process.services.settings
    started = time.time()
    _every(settings.lease_seconds / 4, lambda: beat(process, started), process, "heartbeat")
    _every(settings.reconcile_seconds, Reconciler(process), process, "reconciler")
    _every(settings.reconcile_seconds, lambda: submit_due(process), process, "due")
    _every(_KEEP_SECONDS, lambda: keep(process), process, "keeper")


class Reconciler:
    """Reconciles where the records say that something is unfinished, and now and then all the same, to prune."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._whole_at: float | None = None

    def __call__(self) -> None:
        """Look, and reconcile if need be."""
        now = time.monotonic()
        is_new = self._whole_at is not None and now - self._whole_at < _WHOLE_SECONDS
        if is_new and self._process.services.records.is_idle():
            return
        reconcile(self._process)
        self._whole_at = now


def beat(process: Process, started: float) -> None:
    """Extend the leases of this process and write down that it lives and what it does."""
    services = process.services
    held = process.held()
    if held:
        services.records.claims.renew(process.owner, services.settings.lease_seconds, held)
    if jobs := process.jobs():
        services.records.jobs.renew(process.owner, services.settings.lease_seconds, jobs)
    about = {
        "device": services.settings.device,
        "concurrency": services.settings.concurrency,
        "encoders": {name: asdict(stats) for name, stats in services.encoders.stats().items()},
    }
    services.records.workers.report(
        Worker(process.owner, socket.gethostname(), os.getpid(), about, started, time.time())
    )


def keep(process: Process) -> None:
    """Keep the starters that collections use, for a later release brings another one."""
    for name in keep_starters(process.services, older_than=_KEEP_SECONDS):
        log.info("the starter that collections use is kept, as model %s", name)


def _every(seconds: float, action: Callable[[], None], process: Process, name: str) -> None:
    def run() -> None:
        while True:
            try:
                action()
            except SamespaceError as error:
                log.warning("%s: %s", name, error)
            except Exception:
                log.exception("%s failed and goes on", name)
            if process.stopping.wait(seconds):
                return

    threading.Thread(target=run, name=name, daemon=True).start()
