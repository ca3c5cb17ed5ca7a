"""The figures of a run: a table for people, a file for comparing."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.chaos.checks import Broken, How

_LOST = {How.LOST, How.HALF, How.STUCK, How.FAILED, How.MISSING}
_WRONG = {How.WRONG, How.ROSE, How.NOT_SENT}


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds where a name says so; `operations` and `faults` by kind."""

    seed: int
    minutes: float
    lease_seconds: float
    operations: dict[str, int]
    faults: dict[str, int]
    acknowledged_documents: int
    acknowledged: int
    refused: int
    unknown: int
    asked_for_at_the_end: int
    lost: int
    duplicates: int
    wrong_answers: int
    leftovers: int
    verify_differences: int
    longest_recovery_seconds: float
    longest_recovery_of: str
    settle_seconds: float
    broken: list[str]


def tally(broken: Sequence[Broken]) -> dict[str, int]:
    """Broken promises as the figures count them."""
    return {
        "lost": sum(one.how in _LOST for one in broken),
        "duplicates": sum(one.how is How.DUPLICATE for one in broken),
        "wrong_answers": sum(one.how in _WRONG for one in broken),
        "leftovers": sum(one.how in {How.LEFTOVER, How.ORPHAN} for one in broken),
        "verify_differences": sum(one.how is How.VERIFY for one in broken),
    }


def write(figures: Figures, file: Path) -> None:
    """As JSON."""
    file.write_text(json.dumps(asdict(figures), indent=2) + "\n")


def show(figures: Figures, console: Console) -> None:
    """As a table, and every broken promise in a line."""
    table = Table("figure", "value", title=f"chaos, seed {figures.seed}")
    for name, value in asdict(figures).items():
        if name == "broken":
            continue
        shown = _parts(value) if isinstance(value, dict) else str(value)
        table.add_row(name.replace("_", " "), shown)
    console.print(table)
    for line in figures.broken:
        console.print(f"BROKEN {line}", highlight=False, soft_wrap=True, markup=False)


def _parts(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    return f"{total}: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
