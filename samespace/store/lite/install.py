"""Puts the live table in front of Milvus Lite."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from milvus_lite.exceptions import MilvusLiteError

from samespace.store.lite import requests
from samespace.store.lite.flushes import quicken_flushes
from samespace.store.lite.keeping import follow, live_state_of

logger = logging.getLogger(__name__)


def install_live_tables() -> None:
    """Let the live table answer what it can, and the plain engine the rest; once in a process, after the locks."""
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.engine.collection import Collection

    quicken_flushes()
    follow(Collection)
    MilvusServicer.Search = _first(requests.search, MilvusServicer.Search)
    MilvusServicer.Query = _first(requests.query, MilvusServicer.Query)
    Collection.query = _keys_first(Collection.query)
    Collection._num_entities = _count_first(Collection._num_entities)
    Collection.upsert = _whole_rows_first(Collection.upsert)


def _first(fast: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """A request that is wrong is so to the plain engine, too, which has the words for it."""

    @functools.wraps(plain)
    def call(self: Any, request: Any, context: Any) -> Any:
        try:
            answer = fast(self._get_collection(request, context), request)
        except MilvusLiteError:
            answer = None
        except Exception:
            logger.exception("%s is left to the plain engine", plain.__name__)
            answer = None
        return plain(self, request, context) if answer is None else answer

    return call


def _keys_first(plain: Callable[..., Any]) -> Callable[..., Any]:
    """A deletion by a filter asks for the keys it fits."""

    @functools.wraps(plain)
    def query(self: Any, expr: Any = None, output_fields: Any = None, **more: Any) -> Any:
        key = self.pk_field
        kept = (
            live_state_of(self)
            if isinstance(expr, str) and output_fields == [key] and not more
            else None
        )
        if kept is None:
            return plain(self, expr, output_fields=output_fields, **more)
        return [{key: each} for each in requests.keys(self, kept, expr)]

    return query


def _count_first(plain: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(plain)
    def number(self: Any, partition_names: Any) -> Any:
        kept = None if partition_names else live_state_of(self)
        return plain(self, partition_names) if kept is None else requests.count(self, kept, None)

    return number


def _whole_rows_first(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Rows that have all their columns need not be looked up to be completed."""

    @functools.wraps(plain)
    def upsert(self: Any, records: Any, partition_name: str = "_default") -> Any:
        names = {field.name for field in self.schema.fields}
        is_usual = not (self.schema.enable_dynamic_field or self.schema.functions or self._auto_id)
        if is_usual and isinstance(records, list) and all(names == set(each) for each in records):
            return self.insert(records, partition_name=partition_name)
        return plain(self, records, partition_name=partition_name)

    return upsert
