"""Figures as every benchmark shows and keeps them: their statistics, their table, and the machine they are of."""

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

# What decides how fast a CPU encodes.
_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
_PACKAGES = (
    "samespace",
    "torch",
    "sentence-transformers",
    "pymilvus",
    "milvus-lite",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `name` is a path such as `questions/1000 rows/settled p50`, `aim` what it should be."""

    name: str
    value: float
    unit: str
    aim: str = ""


def quantile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of them do not exceed, between two of them in proportion; 0 for none."""
    if len(values) < 2:
        return float(sum(values))
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def median(values: Sequence[float]) -> float:
    """The middle one; 0 for none."""
    return statistics.median(values) if values else 0.0


def ratio(value: float, base: float) -> float:
    """How many times the base; 0 where there is no base."""
    return value / base if base else 0.0


def pace_of(moments: Sequence[tuple[float, int]], first: int, last: int) -> float:
    """Items a second from the first-th to the last-th of them.

    `moments` are (seconds, items done by then), both growing; between two of them the pace is even.
    """
    return ratio(last - first, _moment(moments, last) - _moment(moments, first))


def _moment(moments: Sequence[tuple[float, int]], wanted: int) -> float:
    before = moments[0]
    for after in moments:
        if after[1] >= wanted:
            share = ratio(wanted - before[1], after[1] - before[1])
            return before[0] + share * (after[0] - before[0])
        before = after
    raise ValueError(f"{wanted} items were never reached, {before[1]} at most")


def table_of(figures: Iterable[Figure], what: str = "figure") -> Table:
    """One line for each figure; a column for aims where there are any."""
    figures = list(figures)
    has_aims = any(figure.aim for figure in figures)
    table = Table(what)
    table.add_column("value", justify="right")
    table.add_column("unit")
    if has_aims:
        table.add_column("aimed at")
    for figure in figures:
        aim = [figure.aim] if has_aims else []
        table.add_row(figure.name, shown(figure.value), figure.unit, *aim)
    return table


def shown(value: float) -> str:
    """Three digits that count, and no more than are there."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def as_json(figures: Iterable[Figure]) -> dict[str, dict[str, Any]]:
    """The figures by name."""
    return {
        each.name: {"value": round(each.value, 4), "unit": each.unit, "aim": each.aim}
        for each in figures
    }


def machine() -> dict[str, Any]:
    """What the figures are of: CPU, cores, memory, versions; and how busy it was with other things."""
    name, flags = _cpu()
    return {
        "cpu": name,
        "flags": [flag for flag in _FLAGS if flag in flags],
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load": [round(each, 2) for each in os.getloadavg()],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _PACKAGES},
    }


def machine_line(about: dict[str, Any]) -> str:
    """The same in a line for people."""
    flags = " ".join(about["flags"]) or "no AVX"
    return (
        f"{about['cores']} cores of {about['cpu']} ({flags}), {about['memory_gb']} GB; "
        f"load of the last minute before: {about['load'][0]}"
    )


def _cpu() -> tuple[str, frozenset[str]]:
    """Name and flags; of the flags nothing is known but on Linux."""
    try:
        pairs = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    except OSError:
        return platform.processor() or platform.machine(), frozenset()
    told = {key.strip(): value.strip() for key, _, value in pairs}
    return told.get("model name", platform.machine()), frozenset(told.get("flags", "").split())
