"""What is asked of collections, where the operator has it kept: gathered in memory, written in groups."""

import logging
import threading
import time
from dataclasses import replace

from samespace.core.errors import SamespaceError
from samespace.store.records import Collection, Records
from samespace.store.records.kept_queries import id_of
from samespace.store.records.query_log import AskedQuery
from search.compare import parts_as_json
from search.parts import ContentPart, Query

log = logging.getLogger(__name__)

LONGEST = 1000
"""Characters of a query that is kept; longer ones are passages of something rather than questions."""
_SECONDS = 10.0
_MOST_GATHERED = 200


class QueryNotes:
    """The notes of one process; any thread may call. Each write makes other processes read records anew, so that they
    are few: what was asked in the last seconds is lost with a process that is killed."""

    def __init__(self, records: Records, most: int) -> None:
        self._records = records
        self._most = most
        self._lock = threading.Lock()
        self._gathered: dict[str, AskedQuery] = {}
        self._timer: threading.Timer | None = None

    def open(self) -> None:
        """Forget what was kept before it was switched off."""
        if self._most:
            return
        try:
            self._records.query_log.forget()
        except SamespaceError:
            log.exception("what was asked while the query log was on could not be forgotten")

    def note(self, query: Query, collection: Collection) -> None:
        """Note a query, without who asked; nothing unless that is switched on, nor one with a picture in it."""
        if not self._most or query.offset or any(isinstance(p, ContentPart) for p in query.parts):
            return
        parts = parts_as_json(query.parts)
        if sum(len(part.get("text", "")) for part in parts) > LONGEST:
            return
        targets = None if query.modalities is None else tuple(sorted(query.modalities))
        asked = AskedQuery(collection.id, tuple(parts), targets, 1, time.time())
        with self._lock:
            self._gather(id_of(collection.id, parts, targets), asked)

    def flush(self) -> None:
        """Write what was gathered, as when the process ends."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self._write()

    def _gather(self, id: str, asked: AskedQuery) -> None:
        known = self._gathered.get(id)
        if known is None and len(self._gathered) >= _MOST_GATHERED:
            return  # it is a sample by then; memory stays bounded
        self._gathered[id] = asked if known is None else replace(asked, times=known.times + 1)
        if self._timer is None:
            self._timer = threading.Timer(_SECONDS, self._write)
            self._timer.daemon = True
            self._timer.start()

    def _write(self) -> None:
        with self._lock:
            gathered, self._gathered, self._timer = self._gathered, {}, None
        try:
            if gathered:
                self._records.query_log.add(list(gathered.values()), self._most)
        except SamespaceError:
            log.exception("%d queries could not be written to the query log", len(gathered))
