"""What is asked: weighted parts, a filter, wanted modalities, a stretch of the ranking."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from samespace.core.content import Content
from samespace.core.errors import InvalidRequest
from samespace.core.modalities import MODALITIES, known
from samespace.core.settings import Settings
from samespace.core.types import Modality
from samespace.store.filters import Filter

MAX_CHARACTERS = 10_000
MAX_WEIGHT = 1000.0


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words to find; a negative weight pushes away from them."""

    text: str
    weight: float = 1.0

    @property
    def content(self) -> Content:
        """What is to be encoded of it."""
        return Content.of_text(self.text)


@dataclass(frozen=True, slots=True)
class ContentPart:
    """Something decoded, such as a picture, that was brought along."""

    content: Content
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ItemPart:
    """An item of the collection, by its key."""

    key: str
    weight: float = 1.0


Part: TypeAlias = TextPart | ContentPart | ItemPart


@dataclass(frozen=True, slots=True)
class Query:
    """Parts combined by weight; `modalities` None: all; `leave_out` names items that are not to be answered with."""

    parts: tuple[Part, ...]
    where: Filter | None = None
    modalities: frozenset[Modality] | None = None
    limit: int = 10
    offset: int = 0
    leave_out: frozenset[str] = frozenset()

    def wanted(self, there: Iterable[Modality]) -> list[Modality]:
        """Which of the modalities that an index holds are asked for."""
        return sorted(each for each in there if self.modalities is None or each in self.modalities)


def parse_modalities(names: Iterable[str]) -> frozenset[Modality]:
    """The modalities of these names; InvalidRequest for none or an unknown one."""
    wanted = frozenset(map(Modality, names))
    if unknown := sorted(wanted - MODALITIES.keys()):
        raise InvalidRequest(f"modality {unknown[0]!r} is not known; known are {known()}")
    if not wanted:
        raise InvalidRequest("no modality is wanted; leave the list out to get all")
    return wanted


def check_query(query: Query, settings: Settings) -> None:
    """InvalidRequest, naming the value and the limit, for a query that cannot be answered."""
    _check_parts(query.parts, settings.max_query_parts)
    if query.modalities is not None and not query.modalities:
        raise InvalidRequest("no modality is wanted; leave the list out to get all")
    check_limit(query.limit, settings)
    if not 0 <= query.offset < settings.candidates:
        raise InvalidRequest(
            f"offset is {query.offset}; it has to be 0 to {settings.candidates - 1}, "
            "paging ends at the candidate depth (SAMESPACE_CANDIDATES)"
        )


def check_limit(limit: int, settings: Settings) -> None:
    """InvalidRequest unless so many hits can be answered at once."""
    if not 1 <= limit <= settings.candidates:
        raise InvalidRequest(
            f"limit is {limit}; it has to be 1 to {settings.candidates} (SAMESPACE_CANDIDATES)"
        )


def _check_parts(parts: tuple[Part, ...], most: int) -> None:
    if not parts:
        raise InvalidRequest("the query has no parts: give words, a picture or an item")
    if len(parts) > most:
        raise InvalidRequest(f"the query has {len(parts)} parts, the limit is {most}")
    for number, part in enumerate(parts, start=1):
        _check_part(number, part)
    if all(part.weight == 0 for part in parts):
        raise InvalidRequest("every part of the query has weight 0")


def _check_part(number: int, part: Part) -> None:
    if not math.isfinite(part.weight) or abs(part.weight) > MAX_WEIGHT:
        raise InvalidRequest(
            f"part {number} of the query has weight {part.weight}; "
            f"it has to be a number from -{MAX_WEIGHT:g} to {MAX_WEIGHT:g}"
        )
    if isinstance(part, TextPart):
        _check_text(number, part.text)
    if isinstance(part, ItemPart) and not part.key:
        raise InvalidRequest(f"part {number} of the query names no item")


def _check_text(number: int, text: str) -> None:
    if not text.strip():
        raise InvalidRequest(f"part {number} of the query is an empty text")
    if len(text) > MAX_CHARACTERS:
        raise InvalidRequest(
            f"part {number} of the query has {len(text)} characters, the limit is {MAX_CHARACTERS}"
        )
