import json
import os
from pathlib import Path

import pytest

from samespace.client.uploads import (
    MOST_BYTES,
    MOST_DOCUMENTS,
    MOST_INLINE,
    MOST_OPEN,
    Source,
    batches,
    in_order,
    merge,
    opened,
    text_of,
)
from samespace.client.wire import Upload


def test_batches_are_bounded_in_number_and_keep_the_order() -> None:
    sources = [Source(str(number)) for number in range(2 * MOST_DOCUMENTS + 1)]
    found = list(batches(sources))
    assert [len(batch) for batch in found] == [MOST_DOCUMENTS, MOST_DOCUMENTS, 1]
    assert [source for batch in found for source in batch] == sources


def test_batches_are_bounded_in_bytes_and_a_larger_file_travels_alone(tmp_path: Path) -> None:
    sizes = [MOST_BYTES // 2, MOST_BYTES // 2, 1, MOST_BYTES + 1, 1]
    for number, size in enumerate(sizes):
        with (tmp_path / str(number)).open("wb") as file:
            file.truncate(size)  # a hole: nothing is written
    found = list(batches(tmp_path / str(number) for number in range(len(sizes))))
    names = [[source.shown_name for source in batch] for batch in found]
    assert names == [["0", "1"], ["2"], ["3"], ["4"]]


def test_batches_hold_few_files_open_and_read_small_ones(tmp_path: Path) -> None:
    for number in range(MOST_OPEN + 2):
        (tmp_path / f"{number:03}").write_bytes(bytes(100_000))
        (tmp_path / f"{number:03} small").write_bytes(b"small")
    found = list(batches(sorted(tmp_path.iterdir())))
    assert [len(batch) for batch in found] == [2 * MOST_OPEN, 4]
    with opened("c", found[1]) as form:
        assert form.request is not None
        contents = [content for _, (_, content) in form.request.files or ()]
    assert [isinstance(content, bytes) for content in contents] == [False, True, False, True]
    assert contents[1] == b"small"


def test_texts_travel_inline() -> None:
    batch = [
        Source(" A heron.\nIt sleeps.", metadata={"year": 1999}),
        Source("words", name="w", external_id="/w", metadata_mode="replace"),
        Source("known", external_id="/k", encoding="cp1251"),
        Source("others", on_same_name="replace"),
    ]
    with opened("c", batch, {"all": True}) as form:
        request = form.request
    assert request is not None
    assert request.files is None
    assert request.json["documents"] == [
        {"text": " A heron.\nIt sleeps.", "metadata": {"all": True, "year": 1999}},
        {
            "text": "words",
            "name": "w",
            "external_id": "/w",
            "metadata_mode": "replace",
            "metadata": {"all": True},
        },
        {"text": "known", "external_id": "/k", "metadata": {"all": True}},
        {
            "text": "others",
            "name": "others",
            "on_same_name": "replace",
            "metadata": {"all": True},
        },
    ]
    assert [source.shown_name for source in batch] == ["A heron.", "w", "/k", "others"]


def test_texts_that_are_large_go_as_files() -> None:
    with opened("c", [Source("x" * MOST_INLINE), Source("y")]) as form:
        assert form.request is not None
        assert [name for _, (name, _) in form.request.files or ()] == ["x" * 60, "y"]


def test_sources_are_read_no_further_than_is_sent() -> None:
    taken = []

    def sources() -> object:
        for number in range(1000):
            taken.append(number)
            yield Source(str(number))

    next(batches(sources()))  # type: ignore[arg-type]
    assert len(taken) == MOST_DOCUMENTS + 1


def test_a_form_has_a_note_for_each_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("hello")
    batch = [
        Source(file, external_id="/a.txt", metadata={"year": 1999}),
        Source("words", name="w"),
        Source(b"bytes", metadata_mode="replace", on_same_name="replace"),
    ]
    with opened("c", batch, {"all": True}) as form:
        request = form.request
        assert request is not None
        assert request.path == "/v1/collections/c/documents"
        assert [name for _, (name, _) in request.files or ()] == ["a.txt", "w", "text"]
        assert json.loads((request.data or {})["metadata"]) == {"all": True}
        assert json.loads((request.data or {})["documents"]) == [
            {"name": "a.txt", "external_id": "/a.txt", "metadata": {"year": 1999}},
            {"name": "w", "is_text": True},
            {"name": "text", "metadata_mode": "replace", "on_same_name": "replace"},
        ]


def test_a_file_that_cannot_be_read_is_told_in_its_place(tmp_path: Path) -> None:
    with opened("c", [Source(tmp_path / "gone.txt"), Source("words")]) as form:
        assert form.request is not None
        assert len(form.request.files or ()) == 1
    answer: Upload = {"job_id": "j", "documents": [{"name": "text", "id": "d"}]}
    documents = in_order(answer, form.unread)["documents"]
    assert [document["name"] for document in documents] == ["gone.txt", "text"]
    assert documents[0]["error"]["code"] == "unreadable"
    assert "gone.txt cannot be read: No such file" in documents[0]["error"]["detail"]


def test_where_nothing_can_be_read_nothing_is_sent(tmp_path: Path) -> None:
    with opened("c", [Source(tmp_path / "gone.txt")]) as form:
        assert form.request is None
    assert in_order(None, form.unread)["job_id"] is None


def test_merging_keeps_the_jobs_that_there_are() -> None:
    added = merge(
        [
            {"job_id": "a", "documents": [{"name": "1"}]},
            {"job_id": None, "documents": [{"name": "2"}]},
        ]
    )
    assert added == {"job_ids": ["a"], "documents": [{"name": "1"}, {"name": "2"}]}


@pytest.mark.parametrize(
    ("raw", "text"), [(b"/caf\xc3\xa9", "/café"), (b"/caf\xe9", "/caf\\xe9"), (b"/a", "/a")]
)
def test_paths_become_text_that_can_travel(raw: bytes, text: str) -> None:
    assert text_of(os.fsdecode(raw)) == text


def test_an_encoding_travels_with_files_and_not_with_texts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    batch = [Source(tmp_path / "a.txt", encoding="cp1251"), Source("words", encoding="cp1251")]
    with opened("c", batch) as form:
        assert form.request is not None
        about = json.loads((form.request.data or {})["documents"])
    assert [note.get("encoding") for note in about] == ["cp1251", None]
