"""The model of a collection: tried, built beside the one that is searched, swapped, gone back on, given up."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ingest.change_model import begin_change, switch_model, warm_up
from samespace.api.context import Context, Reader, Writer, WriterOfAll
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.model_change import model_view
from samespace.api.routes.jobs import begin_job
from samespace.api.schemas import jobs
from samespace.api.schemas import model_change as schemas
from samespace.core.errors import Conflict
from samespace.core.types import State
from samespace.store.records import Collection
from samespace.store.records.model_changes import NEW, OLD, ModelChange
from workers.kinds.build import build_job
from workers.kinds.kind import Empty
from workers.kinds.trial import TrialParams, trial_job
from workers.submit import submit_job

_MOST_NAMED = 5

router = APIRouter(
    prefix="/v1/collections/{collection}/model",
    tags=["collections"],
    responses=PROBLEMS,
    dependencies=KEYED,
)


@router.get("", response_model=schemas.CollectionModel)
def get_collection_model(collection: str, here: Reader) -> Any:
    """The model of a collection, and how far a change of it is."""
    return _view(collection, here)


@router.post("/trial", status_code=202, response_model=jobs.JobId)
def try_model(collection: str, body: TrialParams, here: WriterOfAll) -> Any:
    """Begin to find out what another model would cost: a job, whose result says it."""
    return begin_job(trial_job, body, here.collection(collection), here)


@router.post("", status_code=202, response_model=schemas.CollectionModel)
def change_model(collection: str, body: schemas.ModelWish, here: WriterOfAll) -> Any:
    """Begin to build indexes of another model beside those that searches ask, which go on answering; asked again,
    what failed is tried again."""
    found = here.collection(collection)
    change = here.services.records.model_changes.find(found.id)
    if change is None or change.is_switched or not _is_same(change, body):
        begin_change(
            found,
            body.model,
            space=body.space,
            keep_days=body.keep_days,
            services=here.services,
        )
    else:
        for id in change.incoming:
            here.services.records.indexes.forget_failed(id)
    if body.swap:
        here.services.records.model_changes.want(found.id, NEW)
    _build(found, here)
    here.notes.update(model=body.model)
    return JSONResponse(_view(collection, here).model_dump(), 202)


@router.post("/swap", response_model=schemas.CollectionModel)
def swap_model(collection: str, body: schemas.Switching, here: Writer) -> Any:
    """Let searches ask the new model from one moment to the next, or as soon as nothing is lacking in its indexes."""
    return _switch(collection, NEW, body, here)


@router.post("/back", response_model=schemas.CollectionModel)
def go_back(collection: str, body: schemas.Switching, here: Writer) -> Any:
    """Let searches ask again what they asked before the swap; what was added since is found there, too."""
    return _switch(collection, OLD, body, here)


@router.delete("", response_model=schemas.CollectionModel)
def give_up_model(collection: str, here: Writer) -> Any:
    """Give up the indexes that searches do not ask: what is built, or what was kept for going back."""
    found = here.collection(collection)
    change = here.services.records.model_changes.get(found)
    here.services.records.model_changes.give_up(found.id)
    _stop_building(found, here)
    here.notes.update(given_up=change.before if change.is_switched else change.preset)
    return _view(collection, here)


def _is_same(change: ModelChange, body: schemas.ModelWish) -> bool:
    """Whether just this is under way: to ask twice is to ask once."""
    return (change.preset, change.space) == (body.model, body.space)


def _switch(name: str, whom: str, body: schemas.Switching, here: Context) -> Any:
    """At once, where nothing is lacking; what cannot be held is refused by name, the rest is waited for by a job."""
    found = here.collection(name)
    changes = here.services.records.model_changes
    change = changes.get(found)
    if body.keep_days is not None:
        changes.keep(found, body.keep_days)
    warm_up(change.incoming if whom == NEW else change.outgoing, found, here.services)
    lacking = switch_model(found, to_new=whom == NEW, force=body.force, services=here.services)
    if lacking and not body.force:
        _check_only_late(lacking, found, here)
    if lacking:
        changes.want(found.id, whom, force=body.force)
        _build(found, here)
    here.notes.update(swap=whom, at_once=not lacking)
    return _view(name, here)


def _check_only_late(lacking: Mapping[str, int], collection: Collection, here: Context) -> None:
    """Conflict, naming them, where documents are lacking that cannot be held, however long one waits."""
    holdings = here.services.records.holdings
    failed = holdings.failed_in(collection.id, list(lacking), _MOST_NAMED)
    if failed:
        number = holdings.count_failed(collection.id, list(lacking))
        named = "; ".join(f"{one.name!r}: {one.reason}" for one in failed)
        raise Conflict(
            f"{number} documents of collection {collection.name!r} would not be found any more, for the model "
            f"cannot take them ({named}); remove them, or force it"
        )


def _build(collection: Collection, here: Context) -> None:
    records, queue = here.services.records, here.queue
    submit_job(build_job, Empty(), collection.id, records=records, queue=queue)


def _stop_building(collection: Collection, here: Context) -> None:
    last = here.services.records.jobs.last(build_job.name, collection.id)
    if last is not None and last.state in {State.QUEUED, State.PROCESSING}:
        here.services.records.jobs.cancel(last.id)


def _view(name: str, here: Context) -> schemas.CollectionModel:
    return model_view(here.collection(name), here.services.records)
