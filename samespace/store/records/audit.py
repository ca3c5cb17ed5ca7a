"""Audit lines: who changed what, and when. Nothing of documents stands in them but ids, names and counts."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from samespace.store.records.tables import audit
from samespace.store.sql import reading, writing

log = logging.getLogger(__name__)

COMMAND_LINE = "command line"
WORKER = "worker"
_LONGEST_SUBJECT = 1024
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One change: the actor is the id of a key, "setting", "nobody", "command line" or "worker"."""

    id: int
    at: float
    actor: str
    action: str
    collection: str | None
    subject: str | None
    detail: Mapping[str, Any]


class Audit:
    """Added, read in order, forgotten when old."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        actor: str,
        action: str,
        *,
        collection: str | None = None,
        subject: str | None = None,
        **detail: Any,
    ) -> None:
        """Write a line, into the records and the log."""
        row = {
            "at": time.time(),
            "actor": actor,
            "action": action,
            "collection": collection,
            "subject": subject and subject[:_LONGEST_SUBJECT],
            "detail": detail,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(audit).values(row))
        log.info(
            "audit: %s by %s, collection %s, subject %s, %s",
            action,
            actor,
            collection,
            subject,
            detail,
        )

    def page(
        self, *, after: int = 0, since: float | None = None, limit: int = 100
    ) -> list[AuditLine]:
        """Lines from after this id on, oldest first; only those not older than `since`."""
        query = select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(limit)
        if since is not None:
            query = query.where(audit.c.at >= since)
        with reading(self._engine) as connection:
            return [AuditLine(**row) for row in connection.execute(query).mappings()]

    def prune(self, days: float) -> int:
        """Forget what is older; answers how many lines that was."""
        too_old = delete(audit).where(audit.c.at < time.time() - days * _DAY)
        with writing(self._engine) as connection:
            return connection.execute(too_old).rowcount
