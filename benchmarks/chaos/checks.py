"""The invariants: what the ledger says must be true against what the stores hold."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from benchmarks.chaos.ledger import ABSENT, Fate, Tracked
from benchmarks.chaos.observe import Observed, Seen
from benchmarks.chaos.schedule import Sort


class How(StrEnum):
    """The ways in which a promise can be broken."""

    LOST = "lost"
    HALF = "half accepted"
    STUCK = "stuck"
    FAILED = "failed without fault of its own"
    ROSE = "there after its deletion"
    NOT_SENT = "sent by nobody"
    DUPLICATE = "duplicate"
    MISSING = "not in the index"
    ORPHAN = "in the index and nobody's"
    LEFTOVER = "left after its deletion"
    VERIFY = "verify"
    WRONG = "wrong answer"


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken promise: how, and whose."""

    how: How
    what: str


def check_documents(tracked: Sequence[Tracked], observed: Observed) -> Iterator[Broken]:
    """Promise 1: each acknowledged document is there and at its end; nothing else is."""
    by_name = {(one.home, one.external_id): one for one in observed.documents}
    for doc in tracked:
        if seen := by_name.pop((doc.home, doc.external_id), None):
            yield from _check_present(doc, seen, observed)
        elif ABSENT not in doc.possible:
            yield Broken(How.LOST, f"{_name(doc)} was acknowledged and is not on record")
    for seen in by_name.values():
        yield Broken(How.NOT_SENT, f"document {seen.id} ({seen.external_id}) in {seen.home}")


def _check_present(doc: Tracked, seen: Seen, observed: Observed) -> Iterator[Broken]:
    what = f"{_name(doc)}, document {seen.id}, {seen.state}"
    if doc.is_gone:
        yield Broken(How.ROSE, what)
        return
    fates = [fate for fate in doc.possible if _fits(fate, doc, seen)]
    if not fates:
        sent = {version: one.sha256 for version, one in doc.contents.items()}
        stands = [version for version, sha256 in sent.items() if sha256 == seen.content_hash]
        yield Broken(How.LOST, f"{what}: version {stands} stands, {_fates(doc)} was acknowledged")
        return
    for needed in {seen.content_hash, seen.live_hash} - {None}:
        if needed not in observed.originals:
            yield Broken(How.HALF, f"{what}: its original {needed} is not there")
    yield from _check_end(doc, fates, seen, what)


def _check_end(doc: Tracked, fates: Sequence[Fate], seen: Seen, what: str) -> Iterator[Broken]:
    is_broken = any(_sort(doc, fate) is Sort.BROKEN for fate in fates)
    may_be_cancelled = any(fate.cancelled for fate in fates)
    may_end = any(not fate.cancelled for fate in fates)
    match seen.state:
        case "cancelled" if may_be_cancelled:
            return
        case "failed" if is_broken and may_end:
            if not seen.reason:
                yield Broken(How.FAILED, f"{what}: no reason is given")
        case "ready" if not is_broken and may_end:
            if seen.live_hash != seen.content_hash:
                yield Broken(How.LOST, f"{what}: another version answers")
        case "ready" | "failed" | "cancelled":
            yield Broken(How.FAILED, f"{what}: {_fates(doc)} was acknowledged; {seen.reason}")
        case _:
            yield Broken(How.STUCK, what)


def _fits(fate: Fate, doc: Tracked, seen: Seen) -> bool:
    return fate.version is not None and doc.contents[fate.version].sha256 == seen.content_hash


def _sort(doc: Tracked, fate: Fate) -> Sort | None:
    return None if fate.version is None else doc.contents[fate.version].sort


def check_index(observed: Observed) -> Iterator[Broken]:
    """Promise 2: each item stands in the index exactly once, and nothing else does."""
    for index, recorded in observed.recorded.items():
        indexed = observed.indexed.get(index, Counter())
        yield from _each(How.DUPLICATE, index, [key for key, n in indexed.items() if n > 1])
        yield from _each(How.DUPLICATE, index, [key for key, n in recorded.items() if n > 1])
        yield from _each(How.MISSING, index, sorted(recorded.keys() - indexed.keys()))
        yield from _each(How.ORPHAN, index, sorted(indexed.keys() - recorded.keys()))


def _each(how: How, index: str, keys: Sequence[str]) -> Iterator[Broken]:
    return (Broken(how, f"item {key} in {index}") for key in keys)


def check_leftovers(
    tracked: Sequence[Tracked], observed: Observed, unsure: set[str]
) -> Iterator[Broken]:
    """Promise 7: originals and cached vectors nobody holds are gone.

    `unsure` are originals of uploads that were not acknowledged, which may lie there until a verify an hour
    later.
    """
    held = {one.content_hash for one in observed.documents}
    held |= {one.live_hash for one in observed.documents if one.live_hash}
    for doc in tracked:
        for version, content in doc.contents.items():
            if content.sha256 in observed.originals - held - unsure:
                what = f"original {content.sha256} of {doc.external_id} version {version}"
                yield Broken(How.LEFTOVER, what)
    for vector in sorted(observed.unheld_vectors):
        yield Broken(How.LEFTOVER, f"cached vector of content {vector}")


def check_verify(report: Mapping[str, Any]) -> Iterator[Broken]:
    """Promise 2: `samespace verify` finds nothing that differs."""
    for one in report["differences"]:
        where = f"{one['collection']}/{one['space']}"
        yield Broken(How.VERIFY, f"{where}: {one['found']} {one['kind']}, {one['examples']}")
    if not report["complete"]:
        yield Broken(How.VERIFY, "it did not come to its end")


def _name(doc: Tracked) -> str:
    return f"{doc.external_id} in {doc.home}"


def _fates(doc: Tracked) -> str:
    return " or ".join(
        "nothing" if fate == ABSENT else f"version {fate.version}{' cancelled' * fate.cancelled}"
        for fate in sorted(doc.possible, key=str)
    )
