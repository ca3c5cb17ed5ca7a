"""The end of a run, asked from outside: every document is found by its own text or picture, none that is gone."""

import base64
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.chaos.checks import Broken, How
from benchmarks.chaos.contents import Content
from benchmarks.chaos.http import Line
from benchmarks.chaos.ledger import Tracked
from benchmarks.chaos.observe import Observed
from benchmarks.chaos.schedule import Sort

_AT_ONCE = 4
_ALONE = {Sort.TEXT, Sort.PDF, Sort.PICTURE}
"""Sorts that nothing else comes as near to as themselves: they are found at rank 1 without a filter too."""


def check_answers(
    tracked: Sequence[Tracked], observed: Observed, line: Line, *, seconds: float
) -> tuple[list[Broken], int]:
    """Ask for each document that is live, by what it holds; and for each that is gone, by its name.

    The newest first, several at once, as many as there is time for: answers what broke, and how many were asked for.
    """
    live = {(one.home, one.external_id): one.live_hash for one in observed.documents}
    deadline = time.monotonic() + seconds

    def ask(doc: Tracked) -> list[Broken] | None:
        if time.monotonic() > deadline:
            return None
        return list(_check(doc, live.get((doc.home, doc.external_id)), line))

    known = [doc for doc in reversed(tracked) if doc.contents]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [broken for broken in pool.map(ask, known) if broken is not None]
    return [one for broken in asked for one in broken], len(asked)


def _check(doc: Tracked, live_hash: str | None, line: Line) -> Iterator[Broken]:
    if live_hash is None:
        yield from _check_silence(doc, line)
        return
    # Twins may have the same bytes in several versions.
    same = {version for version, one in doc.contents.items() if one.sha256 == live_hash}
    if same:
        yield from _check_found(doc, versions_that_stand(doc, same), line)


def versions_that_stand(doc: Tracked, same: set[int]) -> set[int]:
    """Which of the versions with the same bytes may be the one that answers: those that were not refused."""
    return same & {fate.version for fate in doc.possible} or same


def _check_silence(doc: Tracked, line: Line) -> Iterator[Broken]:
    hits = _search(doc, {"query": "anything", "filter": {"external": doc.external_id}}, line)
    for hit in hits:
        yield Broken(How.WRONG, f"{doc.external_id} is not live, and item {hit['id']} is found")


def _check_found(doc: Tracked, versions: set[int], line: Line) -> Iterator[Broken]:
    content = doc.contents[max(versions)]
    own = {"external": doc.external_id}
    yield from _check_first(doc, versions, {**_question(content), "filter": own}, line)
    if content.sort in _ALONE:
        yield from _check_first(doc, versions, _question(content), line)


def _check_first(
    doc: Tracked, versions: set[int], question: dict[str, Any], line: Line
) -> Iterator[Broken]:
    hits = _search(doc, question, line)
    found = [
        (hit["document"]["external_id"], hit["metadata"].get("version"), round(hit["score"], 3))
        for hit in hits[:3]
    ]
    kind = "with a filter on it" if "filter" in question else "without a filter"
    if not found or found[0][0] != doc.external_id or found[0][1] not in versions:
        what = f"{doc.external_id} version {sorted(versions)}, asked for by itself {kind}"
        yield Broken(How.WRONG, f"{what}: found were {found}")


def _question(content: Content) -> dict[str, Any]:
    if content.text is None:
        picture = base64.b64encode(content.data).decode()
        return {"parts": [{"image": picture}], "targets": ["image"], "limit": 3}
    return {"query": content.text.partition("\n")[0], "targets": ["text"], "limit": 3}


def _search(doc: Tracked, question: dict[str, Any], line: Line) -> Sequence[Any]:
    path = f"/v1/collections/{doc.home}/search"
    hits: Sequence[Any] = line.insist("POST", path, expected={200}, json=question).body["hits"]
    return hits
