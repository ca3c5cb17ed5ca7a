"""The filter language: JSON in, a frozen tree, and from it a Milvus expression or a test of one row.

`{"field": {"eq"|"ne"|"in"|"gt"|"gte"|"lt"|"lte"|"exists": value}, ...}`; several fields or operators in
one object all have to fit; `"and"` and `"or"` take lists of filters, `"not"` takes one, and
`{"field": value}` is short for eq. Fields are metadata by name, objects inside it by `outer.inner`, or
built in: `$document`, `$modality`, `$media_type`, `$page`, `$position`, `$generation`. `{"$area": [x0, y0, x1, y1]}`
fits the items whose point lies in that rectangle of the collection's map.

A comparison is true where the field is there and has the value's type (text, number or truth; numbers
are 64-bit floats, text is ordered by code point, null is not there). Everything else is its complement:
`ne` and `not` fit rows that lack the field. `eq` and `in` also look into lists of texts.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from samespace.core.errors import InvalidRequest
from samespace.core.types import Row
from samespace.store.facets import NAME, NUMBER, TEXT, TEXTS, TRUTH, facets

MAX_DEPTH = 8
MAX_TERMS = 256
MAX_TEXT = 1024
MAX_WHOLE = 2**53

Value: TypeAlias = str | float | bool

ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
COMPARISONS = {"eq": operator.eq, **ORDERS}

BUILT_IN: Mapping[str, Callable[[Row], str | int | None]] = {
    "$document": lambda row: row.item.document_id,
    "$modality": lambda row: str(row.item.modality),
    "$media_type": lambda row: row.media_type,
    "$page": lambda row: row.item.place.page,
    "$position": lambda row: row.item.position,
    "$generation": lambda row: row.generation,
}
NUMBERS = frozenset({"$page", "$position", "$generation"})

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
    match where:
        case Compare(field, op, value):
            return any(COMPARISONS[op](found, value) for found in _found(where, row))
        case Exists(field):
            return field in facets(row.metadata) or BUILT_IN.get(field, _absent)(row) is not None
        case OneOf(keys):
            return row.item.key in keys
        case Area():
            raise InvalidRequest("filter: $area needs the map of a collection")
        case AllOf(parts):
            return all(matches(part, row) for part in parts)
        case AnyOf(parts):
            return any(matches(part, row) for part in parts)
        case Not(part):
            return not matches(part, row)


def tag_of(where: Compare) -> str:
    """Under which tag of a facet the comparison finds its values."""
    if isinstance(where.value, str):
        return TEXTS if where.op == "eq" else TEXT
    return TRUTH if isinstance(where.value, bool) else NUMBER


def _found(where: Compare, row: Row) -> list[Any]:
    if where.field in BUILT_IN:
        return [value for value in [BUILT_IN[where.field](row)] if value is not None]
    tag = tag_of(where)
    facet = facets(row.metadata).get(where.field, {})
    if tag == TEXTS:
        return list(facet.get(tag, []))
    return [facet[tag]] if tag in facet else []


def _absent(_: Row) -> None:
    return None


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
            raise InvalidRequest(f"filter: {_show(op)} of {field} is no operator")


def _any_equal(field: str, operand: object) -> Filter:
    if not isinstance(operand, list) or not 0 < len(operand) <= MAX_TERMS:
        raise InvalidRequest(f"filter: in of {field} takes a list of 1 to {MAX_TERMS} values")
    return AnyOf(tuple(Compare(field, "eq", _value(field, value)) for value in operand))


def _all_of(parts: list[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _check_field(field: str) -> None:
    if field.startswith("$"):
        if field not in BUILT_IN:
            raise InvalidRequest(f"filter: {_show(field)} is none of {', '.join(BUILT_IN)}")
    elif not all(NAME.fullmatch(part) for part in field.split(".")):
        raise InvalidRequest(f"filter: {_show(field)} is not a name that can be filtered by")


def _ordered(field: str, op: str, operand: object) -> Value:
    value = _value(field, operand)
    if isinstance(value, bool):
        raise InvalidRequest(
            f"filter: {op} of {field} takes a text or a number, not {_show(operand)}"
        )
    return value


def _value(field: str, value: object) -> Value:
    checked = _scalar(field, value)
    if field in BUILT_IN and type(checked) is not (float if field in NUMBERS else str):
        kind = "a whole number" if field in NUMBERS else "a text"
        raise InvalidRequest(f"filter: {field} is compared with {kind}, not {_show(value)}")
    if field in NUMBERS and (not float(checked).is_integer() or abs(float(checked)) > MAX_WHOLE):
        raise InvalidRequest(f"filter: {field} is compared with a whole number, not {_show(value)}")
    return checked


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
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InvalidRequest(f"filter: {field} is compared with a number out of range")
    return number


def _show(value: object) -> str:
    return repr(value)[:80]
