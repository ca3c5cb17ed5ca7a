"""What was measured of every side, as medians over the rounds, and this project against the best peer."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from benchmarks.figures import median, quantile, ratio, shown
from benchmarks.peers.sides import PEERS, PROJECT

LEAST_FOUND = 0.5
MISSED = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """One side with one set of data in one round: items a second, milliseconds of each question right after they were
    added and settled, and which share of the questions found the text that they were taken from."""

    side: str
    data: str
    pace: float
    right_after: Sequence[float]
    settled: Sequence[float]
    found: float


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of the rounds: items a second, milliseconds of a question; the worst share found."""

    side: str
    data: str
    pace: float
    right_after: float
    settled: float
    settled_p95: float
    found: float


def summary_of(measured: Sequence[Measured]) -> list[Row]:
    """A row for each side and data, in the order in which they were first measured."""
    places = dict.fromkeys((one.side, one.data) for one in measured)
    return [_row([one for one in measured if (one.side, one.data) == place]) for place in places]


def _row(rounds: Sequence[Measured]) -> Row:
    return Row(
        side=rounds[0].side,
        data=rounds[0].data,
        pace=median([one.pace for one in rounds]),
        right_after=median([median(one.right_after) for one in rounds]),
        settled=median([median(one.settled) for one in rounds]),
        settled_p95=median([quantile(one.settled, 95) for one in rounds]),
        found=min(one.found for one in rounds),
    )


def to_best_peer(rows: Sequence[Row], data: str) -> dict[str, float]:
    """This project as a multiple of the best peer, of each figure; nothing where either is missing.

    More is better of items a second, less of milliseconds.
    """
    of_data = [row for row in rows if row.data == data]
    ours = [row for row in of_data if row.side == PROJECT]
    peers = [row for row in of_data if row.side in PEERS]
    if not ours or not peers:
        return {}
    best: dict[str, Callable[[list[float]], float]] = {
        "pace": max,
        "right_after": min,
        "settled": min,
        "settled_p95": min,
    }
    return {
        name: ratio(getattr(ours[0], name), choose([getattr(row, name) for row in peers]))
        for name, choose in best.items()
    }


def poor_in(rows: Sequence[Row]) -> list[str]:
    """Who found fewer of the texts asked for than the best did: the weights are the same, so it searched worse."""
    return [
        f"{row.side} found {row.found:.0%} of {row.data}, the best {best:.0%}"
        for row in rows
        if row.found < (best := max(each.found for each in rows if each.data == row.data)) - MISSED
        or best < LEAST_FOUND
    ]


def table_of(rows: Sequence[Row]) -> Table:
    """A block of lines for each set of data."""
    table = Table("data", "side")
    for name in ("items/s", "right after, ms", "settled, ms", "settled p95, ms", "found"):
        table.add_column(name, justify="right")
    for data in dict.fromkeys(row.data for row in rows):
        for row in rows:
            if row.data == data:
                table.add_row(data, row.side, *_cells(row))
        if times := to_best_peer(rows, data):
            table.add_row(
                "", f"{PROJECT} to best peer", *(f"{each:.2f}" for each in times.values()), ""
            )
        table.add_section()
    return table


def _cells(row: Row) -> list[str]:
    figures = (row.pace, row.right_after, row.settled, row.settled_p95)
    return [*(shown(each) if each else "-" for each in figures), f"{row.found:.0%}"]


def as_json(measured: Sequence[Measured]) -> dict[str, Any]:
    """All of it: medians, ratios, and every round."""
    rows = summary_of(measured)
    return {
        "medians": [asdict(row) for row in rows],
        "to best peer": {
            data: to_best_peer(rows, data) for data in dict.fromkeys(row.data for row in rows)
        },
        "rounds": [asdict(one) for one in measured],
    }
