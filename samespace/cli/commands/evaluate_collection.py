"""`samespace eval --collection`: a collection judged by what its server answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samespace.cli.commands.evaluate_index import judge_index
from samespace.cli.commands.evaluate_wishes import Wishes
from samespace.cli.terminal.common import every_document
from samespace.cli.terminal.progress import showing_progress
from samespace.client import Client
from samespace.client.views import Hit
from samespace.client.wire import Part
from samespace.core.errors import InvalidRequest
from samespace.core.progress import Progress
from samespace.core.settings import Settings
from samespace.learn.evaluate.bootstrap import Clusters
from samespace.learn.evaluate.directions import DIRECTIONS, tasks_of
from samespace.learn.evaluate.measures import DEPTH
from samespace.learn.evaluate.queries import (
    JudgedQuery,
    Names,
    holds_queries,
    judge_queries,
    names_of,
    queries_of_pairs,
    read_queries,
)
from samespace.learn.evaluate.report import (
    Classes,
    Direction,
    Report,
    classes_report,
    intervals,
    no_classes,
)
from samespace.learn.evaluate.zeroshot import classes_of, tally
from samespace.learn.pairs import Pair, read_pairs
from samespace.learn.tables import BadRow, check_share

CLASSIFIED_AT_ONCE = 200


@dataclass(frozen=True)
class Asked:
    """What a file asks of a collection: queries, the pairs they were made of (none for judged queries),
    for each direction the pictures that queries come from, and the rows that cannot be asked."""

    queries: tuple[JudgedQuery, ...]
    pairs: tuple[Pair, ...]
    clusters: Mapping[str, Clusters]
    bad: tuple[BadRow, ...]
    absent: Mapping[str, str]


def judge_collection(name: str, client: Client, wishes: Wishes, settings: Settings) -> Report:
    """What the collection answers to pairs or judged queries, and what its index finds of exact search.

    Raises NotFound for the collection, what reading the file raises, InvalidRequest where too much of
    what is asked for is not in the collection, and what the server answers with.
    """
    spaces = client.collection(name)["spaces"]
    ids = documents_of(client, name)
    read = read_as_queries if holds_queries(wishes.file) else read_as_pairs
    asked = read(name, ids, wishes)
    queries = [each for each in asked.queries if wishes.wants(each.direction)]
    return Report(
        subject=f"collection {name}",
        file=str(wishes.file),
        seed=wishes.seed,
        fingerprints={space["name"]: space["fingerprint"] for space in spaces},
        good_rows=len(asked.pairs or asked.queries),
        bad_rows=asked.bad,
        directions=tuple(judge_answers(name, client, asked, ids, wishes)),
        zero_shot=tuple(zero_shot(name, client, asked.pairs, ids, wishes)),
        index=tuple(judge_index(name, queries, settings, wishes.seed)),
    )


def judge_answers(
    name: str, client: Client, asked: Asked, ids: Mapping[str, str], wishes: Wishes
) -> Iterator[Direction]:
    """Each wanted direction that is asked for, then those that are absent."""
    queries = [each for each in asked.queries if wishes.wants(each.direction)]
    documents = len(set(ids.values()))
    with showing_progress() as show:
        judged = judge_queries(
            queries, asker(client, name), lambda done: show(Progress(done, len(queries), "asking"))
        )
    for direction, values in judged.items():
        measures = intervals(values, wishes.seed, asked.clusters.get(direction))
        yield Direction("", direction, len(values["mrr"]), documents, measures)
    for direction, reason in asked.absent.items():
        if wishes.wants(direction):
            yield Direction("", direction, 0, documents, {}, reason)


def documents_of(client: Client, name: str) -> dict[str, str]:
    """The ids of the documents that answer, under each name they have: id and external id."""
    live = [each for each in every_document(client, name) if each["is_live"]]
    by_external_id = {each["external_id"]: each["id"] for each in live if each["external_id"]}
    return {each["id"]: each["id"] for each in live} | by_external_id


def read_as_pairs(name: str, ids: Mapping[str, str], wishes: Wishes) -> Asked:
    """Pairs as queries for the pictures that the collection holds."""
    file, folder = wishes.file, wishes.file.parent
    pairs = read_pairs(file, wishes.max_bad, group_column=wishes.group_column)
    absent = {pair for pair in pairs.good if find(names_of(str(pair.path), folder), ids) is None}
    reason = f"collection {name!r} has no such document"
    bad = (
        *pairs.bad,
        *(BadRow(0, str(each.path), reason) for each in pairs.good if each in absent),
    )
    check_share(file, bad, len(pairs.good) + len(pairs.bad), wishes.max_bad)
    good = tuple(each for each in pairs.good if each not in absent)
    tasks = {task.direction: task for task in tasks_of(good)}
    queries = tuple(queries_of_pairs(good, folder))
    asked = {query.direction for query in queries}
    why = {each: tasks[each].absent or "captions are not documents" for each in DIRECTIONS}
    return Asked(
        queries=queries,
        pairs=good,
        clusters={each: tasks[each].clusters for each in asked},
        bad=bad,
        absent={each: why[each] for each in DIRECTIONS if each not in asked},
    )


def read_as_queries(name: str, ids: Mapping[str, str], wishes: Wishes) -> Asked:
    """Judged queries whose right documents the collection holds."""
    queries = read_queries(wishes.file, wishes.max_bad)
    reason = f"collection {name!r} has no such document"
    absent = [
        BadRow(query.line, min(missing[0], key=len), reason)
        for query in queries.good
        if (missing := [right for right in query.right if find(right, ids) is None])
    ]
    bad = (*queries.bad, *absent)
    check_share(wishes.file, bad, len(queries.good) + len(queries.bad), wishes.max_bad)
    lines = {row.line for row in bad}
    good = tuple(query for query in queries.good if query.line not in lines)
    return Asked(queries=good, pairs=(), clusters={}, bad=bad, absent={})


def find(names: Names, ids: Mapping[str, str]) -> str | None:
    """The id of the document of these names."""
    return next((ids[each] for each in names if each in ids), None)


def asker(client: Client, name: str) -> Callable[[JudgedQuery], Iterator[Names]]:
    """Asks the collection, each document once."""

    def ask(query: JudgedQuery) -> Iterator[Names]:
        parts: list[Part] = [
            {"image": part.picture.read_bytes(), "weight": part.weight}
            if part.picture
            else {"text": part.text, "weight": part.weight}
            for part in query.parts
        ]
        answer = client.search(name, parts=parts, targets=list(query.targets) or None, limit=DEPTH)
        yield from dict.fromkeys(map(names_of_hit, answer["hits"]))

    return ask


def names_of_hit(hit: Hit) -> Names:
    """What the document of a hit may be called."""
    document = hit["document"]
    return frozenset({document["id"], document["external_id"] or document["id"]})


def zero_shot(
    name: str, client: Client, pairs: Sequence[Pair], ids: Mapping[str, str], wishes: Wishes
) -> Iterator[Classes]:
    """The server's classes of the pictures with a group, from their stored vectors; nothing for queries."""
    if not pairs:
        return
    classes, grouped = classes_of(pairs), [pair for pair in pairs if pair.group]
    if len(classes) < 2:
        yield no_classes("", f"the rows name {len(classes)} groups; at least 2 are needed")
        return
    folder = wishes.file.parent
    documents = [find(names_of(str(pair.path), folder), ids) or "" for pair in grouped]
    try:
        taken = classified(name, client, classes, documents, wishes.templates)
    except InvalidRequest as error:
        yield no_classes("", str(error))
        return
    judged = tally([pair.group for pair in grouped], taken, classes)
    yield classes_report("", judged, wishes.seed)


def classified(
    name: str,
    client: Client,
    classes: Sequence[str],
    documents: Sequence[str],
    templates: Sequence[str] | None,
) -> NDArray[np.intp]:
    """The number of the likeliest class of each document, which are pictures."""
    numbers = {label: i for i, label in enumerate(classes)}
    taken: list[int] = []
    for start in range(0, len(documents), CLASSIFIED_AT_ONCE):
        some = documents[start : start + CLASSIFIED_AT_ONCE]
        results = client.classify(name, classes, documents=some, templates=templates)
        taken += [numbers[result["probabilities"][0]["label"]] for result in results]
    return np.array(taken, dtype=np.intp)
