"""What the command line of `samespace train` asks for, in one row."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Training:
    """What to train, from what, how long, and where to.

    `start` is starter, imagenet or a file; `max_bad` and `validation_share` are shares, 0 to 1; `work`
    is where views and checkpoints are kept.
    """

    file: Path
    out: Path
    work: Path
    start: str
    tower: str
    steps: int
    batch: int
    views: int
    frozen_stages: int
    patience: int
    seed: int
    max_bad: float
    validation_share: float
