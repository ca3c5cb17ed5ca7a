"""Judged queries: what is asked of a collection, and which of its documents are right."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from samespace.core.errors import InvalidRequest, NotFound, Unreadable
from samespace.learn.evaluate.directions import (
    IMAGE_TO_IMAGE,
    TEXT_TO_IMAGE,
    distinct_captions,
    tasks_of,
)
from samespace.learn.evaluate.measures import Values, measure
from samespace.learn.pairs import Pair, absolute
from samespace.learn.tables import MAX_BAD_SHARE, BadRow, Numbered, check_share, read_table

Names = frozenset[str]
"""What one document may be called: its id, or its external id, as written or as a path from the root."""


@dataclass(frozen=True)
class QueryPart:
    """Words, or a picture file, and their weight."""

    text: str = ""
    picture: Path | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class JudgedQuery:
    """A query with the names of each right document; `own` are those of the pictures it is made of,
    which are no answers; `line` is where it stands."""

    parts: tuple[QueryPart, ...]
    targets: tuple[str, ...]
    right: tuple[Names, ...]
    own: Names = frozenset()
    line: int = 0

    @property
    def direction(self) -> str:
        """From what to what: "text->image", "mixed->text"; "any" where all modalities are wanted."""
        kinds = {"image" if part.picture else "text" for part in self.parts}
        asked = kinds.pop() if len(kinds) == 1 else "mixed"
        return f"{asked}->{'+'.join(self.targets) or 'any'}"


Ask = Callable[[JudgedQuery], Iterable[Names]]
"""Asks a collection: the names of the documents it answers with, best first, each once."""

_SINGLE = {"query": "text", "picture": "picture"}


@dataclass(frozen=True)
class Queries:
    """What a file holds: its queries in order, and the rows that were skipped."""

    good: tuple[JudgedQuery, ...]
    bad: tuple[BadRow, ...]


def holds_queries(file: Path) -> bool:
    """Whether the file's rows are judged queries and not pairs: it is JSON, or its first row has `right`."""
    return file.suffix.lower() == ".json" or "right" in next(
        (row for _, row in read_table(file)), ""
    )


def read_queries(file: Path, max_bad_share: float = MAX_BAD_SHARE) -> Queries:
    """The judged queries of a CSV, JSONL or JSON file (a list, or an object with it under `queries`).

    A row has `query` (words) or `picture` (a path from the file's folder), or `parts`, a list of
    objects with `text` or `picture` and `weight`; `right`, the ids, external ids or paths of the right
    documents (a list, or a text with ; between them); and perhaps `targets`, the wanted modalities.
    Malformed rows and missing pictures are skipped and listed; raises as `read_pairs` does.
    """
    rows = list(_read_json(file) if file.suffix.lower() == ".json" else read_table(file))
    parsed = [_parse(line, values, absolute(file.parent)) for line, values in rows]
    bad = [row for row in parsed if isinstance(row, BadRow)]
    check_share(file, bad, len(rows), max_bad_share)
    return Queries(tuple(row for row in parsed if isinstance(row, JudgedQuery)), tuple(bad))


def queries_of_pairs(pairs: Sequence[Pair], folder: Path) -> list[JudgedQuery]:
    """What pairs ask of a collection that holds their pictures: each caption for its pictures, and each
    picture with a group for the others of it; `folder` is the one external ids may count from."""
    names = [names_of(str(pair.path), folder) for pair in pairs]
    texts, tasks = distinct_captions(pairs), {task.direction: task for task in tasks_of(pairs)}

    def query(part: QueryPart, right: Iterable[int], own: Names = frozenset()) -> JudgedQuery:
        return JudgedQuery((part,), ("image",), tuple(names[i] for i in sorted(right)), own)

    words, pictures = tasks[TEXT_TO_IMAGE], tasks[IMAGE_TO_IMAGE]
    return [
        *(
            query(QueryPart(texts[i]), right)
            for i, right in zip(words.queries, words.right(), strict=True)
        ),
        *(
            query(QueryPart(picture=pairs[i].path), right, names[i])
            for i, right in zip(pictures.queries, pictures.right(), strict=True)
        ),
    ]


def judge_queries(
    queries: Sequence[JudgedQuery], ask: Ask, report: Callable[[int], None]
) -> dict[str, dict[str, Values]]:
    """By direction each measure for each query, in their order, from the documents that `ask` finds."""
    rankings: dict[str, list[list[int]]] = {}
    relevant: dict[str, list[set[int]]] = {}
    for done, query in enumerate(queries, 1):
        rankings.setdefault(query.direction, []).append(_ranking(query, ask(query)))
        relevant.setdefault(query.direction, []).append(set(range(len(query.right))))
        report(done)
    return {name: measure(some, relevant[name]) for name, some in rankings.items()}


def names_of(written: str, folder: Path) -> Names:
    """What the document that is written so may be called."""
    path = absolute(folder / written)
    below = {path.relative_to(folder).as_posix()} if path.is_relative_to(folder) else set()
    return frozenset({written, str(path), *below})


def _ranking(query: JudgedQuery, found: Iterable[Names]) -> list[int]:
    """The places of right answers by their number, of others by one that no right answer has."""
    ranking: list[int] = []
    for names in found:
        number = next((i for i, right in enumerate(query.right) if right & names), None)
        if number is None and not names & query.own:
            ranking.append(-1 - len(ranking))
        elif number is not None and number not in ranking:
            ranking.append(number)
    return ranking


def _read_json(file: Path) -> Iterator[Numbered]:
    """The queries of a JSON file, counted from 1; where it is an object, of its `queries`."""
    if not file.is_file():
        raise NotFound(f"there is no file {str(file)!r}")
    try:
        value = orjson.loads(file.read_bytes())
    except ValueError as error:
        raise Unreadable(f"{file} is not JSON: {error}") from error
    rows = value.get("queries") if isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise InvalidRequest(f"{file} is neither a list nor an object with a list under 'queries'")
    for number, row in enumerate(rows, 1):
        yield number, row if isinstance(row, dict) else "it is not a JSON object"


def _parse(line: int, values: Mapping[str, Any] | str, folder: Path) -> JudgedQuery | BadRow:
    if isinstance(values, str):
        return BadRow(line, "", values)
    try:
        parts = tuple(_part(each, folder) for each in _parts(values))
        right, targets = _texts(values, "right"), _texts(values, "targets")
    except InvalidRequest as error:
        return BadRow(line, str(values.get("query") or values.get("name") or ""), str(error))
    own = frozenset().union(
        *(names_of(str(part.picture), folder) for part in parts if part.picture)
    )
    return JudgedQuery(parts, targets, tuple(names_of(each, folder) for each in right), own, line)


def _parts(values: Mapping[str, Any]) -> list[Any]:
    parts = values.get("parts")
    if isinstance(parts, list) and parts:
        return parts
    given = [{name: values[key]} for key, name in _SINGLE.items() if values.get(key)]
    if not given:
        raise InvalidRequest("it has neither query nor picture nor parts")
    return given


def _part(source: object, folder: Path) -> QueryPart:
    match source:
        case {"text": str(text), **rest} if text.strip():
            return QueryPart(text=text, weight=_weight(rest))
        case {"picture": str(written), **rest}:
            path = absolute(folder / written)
            if not path.is_file():
                raise InvalidRequest(f"there is no file {written!r}")
            return QueryPart(picture=path, weight=_weight(rest))
        case _:
            raise InvalidRequest("a part has neither words nor a picture")


def _weight(rest: Mapping[Any, Any]) -> float:
    weight = rest.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise InvalidRequest(f"weight {weight!r} is not a number")
    return float(weight)


def _texts(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = values.get(name) or []
    listed = given.split(";") if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise InvalidRequest(f"{name} is not a list of texts")
    texts = tuple(dict.fromkeys(each.strip() for each in listed if each.strip()))
    if name == "right" and not texts:
        raise InvalidRequest("it names no right document")
    return texts
