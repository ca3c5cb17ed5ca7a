"""What documents warn of where a space knows only the beginnings of their items, or nothing of them: it goes with the
space."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, or_, select, update

from samespace.core.types import State
from samespace.store.records.tables import document_indexes, documents, indexes, models

_BEGINS = "space {!r} knows only the beginnings of "
_LACKS = "space {!r} does not know it: "
_AT_ONCE = 500
_UPDATE = (
    update(documents)
    .where(documents.c.id == bindparam("doc_id"))
    .values(warnings=bindparam("said"))
)


def truncation_warning(space: str, count: int, total: int) -> str:
    """What is said of a document of `total` items, `count` of which are longer than this space takes."""
    begin = _BEGINS.format(space)
    return f"{begin}{count} of {total} items: they are longer than it takes"


def renew_warnings(
    connection: Connection, collection_id: str, entering: Sequence[str], leaving: Sequence[str]
) -> None:
    """Let documents say of the indexes that searches ask from now on what they said of those that they asked."""
    gone = tuple(
        form.format(name)
        for name in _names(connection, leaving).values()
        for form in (_BEGINS, _LACKS)
    )
    come, before = _said(connection, entering), _said(connection, leaving)
    touched = sorted(come.keys() | before.keys())
    changed = []
    for start in range(0, len(touched), _AT_ONCE):
        which = documents.c.id.in_(touched[start : start + _AT_ONCE])
        query = select(documents.c.id, documents.c.warnings, documents.c.items_total)
        query = query.where(which, documents.c.collection_id == collection_id)
        for id, warnings, total in connection.execute(query):
            left = [one for one in warnings if not one.startswith(gone)]
            left += [one.words(total) for one in come.get(id, ())]
            changed.append({"doc_id": id, "said": left})
    if changed:
        connection.execute(_UPDATE, changed)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is to be said of a document for the sake of a space."""

    space: str
    truncated: int
    reason: str | None

    def words(self, total: int | None) -> str:
        if self.reason is not None:
            return f"{_LACKS.format(self.space)}{self.reason}"
        return truncation_warning(self.space, self.truncated, total or self.truncated)


def _names(connection: Connection, index_ids: Sequence[str]) -> Mapping[str, str]:
    query = (
        select(indexes.c.id, models.c.name)
        .join(models, models.c.id == indexes.c.model_id)
        .where(indexes.c.id.in_(list(index_ids)))
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _said(connection: Connection, index_ids: Sequence[str]) -> Mapping[str, Iterable[_Said]]:
    """What is to be said for the sake of these indexes, by document."""
    held, names = document_indexes.c, _names(connection, index_ids)
    query = (
        select(held.document_id, held.index_id, held.truncated, held.reason)
        .join(indexes, indexes.c.id == held.index_id)
        .where(
            held.index_id.in_(list(index_ids)),
            or_(held.truncated.is_not(None), held.state == State.FAILED),
        )
        .order_by(held.document_id, indexes.c.position)
    )
    found: dict[str, list[_Said]] = {}
    for document_id, index_id, positions, reason in connection.execute(query):
        one = _Said(names[index_id], len(positions or ()), reason)
        found.setdefault(document_id, []).append(one)
    return found
