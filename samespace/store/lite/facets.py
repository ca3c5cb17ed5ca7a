"""What lies under one path of a JSON column, for many rows at once."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Path: TypeAlias = tuple[str, ...]
Rows: TypeAlias = NDArray[np.intp]
Bools: TypeAlias = NDArray[np.bool_]
Value: TypeAlias = str | float | bool

MAX_WHOLE = 2**53
COMPARE = {
    "==": (np.equal, pc.equal),
    "!=": (np.not_equal, pc.not_equal),
    "<": (np.less, pc.less),
    "<=": (np.less_equal, pc.less_equal),
    ">": (np.greater, pc.greater),
    ">=": (np.greater_equal, pc.greater_equal),
}


class Unsupported(Exception):
    """Only Milvus Lite itself can evaluate this."""


@dataclass(frozen=True, slots=True)
class Column:
    """The values under a path that are there and not null, by kind, each with the row it is of.

    `texts` are Arrow strings, `members` the texts in lists, each with the row of its list, `others` the rows of
    lists and objects. `is_plain` is false where a whole number is no 64-bit float or a text no UTF-8.
    """

    size: int
    number_rows: Rows
    numbers: NDArray[np.float64]
    text_rows: Rows
    texts: Any
    member_rows: Rows
    members: Any
    others: Rows
    is_plain: bool

    def there(self) -> Bools:
        """Where there is a value."""
        found = np.zeros(self.size, bool)
        for rows in (self.number_rows, self.text_rows, self.others):
            found[rows] = True
        return found

    def compared(self, op: str, value: Value) -> tuple[Bools, Bools]:
        """Where the comparison is true and where false, as Python compares; elsewhere it is unknown."""
        if not self.is_plain or (isinstance(value, int) and abs(value) > MAX_WHOLE):
            raise Unsupported
        of_numbers, of_texts = COMPARE[op]
        true, false = np.zeros(self.size, bool), np.zeros(self.size, bool)
        if isinstance(value, str):
            rows, alien = self.text_rows, self.number_rows
            holds = bools(of_texts(self.texts, value)) if len(rows) else np.zeros(0, bool)
        else:
            rows, alien = self.number_rows, self.text_rows
            holds = of_numbers(self.numbers, float(value))
        true[rows[holds]] = True
        false[rows[~holds]] = True
        if op in {"==", "!="}:
            for others in (alien, self.others):
                (true if op == "!=" else false)[others] = True
        return true, false

    def containing(self, value: str) -> Bools:
        """Where a list holds the text."""
        if not self.is_plain or len(self.text_rows):
            raise Unsupported
        found = np.zeros(self.size, bool)
        if len(self.member_rows):
            found[self.member_rows[bools(pc.equal(self.members, value))]] = True
        return found


def read_columns(texts: Iterable[str | None], paths: Sequence[Path]) -> dict[Path, Column]:
    """The columns of these paths, from the JSON texts of the rows."""
    rows: dict[Path, list[int]] = {path: [] for path in paths}
    values: dict[Path, list[Any]] = {path: [] for path in paths}
    size = 0
    for text in texts:
        whole = None if text is None else _loads(text)
        for path in paths:
            inner = _walk(whole, path)
            if inner is not None:
                rows[path].append(size)
                values[path].append(inner)
        size += 1
    return {path: _column(size, rows[path], values[path]) for path in paths}


def _walk(value: Any, path: Path) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(text)
    except ValueError:
        return None


def _column(size: int, rows: list[int], values: list[Any]) -> Column:
    numbers: list[tuple[int, float]] = []
    texts: list[tuple[int, str]] = []
    members: list[tuple[int, str]] = []
    others: list[int] = []
    is_plain = True
    for row, value in zip(rows, values, strict=True):
        match value:
            case bool() | float():
                numbers.append((row, float(value)))
            case int():
                is_plain = is_plain and abs(value) <= MAX_WHOLE
                numbers.append((row, float(value) if is_plain else 0.0))
            case str():
                texts.append((row, value))
            case list():
                others.append(row)
                members.extend((row, each) for each in value if isinstance(each, str))
            case _:
                others.append(row)
    text_values, member_values = _strings(texts), _strings(members)
    return Column(
        size=size,
        number_rows=_rows(row for row, _ in numbers),
        numbers=np.array([number for _, number in numbers], np.float64),
        text_rows=_rows(row for row, _ in texts),
        texts=text_values,
        member_rows=_rows(row for row, _ in members),
        members=member_values,
        others=_rows(others),
        is_plain=is_plain and text_values is not None and member_values is not None,
    )


def _rows(rows: Iterable[int]) -> Rows:
    return np.fromiter(rows, np.intp)


def _strings(pairs: list[tuple[int, str]]) -> Any:
    try:
        return pa.array([text for _, text in pairs], pa.string())
    except UnicodeEncodeError:
        return None


def bools(array: Any) -> Bools:
    """An Arrow array of truth values."""
    found: Bools = array.to_numpy(zero_copy_only=False).astype(bool, copy=False)
    return found
