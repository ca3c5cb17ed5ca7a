"""A judgement on the screen: tables for people, one figure a line for pipes, JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import typer

from samespace.cli.terminal.output import clean, note, on_terminal, print_json, print_table
from samespace.core.errors import Unreadable
from samespace.learn.evaluate.bootstrap import Interval
from samespace.learn.evaluate.report import Classes, Direction, Report
from samespace.learn.tables import BadRow

BAD_ROWS_SHOWN = 10
SIDE_BY_SIDE = 4


def show(report: Report, *, output: Path | None, as_json: bool) -> None:
    """The report in the shapes that were asked for; what was skipped or is absent goes to stderr."""
    if output is not None:
        write(report, output)
    if as_json:
        print_json(report.as_object())
        return
    report_bad_rows(report.bad_rows, "all of them: --json")
    if on_terminal():
        show_people(report)
    else:
        print_table([], pipe_rows(report))
    for line in absences(report):
        note(line)


def write(report: Report, output: Path) -> None:
    """The report as a JSON file; Unreadable where it cannot be written."""
    text = json.dumps(report.as_object(), ensure_ascii=False, indent=2) + "\n"
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{output} cannot be written: {error.strerror}") from error


def show_people(report: Report) -> None:
    """A table of directions for each space, the classes that were confused, and what the index found."""
    print(f"{report.subject} on {report.good_rows} rows of {clean(report.file)}, 95% intervals")
    there = [each for each in report.directions if not each.absent]
    for space, some in groupby(there, key=lambda each: each.space):
        headline(f"space {space}" if space else "search")
        shown = list(some)
        for start in range(0, len(shown), SIDE_BY_SIDE):
            if start:
                print()
            show_directions(shown[start : start + SIDE_BY_SIDE])
    for classes in report.zero_shot:
        show_classes(classes)
    if any(found.share for found in report.index):
        headline("share of the true 10 nearest that the index found")
        rows = [
            [found.direction, found.space, found.queries, found.items, figure(found.share)]
            for found in report.index
            if found.share
        ]
        print_table(["direction", "space", "queries", "items", "found"], rows)


def show_directions(directions: Sequence[Direction]) -> None:
    """The directions side by side, a measure on each line."""
    names = directions[0].measures
    rows: list[list[object]] = [
        [name, *(figure(each.measures[name]) for each in directions)] for name in names
    ]
    rows.append(["queries", *(each.queries for each in directions)])
    rows.append(["gallery", *(each.gallery for each in directions)])
    print_table(["", *(each.direction for each in directions)], rows)


def show_classes(classes: Classes) -> None:
    """The share of right classes, and the pairs that were confused most."""
    if classes.top1 is None:
        return
    headline(f"zero-shot, {len(classes.classes)} classes, space {classes.space}")
    print(f"top-1  {figure(classes.top1)} of {classes.queries} pictures")
    if classes.most_confused:
        print_table(["is", "taken for", "times"], classes.most_confused)


def pipe_rows(report: Report) -> Iterator[Sequence[object]]:
    """Columns: kind, space, what, measure, value, low, high, queries."""
    for each in report.directions:
        for name, value in each.measures.items():
            yield ["direction", each.space, each.direction, name, *numbers(value), each.queries]
    for classes in report.zero_shot:
        if classes.top1:
            what = f"{len(classes.classes)} classes"
            row = ["zero-shot", classes.space, what, "top-1", *numbers(classes.top1)]
            yield [*row, classes.queries]
    for found in report.index:
        if found.share:
            row = ["index", found.space, found.direction, "found@10", *numbers(found.share)]
            yield [*row, found.queries]


def absences(report: Report) -> Iterator[str]:
    """What could not be judged, and why."""
    every: list[tuple[str, str, str]] = [
        *((each.direction, each.space, each.absent) for each in report.directions),
        *(("zero-shot", each.space, each.absent) for each in report.zero_shot),
        *((f"index {each.direction}".strip(), each.space, each.absent) for each in report.index),
    ]
    for what, space, reason in every:
        if reason:
            yield f"no {what}{f' in space {space}' if space else ''}: {reason}"


def report_bad_rows(bad: Sequence[BadRow], elsewhere: str = "") -> None:
    """How many rows were skipped, and the first of them; `elsewhere` says where the rest is."""
    if bad:
        note(f"{len(bad)} bad rows were skipped:")
    for row in bad[:BAD_ROWS_SHOWN]:
        note(str(row))
    if len(bad) > BAD_ROWS_SHOWN:
        note(f"and {len(bad) - BAD_ROWS_SHOWN} more" + (f" ({elsewhere})" if elsewhere else ""))


def figure(value: Interval | None) -> str:
    """A mean and its interval: 0.421 0.38-0.47."""
    return "-" if value is None else f"{value.value:.3f} {value.low:.2f}-{value.high:.2f}"


def numbers(value: Interval) -> list[str]:
    """Value, low and high."""
    return [f"{each:.4f}" for each in (value.value, value.low, value.high)]


def headline(text: str) -> None:
    """A line above a table."""
    print("\n" + typer.style(text, bold=True))
