"""Records, index and search together, whatever is done in whatever order: what a search shows is what is live."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ingest.accept import Receipt, Upload, accept_documents
from ingest.claim import Claim
from ingest.collections import create_collection
from ingest.delete import delete_documents
from ingest.drawing import fill
from ingest.embed import embed
from ingest.ends import fail
from ingest.items import chunk
from ingest.parse import Limits, parse
from ingest.release import release
from ingest.slices import encode
from ingest.spaces import open_spaces, splitter_for
from ingest.withdraw import sweep, take_out
from samespace.core.settings import Settings
from samespace.core.types import State
from samespace.encoders.load import Encoders
from samespace.services import Services
from samespace.store.blobs import original
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.index import Index
from samespace.store.index_milvus import MilvusIndex
from samespace.store.records import Document, open_records
from samespace.store.vectors import VectorCache
from search.background import Backgrounds
from search.cursor import Cursors, MemorySnapshots
from search.parts import Query, TextPart
from search.query import search
from search.searcher import Searcher
from tests.fuzz.light import LightEncoders
from tests.services import run_lite_server
from tests.store.memory_index import MemoryIndex
from tests.store.sql_fixtures import lay_tables

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["one. " * 300, "two", "three. " * 600])
OWNERS = st.sampled_from(["w1", "w2"])
NEXT = {
    None: {State.QUEUED},
    State.QUEUED: {State.QUEUED, State.PROCESSING, State.CANCELLED, State.DELETING},
    State.PROCESSING: set(State),
    State.CANCELLED: {State.CANCELLED, State.QUEUED, State.DELETING},
    State.READY: {State.READY, State.QUEUED, State.DELETING},
    State.FAILED: {State.FAILED, State.QUEUED, State.DELETING},
    State.DELETING: {State.DELETING},
}
"""The edges a document's state may take in one step."""


class Whole(RuleBasedStateMachine):
    """Three documents by name and two workers, each of which may stop anywhere and go on late."""

    services: Services
    claims = Bundle("claims")
    made = 0

    @initialize()
    def begin(self) -> None:
        type(self).made += 1
        services = self.services
        self.home = create_collection(
            f"c{self.made}",
            "starter",
            records=services.records,
            index=services.index,
            encoders=services.encoders,
        )
        self.spaces = open_spaces(self.home, services)
        self.splitter = splitter_for(self.spaces)
        self.backgrounds = Backgrounds(100)
        self.cursors = Cursors(MemorySnapshots(), 60)
        self.states: dict[str, State] = {}
        self.gone: set[str] = set()
        self.live: dict[str, set[str]] = {}

    @rule(name=NAMES, text=TEXTS, tag=st.integers(0, 1))
    def accept(self, name: str, text: str, tag: int) -> None:
        upload = Upload(name, io.BytesIO(text.encode()), name, {"tag": tag})
        services = self.services
        (answer,) = accept_documents(
            [upload],
            collection=self.home,
            job_id="job",
            records=services.records,
            blobs=services.blobs,
            settings=services.settings,
        )
        assert not isinstance(answer, Receipt) or answer.document.id not in self.gone

    @rule(target=claims, owner=OWNERS, over=st.booleans())
    def claim(self, owner: str, over: bool) -> Any:
        """As a worker would; `over`: its lease runs out at once."""
        return multiple(
            *map(self._opened, claim(self.services, self._ids(), owner, -1 if over else 60))
        )

    def _opened(self, doc: Document) -> Claim:
        data = self.services.blobs.get(original(doc.content_hash))
        parsed = parse(data, doc.name, "text/plain", Limits(1, 1, 10_000))
        return Claim(doc, chunk(doc, parsed, self.splitter), ())

    @rule(claim=claims, count=st.integers(1, 3))
    def write(self, claim: Claim, count: int) -> None:
        """The next slice of a turn, at whatever time; the last one makes it live."""
        pieces = claim.pieces[claim.written : claim.written + count]
        if claim.ended or not pieces:
            return
        encoded = encode(
            fill([(claim, piece) for piece in pieces], self.services), self.spaces, self.services
        )
        live = {piece.item.key for piece in claim.pieces}
        ready = embed(encoded, self.spaces, self.services)
        for doc in ready:
            self.live[doc.id] = live

    @rule(claim=consumes(claims))
    def fail(self, claim: Claim) -> None:
        if not claim.ended:
            fail(claim, ValueError("broken"), self.services)

    @rule(claim=consumes(claims))
    def put_back(self, claim: Claim) -> None:
        if not claim.ended:
            self.services.records.claims.put_back([claim.document])

    @rule()
    def lapse(self) -> None:
        self.services.records.claims.lapse(2)

    @rule()
    def retry(self) -> None:
        self.services.records.claims.retry(self.home.id, self._ids())

    @rule(name=NAMES)
    def mark_deleted(self, name: str) -> None:
        found = self.services.records.documents.named(self.home.id, [name])
        for id in self.services.records.documents.mark_deleted(self.home.id, found):
            self.gone.add(id)
            self.live.pop(id, None)

    @precondition(lambda self: self.gone)
    @rule()
    def delete(self) -> None:
        delete_documents(sorted(self.gone), self.services)

    @rule()
    def reconcile(self) -> None:
        for doc in self.services.records.claims.unswept(10):
            if doc.collection_id == self.home.id:
                sweep(doc, self.services)
        for doc in self.services.records.claims.leftovers(0, 10):
            take_out(doc, self.services)
        release(self.services)

    @rule()
    def cancel(self) -> None:
        self.services.records.claims.cancel(self.home.id, self._ids())

    @invariant()
    def states_move_along_their_edges(self) -> None:
        found = self.services.records.documents.many([*self._ids(), *self.gone])
        for id, doc in found.items():
            assert doc.state in NEXT[self.states.get(id)], (self.states.get(id), doc.state)
            assert id not in self.gone or doc.state is State.DELETING
        self.states = {id: doc.state for id, doc in found.items()}

    @invariant()
    def a_search_shows_what_is_live_once(self) -> None:
        services = self.services
        answer = search(
            Query((TextPart("one"),), limit=100),
            self.home,
            Searcher(
                services.records,
                services.index,
                services.encoders,
                self.backgrounds,
                self.cursors,
                services.settings,
            ),
        )
        shown = [hit.id for hit in answer.hits]
        assert len(shown) == len(set(shown))
        assert set(shown) == {key for keys in self.live.values() for key in keys}
        assert not answer.partial

    def _ids(self) -> list[str]:
        page = self.services.records.documents.page(self.home.id)
        return [doc.id for doc in page]


def claim(services: Services, ids: list[str], owner: str, seconds: float) -> list[Document]:
    """The one place that knows how documents are claimed."""
    return services.records.claims.claim(ids, owner, seconds)


@pytest.fixture(params=["memory", pytest.param("lite", marks=pytest.mark.slow)])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    """Real records, blobs and vector cache; the index in memory or on Milvus Lite's server."""
    if request.param == "memory":
        yield from opened_services(tmp_path, MemoryIndex(), LightEncoders())
        return
    with run_lite_server(tmp_path / "lite") as server:
        yield from opened_services(tmp_path, MilvusIndex(server.uri), LightEncoders())


def opened_services(
    folder: Path, index: Index, encoders: Encoders, **more: Any
) -> Iterator[Services]:
    """Everything but a sandbox: what is added here is text."""
    lay_tables(folder / "records.db")
    records = open_records(f"sqlite:///{folder}/records.db")
    vectors = VectorCache(f"sqlite:///{folder}/vectors.db")
    blobs = DiskBlobs(folder / "blobs")
    settings = Settings(data=folder, **more)
    unused: Any = None
    yield Services(settings, records, blobs, vectors, index, encoders, unused)
    encoders.close()
    vectors.close()
    records.close()


def test_a_search_shows_what_is_live_whatever_happens(services: Services) -> None:
    on_these = type("OnThese", (Whole,), {"services": services})
    in_memory = isinstance(services.index, MemoryIndex)
    run_state_machine_as_test(
        on_these,
        settings=settings(
            max_examples=8 if in_memory else 3,
            stateful_step_count=25 if in_memory else 15,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
