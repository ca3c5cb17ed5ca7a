"""What a worker does beside its tasks: keep its leases, say that it lives, reconcile, verify what is in doubt."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict

from samespace.core.errors import SamespaceError
from samespace.store.records.workers import Worker
from workers.process import Process
from workers.reconcile import reconcile
from workers.rows import renew_rows_if_owed
from workers.verify import verify_if_owed

log = logging.getLogger(__name__)

_WHOLE_SECONDS = 60.0


def start_background(process: Process) -> None:
    """Start the threads; they end when the process is told to stop, leases are kept until it exits."""
    settings = process.tools.settings
    started = time.time()
    _every(settings.lease_seconds / 4, lambda: beat(process, started), process, "heartbeat")
    _every(settings.reconcile_seconds, Reconciler(process), process, "reconciler")
    _every(settings.reconcile_seconds, lambda: verify_if_owed(process), process, "verify")
    _every(settings.reconcile_seconds, lambda: renew_rows_if_owed(process), process, "rows")


class Reconciler:
    """Reconciles where the records say that something is unfinished, and now and then all the same, to prune."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._whole_at: float | None = None

    def __call__(self) -> None:
        """Look, and reconcile if need be."""
        now = time.monotonic()
        is_new = self._whole_at is not None and now - self._whole_at < _WHOLE_SECONDS
        if is_new and self._process.tools.records.is_idle():
            return
        reconcile(self._process)
        self._whole_at = now


def beat(process: Process, started: float) -> None:
    """Extend the leases of this process and write down that it lives and what it does."""
    tools = process.tools
    held = process.held()
    if held:
        tools.records.claims.renew(process.owner, tools.settings.lease_seconds, held)
    about = {
        "device": tools.settings.device,
        "concurrency": tools.settings.concurrency,
        "encoders": {name: asdict(stats) for name, stats in tools.encoders.stats().items()},
    }
    tools.records.workers.report(
        Worker(process.owner, socket.gethostname(), os.getpid(), about, started, time.time())
    )


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
