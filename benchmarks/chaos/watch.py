"""Seeing documents become ready, as the sign that ingest works."""

import threading
import time

from sqlalchemy import select

from benchmarks.chaos.recovery import Recovery
from samespace.core.errors import SamespaceError
from samespace.core.types import State
from samespace.store.records import Records
from samespace.store.records.tables import documents
from samespace.store.sql import reading

_SECONDS = 0.5


class Watch(threading.Thread):
    """Tells the recovery of each document that became ready, and when its turn began."""

    def __init__(self, records: Records, recovery: Recovery) -> None:
        super().__init__(name="watch", daemon=True)
        self.stopping = threading.Event()
        self._records, self._recovery = records, recovery
        self._last = time.time()

    def run(self) -> None:
        """Until told to stop."""
        while not self.stopping.wait(_SECONDS):
            try:
                self._look()
            except SamespaceError:
                continue  # the database is busy; what was missed is seen the next time

    def _look(self) -> None:
        query = select(documents.c.started_at, documents.c.finished_at).where(
            documents.c.state == State.READY, documents.c.finished_at > self._last
        )
        with reading(self._records.engine) as connection:
            found = list(connection.execute(query))
        since_boot = time.monotonic() - time.time()
        for started_at, finished_at in found:
            self._last = max(self._last, finished_at)
            if started_at is not None:
                self._recovery.succeeded("ingest", started_at + since_boot)
