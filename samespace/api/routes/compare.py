"""Two sets of indexes of a collection, compared before one takes the place of the other."""

from typing import Any

from fastapi import APIRouter

from samespace.api.context import Context, Writer
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.views import moment_if, result_of
from samespace.api.routes.jobs import begin_job
from samespace.api.routes.kept_queries import keep, view_of
from samespace.api.schemas import compare as schemas
from samespace.api.schemas.base import Nothing
from samespace.api.schemas.jobs import JobId
from samespace.core.types import State
from samespace.learn.evaluate.tally import tally, verdict
from samespace.store.records import Collection, Job
from search.sides import Side, Sides, check_held, held_of, sides_of
from workers.kinds.compare import compare_job
from workers.kinds.compare_questions import check_judged
from workers.kinds.comparison import CompareBody

router = APIRouter(
    prefix="/v1/collections/{collection}/compare",
    tags=["compare"],
    responses=PROBLEMS,
    dependencies=KEYED,
)


@router.get("", response_model=schemas.CompareView)
def get_comparison(collection: str, here: Writer) -> Any:
    """The live indexes of a collection and those beside them, the last comparison of both, and what people marked."""
    found = here.collection(collection)
    sides = _sides(found, here)
    held, last = held_of(sides, here.services.records), _last(found, sides, here)
    return {
        "live": _side(sides.live),
        "other": _side(sides.other),
        "documents": held.documents,
        "held": held.documents - len(held.missing),
        "tally": _tally(found, sides, here),
        "job_id": last.id if last else None,
        "compared_at": moment_if(last.finished_at) if last else None,
        "comparison": result_of(last, here.services.records) if last else None,
    }


@router.post("/jobs", status_code=202, response_model=JobId)
def start_comparison(collection: str, body: CompareBody, here: Writer) -> Any:
    """Ask the live indexes and those beside them the same, in the background; the job's result is the comparison."""
    found = here.collection(collection)
    sides = _sides(found, here)
    check_held(sides, held_of(sides, here.services.records), partial=body.partial)
    check_judged(body.judged, here.services.records, found)
    return begin_job(compare_job, body, found, here)


@router.post("/marks", response_model=schemas.KeptQueryView)
def mark_better(collection: str, body: schemas.PreferenceBody, here: Writer) -> Any:
    """Say which side answers a query better, which is kept with it; who says it again says something else."""
    found = here.collection(collection)
    sides = _sides(found, here)
    kept = keep(body, found, here)
    keys = {"live": sides.live.key, "other": sides.other.key, "same": None}
    here.services.records.kept_queries.prefer(
        kept.id,
        pair=sides.pair,
        actor=here.grant.actor,
        better=keys[body.better],
        blind=body.blind,
    )
    return view_of(kept, here.services.records.kept_queries.judgements(found.id).get(kept.id, {}))


@router.delete("/marks", response_model=Nothing)
def forget_marks(collection: str, here: Writer) -> Any:
    """Forget which side was said to be better, by whomever."""
    found = here.collection(collection)
    here.services.records.kept_queries.forget_preferences(found.id, _sides(found, here).pair)
    return {}


def _sides(collection: Collection, here: Context) -> Sides:
    return sides_of(collection, here.services.records.model_changes.find(collection.id))


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "role": str(side.role),
        "models": [one.space.model for one in side.indexes],
    }


def _last(collection: Collection, sides: Sides, here: Context) -> Job | None:
    """The last comparison of these two, if that is what was compared last."""
    job = here.services.records.jobs.last(compare_job.name, collection.id, state=State.READY)
    return job if job and (job.result or {}).get("pair") == sides.pair else None


def _tally(collection: Collection, sides: Sides, here: Context) -> dict[str, Any]:
    marks = here.services.records.kept_queries.preferences(collection.id, sides.pair)
    found = tally([(one.better, one.blind) for one in marks], sides.live.key, sides.other.key)
    return {
        "live": found.live,
        "other": found.other,
        "same": found.same,
        "blind": found.blind,
        "chance": found.chance,
        "verdict": verdict(found, sides.live.name, sides.other.name),
    }
