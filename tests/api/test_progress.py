"""How fast, and how long still: figures from the records alone."""

from typing import Any

import pytest

from samespace.api.events.pace import Pace, document_pace, job_pace, job_state
from samespace.core.types import State
from samespace.store.records import Document
from samespace.store.records.jobs import Tally

NOW = 1000.0


def document(**changes: Any) -> Document:
    row = dict.fromkeys(Document.__slots__)
    return Document(**{**row, "state": State.PROCESSING, "items_done": 0, **changes})


def tally(**changes: Any) -> Tally:
    empty = Tally({}, 0, None, None, 0, 0, None)
    return Tally(**{**{name: getattr(empty, name) for name in Tally.__slots__}, **changes})


def test_a_document_at_work() -> None:
    doc = document(items_done=20, items_total=50, started_at=NOW - 10)
    assert document_pace(doc, NOW) == Pace(2.0, 15.0)


def test_a_document_that_is_done_has_a_rate_but_nothing_left() -> None:
    doc = document(
        state=State.READY, items_done=20, items_total=20, started_at=NOW - 10, finished_at=NOW - 5
    )
    assert document_pace(doc, NOW) == Pace(4.0, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.QUEUED},
        {"started_at": NOW - 10},
        {"started_at": NOW, "items_done": 3, "items_total": 5},
        {"started_at": NOW + 5, "items_done": 3, "items_total": 5},
    ],
)
def test_nobody_can_tell_before_it_has_begun(changes: dict[str, Any]) -> None:
    assert document_pace(document(**changes), NOW) == Pace()


def test_unopened_documents_count_by_the_mean() -> None:
    figures = tally(
        states={State.PROCESSING: 1, State.QUEUED: 3, State.READY: 2},
        items_done=20,
        started_at=NOW - 10,
        items_left=4,
        unsized=3,
        mean_items=2.0,
    )
    assert job_pace(figures, NOW) == Pace(2.0, 5.0)


def test_a_job_of_unopened_documents_has_no_end_yet() -> None:
    figures = tally(states={State.QUEUED: 3}, unsized=3)
    assert job_pace(figures, NOW) == Pace()


def test_a_finished_job_keeps_its_rate() -> None:
    figures = tally(
        states={State.READY: 2}, items_done=20, started_at=NOW - 10, finished_at=NOW - 8
    )
    assert job_pace(figures, NOW) == Pace(10.0, None)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({}, State.READY),
        ({State.QUEUED: 2}, State.QUEUED),
        ({State.QUEUED: 2, State.READY: 1}, State.PROCESSING),
        ({State.PROCESSING: 1}, State.PROCESSING),
        ({State.READY: 1, State.FAILED: 1}, State.READY),
        ({State.FAILED: 2}, State.FAILED),
        ({State.FAILED: 2, State.DELETING: 1}, State.FAILED),
        ({State.DELETING: 2}, State.READY),
    ],
)
def test_the_state_of_a_job_is_that_of_its_documents(
    states: dict[State, int], expected: State
) -> None:
    assert job_state(tally(states=states)) is expected
