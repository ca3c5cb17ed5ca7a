"""What a comparison asks: kept queries, the query log, judged queries, and a sample of the collection itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from samespace.core.errors import InvalidRequest, NotFound
from samespace.core.modalities import MODALITIES
from samespace.services import Services
from samespace.store.records import Collection, Records
from search.compare import Question, question_of, sample_questions
from search.sides import Held, Sides
from workers.kinds.comparison import MOST_LOGGED, AskedPart, CompareBody, JudgedQueryBody

KEPT, LOG, FILE = "kept", "log", "file"
_MANY = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the documents that answer it rightly, and all that were judged at all, good or bad (None where
    whoever judged is taken to have named all that is right)."""

    question: Question
    right: frozenset[str] = frozenset()
    known: frozenset[str] | None = None


def questions_of(params: CompareBody, sides: Sides, held: Held, services: Services) -> list[Asked]:
    """All of them; InvalidRequest where there is nothing to ask, or a judged query names a document that is not
    there."""
    collection = sides.live.asked
    check_judged(params.judged, services.records, collection)
    kept = _kept(collection, held, services.records)
    known = {one.question.words for one in kept}
    asked = [
        *kept,
        *(one for one in _logged(params, collection, services) if one.question.words not in known),
        *_judged(params.judged, held, services.records),
        *_sampled(params.sample, sides, held, services.records),
    ]
    if not asked:
        raise InvalidRequest(
            f"there is nothing to ask of collection {collection.name!r}: keep queries "
            "(`samespace queries add`), give judged ones, or have a sample of it taken"
        )
    return asked


def check_judged(
    judged: Sequence[JudgedQueryBody], records: Records, collection: Collection
) -> None:
    """InvalidRequest, naming the first, for documents that are none of the collection's or answer no searches."""
    named = list(
        dict.fromkeys(
            id
            for one in judged
            for id in (*one.right, *(part.document for part in one.parts if part.document))
        )
    )
    there: set[str] = set()
    for start in range(0, len(named), _MANY):
        found = records.documents.many(named[start : start + _MANY]).values()
        there |= {
            one.id
            for one in found
            if one.collection_id == collection.id and one.live_generation is not None
        }
    missing = [id for id in named if id not in there]
    if missing:
        raise InvalidRequest(
            f"the judged queries name {len(missing)} documents that collection {collection.name!r} does not hold, "
            f"such as {missing[0]!r}"
        )


def _kept(collection: Collection, held: Held, records: Records) -> list[Asked]:
    verdicts = records.kept_queries.judgements(collection.id)
    asked = []
    for one in records.kept_queries.all(collection.id):
        judged = {
            id: good for id, good in verdicts.get(one.id, {}).items() if id not in held.missing
        }
        asked.append(
            Asked(
                question_of(KEPT, one.parts, one.targets, one.id),
                frozenset(id for id, good in judged.items() if good),
                frozenset(judged),
            )
        )
    return asked


def _logged(params: CompareBody, collection: Collection, services: Services) -> list[Asked]:
    if not (params.log and services.settings.query_log):
        return []
    newest = services.records.query_log.newest(collection.id, MOST_LOGGED)
    return [Asked(question_of(LOG, one.parts, one.targets)) for one in newest]


def _judged(judged: Sequence[JudgedQueryBody], held: Held, records: Records) -> list[Asked]:
    """Those whose right documents both sides hold, some of them at least."""
    named = [part.document for one in judged for part in one.parts if part.document is not None]
    first = _first_items(named, records)
    asked = []
    for number, one in enumerate(judged):
        right = frozenset(one.right) - held.missing
        own = frozenset(part.document for part in one.parts if part.document is not None)
        if right - own and not own & held.missing:
            parts = [_part(part, first) for part in one.parts]
            question = question_of(FILE, parts, one.targets, str(number))
            asked.append(Asked(replace(question, own=own), right - own))
    return asked


def _first_items(ids: Sequence[str], records: Records) -> dict[str, str]:
    """The key of the first item of each document; NotFound for one without any."""
    found: dict[str, str] = {}
    for id in dict.fromkeys(ids):
        some = records.documents.items(records.documents.many([id])[id])
        if not some:
            raise NotFound(f"document {id!r} has no items to ask with")
        found[id] = some[0].key
    return found


def _part(part: AskedPart, first: Mapping[str, str]) -> dict[str, Any]:
    if part.text is not None:
        return {"text": part.text, "weight": part.weight}
    key = part.item if part.item is not None else first[str(part.document)]
    return {"item": key, "weight": part.weight}


def _sampled(size: int, sides: Sides, held: Held, records: Records) -> list[Asked]:
    """Items of what both sides take."""
    if not size:
        return []
    id, both = sides.live.asked.id, sides.live.modalities & sides.other.modalities
    return [
        Asked(question)
        for modality in MODALITIES
        if modality in both
        for question in sample_questions(id, modality, size, records=records, held=held)
    ]
