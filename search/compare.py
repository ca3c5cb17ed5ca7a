"""The same questions to two sets of indexes of a collection, through the ordinary way of a search."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from samespace.core.errors import InvalidRequest, NotFound, Unavailable, Unsupported
from samespace.core.modalities import row_of
from samespace.core.types import Modality
from samespace.store.records import Records
from search.answer import Answer
from search.cursor import Cursors, MemorySnapshots
from search.parts import ItemPart, Part, Query, TextPart, parse_modalities
from search.query import search
from search.searcher import Searcher
from search.sides import Held, Side, Sides

DEPTH = 100
"""Places of each answer that are looked at."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of both sides: `source` says where it comes from, `id` and `words` what it is called there; `own`
    are documents that are no answers, for the question is made of them."""

    source: str
    query: Query
    id: str = ""
    words: str = ""
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one side answered, best first: items by key, and the documents they are of, each once."""

    items: tuple[str, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """The answers of both sides to a question."""

    question: Question
    live: Ranked
    other: Ranked


def without_cursors(searcher: Searcher) -> Searcher:
    """The same for questions of which nobody wants the next page."""
    return replace(searcher, cursors=Cursors(MemorySnapshots(most=1), 1.0))


def ask_both(
    questions: Iterable[Question], sides: Sides, held: Held, searcher: Searcher
) -> Iterator[tuple[Question, Both | None]]:
    """Each question with the answers of both sides, without the documents that only one of them holds; None where one
    of them cannot be asked it: it names an item that is not there (any more), or something its models do not take.
    Unavailable where a side, or a part of it, does not answer."""
    for question in questions:
        try:
            live, other = (_ask(question, side, held, searcher) for side in sides)
        except (NotFound, Unsupported, InvalidRequest):
            yield question, None
        else:
            yield question, Both(question, live, other)


def answer_whole(query: Query, side: Side, searcher: Searcher) -> Answer:
    """What a side answers; Unavailable where a part of it does not, for half an answer must not be compared."""
    answer = search(query, side.asked, searcher)
    if answer.partial:
        reasons = "; ".join(f"{gap.space}: {gap.reason}" for gap in answer.missing)
        raise Unavailable(f"index {side.name} answers in part only: {reasons}")
    return answer


def _ask(question: Question, side: Side, held: Held, searcher: Searcher) -> Ranked:
    limit = min(DEPTH, searcher.settings.candidates)
    answer = answer_whole(replace(question.query, limit=limit), side, searcher)
    hits = [
        hit
        for hit in answer.hits
        if hit.document_id not in held.missing and hit.document_id not in question.own
    ]
    return Ranked(
        tuple(hit.id for hit in hits), tuple(dict.fromkeys(hit.document_id for hit in hits))
    )


def question_of(
    source: str,
    parts: Sequence[Mapping[str, Any]],
    targets: Sequence[str] | None,
    id: str = "",
) -> Question:
    """A question that was kept or logged as JSON; its own items are left out of the answers."""
    made = tuple(_part(part) for part in parts)
    query = Query(
        made,
        modalities=None if targets is None else parse_modalities(targets),
        leave_out=frozenset(part.key for part in made if isinstance(part, ItemPart)),
    )
    return Question(source, query, id, words_of_parts(parts))


def words_of_parts(parts: Sequence[Mapping[str, Any]]) -> str:
    """A query as a person would write it: `red car, 2 x night, - text, like item 0f5a...`."""
    return ", ".join(_said(part) for part in parts)


def parts_as_json(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Parts of a query, as they are kept; InvalidRequest for a picture that was brought along."""
    return [_as_json(part) for part in parts]


def sample_questions(
    collection_id: str,
    modality: Modality,
    size: int,
    *,
    records: Records,
    held: Held,
) -> list[Question]:
    """Items of a modality that ask for what is like them, themselves left out: of those that both sides hold the first
    by key, which is a hash, so that they are a sample, and the same one each time."""
    items = records.holdings.live_items(collection_id, [modality])
    both = (item for item in items if item.document_id not in held.missing)
    source = row_of(modality).plural
    return [
        Question(source, Query((ItemPart(item.key),), leave_out=frozenset({item.key})), item.key)
        for item in islice(both, size)
    ]


def _part(part: Mapping[str, Any]) -> Part:
    weight = float(part.get("weight", 1.0))
    if "text" in part:
        return TextPart(part["text"], weight)
    return ItemPart(part["item"], weight)


def _as_json(part: Part) -> dict[str, Any]:
    match part:
        case TextPart(text, weight):
            return {"text": text, "weight": float(weight)}
        case ItemPart(key, weight):
            return {"item": key, "weight": float(weight)}
        case _:
            raise InvalidRequest(
                "a query with a picture that was brought along cannot be kept: add the picture to the collection, "
                "and ask for what is like it"
            )


def _said(part: Mapping[str, Any]) -> str:
    weight = float(part.get("weight", 1.0))
    what = part["text"] if "text" in part else f"like item {part['item']}"
    if weight == 1:
        return str(what)
    return f"- {what}" if weight == -1 else f"{weight:g} x {what}"
