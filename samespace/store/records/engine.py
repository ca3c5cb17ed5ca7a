"""Opening the records."""

from dataclasses import dataclass

from sqlalchemy import Engine, select

from samespace.store.migrations import upgrade
from samespace.store.records.audit import Audit
from samespace.store.records.changes import Changes
from samespace.store.records.claims import Claims
from samespace.store.records.collections import Collections
from samespace.store.records.documents import Documents
from samespace.store.records.garbage import Garbage
from samespace.store.records.holdings import Holdings
from samespace.store.records.indexes import Indexes
from samespace.store.records.jobs import Jobs
from samespace.store.records.kept_queries import KeptQueries
from samespace.store.records.keys import Keys
from samespace.store.records.label_sets import LabelSets
from samespace.store.records.maps import Maps
from samespace.store.records.model_changes import ModelChanges
from samespace.store.records.query_log import QueryLog
from samespace.store.records.registry import Registry
from samespace.store.records.sessions import Sessions
from samespace.store.records.unfinished import is_anything_unfinished
from samespace.store.records.workers import Workers
from samespace.store.sql import open_engine, reading
from samespace.store.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Records:
    """The tables, a part for each kind of question."""

    engine: Engine
    collections: Collections
    registry: Registry
    indexes: Indexes
    model_changes: ModelChanges
    documents: Documents
    changes: Changes
    holdings: Holdings
    garbage: Garbage
    claims: Claims
    jobs: Jobs
    keys: Keys
    sessions: Sessions
    label_sets: LabelSets
    maps: Maps
    kept_queries: KeptQueries
    query_log: QueryLog
    workers: Workers
    audit: Audit
    stamp: Stamp

    def ping(self) -> None:
        """Unavailable unless the database answers."""
        with reading(self.engine) as connection:
            connection.execute(select(1))

    def is_idle(self) -> bool:
        """Whether nothing waits, is being worked on, or is still to be cleared away; Unavailable."""
        with reading(self.engine) as connection:
            return not is_anything_unfinished(connection)

    def close(self) -> None:
        """Give the connections back."""
        self.stamp.close()
        self.engine.dispose()


def open_records(url: str) -> Records:
    """The records at an SQLAlchemy URL, their tables brought to the newest version."""
    engine = open_engine(url)
    upgrade(engine)
    stamp = Stamp(engine)
    return Records(
        engine=engine,
        collections=Collections(engine, stamp),
        registry=Registry(engine),
        indexes=Indexes(engine),
        model_changes=ModelChanges(engine),
        documents=Documents(engine, stamp),
        changes=Changes(engine),
        holdings=Holdings(engine),
        garbage=Garbage(engine),
        claims=Claims(engine),
        jobs=Jobs(engine),
        keys=Keys(engine),
        sessions=Sessions(engine),
        label_sets=LabelSets(engine),
        maps=Maps(engine),
        kept_queries=KeptQueries(engine),
        query_log=QueryLog(engine),
        workers=Workers(engine),
        audit=Audit(engine),
        stamp=stamp,
    )
