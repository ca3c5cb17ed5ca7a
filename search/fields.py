"""Which metadata a collection really has: the fields worth filtering by, with counts."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from samespace.store.facets import field_of, is_past_floats, values_by_path
from samespace.store.filters import UNPRINTABLE
from samespace.store.fold import composed, fold
from samespace.store.records import Collection, Records

_MOST_DOCUMENTS = 200_000
_MOST_FIELDS = 20
_MOST_VALUES = 30
# So many different values of a field are looked at; one that has more, hardly any of them twice, sorts nothing.
_MOST_DIFFERENT = 10_000
# So many names are kept, to say which one was meant.
_MOST_NAMES = 10_000
# Longer ones are nothing to choose from a list; past `store.filters.MAX_TEXT` they can be no filter either.
_LONGEST_TEXT = 200

_FRESH_SECONDS = 1.0
# Counting may take a twentieth of the time.
_PATIENCE = 20
_MOST_COLLECTIONS = 100

Value: TypeAlias = str | float | bool
# Of each value its type goes along, since `True == 1`; texts are folded, as filters compare them.
_Key: TypeAlias = tuple[type, Value]


@dataclass(frozen=True, slots=True)
class Field:
    """A metadata field and its most frequent values, each with the number of documents that have it."""

    name: str
    values: tuple[tuple[Value, int], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields by name, and on how many documents their counts stand; not `whole` if there are more. `names` has all
    fields, also those that are not worth filtering by, `kinds` what can be compared in them: text, number, truth."""

    fields: tuple[Field, ...]
    counted: int
    whole: bool
    names: frozenset[str] = frozenset()
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Counts:
    """How many documents have a value, by field, how it is written, and every field there is."""

    values: dict[str, Counter[_Key]] = field(default_factory=dict)
    written: dict[str, dict[_Key, Value]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    kinds: dict[str, set[str]] = field(default_factory=dict)


def metadata_fields(
    collection: Collection, records: Records, most: int = _MOST_DOCUMENTS
) -> Fields:
    """The fields of the newest `most` documents by name: at most 20, each with its 30 most frequent values.

    A field in which hardly a value comes twice (a title, a path) sorts nothing and is left out.
    """
    counts = _Counts()
    counted = 0
    for counted, metadata in enumerate(records.holdings.metadata(collection.id, most + 1), 1):
        if counted <= most and metadata != "{}":
            _count(metadata, counts)
    useful = {name: values for name, values in counts.values.items() if _is_useful(values)}
    frequent = sorted(useful, key=lambda name: (-useful[name].total(), name))[:_MOST_FIELDS]
    found = tuple(
        Field(name, _most_frequent(useful[name], counts.written[name])) for name in sorted(frequent)
    )
    kinds = {name: frozenset(some) for name, some in counts.kinds.items()}
    return Fields(found, min(counted, most), counted <= most, frozenset(counts.names), kinds)


def _count(metadata: str, counts: _Counts) -> None:
    """Every value counts once for its document, however often a list repeats it."""
    found: dict[tuple[str, _Key], Value] = {}
    for path, value in values_by_path(orjson.loads(metadata)).items():
        name = field_of(composed(path))
        if len(counts.names) < _MOST_NAMES:
            counts.names.add(name)
            counts.kinds.setdefault(name, set()).update(map(kind_of, _scalars(value)))
        for each in _countable(value):
            found.setdefault((name, _key_of(each)), each)
    for (name, key), value in found.items():
        values = counts.values.setdefault(name, Counter())
        if len(values) < _MOST_DIFFERENT or key in values:
            values[key] += 1
            counts.written.setdefault(name, {}).setdefault(key, value)


def kind_of(value: Value) -> str:
    """As what a value is compared."""
    if isinstance(value, bool):
        return "truth"
    return "text" if isinstance(value, str) else "number"


def _scalars(value: Any) -> list[Value]:
    """What of a value can be compared at all; of a list that is its texts."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)]
    return [value] if isinstance(value, str | int | float) else []


def _key_of(value: Value) -> _Key:
    if isinstance(value, str):
        return str, fold(value)
    return (bool if isinstance(value, bool) else float), value


def _countable(value: Any) -> list[Value]:
    """What of a value can be chosen from a list, and filtered by from a browser."""
    match value:
        case bool():
            return [value]
        case int() | float() if not is_past_floats(value):
            return [value]
        case str() if len(value) <= _LONGEST_TEXT and not UNPRINTABLE.search(value):
            return [value]
        case list():
            return [each for one in value if isinstance(one, str) for each in _countable(one)]
        case _:
            return []


def _is_useful(values: Counter[_Key]) -> bool:
    return len(values) <= _MOST_VALUES or values.total() >= 2 * len(values)


def _most_frequent(
    values: Counter[_Key], written: Mapping[_Key, Value]
) -> tuple[tuple[Value, int], ...]:
    ranked = sorted(values.items(), key=lambda entry: (-entry[1], str(entry[0][1])))
    return tuple((written[key], count) for key, count in ranked[:_MOST_VALUES])


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
