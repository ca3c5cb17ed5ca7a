"""Filters as Milvus expressions, for Milvus Lite's parser and a server's alike.

The only place where an expression is put together from values: names and texts go through `json.dumps`.
A negation is pushed down to the comparisons (De Morgan), because Milvus Lite has three truth values there
(unknown where something is missing) and a server has two: each negated comparison asks `exists` first.
"""

import json
from collections.abc import Sequence

from samespace.core.errors import InvalidRequest
from samespace.store.comparisons import Check, Value, checks_of, facet_of
from samespace.store.facets import TEXTS
from samespace.store.filters import (
    COLUMNS,
    NUMBERS,
    AllOf,
    AnyOf,
    Area,
    Compare,
    Exists,
    Filter,
    Not,
    OneOf,
)

SYMBOLS = {"eq": "==", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def compile_filter(where: Filter) -> str:
    """The Milvus expression over the columns of `milvus_schema` that keeps the rows `matches` keeps."""
    return _compile(where, negated=False)


def literal(value: Value) -> str:
    """A value as Milvus reads it back; texts must not hold control characters other than tab and line ends."""
    return json.dumps(value, ensure_ascii=False)


def one_of(column: str, values: Sequence[str]) -> str:
    """Membership in a list, which may be empty."""
    return f"{column} in [{', '.join(map(literal, values))}]"


def _compile(where: Filter, *, negated: bool) -> str:
    match where:
        case AllOf(parts) | AnyOf(parts):
            word = " and " if isinstance(where, AllOf) != negated else " or "
            return f"({word.join(_compile(part, negated=negated) for part in parts)})"
        case Not(part):
            return _compile(part, negated=not negated)
        case Exists(field):
            return _signed(_exists(field), negated=negated)
        case OneOf(keys):
            return _signed(one_of("key", sorted(keys)), negated=negated)
        case Area():
            raise InvalidRequest("filter: $area needs the map of a collection")
        case Compare():
            return _compare(where, negated=negated)


def _compare(where: Compare, *, negated: bool) -> str:
    if where.field in COLUMNS:
        return _signed(_compare_column(where), negated=negated)
    inner, outer = (" or ", " and ") if negated else (" and ", " or ")
    alternatives = [
        inner.join(_check(check, negated=negated) for check in checks)
        for checks in checks_of(where.field, where.op, where.value)
    ]
    return f"({outer.join(f'({one})' for one in alternatives)})"


def _check(check: Check, *, negated: bool) -> str:
    path = f"facets[{literal(check.facet)}][{literal(check.tag)}]"
    if check.tag == TEXTS:
        return _signed(f"json_contains({path}, {literal(check.value)})", negated=negated)
    compared = f"{path} {SYMBOLS[check.op]} {literal(check.value)}"
    return _signed(f"(exists {path}) and {compared}", negated=True) if negated else f"({compared})"


def _compare_column(where: Compare) -> str:
    column = where.field.removeprefix("$")
    if where.field not in NUMBERS:
        return f"{column} {SYMBOLS[where.op]} {literal(where.value)}"
    return f"{_exists(where.field)} and {column} {SYMBOLS[where.op]} {int(where.value)}"


def _exists(field: str) -> str:
    """Numeric columns hold -1 for none; the other columns always hold something, as the key does."""
    if field in NUMBERS:
        return f"{field.removeprefix('$')} >= 0"
    return 'key != ""' if field in COLUMNS else f"exists facets[{literal(facet_of(field))}]"


def _signed(expression: str, *, negated: bool) -> str:
    return f"not ({expression})" if negated else f"({expression})"
