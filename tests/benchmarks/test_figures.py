"""The figures of the benchmarks are what they say: statistics, tables, and what is kept in files."""

import io
import json

import pytest
from rich.console import Console

from benchmarks.figures import (
    Figure,
    as_json,
    machine,
    machine_line,
    median,
    pace_of,
    quantile,
    ratio,
    shown,
    table_of,
)


def _written(table: object) -> str:
    stream = io.StringIO()
    Console(file=stream, width=160).print(table)
    return stream.getvalue()


def test_quantiles_lie_between_the_values_in_proportion() -> None:
    assert quantile([3.0, 1.0, 2.0], 50) == 2.0
    assert quantile(list(map(float, range(101))), 95) == 95.0
    assert quantile([10.0, 20.0], 95) == pytest.approx(19.5)
    assert quantile([7.0], 95) == 7.0
    assert quantile([], 95) == 0.0
    assert (median([4.0, 1.0, 3.0]), median([])) == (3.0, 0.0)
    assert (ratio(3.0, 2.0), ratio(3.0, 0.0)) == (1.5, 0.0)


def test_the_pace_of_a_part_is_read_between_the_moments_that_were_looked_at() -> None:
    moments = [(0.0, 0), (10.0, 100), (30.0, 200)]
    assert pace_of(moments, 0, 200) == pytest.approx(200 / 30)
    assert pace_of(moments, 0, 50) == pytest.approx(10.0)
    assert pace_of(moments, 150, 200) == pytest.approx(5.0)
    with pytest.raises(ValueError, match="201 items were never reached, 200 at most"):
        pace_of(moments, 0, 201)


def test_values_are_shown_with_the_digits_that_count() -> None:
    assert [shown(value) for value in (1234.5, 99.94, 12.345, 9.876, 0.004)] == [
        "1,234",
        "99.9",
        "12.3",
        "9.88",
        "0.00",
    ]


def test_a_table_has_a_line_for_each_figure_with_its_aim() -> None:
    figures = [
        Figure("questions/settled p50", 14.26, "ms", "<= 15"),
        Figure("idle/stack", 0.5, "%"),
    ]
    lines = _written(table_of(figures)).splitlines()
    (settled,) = (line for line in lines if "settled" in line)
    assert [cell.strip() for cell in settled.strip("│").split("│")] == [
        "questions/settled p50",
        "14.3",
        "ms",
        "<= 15",
    ]
    assert any("idle/stack" in line and "0.50" in line for line in lines)
    assert as_json(figures)["idle/stack"] == {"value": 0.5, "unit": "%", "aim": ""}


def test_the_machine_is_told_with_what_decides_its_speed() -> None:
    about = machine()
    assert about["cores"] >= 1
    assert {"torch", "milvus-lite"} <= set(about["versions"])
    assert json.loads(json.dumps(about)) == about
    line = machine_line({**about, "cores": 2, "cpu": "A CPU", "flags": ["avx2"]})
    assert line.startswith("2 cores of A CPU (avx2)")
    assert "(no AVX)" in machine_line({**about, "flags": []})
