"""Judged queries of a file, as a comparison asks them: documents by id, pictures as documents of the collection."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samespace.cli.commands.evaluate_collection import (
    documents_of,
    find,
    read_as_pairs,
    read_as_queries,
)
from samespace.cli.commands.evaluate_show import report_bad_rows
from samespace.cli.commands.evaluate_wishes import Wishes
from samespace.core.errors import InvalidRequest
from samespace.learn.evaluate.queries import JudgedQuery, QueryPart, holds_queries, names_of
from samespace.learn.tables import BadRow, check_share

if TYPE_CHECKING:
    from samespace.client import Client


def judged_of(
    client: "Client", name: str, file: Path, max_bad: float, seed: int
) -> list[dict[str, Any]]:
    """The queries of a file whose documents the collection holds; the others are named on stderr. InvalidRequest where
    too many are bad, or none is left."""
    ids = documents_of(client, name)
    wishes = Wishes(file=file, max_bad=max_bad, seed=seed)
    asked = (read_as_queries if holds_queries(file) else read_as_pairs)(name, ids, wishes)
    good = [(query, _body(query, ids, file.parent)) for query in asked.queries]
    absent = [
        BadRow(
            query.line,
            "",
            f"collection {name!r} does not hold its picture, which cannot be asked then",
        )
        for query, body in good
        if body is None
    ]
    bad = [*asked.bad, *absent]
    check_share(file, bad, len(asked.queries) + len(asked.bad), max_bad)
    report_bad_rows(bad)
    found = [body for _, body in good if body is not None]
    if not found:
        raise InvalidRequest(f"{file} holds no query whose documents are in collection {name!r}")
    return found


def _body(query: JudgedQuery, ids: Mapping[str, str], folder: Path) -> dict[str, Any] | None:
    """None where it asks with a picture that the collection does not hold."""
    parts = [_part(part, ids, folder) for part in query.parts]
    if None in parts:
        return None
    right = [id for names in query.right if (id := find(names, ids))]
    return {
        "parts": parts,
        "right": right,
        **({"targets": list(query.targets)} if query.targets else {}),
    }


def _part(part: QueryPart, ids: Mapping[str, str], folder: Path) -> dict[str, Any] | None:
    if part.picture is None:
        return {"text": part.text, "weight": part.weight}
    id = find(names_of(str(part.picture), folder), ids)
    return None if id is None else {"document": id, "weight": part.weight}
