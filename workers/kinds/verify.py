"""The verify that nobody asked for: after an unclean stop, beside everything else a worker does."""

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from samespace.core.marks import Marks
from samespace.core.types import State
from samespace.core.wire import Model
from samespace.services import Services
from workers.kinds.kind import Due, JobRun, job_kind

if TYPE_CHECKING:
    from samespace.operations.verify import Report

log = logging.getLogger(__name__)

NAME = "verify"


class VerifyParams(Model):
    """The mark in the data folder that it settles."""

    mark: str


class Differs(Model):
    """So many of a kind; `repaired` were removed, put back, or are being ingested again."""

    collection: str | None
    space: str | None
    kind: str
    found: int
    repaired: int
    examples: list[str]


class Verified(Model):
    """What was looked at, what differed, and how many documents are ingested again."""

    items: int
    vectors: int
    blobs: int
    rewritten: int
    differences: list[Differs]


def _owed(services: Services) -> Sequence[Due]:
    """One where the mark stands; a mark that one has settled is taken away."""
    marks = Marks(services.settings.data)
    mark = marks.owed()
    if mark is None:
        return []
    last = services.records.jobs.last(NAME, None)
    if last and last.state is State.READY and last.params == {"mark": mark}:
        marks.verified(mark)
        return []
    return [Due(params=VerifyParams(mark=mark))]


# What an unclean stop left behind is to be found: to cancel it would only put that off.
@job_kind(
    NAME,
    params=VerifyParams,
    result=Verified,
    scope=None,
    is_once=True,
    can_cancel=False,
    is_beside=True,
    due=_owed,
)
def verify_job(_: VerifyParams, run: JobRun) -> Verified | None:
    """Hold every store against the records, and mend what differs."""
    from samespace.operations.verify import verify

    services, began = run.services, time.monotonic()
    report = verify(
        services,
        repair=True,
        submit=lambda ids: run.ingest(len(ids)),
        on_progress=run.report,
    )
    _log(report, time.monotonic() - began)
    return _result(report) if report.complete else None


def _result(report: "Report") -> Verified:
    return Verified(
        items=report.items,
        vectors=report.vectors,
        blobs=report.blobs,
        rewritten=report.rewritten,
        differences=[
            Differs(
                collection=one.collection,
                space=one.space,
                kind=str(one.kind),
                found=one.found,
                repaired=one.repaired,
                examples=list(one.examples),
            )
            for one in report.differences
        ],
    )


def _log(report: "Report", seconds: float) -> None:
    for one in report.differences:
        where = "/".join(name for name in (one.collection, one.space) if name) or "all"
        log.warning(
            "verify: %s: %d %s, %d repaired, such as %s",
            where,
            one.found,
            one.kind,
            one.repaired,
            one.examples[0],
        )
    log.info(
        "verify %s after %.1f s: %d items, %d cached vectors, %d blobs; %d documents are ingested again",
        "ended" if report.complete else "was stopped",
        seconds,
        report.items,
        report.vectors,
        report.blobs,
        report.rewritten,
    )
