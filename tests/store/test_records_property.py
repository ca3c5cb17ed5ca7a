"""Whatever happens in whatever order, only what was made ready is live and one worker holds a document."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete

from samespace.core.errors import Busy
from samespace.core.types import State
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from samespace.store.records.tables import metadata
from samespace.store.sql import writing
from tests.store.sql_fixtures import MODEL, database_url, new_collection, offer, records

__all__ = ["database_url", "records"]

_NAMES = st.sampled_from(["a", "b"])
_OWNERS = st.sampled_from(["w1", "w2"])
_BYTES = st.sampled_from(["one", "two"])


class Claims(RuleBasedStateMachine):
    """Two documents, two workers, every step a document can take; turns are kept and used late."""

    opened: Records
    claims = Bundle("turns")

    @initialize()
    def empty(self) -> None:
        with writing(self.opened.engine) as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        new_collection(self.opened, "c1", "cats", "starter", [MODEL])
        self.made_ready: set[tuple[str, int]] = set()
        self.holders: dict[str, Document] = {}
        self.ids: dict[str, str] = {}
        self.made = 0

    @rule(name=_NAMES, content=_BYTES, tag=st.booleans())
    def accept(self, name: str, content: str, tag: bool) -> None:
        self.made += 1
        new = offer(f"d{self.made}", content, external_id=name, metadata={"tag": tag})
        try:
            doc, outcome = self.opened.documents.accept(new)
        except Busy:
            return
        self.ids[name] = doc.id
        if outcome != "unchanged":
            self.holders.pop(doc.id, None)

    @rule(target=claims, name=_NAMES, owner=_OWNERS, over=st.booleans())
    def claim(self, name: str, owner: str, over: bool) -> object:
        taken = self.opened.claims.claim([self.ids.get(name, "")], owner, -1 if over else 60)
        for doc in taken:
            assert doc.id not in self.holders
            self.holders[doc.id] = doc
        return multiple(*taken)

    @rule(doc=claims)
    def ready(self, doc: Document) -> None:
        live = self.opened.claims.ready([Done(doc, [], {}, ())])
        assert bool(live) == self._is_held(doc)
        if live:
            self.made_ready.add((doc.id, doc.generation))
            del self.holders[doc.id]

    @rule(doc=claims)
    def fail(self, doc: Document) -> None:
        assert self.opened.claims.fail(doc, "broken") == self._is_held(doc)
        if self._is_held(doc):
            del self.holders[doc.id]

    @rule(doc=consumes(claims))
    def put_back(self, doc: Document) -> None:
        self.opened.claims.put_back([doc])
        if self._is_held(doc):
            del self.holders[doc.id]

    @rule()
    def lapse(self) -> None:
        waiting, failed = self.opened.claims.lapse(2)
        for id in waiting + failed:
            del self.holders[id]

    @rule(name=_NAMES)
    def retry(self, name: str) -> None:
        self.opened.claims.retry("c1", [self.ids.get(name, "")])

    @rule(name=_NAMES)
    def mark_deleted(self, name: str) -> None:
        for id in self.opened.documents.mark_deleted("c1", [self.ids.get(name, "")]):
            self.holders.pop(id, None)

    @rule(name=_NAMES)
    def remove(self, name: str) -> None:
        self.opened.documents.remove(self.ids.get(name, ""))

    @invariant()
    def holds(self) -> None:
        for doc in self.opened.documents.many(list(self.ids.values())).values():
            holder = self.holders.get(doc.id)
            assert doc.owner == (holder.owner if holder else None)
            assert (doc.state is State.PROCESSING) == (holder is not None)
            assert doc.live_generation is None or (doc.id, doc.live_generation) in self.made_ready
            assert doc.state is not State.READY or doc.live_generation == doc.generation
            assert doc.state is not State.DELETING or doc.live_generation is None
            assert doc.state is State.PROCESSING or doc.lease_until is None

    def _is_held(self, doc: Document) -> bool:
        """By this worker, in this generation: a worker that took the same version twice is the same worker."""
        holder = self.holders.get(doc.id)
        return holder is not None and (holder.owner, holder.generation) == (
            doc.owner,
            doc.generation,
        )


def test_only_what_was_made_ready_is_live(records: Records) -> None:
    class OnThese(Claims):
        opened = records

    run_state_machine_as_test(
        OnThese,
        settings=settings(max_examples=25, stateful_step_count=25, deadline=None, derandomize=True),
    )
