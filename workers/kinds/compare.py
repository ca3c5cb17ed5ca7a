"""Two sets of indexes of a collection, asked the same: before one takes the place of the other."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from samespace.core.modalities import row_of
from samespace.core.settings import Settings
from samespace.learn.evaluate.agreement import PERSISTENCE, overlap, rank_biased_overlap
from samespace.learn.evaluate.bootstrap import Interval, interval
from samespace.learn.evaluate.compare import Compared, compare_judged, share_judged, verdict
from samespace.store.records import Records
from search.background import Backgrounds
from search.compare import DEPTH, Both, Question, ask_both, without_cursors
from search.cursor import Cursors, MemorySnapshots
from search.parts import ItemPart, Query, TextPart, check_query, parse_modalities
from search.searcher import Searcher
from search.sides import Held, Sides, check_held, held_of, sides_of
from workers.kinds.compare_costs import costs_of
from workers.kinds.compare_questions import KEPT, Asked, questions_of
from workers.kinds.comparison import (
    MOST_MOVED,
    Agreement,
    CompareBody,
    ComparedJudged,
    ComparedMeasure,
    Comparison,
    Estimate,
    MovedQuery,
)
from workers.kinds.kind import JobRun, job_kind

_TIMING, _ASKING = "timing both", "asking both"
# Shares of marked answers that lie further apart speak for one side.
_UNEVEN = 0.1


def _check(params: CompareBody, settings: Settings) -> None:
    """InvalidRequest for a judged query that could not be asked."""
    for one in params.judged:
        wanted = None if one.targets is None else parse_modalities(one.targets)
        parts = [
            TextPart(part.text, part.weight)
            if part.text is not None
            else ItemPart(str(part.item or part.document), part.weight)
            for part in one.parts
        ]
        check_query(Query(tuple(parts), modalities=wanted), settings)


def _still(result: Mapping[str, Any], records: Records) -> dict[str, Any]:
    """Without the words of queries that are not kept any more."""
    moved = result.get("moved", [])
    there = records.kept_queries.those_of([one["id"] for one in moved])
    return {**result, "moved": [one for one in moved if one["id"] in there]}


@job_kind(
    "compare",
    params=CompareBody,
    result=Comparison,
    keeps_last=True,
    check=_check,
    still=_still,
)
def compare_job(params: CompareBody, run: JobRun) -> Comparison | None:
    """Ask both sets of indexes the same, and say how the answers differ, which are better, and what each costs."""
    services = run.services
    sides = sides_of(run.collection, services.records.model_changes.find(run.collection.id))
    held = held_of(sides, services.records)
    check_held(sides, held, partial=params.partial)
    asked = questions_of(params, sides, held, services)
    searcher = _searcher(run)
    if not run.progress(0, len(asked), _TIMING):
        return None
    live, other = costs_of(
        sides,
        held,
        services,
        searcher,
        mark=run.job.id[:6],
        go_on=lambda: run.progress(0, len(asked), _TIMING),
    )
    answered = _answers(asked, sides, held, searcher, run)
    if answered is None:
        return None
    there = [(one, both) for one, both in answered if both is not None]
    judged = _judged(there, sides, params.seed)
    return Comparison(
        live=live,
        other=other,
        pair=sides.pair,
        documents=held.documents,
        left_out=len(held.missing),
        queries=len(there),
        skipped=len(answered) - len(there),
        depth=min(DEPTH, services.settings.candidates),
        p=PERSISTENCE,
        seed=params.seed,
        agreement=_agreement([both for _, both in there], params.seed),
        judged=judged,
        moved=_moved([both for _, both in there]),
        verdicts=[one.verdict for one in judged],
        warnings=_warnings(sides, held, len(answered) - len(there), judged),
    )


def _searcher(run: JobRun) -> Searcher:
    """One of this job's own: its questions are not those of people."""
    services = run.services
    return without_cursors(
        Searcher(
            services.records,
            services.index,
            services.encoders,
            Backgrounds(services.settings.background_items),
            Cursors(MemorySnapshots(most=1), 1.0),
            services.settings,
        )
    )


def _answers(
    asked: Sequence[Asked], sides: Sides, held: Held, searcher: Searcher, run: JobRun
) -> list[tuple[Asked, Both | None]] | None:
    """What both sides answer to each; None where it was stopped."""
    questions: list[Question] = [one.question for one in asked]
    answered: list[tuple[Asked, Both | None]] = []
    both = ask_both(questions, sides, held, searcher)
    for one, (_, answers) in zip(asked, both, strict=True):
        answered.append((one, answers))
        if not run.progress(len(answered), len(asked), _ASKING):
            return None
    return answered


def _agreement(answers: Sequence[Both], seed: int) -> list[Agreement]:
    """For each kind of query how alike the answers are, in the order they were asked."""
    found = []
    for source in dict.fromkeys(one.question.source for one in answers):
        mine = [one for one in answers if one.question.source == source]
        shared = np.array([overlap(one.live.items, one.other.items) for one in mine])
        biased = np.array([rank_biased_overlap(one.live.items, one.other.items) for one in mine])
        found.append(
            Agreement(
                source=source,
                queries=len(mine),
                overlap=_estimate(interval(shared, seed)),
                rbo=_estimate(interval(biased, seed)),
            )
        )
    return found


def _judged(
    answered: Sequence[tuple[Asked, Both]], sides: Sides, seed: int
) -> list[ComparedJudged]:
    """What the judged queries of a file say, and what those say that people marked."""
    marked = [(one, both) for one, both in answered if one.right and one.known is not None]
    filed = [(one, both) for one, both in answered if one.right and one.known is None]
    return [
        _compared(source, some, sides, seed)
        for source, some in (("file", filed), ("marks", marked))
        if some
    ]


def _compared(
    source: str, some: Sequence[tuple[Asked, Both]], sides: Sides, seed: int
) -> ComparedJudged:
    live = [both.live.documents for _, both in some]
    other = [both.other.documents for _, both in some]
    known = [one.known for one, _ in some if one.known is not None]
    made = Compared(
        queries=len(some),
        measures=compare_judged(live, other, [one.right for one, _ in some], seed),
        judged_live=share_judged(live, known) if known else None,
        judged_other=share_judged(other, known) if known else None,
    )
    return ComparedJudged(
        source=source,
        queries=made.queries,
        measures={
            name: ComparedMeasure(
                live=each.live, other=each.other, better_by=_estimate(each.better_by)
            )
            for name, each in made.measures.items()
        },
        judged_live=made.judged_live,
        judged_other=made.judged_other,
        verdict=verdict(made, sides.live.name, sides.other.name),
    )


def _moved(answers: Sequence[Both]) -> list[MovedQuery]:
    """The kept queries whose answers differ most: what others asked is nobody else's business."""
    kept = [one for one in answers if one.question.source == KEPT]
    rated = [
        MovedQuery(
            id=one.question.id,
            words=one.question.words,
            overlap=overlap(one.live.items, one.other.items),
            rbo=rank_biased_overlap(one.live.items, one.other.items),
        )
        for one in kept
    ]
    differing = [one for one in rated if one.rbo < 1]
    return sorted(differing, key=lambda one: (one.rbo, one.words))[:MOST_MOVED]


def _warnings(
    sides: Sides, held: Held, skipped: int, judged: Sequence[ComparedJudged]
) -> list[str]:
    """What takes from the figures, in sentences."""
    found = [
        f"{side.name} takes no {row_of(modality).plural}, and finds none"
        for side, beside in ((sides.other, sides.live), (sides.live, sides.other))
        for modality in sorted(beside.modalities - side.modalities)
    ]
    if held.missing:
        found.append(
            f"{len(held.missing):,} of {held.documents:,} documents are in the live index alone and were left out"
        )
    if skipped:
        found.append(
            f"queries not asked because they name an item that is gone, or that one model does not take: {skipped}"
        )
    for one in judged:
        if one.judged_live is None or one.judged_other is None:
            continue
        if abs(one.judged_live - one.judged_other) >= _UNEVEN:
            found.append(
                f"people marked {one.judged_live:.0%} of what the live index answers first and "
                f"{one.judged_other:.0%} of what the other does: what nobody marked counts as wrong, so that this "
                "speaks for the side that was marked more; mark the answers of both"
            )
    return found


def _estimate(found: Interval) -> Estimate:
    return Estimate(value=found.value, low=found.low, high=found.high)
