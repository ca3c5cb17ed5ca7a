"""What has to be so before a filter can be asked, and what is said when it finds nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches

from samespace.core.errors import Unavailable
from samespace.store.facets import field_of, path_of
from samespace.store.filters import (
    Compare,
    Filter,
    asks_facets,
    comparisons_asked,
    keys_asked,
)
from samespace.store.fold import composed, fold
from samespace.store.records import Collection
from samespace.store.rows import ROWS_VERSION
from search.answer import Answer
from search.fields import Fields, kind_of

_LONGEST_SHOWN = 80
_AS_TYPES = {"text": "a text", "number": "a number", "truth": "true or false"}


def check_rows(where: Filter, collection: Collection) -> None:
    """Unavailable while the index rows of a collection are of an older release, and the filter asks for more."""
    if collection.rows_version < ROWS_VERSION and asks_facets(where):
        raise Unavailable(
            f"filters of collection {collection.name!r} wait: its index is of an older release, and a worker "
            "brings it up to date; a search without a filter is answered"
        )


def with_unknown_fields(
    answer: Answer, where: Filter | None, *, collection: Collection, fields: Callable[[], Fields]
) -> Answer:
    """The answer; where the filter let nothing through, with the keys it asks for that no document has, and a warning
    for each that names the nearest one there is, and one for each that is compared with another type than it has.
    `fields` is asked only then."""
    if where is None or answer.total or not keys_asked(where):
        return answer
    found = fields()
    unknown = [field for field in keys_asked(where) if _canonical(field) not in found.names]
    warnings = [_warning(field, found, collection) for field in unknown]
    warnings += dict.fromkeys(
        filter(None, (_mistyped(one, found) for one in comparisons_asked(where)))
    )
    if not warnings or not found.counted:
        return answer
    return replace(
        answer, warnings=(*answer.warnings, *warnings), unknown_fields=tuple(map(_cut, unknown))
    )


def _canonical(field: str) -> str:
    return field_of(composed(path_of(field)))


def _warning(field: str, found: Fields, collection: Collection) -> str:
    none = "no document" if found.whole else f"none of the newest {found.counted:,} documents"
    near = _nearest(_canonical(field), found.names)
    hint = f"; did you mean {_cut(near)!r}?" if near else ""
    return f"filter: {none} of collection {collection.name!r} has the field {_cut(field)!r}{hint}"


def _mistyped(one: Compare, found: Fields) -> str | None:
    """What is said of a field that no document has as the type it is compared with."""
    asked, kinds = kind_of(one.value), found.kinds.get(_canonical(one.field))
    if not kinds or asked in kinds:
        return None
    held = " or ".join(_AS_TYPES[kind] for kind in sorted(kinds))
    return (
        f"filter: the field {_cut(one.field)!r} is {held} in every document that has it, and is compared with "
        f"{_AS_TYPES[asked]}: nothing is equal to something of another type"
    )


def _nearest(field: str, names: Iterable[str]) -> str | None:
    by_fold = {fold(name): name for name in sorted(names)}
    near = get_close_matches(fold(field), by_fold, n=1)
    return by_fold[near[0]] if near else None


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}..."
