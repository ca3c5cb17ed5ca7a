"""What documents warn of where a space knows only the beginnings of their items: it goes with the space."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, bindparam, select, update

from samespace.store.records.tables import document_indexes, documents, indexes, models

_BEGINS = "space {!r} knows only the beginnings of "
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
    gone = [_BEGINS.format(name) for name in _names(connection, leaving).values()]
    come, names = _truncated(connection, entering), _names(connection, entering)
    before = _truncated(connection, leaving)
    touched = sorted(come.keys() | before.keys())
    changed = []
    for start in range(0, len(touched), 500):
        which = documents.c.id.in_(touched[start : start + 500])
        query = select(documents.c.id, documents.c.warnings, documents.c.items_total).where(
            which, documents.c.collection_id == collection_id
        )
        for id, warnings, total in connection.execute(query):
            left = [one for one in warnings if not one.startswith(tuple(gone))]
            left += [
                truncation_warning(names[index], count, total or count)
                for index, count in come.get(id, {}).items()
            ]
            changed.append({"doc_id": id, "said": left})
    if changed:
        connection.execute(_UPDATE, changed)


def _names(connection: Connection, index_ids: Sequence[str]) -> Mapping[str, str]:
    query = (
        select(indexes.c.id, models.c.name)
        .join(models, models.c.id == indexes.c.model_id)
        .where(indexes.c.id.in_(list(index_ids)))
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _truncated(connection: Connection, index_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """For a document with items of which these indexes know only the beginning: how many, by index."""
    found: dict[str, dict[str, int]] = {}
    for document_id, index_id, count in _rows(connection, index_ids):
        found.setdefault(document_id, {})[index_id] = count
    return found


def _rows(connection: Connection, index_ids: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    held = document_indexes.c
    query = select(held.document_id, held.index_id, held.truncated).where(
        held.index_id.in_(list(index_ids)), held.truncated.is_not(None)
    )
    for document_id, index_id, positions in connection.execute(query):
        yield document_id, index_id, len(positions)
