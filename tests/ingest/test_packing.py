"""What travels between a parent and its children arrives as it was sent, or not at all."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parse import ParseJob, ReadJob
from ingest.parsed import Fault, Limits, Parsed
from ingest.thumbnail import ThumbnailJob
from samespace.core.content import Content
from samespace.core.errors import Busy, SamespaceError, Unreadable
from samespace.core.processes.messages import BadMessage, Message
from samespace.core.processes.packing import pack_answer, pack_job, unpack_answer, unpack_job

HASH = "0" * 64
RGB = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 1 << 40) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)
texts = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize(
    "job",
    [
        ParseJob("a.pdf", "application/pdf", Path("/data/ä b"), Limits(1, 2, 3)),
        ParseJob("ü" * 500, "text/plain", b"\0\xff", Limits(1, 2, 3)),
        ReadJob("a.pdf", "a/1", (1, 2)),
        ReadJob("a.pdf", "a/1", (1,), ParseJob("a.pdf", "application/pdf", b"", Limits(1, 2, 3))),
        ThumbnailJob("a\udc80.png", b"x", 10),
    ],
)
def test_jobs_arrive(job: object) -> None:
    assert unpack_job(pack_job(job)) == job


@given(st.lists(texts), st.lists(texts), st.lists(st.integers(1, 2000)))
def test_what_was_opened_arrives(pages: list[str], warnings: list[str], more: list[int]) -> None:
    parsed = Parsed(
        (
            *(Content.of_text(text, page) for page, text in enumerate(pages)),
            Content.of_picture(HASH, RGB),
            Content.of_picture(HASH, RGB[:, ::2], 3),
            *(Content.of_picture(HASH, page=page) for page in more),
        ),
        tuple(warnings),
        tuple(more),
        (Fault("cannot be drawn", tuple(more)),),
    )
    arrived = unpack_answer(pack_answer(parsed), Parsed)
    assert isinstance(arrived, Parsed)
    assert [each.text for each in arrived.contents] == [each.text for each in parsed.contents]
    assert [each.place for each in arrived.contents] == [each.place for each in parsed.contents]
    assert (arrived.warnings, arrived.faults) == (parsed.warnings, parsed.faults)
    assert (arrived.waiting, arrived.more_pages) == (parsed.waiting, tuple(more))
    for came, sent in zip(arrived.pictures, parsed.pictures, strict=True):
        assert (came.content_hash, came.page) == (sent.content_hash, sent.page)
        assert came.pixels.dtype == np.uint8
        np.testing.assert_array_equal(came.pixels, sent.pixels)


class Odd(Unreadable):
    """Not one of the table: arrives as the nearest that is."""


@pytest.mark.parametrize(
    ("error", "kind"), [(Unreadable("x"), Unreadable), (Busy("x"), Busy), (Odd("x"), Unreadable)]
)
def test_errors_arrive(error: SamespaceError, kind: type) -> None:
    arrived = unpack_answer(pack_answer(error), Parsed)
    assert (type(arrived), str(arrived)) == (kind, "x")


def test_long_errors_are_cut() -> None:
    said = str(unpack_answer(Message(["error", "Unreadable", {}], [b"x" * 10**6]), Parsed))
    assert len(said) == 2000


def answer(**changes: Any) -> Message:
    """A picture as it travels, with something changed."""
    fields = {
        "modality": "image",
        "hash": HASH,
        "text": "",
        "rgb": {"shape": [2, 4, 3]},
        "page": None,
    } | changes
    buffers = fields.pop("buffers", [bytes(24)])
    fields["page"] = [fields["page"], None, None]
    waiting = fields.pop("waiting", [])
    return Message(["result", [[list(fields.values())], [], waiting, []]], buffers)


def test_the_message_that_is_changed_below_is_good() -> None:
    assert isinstance(unpack_answer(answer(), Parsed), Parsed)


@pytest.mark.parametrize(
    "changes",
    [
        {"rgb": {"shape": [2, 4, 4]}},
        {"rgb": {"shape": [24]}},
        {"rgb": {"shape": [-2, -4, 3]}},
        {"rgb": {"shape": [2.0, 4, 3]}},
        {"rgb": {"shape": [1] * 5}},
        {"rgb": {}},
        {"rgb": "x"},
        {"rgb": {"shape": [0, 4, 3]}, "buffers": [b""]},
        {"hash": "../../etc/passwd"},
        {"hash": HASH.upper() + "A"},
        {"page": "1"},
        {"page": True},
        {"modality": "smell"},
        {"modality": 1},
        {"waiting": [0]},
        {"rgb": None, "buffers": []},
        {"more": 1},
        {"buffers": []},
        {"buffers": [bytes(23)]},
        {"buffers": [bytes(24), b""]},
    ],
)
def test_what_no_parser_gives_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadMessage):
        unpack_answer(answer(**changes), Parsed)


@given(json_values, st.lists(st.binary(max_size=30), max_size=3))
def test_whatever_comes_is_an_answer_or_refused(head: Any, buffers: list[bytes]) -> None:
    for whole in (head, ["result", head]):
        try:
            came = unpack_answer(Message(whole, buffers), Parsed)
        except BadMessage:
            continue
        assert isinstance(came, Parsed | SamespaceError | MemoryError)
