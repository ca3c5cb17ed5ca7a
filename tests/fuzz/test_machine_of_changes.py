"""The same random walks while the model of the collection is changed, swapped, gone back on and given up in between."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import consumes, invariant, precondition, rule, run_state_machine_as_test

from ingest.build import fill as fill_index
from ingest.build import sweep_strays
from ingest.change_model import begin_change, finish_given_up, switch_model
from ingest.claim import Claim
from ingest.drawing import fill
from ingest.embed import embed
from ingest.ends import fail
from ingest.slices import encode
from ingest.spaces import CollectionSpace, open_spaces
from samespace.core.progress import Progress
from samespace.operations.verify import verify
from samespace.services import Services
from samespace.store.records import Document, IndexRecord
from tests.fuzz.test_machine import Whole, opened_services
from tests.store.memory_index import MemoryIndex
from tests.workers.two_models import NamedEncoders

MODELS = st.sampled_from(["starter", "clip", "multilingual"])


class Changing(Whole):
    """A worker keeps the indexes that it opened with its claim, however late it writes."""

    claims = Whole.claims

    def _opened(self, doc: Document) -> Claim:
        claim = super()._opened(doc)
        self.opened_with[id(claim)] = self.spaces
        return claim

    @property
    def opened_with(self) -> dict[int, Sequence[CollectionSpace]]:
        kept: dict[int, Sequence[CollectionSpace]] = self.__dict__.setdefault("_opened_with", {})
        return kept

    @rule(claim=claims, count=st.integers(1, 3))
    def write(self, claim: Claim, count: int) -> None:
        pieces = claim.pieces[claim.written : claim.written + count]
        if claim.ended or not pieces:
            return
        spaces = self.opened_with[id(claim)]
        some = fill([(claim, piece) for piece in pieces], self.services)
        live = {piece.item.key for piece in claim.pieces}
        for doc in embed(encode(some, spaces, self.services), spaces, self.services):
            self.live[doc.id] = live
        # Whatever was given up meanwhile: nothing is wrong with the document.
        now = self.services.records.documents.many([claim.document.id]).get(claim.document.id)
        assert now is None or "in the index" not in (now.reason or "")

    @rule(claim=consumes(claims))
    def fail(self, claim: Claim) -> None:
        if not claim.ended:
            fail(claim, ValueError("broken"), self.services)

    @rule(claim=consumes(claims))
    def put_back(self, claim: Claim) -> None:
        if not claim.ended:
            self.services.records.claims.put_back([claim.document])

    @precondition(lambda self: self.change is None)
    @rule(model=MODELS)
    def begin_to_change(self, model: str) -> None:
        if model != self.home.preset:
            begin_change(self.home, model, keep_days=1, services=self.services)
            self._look()

    @precondition(lambda self: self.change is not None)
    @rule(portions=st.integers(1, 6))
    def build(self, portions: int) -> None:
        """A worker that is stopped after so many reports, or comes to the end."""
        left = iter(range(portions))

        def go_on(_: Progress) -> bool:
            return next(left, None) is not None

        for index in self._beside():
            if sweep_strays(index, self.services) and not fill_index(
                index, self.home, self.services, on_progress=go_on
            ):
                return

    @precondition(lambda self: self.change is not None)
    @rule(to_new=st.booleans())
    def switch(self, to_new: bool) -> None:
        lacking = switch_model(self.home, to_new=to_new, services=self.services)
        assert all(count > 0 for count in lacking.values())
        self._look()

    @precondition(lambda self: self.change is not None)
    @rule()
    def give_up(self) -> None:
        self.services.records.model_changes.give_up(self.home.id)
        self._look()

    @rule()
    def remove_what_is_given_up(self) -> None:
        finish_given_up(self.services)

    @invariant()
    def what_searches_ask_lacks_nothing(self) -> None:
        holdings = self.services.records.holdings
        for index in self.home.live:
            assert not list(holdings.unnoted(self.home.id, index.id))

    @property
    def change(self) -> Any:
        return self.services.records.model_changes.find(self.home.id)

    def _beside(self) -> list[IndexRecord]:
        return [one for one in self.home.indexes if one.id in self.change.beside]

    def _look(self) -> None:
        self.home = self.services.records.collections.get(self.home.id)
        self.spaces = open_spaces(self.home, self.services)

    def teardown(self) -> None:
        """However it ended: what the records do not account for is nowhere."""
        kinds = {
            str(one.kind) for one in verify(self.services, collection=self.home.name).differences
        }
        assert kinds <= {"uncached-vector"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    quick = {"search_seconds": 0.001}
    yield from opened_services(tmp_path, MemoryIndex(), NamedEncoders(), **quick)


def test_a_search_shows_what_is_live_whatever_model_is_changed_to(services: Services) -> None:
    on_these = type("OnThese", (Changing,), {"services": services})
    run_state_machine_as_test(
        on_these,
        settings=settings(
            max_examples=6,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
