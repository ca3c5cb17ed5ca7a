"""The kinds of jobs beside `ingest`, whose work is that of its documents: a line for each."""

from collections.abc import Mapping

from workers.kinds.build import build_job
from workers.kinds.classify import classify_job
from workers.kinds.compare import compare_job
from workers.kinds.kind import AnyKind
from workers.kinds.map import map_job
from workers.kinds.rows import rows_job
from workers.kinds.trial import trial_job
from workers.kinds.verify import verify_job

KINDS: Mapping[str, AnyKind] = {
    kind.name: kind
    for kind in (
        build_job,
        classify_job,
        compare_job,
        map_job,
        rows_job,
        trial_job,
        verify_job,
    )
}
