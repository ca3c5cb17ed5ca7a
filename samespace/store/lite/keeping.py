"""The live table beside each collection: made when a read first asks, kept current by writes and by what moves rows."""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from milvus_lite.engine.operation import InsertOp
from milvus_lite.schema.types import DataType

from samespace.store.lite.locks import lock_of
from samespace.store.lite.scores import Questions
from samespace.store.lite.table import LiveTable

_NAME = "_samespace_kept"
_USUAL_KEYS = (DataType.VARCHAR, DataType.INT64)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LiveState:
    """What is kept of one collection."""

    table: LiveTable
    dim: int
    questions: Questions = field(default_factory=Questions)


def live_state_of(collection: Any) -> LiveState | None:
    """What is kept of the collection; None where the plain engine has to answer, which says why."""
    if collection._load_state != "loaded" or collection._index_specs:
        return None
    kept: LiveState | None = collection.__dict__.get(_NAME)
    return kept or _made(collection)


def follow(collection_class: Any) -> None:
    """Let the calls of Milvus Lite's Collection that change or move rows tell the table."""
    for name, after in (
        ("_apply", _applied),
        ("_refresh_segment_cache", _moved),
        ("drop_partition", _forget),
    ):
        setattr(collection_class, name, _then(getattr(collection_class, name), after))


def _then(method: Callable[..., Any], after: Callable[..., None]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = method(self, *args, **kwargs)
        try:
            after(self, *args)
        except Exception:
            # The write is safe in the log: a read makes the table anew.
            logger.exception("the live table is made anew")
            _forget(self)
        return answer

    return call


def _applied(collection: Any, operation: Any) -> None:
    kept: LiveState | None = collection.__dict__.get(_NAME)
    if kept is None:
        return
    if isinstance(operation, InsertOp):
        kept.table.insert(operation.batch)
    else:
        kept.table.delete(operation.batch.column(collection.pk_field).to_pylist())


def _moved(collection: Any) -> None:
    kept: LiveState | None = collection.__dict__.get(_NAME)
    if kept is not None:
        kept.table.reconcile(collection._segment_cache.values())


def _forget(collection: Any, *_: Any) -> None:
    collection.__dict__.pop(_NAME, None)


def _made(collection: Any) -> LiveState | None:
    vector = _only_vector(collection.schema)
    if vector is None:
        return None
    with lock_of(collection), collection._maintenance_lock:
        if _NAME not in collection.__dict__:
            table = LiveTable(
                collection._segment_cache.values(),
                collection._memtable,
                collection._delta_index,
                vector.name,
            )
            collection.__dict__[_NAME] = LiveState(table, vector.dim)
        kept: LiveState = collection.__dict__[_NAME]
        return kept


def _only_vector(schema: Any) -> Any:
    """The one vector field of a schema that has nothing unusual, or None."""
    vectors = [each for each in schema.fields if each.dtype is DataType.FLOAT_VECTOR]
    unusual = any(
        each.nullable
        or each.dtype in {DataType.SPARSE_FLOAT_VECTOR, DataType.ARRAY, DataType.TIMESTAMPTZ}
        or (each.is_primary and each.dtype not in _USUAL_KEYS)
        for each in schema.fields
    )
    is_usual = len(vectors) == 1 and not (
        unusual or schema.enable_dynamic_field or schema.functions
    )
    return vectors[0] if is_usual else None
