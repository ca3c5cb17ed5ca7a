"""How much may wait: past it an upload is refused as a whole, and told when to come back.

The records are asked after each upload that was taken in, and otherwise twice a second at most, so that refusing
costs nothing however many ask.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from samespace.core.errors import Busy
from samespace.core.settings import Settings
from samespace.store.records import Collection
from samespace.store.records.documents import Documents, Waiting

_REMEMBER_SECONDS = 0.5
_PACE_SECONDS = 60.0
# Said where nothing was finished lately, so that nobody knows.
_UNKNOWN_SECONDS = 15.0
_LONGEST_SECONDS = 300.0


class Depth:
    """The documents that wait, of all collections and of each; any thread may ask."""

    def __init__(self, documents: Documents, settings: Settings) -> None:
        self._documents = documents
        self._most = settings.max_queue
        self._most_each = max(1, int(settings.max_queue * settings.queue_share))
        self._lock = threading.Lock()
        self._seen: Waiting | None = None
        self._seen_at = 0.0
        self._entering: Counter[str] = Counter()

    def check(self, collection: Collection) -> None:
        """Busy if no more may wait, in all or of this collection; Unavailable."""
        with self._lock:
            self._check(collection)

    @contextmanager
    def room(self, collection: Collection, number: int) -> Iterator[None]:
        """Within the block so many documents may be taken in; Busy, Unavailable.

        A request is taken in whole or not at all, so the last one may go past the limit.
        """
        with self._lock:
            self._check(collection)
            self._entering[collection.id] += number
        try:
            yield
        finally:
            with self._lock:
                self._entering[collection.id] -= number
                self._seen = None

    def _check(self, collection: Collection) -> None:
        seen = self._look()
        here = seen.by_collection.get(collection.id, 0) + self._entering[collection.id]
        if here >= self._most_each:
            raise Busy(
                f"{here} documents of collection {collection.name!r} are waiting, the limit is "
                f"{self._most_each}; try again later",
                _seconds(here - self._most_each, seen),
            )
        altogether = seen.altogether + self._entering.total()
        if altogether >= self._most:
            raise Busy(
                f"{altogether} documents are waiting, the limit is {self._most}; try again later",
                _seconds(altogether - self._most, seen),
            )

    def _look(self) -> Waiting:
        now = time.monotonic()
        if self._seen is None or now - self._seen_at > _REMEMBER_SECONDS:
            self._seen, self._seen_at = self._documents.waiting(_PACE_SECONDS), now
        return self._seen


def _seconds(too_many: int, seen: Waiting) -> float:
    """Until there is room again, at the pace of the last minute."""
    if not seen.finished:
        return _UNKNOWN_SECONDS
    seconds = (too_many + 1) * _PACE_SECONDS / seen.finished
    return min(max(seconds, 1.0), _LONGEST_SECONDS)
