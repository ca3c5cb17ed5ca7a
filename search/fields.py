"""Which metadata a collection really has: the fields worth filtering by, with counts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from samespace.store.facets import NAME
from samespace.store.records import Collection, Records

_MOST_DOCUMENTS = 20_000
_MOST_FIELDS = 20
_MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class Field:
    """A metadata field and its most frequent values, each with the number of documents that have it."""

    name: str
    values: tuple[tuple[str | float | bool, int], ...]


def metadata_fields(collection: Collection, records: Records) -> list[Field]:
    """The fields of the newest 20,000 documents by name: at most 20, each with its 30 most frequent values.

    A field in which hardly a value comes twice (a title, a path) sorts nothing and is left out.
    """
    counts: dict[str, Counter[tuple[type, Any]]] = {}
    for metadata in records.holdings.metadata(collection.id, _MOST_DOCUMENTS):
        for name, value in _values(metadata, ""):
            counts.setdefault(name, Counter())[type(value), value] += 1
    useful = {name: values for name, values in counts.items() if _is_useful(values)}
    most = sorted(useful, key=lambda name: (-useful[name].total(), name))[:_MOST_FIELDS]
    return [Field(name, _most_frequent(useful[name])) for name in sorted(most)]


def _values(metadata: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str | float | bool]]:
    for key, value in metadata.items():
        if not NAME.fullmatch(key):
            continue
        match value:
            case Mapping():
                yield from _values(value, f"{prefix}{key}.")
            case str() | int() | float():
                yield prefix + key, value
            case list():
                yield from ((prefix + key, each) for each in value if isinstance(each, str))


def _is_useful(values: Counter[tuple[type, Any]]) -> bool:
    return len(values) <= _MOST_VALUES or values.total() >= 2 * len(values)


def _most_frequent(
    values: Counter[tuple[type, Any]],
) -> tuple[tuple[str | float | bool, int], ...]:
    ranked = sorted(values.items(), key=lambda entry: (-entry[1], str(entry[0][1])))
    return tuple((value, count) for (_, value), count in ranked[:_MOST_VALUES])
