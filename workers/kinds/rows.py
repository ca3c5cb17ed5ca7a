"""Index rows that an older release left, written anew beside everything else."""

from collections.abc import Sequence

from ingest.renew_rows import renew_rows
from samespace.core.wire import Model
from samespace.services import Services
from samespace.store.rows import ROWS_VERSION
from workers.kinds.kind import Due, Empty, JobRun, job_kind


class RowsRenewed(Model):
    """The manner in which the rows of the collection are written now."""

    rows_version: int


def _behind(services: Services) -> Sequence[Due]:
    found = services.records.collections.all()
    return [Due(one.id) for one in found if one.rows_version < ROWS_VERSION]


# Until it is done, filters are refused: to cancel it would only put that off.
@job_kind(
    "rows",
    params=Empty,
    result=RowsRenewed,
    scope=None,
    is_once=True,
    can_cancel=False,
    is_beside=True,
    due=_behind,
)
def rows_job(_: Empty, run: JobRun) -> RowsRenewed | None:
    """Write the rows of the collection as this release does; begun anew, it does no harm."""
    services = run.services
    is_done = renew_rows(run.collection, services.records, services.index, on_progress=run.report)
    return RowsRenewed(rows_version=ROWS_VERSION) if is_done else None
