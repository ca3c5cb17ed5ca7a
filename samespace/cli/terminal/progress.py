"""How far a long piece of work has got: a bar on a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from samespace.core.progress import Progress
from samespace.learn.progress import ProgressCallback, estimating

EVERY_SECONDS = 5.0


Show = Callable[[Progress], None]


@contextmanager
def showing_progress() -> Iterator[Show]:
    """Shows on stderr what it is told while the block runs."""
    if not sys.stderr.isatty():
        yield show_lines()
        return
    with _bar() as show:
        yield show


@contextmanager
def reporting_progress() -> Iterator[ProgressCallback]:
    """The same for what is learned or judged, with its pace since it was begun or gone on with."""
    with showing_progress() as show:
        yield estimating(show)


def describe(progress: Progress) -> str:
    """The progress as a line."""
    parts = [f"{progress.stage} {progress.done} of {progress.total}"]
    if progress.per_second:
        parts.append(f"{progress.per_second:.1f} items/s")
    if progress.seconds_left is not None and progress.done < progress.total:
        parts.append(f"{clock(progress.seconds_left)} left")
    return ", ".join(parts)


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, or hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def show_lines() -> Show:
    """A line when the work changes its name or is done, and every few seconds."""
    last, last_at = Progress(0, 0), 0.0

    def show(progress: Progress) -> None:
        nonlocal last, last_at
        is_new = progress.stage != last.stage or progress.done == progress.total
        is_due = is_new or time.monotonic() - last_at >= EVERY_SECONDS
        if is_due and progress != last:
            print(describe(progress), file=sys.stderr, flush=True)
            last, last_at = progress, time.monotonic()

    return show


@contextmanager
def _bar() -> Iterator[Show]:
    from rich import progress as rich
    from rich.console import Console

    columns = (
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TextColumn("{task.fields[rate]}"),
    )
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rate="")

        def show(progress: Progress) -> None:
            rate = f"{progress.per_second:.1f} items/s" if progress.per_second else ""
            left = progress.seconds_left
            bar.update(
                task,
                description=progress.stage,
                completed=progress.done,
                total=progress.total,
                rate=f"{rate}  {clock(left)} left" if left is not None else rate,
            )

        yield show
