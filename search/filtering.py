"""What has to be so before a filter can be asked, and what is said when it finds nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches

from samespace.core.errors import Unavailable
from samespace.store.facets import field_of, path_of
from samespace.store.filters import Filter, asks_facets, keys_asked
from samespace.store.fold import composed, fold
from samespace.store.records import Collection
from samespace.store.rows import ROWS_VERSION
from search.answer import Answer
from search.fields import Fields

_LONGEST_SHOWN = 80


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
    for each that names the nearest one there is. `fields` is asked only then."""
    if where is None or answer.total or not keys_asked(where):
        return answer
    found = fields()
    unknown = [field for field in keys_asked(where) if _canonical(field) not in found.names]
    if not unknown or not found.counted:
        return answer
    warnings = [_warning(field, found, collection) for field in unknown]
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


def _nearest(field: str, names: Iterable[str]) -> str | None:
    by_fold = {fold(name): name for name in sorted(names)}
    near = get_close_matches(fold(field), by_fold, n=1)
    return by_fold[near[0]] if near else None


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}..."
