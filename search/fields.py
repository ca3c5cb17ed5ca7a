"""Which metadata a collection really has: the fields worth filtering by, with counts."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from samespace.store.facets import NAME
from samespace.store.filters import MAX_WHOLE, UNPRINTABLE
from samespace.store.records import Collection, Records

_MOST_DOCUMENTS = 200_000
_MOST_FIELDS = 20
_MOST_VALUES = 30
# So many different values of a field are looked at; one that has more, hardly any of them twice, sorts nothing.
_MOST_DIFFERENT = 10_000
# Longer ones are nothing to choose from a list; past `store.filters.MAX_TEXT` they can be no filter either.
_LONGEST_TEXT = 200

_FRESH_SECONDS = 1.0
# Counting may take a twentieth of the time.
_PATIENCE = 20
_MOST_COLLECTIONS = 100

Value: TypeAlias = str | float | bool
# Of each value its type goes along, since `True == 1`.
_Counts: TypeAlias = dict[str, Counter[tuple[type, Value]]]


@dataclass(frozen=True, slots=True)
class Field:
    """A metadata field and its most frequent values, each with the number of documents that have it."""

    name: str
    values: tuple[tuple[Value, int], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields by name, and on how many documents their counts stand; not `whole` if there are more."""

    fields: tuple[Field, ...]
    counted: int
    whole: bool


def metadata_fields(
    collection: Collection, records: Records, most: int = _MOST_DOCUMENTS
) -> Fields:
    """The fields of the newest `most` documents by name: at most 20, each with its 30 most frequent values.

    A field in which hardly a value comes twice (a title, a path) sorts nothing and is left out.
    """
    counts: _Counts = {}
    counted = 0
    for counted, metadata in enumerate(records.holdings.metadata(collection.id, most + 1), 1):
        if counted <= most and metadata != "{}":
            _count(metadata, counts)
    useful = {name: values for name, values in counts.items() if _is_useful(values)}
    frequent = sorted(useful, key=lambda name: (-useful[name].total(), name))[:_MOST_FIELDS]
    found = tuple(Field(name, _most_frequent(useful[name])) for name in sorted(frequent))
    return Fields(found, min(counted, most), counted <= most)


def _count(metadata: str, counts: _Counts) -> None:
    """Every value counts once for its document, however often a list repeats it."""
    found: set[tuple[str, type, Value]] = set()
    _gather(orjson.loads(metadata), "", found)
    for name, kind, value in found:
        values = counts.get(name)
        if values is None:
            values = counts[name] = Counter()
        if len(values) < _MOST_DIFFERENT or (kind, value) in values:
            values[kind, value] += 1


def _gather(metadata: Mapping[str, Any], prefix: str, found: set[tuple[str, type, Value]]) -> None:
    for key, value in metadata.items():
        if not NAME.fullmatch(key):
            continue
        match value:
            case bool():
                found.add((prefix + key, bool, value))
            case int() | float() if abs(value) <= MAX_WHOLE:
                found.add((prefix + key, float, value))
            case str():
                _add_text(prefix + key, value, found)
            case dict():
                _gather(value, f"{prefix}{key}.", found)
            case list():
                for each in value:
                    _add_text(prefix + key, each, found)


def _add_text(name: str, value: object, found: set[tuple[str, type, Value]]) -> None:
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and not UNPRINTABLE.search(value):
        found.add((name, str, value))


def _is_useful(values: Counter[tuple[type, Value]]) -> bool:
    return len(values) <= _MOST_VALUES or values.total() >= 2 * len(values)


def _most_frequent(values: Counter[tuple[type, Value]]) -> tuple[tuple[Value, int], ...]:
    ranked = sorted(values.items(), key=lambda entry: (-entry[1], str(entry[0][1])))
    return tuple((value, count) for (_, value), count in ranked[:_MOST_VALUES])


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    fields: Fields | None = None
    until: float = 0.0


class FieldCounts:
    """The fields of the collections that are asked about, kept in this process; any thread may ask.

    They are counted anew after a second, or, where counting takes long, as rarely as _PATIENCE asks. While one
    counts, others get what was counted last.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def get(self, collection: Collection, records: Records) -> Fields:
        """The fields of a collection, as they were not long ago."""
        entry = self._entry(collection.id)
        known = entry.fields
        if known is not None and self._clock() < entry.until:
            return known
        if not entry.lock.acquire(blocking=known is None) and known is not None:
            return known
        try:
            return self._fresh(entry, collection, records)
        finally:
            entry.lock.release()

    def _fresh(self, entry: _Entry, collection: Collection, records: Records) -> Fields:
        began = self._clock()
        if entry.fields is None or began >= entry.until:
            entry.fields = metadata_fields(collection, records)
            ended = self._clock()
            entry.until = ended + max(_FRESH_SECONDS, _PATIENCE * (ended - began))
        return entry.fields

    def _entry(self, collection_id: str) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(collection_id, _Entry())
            self._entries.move_to_end(collection_id)
            while len(self._entries) > _MOST_COLLECTIONS:
                self._entries.popitem(last=False)
            return entry
