"""The model of a collection as the API answers it."""

from samespace.api.responses.views import moment, moment_if
from samespace.api.schemas.model_change import ChangeView, CollectionModel, IndexView
from samespace.core.types import State
from samespace.registry.resolve import called
from samespace.store.records import Collection, IndexRecord, Records
from samespace.store.records.holdings import HeldCount
from samespace.store.records.model_changes import NEW, ModelChange
from workers.kinds.build import NAME, not_taken

_UNDER_WAY = {State.QUEUED, State.PROCESSING, State.FAILED}


def model_view(collection: Collection, records: Records) -> CollectionModel:
    """The indexes of a collection and the change of its model."""
    shown = [one for one in collection.indexes if one.model is not None]
    counts = {one.id: records.holdings.held_by(collection.id, one.id) for one in shown}
    change = records.model_changes.find(collection.id)
    return CollectionModel(
        collection=collection.name,
        preset=collection.preset,
        indexes=[
            _index_view(one, name, counts[one.id])
            for one, name in zip(shown, called([one.space for one in shown], records), strict=True)
        ],
        change=None if change is None else _change_view(change, counts, records),
    )


def _index_view(index: IndexRecord, model: str, count: HeldCount) -> IndexView:
    return IndexView(
        name=index.name,
        model=model,
        role=str(index.role),
        dim=index.dim,
        modalities=[str(modality) for modality in index.modalities],
        fingerprint=index.fingerprint,
        documents=count.documents,
        held=count.held,
        failed=count.failed,
        items=count.items,
    )


def _change_view(change: ModelChange, counts: dict[str, HeldCount], records: Records) -> ChangeView:
    beside = [counts[id] for id in change.beside if id in counts]
    lacking = max((one.documents - one.held - one.failed for one in beside), default=0)
    job = records.jobs.last(NAME, change.collection_id)
    waits_for = {None: None, NEW: "swap"}.get(change.wants, "back")
    return ChangeView(
        model=change.preset,
        before=change.before,
        space=change.space,
        state="swapped" if change.is_switched else "building" if lacking else "built",
        waits_for=waits_for,
        lacking=lacking,
        failed_total=records.holdings.count_failed(change.collection_id, change.beside),
        failed=not_taken(change.collection_id, change.beside, records),
        job_id=job.id if job is not None and job.state in _UNDER_WAY else None,
        problem=job.reason if job is not None and job.state is State.FAILED else None,
        keep_days=change.keep_days,
        started_at=moment(change.created_at),
        swapped_at=moment_if(change.switched_at),
        kept_until=moment_if(change.kept_until),
    )
