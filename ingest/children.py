"""The children of a sandbox, and who gets which: the one that keeps the document open, else one that has none."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ingest.child import Child
from samespace.core.errors import Unavailable


@dataclass(slots=True, eq=False)
class Asking:
    """Somebody who wants a child: whether the answer is waited for already, whether a document that is open in the last
    child is left a while first, and whether nobody wants the answer any more."""

    is_urgent: bool = False
    is_patient: bool = True
    is_dropped: bool = False


class Children:
    """Each is lent to one at a time."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = list(children)
        self._changed = threading.Condition()
        self._urgent = 0
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._children)

    @contextmanager
    def one(self, key: str, asking: Asking) -> Iterator[Child]:
        """A child for as long as the block runs. Unavailable once nobody wants the answer any more."""
        child = self._take(key, asking)
        try:
            yield child
        finally:
            with self._changed:
                child.is_busy = False
                self._changed.notify_all()

    def hurry(self, asking: Asking) -> None:
        """The answer is waited for from now on."""
        with self._changed:
            asking.is_urgent = True
            self._changed.notify_all()

    def drop(self, some: Iterable[Asking]) -> None:
        """Nobody waits for these answers any more."""
        with self._changed:
            for asking in some:
                asking.is_dropped = True
            self._changed.notify_all()

    def let_go(self, keys: Iterable[str]) -> None:
        """Nobody reads on in these documents; the child closes them when it gets something else to do."""
        unwanted = set(keys) - {""}
        with self._changed:
            for child in self._children:
                if child.holds in unwanted:
                    child.holds = ""
            self._changed.notify_all()

    def kill(self) -> None:
        """End the processes; whoever waits for one, or for its answer, is told."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for child in self._children:
            child.kill()

    def discard(self) -> None:
        """End the processes and forget them."""
        for child in self._children:
            child.discard()

    def _take(self, key: str, asking: Asking) -> Child:
        with self._changed:
            while not asking.is_dropped and not self._is_closed:
                child = self._best(key, asking)
                if child is not None:
                    child.is_busy = True
                    return child
                self._wait(asking)
        raise Unavailable("the sandbox is closed, or nobody waits for the answer any more")

    def _wait(self, asking: Asking) -> None:
        if not asking.is_urgent:
            self._changed.wait()
            return
        self._urgent += 1
        soonest = [child.spare_in() for child in self._children if not child.is_busy]
        self._changed.wait(min(soonest, default=None))
        self._urgent -= 1

    def _best(self, key: str, asking: Asking) -> Child | None:
        idle = [child for child in self._children if not child.is_busy]
        held = next((child for child in idle if key and child.holds == key), None)
        if held is not None:
            return held
        free = [child for child in idle if not child.holds]
        if free and (asking.is_urgent or not self._urgent):
            return max(free, key=_last_used)
        if not asking.is_urgent:
            return None
        spare = [child for child in idle if not asking.is_patient or not child.spare_in()]
        return min(spare, key=_last_used, default=None)


def _last_used(child: Child) -> float:
    return child.last_used
