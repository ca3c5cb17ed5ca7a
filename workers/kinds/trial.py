"""What another model would cost a collection, before anything is built."""

from dataclasses import asdict

from ingest.trial import try_change
from samespace.core.wire import Model, Word
from workers.kinds.kind import JobRun, job_kind


class TrialParams(Model):
    """The model, named as for a new collection; one space alone, where one is named."""

    model: Word
    space: Word | None = None


class Trial(Model):
    """What a change to this model would cost: items to be written, those of them that have to be encoded because no
    cached vector is known, seconds, bytes on disk. `tried` items were encoded to tell."""

    items: int
    to_encode: int
    seconds: float
    bytes: int
    tried: int
    models: list[str]
    dims: list[int]


# It loads whatever model it is told to, which wants the right to make collections: by a route of its own.
@job_kind("trial", params=TrialParams, result=Trial, scope=None, is_beside=True)
def trial_job(params: TrialParams, run: JobRun) -> Trial | None:
    """Encode some of what the collection holds by the other model; nothing is kept of it."""
    cost = try_change(
        run.collection, params.model, params.space, run.services, on_progress=run.report
    )
    if cost is None:
        return None
    told = asdict(cost)
    return Trial(**{**told, "models": list(cost.models), "dims": list(cost.dims)})
