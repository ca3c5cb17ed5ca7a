"""What no answer of a search may hold, whatever is broken at the time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.chaos.ledger import Ledger

Floors = Mapping[str, tuple[int, str]]


def check_hits(
    hits: Sequence[Mapping[str, Any]], home: str, life: int, floors: Floors, ledger: Ledger
) -> Iterator[str]:
    """An item twice, a document of another collection, one that was deleted, a version that was replaced.

    `life` and `floors` are from before the search was sent.
    """
    for id, times in Counter(hit["id"] for hit in hits).items():
        if times > 1:
            yield f"item {id} was answered {times} times"
    for hit in hits:
        yield from _check_hit(hit, home, life, floors, ledger)


def _check_hit(
    hit: Mapping[str, Any], home: str, life: int, floors: Floors, ledger: Ledger
) -> Iterator[str]:
    external_id, version = hit["document"]["external_id"], hit["metadata"].get("version")
    doc = ledger.documents.get(external_id)
    what = f"document {hit['document']['id']} ({external_id} version {version})"
    if doc is None or version not in doc.contents:
        yield f"{what} was answered, which nobody sent"
    elif doc.home != home or doc.life < life:
        yield f"{what} of collection {doc.home}, life {doc.life}, was answered in life {life} of {home}"
    else:
        floor, why = floors.get(external_id, (1, "new"))
        if version < floor:
            yield f"{what} was answered, but what is below version {floor} was {why} before"
        ledger.seen(external_id, version)
