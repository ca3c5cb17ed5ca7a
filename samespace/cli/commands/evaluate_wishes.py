"""What the command line of `samespace eval` asks for, in one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

DIRECTIONS = ("text->image", "image->text", "image->image", "text->text")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to judge on, and how; None where the defaults are wanted.

    `max_bad` is the share of bad rows that is borne, 0 to 1; `group_column` "" is any usual name.
    """

    file: Path
    directions: tuple[str, ...] | None = None
    group_column: str = ""
    templates: tuple[str, ...] | None = None
    max_bad: float = 0.05
    seed: int = 0

    def wants(self, direction: str) -> bool:
        """Whether the direction is to be judged."""
        return self.directions is None or direction in self.directions


def checked_directions(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """The directions; a usage error names those there are."""
    for each in given or ():
        if each not in DIRECTIONS:
            raise typer.BadParameter(
                f"{each!r} is none of {', '.join(DIRECTIONS)}", param_hint="--direction"
            )
    return tuple(given) if given else None


def checked_templates(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """The templates; a usage error for one without a place for the name."""
    for each in given or ():
        if "{}" not in each:
            raise typer.BadParameter(f"{each!r} has no {{}}", param_hint="--template")
    return tuple(given) if given else None
