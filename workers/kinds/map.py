"""The map of a collection."""

from samespace.core.wire import Model
from samespace.store.records.keys import Scope
from search.map import make_map
from workers.kinds.kind import Empty, JobRun, job_kind


class MapMade(Model):
    """What making a map came to."""

    points: int


# A reader may ask for it: it changes nothing of the collection, and one that has not changed costs nothing.
@job_kind("map", params=Empty, result=MapMade, scope=Scope.READ, is_once=True)
def map_job(_: Empty, run: JobRun) -> MapMade | None:
    """Lay the collection out; the map itself is kept in the records, with its collection."""
    services = run.services
    made = make_map(
        collection=run.collection,
        records=services.records,
        index=services.index,
        cache=services.settings.data / "cache",
        on_progress=run.report,
    )
    return None if made is None else MapMade(**made)
