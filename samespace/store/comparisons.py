"""What a comparison of a filter comes to: checks of single facets, the same for every index."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from samespace.store.facets import (
    ADDED,
    DOCUMENT_NAME,
    EXACT,
    MAX_WHOLE,
    MOMENT,
    NUMBER,
    TEXT,
    TEXTS,
    TRUTH,
    Facet,
    digits_of,
    folded,
    is_past_floats,
    name_of,
    path_of,
)
from samespace.store.moments import Span, span_of

Value: TypeAlias = str | float | bool

ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {"eq": operator.eq, **ORDERS}


@dataclass(frozen=True, slots=True)
class Check:
    """What a facet has under this tag compares so with the value; of TEXTS one is the value."""

    facet: str
    tag: str
    op: str
    value: Value

    def holds(self, facets: Mapping[str, Facet]) -> bool:
        """Whether these facets pass."""
        facet = facets.get(self.facet, {})
        if self.tag not in facet:
            return False
        if self.tag == TEXTS:
            return self.value in facet[TEXTS]
        return COMPARISONS[self.op](facet[self.tag], self.value)


Alternatives: TypeAlias = tuple[tuple[Check, ...], ...]
"""At least one has to hold, with all its checks."""


def facet_of(field: str) -> str:
    """The name of the facet that a field of a filter means."""
    return field if field in {DOCUMENT_NAME, ADDED} else name_of(path_of(field))


def checks_of(field: str, op: str, value: Value) -> Alternatives:
    """The checks of a comparison; `op` is one of COMPARISONS."""
    facet = facet_of(field)
    if isinstance(value, bool):
        return ((Check(facet, TRUTH, op, value),),)
    if isinstance(value, str):
        return _of_text(facet, op, value)
    return _of_number(facet, op, value)


def _of_text(facet: str, op: str, value: str) -> Alternatives:
    """A date is compared with dates, as times; it is equal to the same text, too. Other texts are compared folded."""
    tag = TEXTS if op == "eq" and facet != DOCUMENT_NAME else TEXT
    as_text = (Check(facet, tag, op, folded(value)),)
    span = None if facet == DOCUMENT_NAME else span_of(value)
    if span is None:
        return (as_text,)
    as_time = _of_span(facet, op, span)
    return (as_text, as_time) if op == "eq" and facet != ADDED else (as_time,)


def _of_span(facet: str, op: str, span: Span) -> tuple[Check, ...]:
    """A day is the whole day: what is later than it comes after its end, and what is in it is equal to it."""
    if span.is_moment:
        return (Check(facet, MOMENT, op, span.start),)
    match op:
        case "gt":
            return (Check(facet, MOMENT, "gte", span.end),)
        case "lte":
            return (Check(facet, MOMENT, "lt", span.end),)
        case "eq":
            return (Check(facet, MOMENT, "gte", span.start), Check(facet, MOMENT, "lt", span.end))
        case _:
            return (Check(facet, MOMENT, op, span.start),)


def _of_number(facet: str, op: str, value: float) -> Alternatives:
    """Past the whole floats by the digits. What lies between there and the other end of the line is a float."""
    if not is_past_floats(value):
        return ((Check(facet, NUMBER, op, float(value)),),)
    exactly = (Check(facet, EXACT, op, digits_of(value)),)
    if value > 0 and op in {"lt", "lte"}:
        return (exactly, (Check(facet, NUMBER, "lt", float(MAX_WHOLE)),))
    if value < 0 and op in {"gt", "gte"}:
        return (exactly, (Check(facet, NUMBER, "gt", float(-MAX_WHOLE)),))
    return (exactly,)
