"""What the commands make of their words, and how they show what they get."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from samespace.cli.commands.add import (
    job_progress,
    outcome_of,
    parse_metadata,
    report,
    saying_what_goes_on,
    sources_of,
    with_ways,
)
from samespace.cli.commands.classify import print_counts
from samespace.cli.commands.search import parse_parts, show
from samespace.cli.commands.status import show_result
from samespace.cli.terminal.output import clean, print_answer, print_table, snippet
from samespace.cli.terminal.progress import clock, describe, show_lines
from samespace.client import Source, Url
from samespace.client.views import Answer, Hit, Job
from samespace.client.wire import Accepted
from samespace.core.progress import Progress
from samespace.core.secrets import without_secrets


def hit(**changes: Any) -> Hit:
    base: Hit = {
        "id": "i",
        "document": {
            "id": "d",
            "name": "a.pdf",
            "external_id": "/a.pdf",
            "content_hash": "0" * 64,
            "media_type": "x/y",
        },
        "modality": "text",
        "score": 1.5,
        "parts": [],
        "text": "first\tline\nsecond \x1b[31mline",
        "page": 3,
        "start": 0,
        "end": 9,
        "position": 0,
        "metadata": {},
        "thumbnail": None,
        "content": "/c",
    }
    base.update(changes)  # type: ignore[typeddict-item]
    return base


def answer(*hits: Hit, **changes: Any) -> Answer:
    base: Answer = {
        "hits": list(hits),
        "total": len(hits),
        "truncated": False,
        "no_good_match": False,
        "pending": 0,
        "partial": False,
        "missing": [],
        "warnings": [],
        "unknown_fields": [],
        "cursor": None,
        "took_ms": {"encode": 1.0, "index": 1.0, "total": 2.0},
    }
    base.update(changes)  # type: ignore[typeddict-item]
    return base


def job(failed: list[tuple[str, str]], count: int | None = None) -> Job:
    failures = [{"id": id, "name": f"{id}.txt", "reason": reason} for id, reason in failed]
    documents = {"failed": len(failed) if count is None else count}
    shown: Any = {"id": "j", "failed": failures, "documents": documents}
    shown |= {"warned": [], "warned_total": 0}
    found: Job = shown
    return found


def test_metadata_is_pairs_and_objects() -> None:
    given = ["year=1999", "name=a=b", "zip=01234", "ok=true", '{"tags": ["x"], "year": 2000}']
    assert parse_metadata(given) == {
        "year": 2000,
        "name": "a=b",
        "zip": "01234",
        "ok": "true",
        "tags": ["x"],
    }


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("k=1.10", "1.10"),
        ("k=1e5", "1e5"),
        ("k=null", "null"),
        ("k=007", "007"),
        ("k=[1]", "[1]"),
        ('k="x"', '"x"'),
        ("k= x ", " x "),
        ("k=:=", ":="),
        ("k:=2024", 2024),
        ("k:=1.10", 1.1),
        ("k:=true", True),
        ('k:=["a", 1]', ["a", 1]),
        ('k:=""', ""),
        ("k:=9007199254740993", 9007199254740993),
        ("k=", None),
        ("k:=null", None),
        ('{"k": 1.5}', 1.5),
    ],
)
def test_text_stays_text_unless_a_type_is_asked_for(given: str, value: Any) -> None:
    found = parse_metadata([given])
    assert found == {"k": value}
    assert type(found["k"]) is type(value)


def test_a_key_may_be_any_text() -> None:
    assert parse_metadata(["Due date=2024-05-02", "a:b=c", "x::=1"]) == {
        "Due date": "2024-05-02",
        "a:b": "c",
        "x:": 1,
    }


@pytest.mark.parametrize("given", ["year", "=1999", ":=1999", '{"a"', '{"a": 1}]', "k:=", "k:=x"])
def test_metadata_that_is_neither(given: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_metadata([given])


def test_what_is_piped_in_replaces_by_name_and_files_only_by_path() -> None:
    piped, file = Source(b"x", name="stdin"), Source(Path("/a.txt"), external_id="/a.txt")
    ways = with_ways([piped, file], encoding=None, replace_metadata=True, replace_same_name=True)
    assert [(each.metadata_mode, each.on_same_name) for each in ways] == [
        ("replace", "replace"),
        ("replace", None),
    ]
    plain = with_ways([piped, file], encoding=None, replace_metadata=False, replace_same_name=False)
    assert plain == [piped, file]


def test_a_field_that_no_document_has_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = answer(warnings=["filter: no document has 'yaer'"], unknown_fields=["yaer"])
    for as_json in (False, True):
        with pytest.raises(typer.Exit) as ended:
            show(nothing, as_json=as_json, paths_only=False)
        assert ended.value.exit_code == 1
    said = capsys.readouterr()
    assert "warning: filter: no document has 'yaer'" in said.err
    assert '"unknown_fields": ["yaer"]' in said.out
    show(answer(), as_json=False, paths_only=False)
    show(answer(unknown_fields=[]), as_json=False, paths_only=False)


def test_queries_are_parts_with_weights(tmp_path: Any) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(b"bytes")
    words = ["2:red car", "+", str(picture), "-", "text overlay"]
    assert parse_parts(words) == [
        {"text": "red car", "weight": 2.0},
        {"image": b"bytes", "weight": 1.0},
        {"text": "text overlay", "weight": -1.0},
    ]


def test_a_query_without_sense_is_a_usage_error() -> None:
    with pytest.raises(typer.BadParameter, match="nothing follows"):
        parse_parts(["a", "-"])


def test_a_document_that_fails_later_is_not_counted_as_added(
    capsys: pytest.CaptureFixture[str],
) -> None:
    documents: list[Accepted] = [
        {"name": "a", "id": "1", "outcome": "created", "warnings": ["named .txt, is a PNG"]},
        {"name": "b", "id": "2", "outcome": "created"},
        {"name": "c", "id": "3", "outcome": "unchanged", "state": "ready"},
        {"name": "d", "error": {"code": "unsupported", "detail": "a zip"}},
        {"name": "e", "error": {"code": "too_large", "detail": "limit"}},
    ]
    outcome = outcome_of(["/a", "/b", "/c", "/d", "/e"], documents, [job([("2", "b is damaged")])])
    report(outcome, waited=True)
    shown = capsys.readouterr()
    assert shown.out == "1 added, 1 unchanged, 1 skipped, 2 failed\n"
    assert shown.err.splitlines() == [
        "warning: /a: named .txt, is a PNG",
        "skipped: /d: a zip",
        "failed: /e: limit",
        "failed: /b: is damaged",
    ]


def test_what_was_coming_in_already_is_counted_so(capsys: pytest.CaptureFixture[str]) -> None:
    documents: list[Accepted] = [
        {"name": "a", "id": "1", "outcome": "unchanged", "state": "queued", "job_id": "j"},
        {"name": "b", "id": "2", "outcome": "unchanged", "state": "processing", "job_id": "j"},
        {"name": "c", "id": "3", "outcome": "unchanged", "state": "ready", "job_id": "j"},
    ]
    names = ["/a", "/b", "/c"]
    report(outcome_of(names, documents, []), waited=False)
    assert capsys.readouterr().out == (
        "0 added, 2 still coming in, 1 unchanged, 0 failed; not waited for\n"
    )
    # The job holds another document, which was not sent this time.
    ended = job([("2", "b is damaged"), ("9", "is not ours")])
    report(outcome_of(names, documents, [ended]), waited=True)
    shown = capsys.readouterr()
    assert shown.out == "0 added, 1 were still coming in, 1 unchanged, 1 failed\n"
    assert shown.err == "failed: /b: is damaged\n"


def test_what_was_lost_in_reading_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    documents: list[Accepted] = [
        {"name": "a", "id": "1", "outcome": "created", "warnings": ["named .txt, is a PNG"]}
    ]
    ended = job([])
    ended["warned"] = [
        {"id": "1", "name": "a", "warnings": ["named .txt, is a PNG", "3 notes were not read"]},
        {"id": "9", "name": "z", "warnings": ["is not ours"]},
    ]
    ended["warned_total"] = 30
    report(outcome_of(["/a"], documents, [ended]), waited=True)
    shown = capsys.readouterr()
    assert shown.out == "1 added, 0 failed\n"
    assert shown.err.splitlines() == [
        "warning: /a: named .txt, is a PNG",
        "warning: /a: 3 notes were not read",
        "warning: 28 more: see `samespace status j` and the page",
    ]


def test_failures_that_a_job_does_not_name_are_counted() -> None:
    outcome = outcome_of([], [], [job([("1", "x")], count=25)])
    assert outcome.failed[-1] == ("24 more", "see `samespace status j --json`")


def test_what_was_cancelled_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    ended = job([])
    ended["documents"] = {"ready": 1, "cancelled": 2, "failed": 0}
    report(outcome_of([], [], [ended]), waited=True)
    assert capsys.readouterr().out == "0 added, 2 cancelled, 0 failed\n"


def test_a_job_that_waits_says_that_its_collection_is_paused() -> None:
    shown: list[Progress] = []
    seen: Any = {"collection": "c", "items_per_second": None, "seconds_left": None}
    tell = job_progress("ready", shown.append)
    tell(seen | {"paused": True, "done": 0, "total": 3})
    tell(seen | {"paused": False, "done": 1, "total": 3})
    tell(seen | {"paused": False, "done": 0, "total": 0})
    assert [describe(each) for each in shown] == [
        "collection c is paused, ready 0 of 3",
        "ready 1 of 3",
    ]


def test_an_interruption_says_what_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), saying_what_goes_on(["j1", "j2"]):
        raise KeyboardInterrupt
    said = capsys.readouterr().err
    assert "the server continues" in said
    assert "samespace cancel j1 j2\n" in said
    with pytest.raises(KeyboardInterrupt), saying_what_goes_on([]):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == ""


def test_in_a_pipe_an_answer_has_columns(capsys: pytest.CaptureFixture[str]) -> None:
    picture = hit(modality="image", text=None, page=None, score=-0.25)
    picture["document"]["external_id"] = None
    print_answer(answer(hit(), picture))
    assert capsys.readouterr() == (
        "1.5000\ttext\t/a.pdf\t3\ti\tfirst line second [31mline\n-0.2500\timage\ta.pdf\t\ti\t\n",
        "",
    )


def test_paths_alone_come_once(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(answer(hit(), hit(id="j")), paths_only=True)
    assert capsys.readouterr().out == "/a.pdf\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer(), "nothing was found"),
        (answer(hit(), no_good_match=True), "nothing fits well: these are only the nearest"),
        (
            answer(hit(), truncated=True),
            "more may fit: the server ranks no deeper than this (SAMESPACE_CANDIDATES)",
        ),
        (answer(hit(), truncated=True, cursor="c"), ""),
        (answer(hit(), pending=0), ""),
        (answer(hit(), pending=1), "1 document is still coming in; it may not be found yet"),
        (
            answer(pending=3),
            "nothing was found\n3 documents are still coming in; they may not be found yet",
        ),
        (answer(hit(), warnings=["cut"]), "warning: cut"),
        (
            answer(hit(), partial=True, missing=[{"space": "clip", "reason": "no weights"}]),
            "warning: without space clip: no weights",
        ),
    ],
)
def test_what_there_is_to_say_is_no_part_of_the_answer(
    given: Answer, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_answer(given)
    assert capsys.readouterr().err == (f"{said}\n" if said else "")


def test_on_a_terminal_a_table_is_aligned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("samespace.cli.terminal.output.on_terminal", lambda: True)
    print_table(["name", "n"], [["a", 1], ["long name", None]])
    lines = capsys.readouterr().out.splitlines()
    assert lines == [typer.style("name       n", bold=True), "a          1", "long name  -"]


def test_what_a_job_came_to_is_shown_whatever_its_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("samespace.cli.terminal.output.on_terminal", lambda: True)
    differences = [{"kind": "missing-item", "found": 2}, {"kind": "orphan-blob", "found": 1}]
    show_result({"items": 7, "rewritten": 0, "differences": differences}, "verify")
    assert capsys.readouterr().out.splitlines() == [
        "items        7",
        "rewritten    0",
        "differences  kind missing-item, found 2; kind orphan-blob, found 1",
    ]


def test_counts_of_a_collection(capsys: pytest.CaptureFixture[str]) -> None:
    best = [{"document_name": "a.jpg"}, {"document_name": "b.jpg"}]
    labels = [{"name": "cat", "count": 2, "best": best}]
    print_counts({"labels": labels, "none": 7, "complete": True})
    assert capsys.readouterr().out == "cat\t2\ta.jpg, b.jpg\nnone\t7\t\n"


@pytest.mark.parametrize(
    ("raw", "shown"), [("a\tb\nc", "a b c"), ("\x1b]0;evil\x07x", "]0;evil x"), ("ü 猫", "ü 猫")]
)
def test_nothing_that_steers_a_terminal_is_printed(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_a_snippet_is_short() -> None:
    lines = snippet("word " * 1000, 40)
    assert len(lines) == 3
    assert lines[-1].endswith(" …")
    assert all(len(line) <= 40 for line in lines)


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0:00"), (61, "1:01"), (3723, "1:02:03")])
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_progress_as_a_line() -> None:
    assert describe(Progress(3, 10, "ready", 2.5, 61)) == "ready 3 of 10, 2.5 items/s, 1:01 left"
    assert describe(Progress(10, 10, "ready", 2.5, 0)) == "ready 10 of 10, 2.5 items/s"


def test_lines_of_progress_are_few(capsys: pytest.CaptureFixture[str]) -> None:
    show: Callable[[Progress], None] = show_lines()
    for done in range(101):
        show(Progress(done, 100, "ready"))
    show(Progress(100, 100, "ready"))
    assert capsys.readouterr().err.splitlines() == ["ready 0 of 100", "ready 100 of 100"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql+psycopg://me:secret@db:5432/x?password=secret",
            "postgresql+psycopg://db:5432/x",
        ),
        ("redis://:se@cret@host/0", "redis://host/0"),
        ("http://user@host", "http://host"),
        ("/a/folder", "/a/folder"),
    ],
)
def test_secrets_are_not_shown(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
    assert "secret" not in json.dumps(without_secrets(url))


def test_urls_are_left_to_the_server(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    url = "https://example.org/b.pdf"
    found = sources_of([url, str(tmp_path), url], sync=None, hidden=False, name="-")
    assert [each.external_id for each in found] == [str(tmp_path / "a.txt"), None]
    assert found[1] == Source(Url(url))
    assert found[1].shown_name == url
