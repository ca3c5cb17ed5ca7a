"""Which way bulk goes is measured once for each CPU."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from samespace.core.settings import Settings
from samespace.core.types import Vectors
from samespace.encoders import backend_timings, device
from samespace.encoders.backend_timings import (
    Timings,
    needs_timing,
    read_timings,
    time_backends,
    write_timings,
)
from tests.encoders.test_batcher import vectors


def test_an_export_has_to_be_worth_it() -> None:
    assert Timings(exported=0.9, torch=1.0).exported_is_faster
    assert not Timings(exported=0.99, torch=1.0).exported_is_faster


def test_the_best_of_each_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    # By way and batch: once to warm up, then round by round.
    times = iter([0.0, 3.0, 0.0, 4.0, 0.0, 2.0, 0.0, 9.0] * 100)
    monkeypatch.setattr(backend_timings, "time", SimpleNamespace(perf_counter=lambda: next(times)))

    def way(name: str) -> Callable[[Sequence[str]], Vectors]:
        def encode(texts: Sequence[str]) -> Vectors:
            calls.append(name)
            return vectors(texts)

        return encode

    timings = time_backends(way("exported"), way("torch"))
    assert timings == Timings(exported=2.0 + 2.0, torch=4.0 + 4.0)
    assert calls[4:8] == ["exported", "torch"] * 2


def test_it_is_kept_for_this_cpu_and_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_timings(tmp_path, 2, Timings(1.5, 2.5))
    assert read_timings(tmp_path, 2) == Timings(1.5, 2.5)
    assert read_timings(tmp_path, 1) is None
    monkeypatch.setattr(backend_timings, "_cpu", lambda: "another")
    assert read_timings(tmp_path, 2) is None


def test_what_is_damaged_is_measured_anew(tmp_path: Path) -> None:
    write_timings(tmp_path, 2, Timings(1.5, 2.5))
    [file] = tmp_path.iterdir()
    for damaged in ("", "[]", '{"exported": 1}'):
        file.write_text(damaged)
        assert read_timings(tmp_path, 2) is None


def test_only_float32_on_a_cpu_can_go_either_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(device="cpu", threads=2)
    monkeypatch.setattr(device, "has_native_bfloat16", lambda: True)
    assert not needs_timing(tmp_path, settings)
    monkeypatch.setattr(device, "has_native_bfloat16", lambda: False)
    assert needs_timing(tmp_path, settings)
    write_timings(tmp_path, 2, Timings(1.5, 2.5))
    assert not needs_timing(tmp_path, settings)
