"""What was read from a database, as long as nobody writes to it."""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from samespace.store.stamp import Stamp

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Unwritten(Generic[K, V]):
    """Values by key, `most` at most; any thread may ask.

    What is answered was true after the call began: the stamp is looked at each time, before anything is read, and is
    another one after each write of whomever. Where the database knows no stamp, everything is read each time.
    """

    def __init__(self, stamp: Stamp, most: int) -> None:
        self._stamp = stamp
        self._most = most
        self._lock = threading.Lock()
        self._at: int | None = None
        self._kept: dict[K, V | None] = {}

    def one(self, key: K, read: Callable[[], V]) -> V:
        """The value of a key; what `read` raises is not kept."""
        return self.many([key], lambda _: {key: read()})[key]

    def many(self, keys: Sequence[K], read: Callable[[Sequence[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of those of these keys that have one; `read` is asked for keys that are not known."""
        stamp = self._stamp.now()
        if stamp is None:
            return dict(read(keys))
        known = self._known_at(stamp)
        missing = [key for key in keys if key not in known]
        if missing:
            found = read(missing)
            fresh = {key: found.get(key) for key in missing}
            if len(known) + len(fresh) <= self._most:
                known.update(fresh)
            else:
                known = {**known, **fresh}
        return {key: value for key in keys if (value := known[key]) is not None}

    def _known_at(self, stamp: int) -> dict[K, V | None]:
        """What was read since that stamp; empty for another one, and once it is full."""
        with self._lock:
            if stamp != self._at or len(self._kept) >= self._most:
                self._at, self._kept = stamp, {}
            return self._kept
