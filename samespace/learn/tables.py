"""Files of rows that people bring: CSV with a header, or JSONL; and when too many rows of one are bad."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from samespace.core.errors import InvalidRequest, NotFound, Unreadable

MAX_BAD_SHARE = 0.05
_REASONS_SHOWN = 5

Numbered = tuple[int, Mapping[str, Any] | str]
"""A line of the file (from 1) with its values, or with what is wrong with it."""


@dataclass(frozen=True)
class BadRow:
    """A row that was skipped: its line in the file (from 1; 0 where several stand behind it), its
    picture as written, and why."""

    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        said = f"line {self.line}" if self.line else ""
        return ": ".join(each for each in (said, self.path, self.reason) if each)


def read_table(file: Path) -> Iterator[Numbered]:
    """The rows of a CSV or JSONL file, by its suffix; blank lines are none.

    Raises NotFound, InvalidRequest for another suffix, Unreadable where it is no text in UTF-8.
    """
    readers = {".csv": _read_csv, ".jsonl": _read_jsonl, ".ndjson": _read_jsonl}
    if not file.is_file():
        raise NotFound(f"there is no file {str(file)!r}")
    if file.suffix.lower() not in readers:
        raise InvalidRequest(f"{file}: rows are read from .csv and .jsonl files")
    try:
        yield from readers[file.suffix.lower()](file)
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise Unreadable(f"{file} cannot be read: {error}") from error


def check_share(file: Path, bad: Sequence[BadRow], total: int, most: float) -> None:
    """InvalidRequest, with counts and the first reasons, where no row is good or too many are bad."""
    if total == 0:
        raise InvalidRequest(f"{file} has no rows")
    share = len(bad) / total
    if share <= most and len(bad) < total:
        return
    reasons = [str(row) for row in bad[:_REASONS_SHOWN]]
    more = [f"and {len(bad) - _REASONS_SHOWN} more"] if len(bad) > _REASONS_SHOWN else []
    raise InvalidRequest(
        f"{len(bad)} of {total} rows of {file} are bad ({share:.1%}, the limit is {most:.1%}): "
        + "; ".join(reasons + more)
    )


def _read_csv(file: Path) -> Iterator[Numbered]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        for row in reader:
            if None in row or None in row.values():
                fields = len(reader.fieldnames or ())
                yield reader.line_num, f"it has not the {fields} fields that the header names"
            else:
                yield reader.line_num, row


def _read_jsonl(file: Path) -> Iterator[Numbered]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _json_object(line)


def _json_object(line: bytes) -> Mapping[str, Any] | str:
    try:
        value = orjson.loads(line)
    except ValueError as error:
        return f"it is not JSON: {error}"
    return value if isinstance(value, dict) else "it is not a JSON object"
