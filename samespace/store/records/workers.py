"""Who is at work, and the leases that one process at a time may hold."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from samespace.store.records.tables import leases, workers
from samespace.store.sql import reading, writing


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process as it last reported; `about` holds its device, precision and figures."""

    id: str
    host: str
    pid: int
    about: Mapping[str, Any]
    started_at: float
    seen_at: float


class Workers:
    """Reports and leases."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def report(self, worker: Worker) -> None:
        """Say that this worker lives."""
        values = {"about": dict(worker.about), "seen_at": worker.seen_at}
        with writing(self._engine) as connection:
            known = connection.execute(
                update(workers).where(workers.c.id == worker.id).values(values)
            ).rowcount
            if not known:
                connection.execute(
                    insert(workers).values(
                        id=worker.id,
                        host=worker.host,
                        pid=worker.pid,
                        started_at=worker.started_at,
                        **values,
                    )
                )

    def alive(self, seen_within: float) -> list[Worker]:
        """Those heard of in the last so many seconds."""
        query = (
            select(workers)
            .where(workers.c.seen_at > time.time() - seen_within)
            .order_by(workers.c.started_at)
        )
        with reading(self._engine) as connection:
            return [Worker(**row) for row in connection.execute(query).mappings()]

    def forget(self, id: str) -> None:
        """A worker that has stopped."""
        with writing(self._engine) as connection:
            connection.execute(delete(workers).where(workers.c.id == id))

    def forget_silent(self, for_seconds: float) -> None:
        """Workers that died without a word."""
        with writing(self._engine) as connection:
            connection.execute(delete(workers).where(workers.c.seen_at < time.time() - for_seconds))

    def hold(self, lease: str, owner: str, seconds: float) -> bool:
        """Take or extend a named lease; False while another holds it."""
        now = time.time()
        free = (leases.c.owner == owner) | (leases.c.until < now)
        with writing(self._engine) as connection:
            taken = connection.execute(
                update(leases)
                .where(leases.c.name == lease, free)
                .values(owner=owner, until=now + seconds)
            ).rowcount
        return bool(taken) or self._first_hold(lease, owner, now + seconds)

    def _first_hold(self, lease: str, owner: str, until: float) -> bool:
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(leases).values(name=lease, owner=owner, until=until))
        except IntegrityError:
            return False
        return True
