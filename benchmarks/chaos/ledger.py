"""The harness's own book: what was sent, what was answered, and so what may be true of each document."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TextIO

from benchmarks.chaos.contents import Content


class Said(StrEnum):
    """What an answer came to; `unknown` where the connection broke before there was one."""

    YES = "acknowledged"
    NO = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fate:
    """A version that stands, worked on or cancelled; no version: the document is not there."""

    version: int | None
    cancelled: bool = False


ABSENT = Fate(None)


@dataclass(slots=True, eq=False)
class Tracked:
    """A document by external id in one life of a collection; `possible` holds every fate the answers allow.

    A search that begins now must not show a version below `floor`, for the reason `floor_is`.
    """

    home: str
    life: int
    external_id: str
    contents: dict[int, Content] = field(default_factory=dict)
    possible: set[Fate] = field(default_factory=lambda: {ABSENT})
    acknowledged: bool = False
    id: str | None = None
    floor: int = 1
    floor_is: str = "never sent"

    @property
    def newest(self) -> int:
        """The version that was sent last; 0 for none."""
        return max(self.contents, default=0)

    @property
    def is_gone(self) -> bool:
        """Whether it certainly is not there."""
        return self.possible == {ABSENT}


class Ledger:
    """All documents, and every operation as a line of `log`. One client writes each document; all may read."""

    def __init__(self, log: TextIO) -> None:
        self.lock = threading.RLock()
        self.documents: dict[str, Tracked] = {}
        self.lives: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.answers: Counter[Said] = Counter()
        self.wrong: list[str] = []
        self._unsure: set[str] = set()
        self._log = log

    def note(self, event: str, **about: Any) -> None:
        """A line of the log."""
        with self.lock:
            line = {"at": round(time.time(), 3), "event": event, **about}
            self._log.write(json.dumps(line) + "\n")
            self._log.flush()

    def accuse(self, what: str) -> None:
        """A wrong answer, seen during the run."""
        with self.lock:
            self.wrong.append(what)
        self.note("wrong", what=what)

    def count(self, action: str, said: Said) -> None:
        """One more operation."""
        with self.lock:
            self.operations[action] += 1
            self.answers[said] += 1

    def new(self, home: str, external_id: str) -> Tracked:
        """A document nobody has sent yet."""
        with self.lock:
            doc = Tracked(home, self.lives[home], external_id)
            self.documents[external_id] = doc
            return doc

    def sending(self, doc: Tracked, content: Content) -> int:
        """Note a version before it is sent, so that no search sees what nobody knows; answers its number."""
        with self.lock:
            version = doc.newest + 1
            doc.contents[version] = content
            return version

    def added(self, doc: Tracked, version: int, said: Said, id: str | None = None) -> None:
        """What was answered to a version."""
        with self.lock:
            self._settle(doc, Fate(version), said)
            doc.acknowledged = doc.acknowledged or said is Said.YES
            if said is not Said.YES:
                self._unsure.add(doc.contents[version].sha256)
            doc.id = id or doc.id

    def deleted(self, doc: Tracked, said: Said) -> None:
        """What was answered to a deletion."""
        with self.lock:
            self._settle(doc, ABSENT, said)
            if said is Said.YES:
                doc.floor, doc.floor_is = doc.newest + 1, "deleted"

    def cancelled(self, doc: Tracked, said: Said) -> None:
        """What was answered to a cancel: `yes` if it named the document."""
        with self.lock:
            changed = {Fate(fate.version, cancelled=True) for fate in doc.possible - {ABSENT}}
            self._settle_all(doc, changed, said)

    def retried(self, doc: Tracked, said: Said) -> None:
        """What was answered to a retry: `yes` if it named the document."""
        with self.lock:
            self._settle_all(doc, {Fate(fate.version) for fate in doc.possible - {ABSENT}}, said)

    def collection_deleted(self, home: str) -> None:
        """A collection is certainly gone: so are its documents, and its next life begins."""
        with self.lock:
            for doc in self.documents.values():
                if (doc.home, doc.life) == (home, self.lives[home]):
                    self.deleted(doc, Said.YES)
            self.lives[home] += 1

    def floors(self) -> dict[str, tuple[int, str]]:
        """What a search that begins now may show at least, by external id."""
        with self.lock:
            return {doc.external_id: (doc.floor, doc.floor_is) for doc in self.documents.values()}

    def seen(self, external_id: str, version: int) -> None:
        """A search has shown this version: none that begins later may show an older one."""
        with self.lock:
            doc = self.documents[external_id]
            if version > doc.floor:
                doc.floor, doc.floor_is = version, "replaced"

    def unsure(self) -> set[str]:
        """The originals of uploads that were not acknowledged: stored perhaps, and then nobody's."""
        with self.lock:
            return set(self._unsure)

    def all(self) -> list[Tracked]:
        """Every document, in the order they came."""
        with self.lock:
            return list(self.documents.values())

    def _settle(self, doc: Tracked, fate: Fate, said: Said) -> None:
        self._settle_all(doc, {fate}, said)

    def _settle_all(self, doc: Tracked, fates: set[Fate], said: Said) -> None:
        if said is Said.YES:
            doc.possible = fates or doc.possible
        elif said is Said.UNKNOWN:
            doc.possible = doc.possible | fates
