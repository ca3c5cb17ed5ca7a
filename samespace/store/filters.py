"""The filter language: JSON in, a frozen tree, and from it a Milvus expression or a test of one row.

`{"field": {"eq"|"ne"|"in"|"gt"|"gte"|"lt"|"lte"|"exists": value}, ...}`; several fields or operators in
one object all have to fit; `"and"` and `"or"` take lists of filters, `"not"` takes one, and
`{"field": value}` is short for eq. Fields are keys of the metadata, those inside of objects as `outer.inner` (where
a key is itself called so, it is meant), or built in: `$document`, `$modality`, `$media_type`, `$page`, `$position`,
`$generation`, and of the document `$name` and `$added`. A key that looks like something else of the language (`and`,
`$name`) is named with `$.` before it. `{"$area": [x0, y0, x1, y1]}` fits the items whose point lies in that rectangle
of the collection's map.

A comparison is true where the field is there and has the value's type (text, number or truth; null is not there).
Everything else is its complement: `ne` and `not` fit rows that lack the field. `eq` and `in` also look into lists of
texts. Texts are compared as `samespace.store.fold` folds them, and ordered so by code point. A value that is a date
(`2024-05-02`, `2024-05-02T08:15Z`, `2024-5-2 10:00+02:00`) is compared with dates, as times: a date alone is its whole
day in UTC, and of a field that has a date alone its beginning counts. Numbers are compared to their last digit.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from samespace.core.errors import InvalidRequest
from samespace.core.types import Row
from samespace.store.comparisons import COMPARISONS, Value, checks_of, facet_of
from samespace.store.facets import ADDED, DOCUMENT_NAME, MAX_WHOLE, Facet, row_facets
from samespace.store.moments import span_of

MAX_DEPTH = 8
MAX_TERMS = 256
MAX_TEXT = 1024
MAX_FIELD = 16 * 1024
"""Characters; metadata has that many bytes at most, unless a setting says otherwise."""

COLUMNS: Mapping[str, Callable[[Row], str | int | None]] = {
    "$document": lambda row: row.item.document_id,
    "$modality": lambda row: str(row.item.modality),
    "$media_type": lambda row: row.media_type,
    "$page": lambda row: row.item.place.page,
    "$position": lambda row: row.item.position,
    "$generation": lambda row: row.generation,
}
"""The built-in fields that an index has as columns of their own."""
NUMBERS = frozenset({"$page", "$position", "$generation"})
BUILT_IN = (*COLUMNS, DOCUMENT_NAME, ADDED)

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Compare:
    """`field op value`, op one of COMPARISONS."""

    field: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there and not null."""

    field: str


@dataclass(frozen=True, slots=True)
class Area:
    """The item stands in this rectangle of the map, borders included. Where that is only the map knows: before an
    index is asked, `search.area` puts `OneOf` in its place."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class OneOf:
    """The item is one of these, by key."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part fits."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part fits."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not fit."""

    part: "Filter"


Filter: TypeAlias = Compare | Exists | Area | OneOf | AllOf | AnyOf | Not


def parse_filter(source: object) -> Filter:
    """The filter a JSON value stands for; InvalidRequest names what is wrong with it."""
    parsed = _parse(source, 1)
    terms = sum(1 for _ in _terms(parsed))
    if terms > MAX_TERMS:
        raise InvalidRequest(f"filter: {terms} comparisons are more than {MAX_TERMS}")
    return parsed


def matches(where: Filter, row: Row) -> bool:
    """Whether the row fits, by the same rules as the compiled expression."""
    return _matches(where, row, row_facets(row))


def asks_facets(where: Filter) -> bool:
    """Whether it asks for more than the columns of an index, so that its rows have to be of this release."""
    return any(
        isinstance(term, Compare | Exists) and term.field not in COLUMNS for term in _terms(where)
    )


def keys_asked(where: Filter) -> list[str]:
    """The fields that are keys of the metadata, each once, as the filter names them."""
    fields = (term.field for term in _terms(where) if isinstance(term, Compare | Exists))
    return list(dict.fromkeys(field for field in fields if field not in BUILT_IN))


def comparisons_asked(where: Filter) -> list[Compare]:
    """The comparisons of keys of the metadata."""
    return [
        term for term in _terms(where) if isinstance(term, Compare) and term.field not in BUILT_IN
    ]


def _matches(where: Filter, row: Row, facets: Mapping[str, Facet]) -> bool:
    match where:
        case AllOf(parts):
            return all(_matches(part, row, facets) for part in parts)
        case AnyOf(parts):
            return any(_matches(part, row, facets) for part in parts)
        case Not(part):
            return not _matches(part, row, facets)
        case OneOf(keys):
            return row.item.key in keys
        case Area():
            raise InvalidRequest("filter: $area needs the map of a collection")
        case Compare() | Exists():
            column = COLUMNS.get(where.field)
            return _fits_facets(where, facets) if column is None else _fits(where, column(row))


def _fits(where: Compare | Exists, found: str | int | None) -> bool:
    if found is None or isinstance(where, Exists):
        return found is not None
    return COMPARISONS[where.op](found, where.value)


def _fits_facets(where: Compare | Exists, facets: Mapping[str, Facet]) -> bool:
    if isinstance(where, Exists):
        return facet_of(where.field) in facets
    alternatives = checks_of(where.field, where.op, where.value)
    return any(all(check.holds(facets) for check in checks) for checks in alternatives)


def _terms(where: Filter) -> Iterator[Filter]:
    match where:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _terms(part)
        case Not(part):
            yield from _terms(part)
        case _:
            yield where


def _parse(source: object, depth: int) -> Filter:
    if depth > MAX_DEPTH:
        raise InvalidRequest(f"filter: deeper than {MAX_DEPTH} levels")
    if not isinstance(source, Mapping) or not source:
        raise InvalidRequest(
            f"filter: an object with at least one entry is needed, not {_show(source)}"
        )
    if len(source) > MAX_TERMS:
        raise InvalidRequest(f"filter: {len(source)} entries are more than {MAX_TERMS}")
    return _all_of([_parse_entry(key, value, depth) for key, value in source.items()])


def _parse_entry(key: object, value: object, depth: int) -> Filter:
    match key:
        case "and":
            return AllOf(_parse_list(key, value, depth))
        case "or":
            return AnyOf(_parse_list(key, value, depth))
        case "not":
            return Not(_parse(value, depth + 1))
        case "$area":
            return _parse_area(value)
        case str():
            return _parse_field(key, value)
        case _:
            raise InvalidRequest(f"filter: {_show(key)} is not a field name")


def _parse_list(key: str, value: object, depth: int) -> tuple[Filter, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_TERMS:
        raise InvalidRequest(f"filter: {key} takes a list of 1 to {MAX_TERMS} filters")
    return tuple(_parse(part, depth + 1) for part in value)


def _parse_area(value: object) -> Area:
    if not isinstance(value, list) or len(value) != 4:
        raise InvalidRequest(f"filter: $area takes [x0, y0, x1, y1], not {_show(value)}")
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InvalidRequest(f"filter: $area takes four numbers, not {_show(number)}")
    x0, y0, x1, y1 = (_number("$area", number) for number in value)
    if x0 > x1 or y0 > y1:
        raise InvalidRequest(f"filter: $area takes the lower corner first, not {_show(value)}")
    return Area(x0, y0, x1, y1)


def _parse_field(field: str, value: object) -> Filter:
    _check_field(field)
    if not isinstance(value, Mapping):
        return Compare(field, "eq", _value(field, value))
    if not value:
        raise InvalidRequest(f"filter: {field} has no operator")
    return _all_of([_parse_operator(field, op, operand) for op, operand in value.items()])


def _parse_operator(field: str, op: object, operand: object) -> Filter:
    match op:
        case "eq":
            return Compare(field, "eq", _value(field, operand))
        case "ne":
            return Not(Compare(field, "eq", _value(field, operand)))
        case "gt" | "gte" | "lt" | "lte":
            return Compare(field, op, _ordered(field, op, operand))
        case "in":
            return _any_equal(field, operand)
        case "exists" if isinstance(operand, bool):
            return Exists(field) if operand else Not(Exists(field))
        case "exists":
            raise InvalidRequest(
                f"filter: exists of {field} takes true or false, not {_show(operand)}"
            )
        case _:
            raise InvalidRequest(f"filter: {_show(op)} of {field} is not an operator")


def _any_equal(field: str, operand: object) -> Filter:
    if not isinstance(operand, list) or not 0 < len(operand) <= MAX_TERMS:
        raise InvalidRequest(f"filter: in of {field} takes a list of 1 to {MAX_TERMS} values")
    return AnyOf(tuple(Compare(field, "eq", _value(field, value)) for value in operand))


def _all_of(parts: list[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _check_field(field: str) -> None:
    if len(field) > MAX_FIELD:
        raise InvalidRequest(
            f"filter: the field {_show(field)} has {len(field)} characters, limit {MAX_FIELD}"
        )
    if field.startswith("$") and not field.startswith("$.") and field not in BUILT_IN:
        raise InvalidRequest(
            f"filter: {_show(field)} is none of {', '.join(BUILT_IN)}; "
            f"a key of that name is {_show('$.' + field)}"
        )
    if not _is_text(field):
        raise InvalidRequest(f"filter: half of a surrogate pair is not a name: {_show(field)}")


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char < "\ue000" for char in text)


def _ordered(field: str, op: str, operand: object) -> Value:
    value = _value(field, operand)
    if isinstance(value, bool):
        raise InvalidRequest(
            f"filter: {op} of {field} takes a text or a number, not {_show(operand)}"
        )
    return value


def _value(field: str, value: object) -> Value:
    checked = _scalar(field, value)
    if field in BUILT_IN and not _suits(field, checked):
        raise InvalidRequest(
            f"filter: {field} is compared with {_KINDS.get(field, 'a text')}, not {_show(value)}"
        )
    return checked


_KINDS = {
    **dict.fromkeys(NUMBERS, "a whole number"),
    ADDED: "a date such as 2024-05-02 or 2024-05-02T08:15Z",
}


def _suits(field: str, value: Value) -> bool:
    """Whether a built-in field can be compared with this."""
    if field in NUMBERS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and float(value).is_integer() and abs(float(value)) <= MAX_WHOLE
    return isinstance(value, str) and (field != ADDED or span_of(value) is not None)


def _scalar(field: str, value: object) -> Value:
    match value:
        case bool():
            return value
        case int() | float():
            return _number(field, value)
        case str() if len(value) > MAX_TEXT:
            raise InvalidRequest(
                f"filter: text of {field} has {len(value)} characters, limit {MAX_TEXT}"
            )
        case str() if UNPRINTABLE.search(value):
            raise InvalidRequest(f"filter: text of {field} has a control character: {_show(value)}")
        case str():
            return value
        case None:
            raise InvalidRequest(f"filter: {field} is compared with null; use exists")
        case _:
            raise InvalidRequest(f"filter: {field} is compared with {_show(value)}")


def _number(field: str, value: float) -> float:
    """The number as it was given, which has to be finite as a 64-bit float."""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InvalidRequest(f"filter: {field} is compared with a number out of range")
    return value


def _show(value: object) -> str:
    return repr(value)[:80]
