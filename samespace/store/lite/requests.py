"""Which requests to Milvus Lite the live table answers, and how; the others are left to the plain engine."""

from typing import Any

import numpy as np
from milvus_lite.adapter.grpc.servicer import MilvusServicer
from milvus_lite.adapter.grpc.translators.search import parse_search_request
from milvus_lite.engine.projection import build_projection_plan, projection_output_fields

from samespace.store.lite import reads
from samespace.store.lite.answers import of_count, of_query, of_search
from samespace.store.lite.chosen import Chosen
from samespace.store.lite.keeping import LiveState, live_state_of
from samespace.store.lite.masks import Mask
from samespace.store.lite.table import Moment

COUNT = "count(*)"
_METRIC = "IP"
_UNUSUAL = frozenset(
    [
        "partition_names",
        "group_by_field",
        "group_size",
        "group_size_strict",
        "radius",
        "range_filter",
        "ranker",
        "rerank",
        "function_chains",
        "has_function_score",
        "order_by_fields",
        "time_fields",
    ]
)
"""Of a search; what is set of these is for the plain engine."""
_USUAL_WORDS = frozenset(
    ["limit", "offset", "iterator", "reduce_stop_for_best", "collection_id", "ignore_growing"]
)
"""Beside the filter of a query; any other is for the plain engine."""


def search(collection: Any, request: Any) -> Any | None:
    """The answer to a SearchRequest, or None."""
    kept = live_state_of(collection)
    if kept is None:
        return None
    asked = parse_search_request(request)
    if any(asked[name] for name in _UNUSUAL) or not _is_plain(collection, asked):
        return None
    vectors = np.asarray(asked["query_vectors"], np.float32)
    if vectors.ndim != 2 or vectors.shape[1] != kept.dim:
        return None
    plan = build_projection_plan(asked["output_fields"], collection.schema, api_kind="search")
    mask = mask_of(collection, asked["expr"], asked["timezone"])
    moment, first = kept.table.moment, asked["offset"]
    depth = first + asked["top_k"]
    found = [reads.nearest(moment, mask, each, depth, kept.questions) for each in vectors]
    shown = [(rows[first:], scores[first:]) for rows, scores in found]
    names = list(projection_output_fields(plan, collection.schema, include_primary=True))
    return of_search(collection, shown, names, asked["top_k"])


def _is_plain(collection: Any, asked: dict[str, Any]) -> bool:
    metric = collection.resolve_search_metric(asked["anns_field"], asked["metric_type"])
    return (
        metric == _METRIC
        and asked["round_decimal"] < 0
        and asked["top_k"] > 0
        and asked["offset"] >= 0
        and isinstance(asked["query_vectors"][0], list)
    )


def query(collection: Any, request: Any) -> Any | None:
    """The answer to a QueryRequest, or None."""
    kept = live_state_of(collection)
    words = {each.key: each.value for each in request.query_params}
    names = list(request.output_fields)
    if kept is None or request.partition_names or not _are_usual(words):
        return None
    if COUNT in names:
        return of_count(collection, count(collection, kept, request.expr))
    plan = build_projection_plan(names or None, collection.schema, api_kind="query")
    emitted = {*plan.response_schema_fields, collection.pk_field}
    rows = _rows(collection, kept.table.moment, request.expr, words)
    wanted = [field.name for field in collection.schema.fields if field.name in emitted]
    answer = of_query(collection, rows, wanted)
    if names:
        shown = projection_output_fields(plan, collection.schema, include_primary=True)
        answer.output_fields.extend(shown)
    return answer


def count(collection: Any, kept: LiveState, expression: str | None) -> int:
    """How many rows fit."""
    return reads.count(kept.table.moment, mask_of(collection, expression, None))


def keys(collection: Any, kept: LiveState, expression: str | None) -> list[Any]:
    """The keys of the rows that fit."""
    return reads.fitting(kept.table.moment, mask_of(collection, expression, None)).keys()


def _are_usual(words: dict[str, str]) -> bool:
    """What a query says beside its filter is known here, and numbers are numbers."""
    numbers = [words[name] for name in ("limit", "offset") if name in words]
    known = all(name in _USUAL_WORDS or not value for name, value in words.items())
    return known and all(each.isdecimal() for each in numbers) and words.get("limit") != "0"


def _rows(collection: Any, moment: Moment, expression: str, words: dict[str, str]) -> Chosen:
    in_order = "iterator" in words
    named = None
    if expression and not in_order:
        named = MilvusServicer._extract_pks_from_expr(expression, collection)
    if named is not None:
        return reads.of_keys(moment, named)
    first = int(words.get("offset", 0))
    last = first + int(words["limit"]) if "limit" in words else None
    mask = mask_of(collection, expression, None)
    rows = reads.first_in_order(moment, mask, last) if in_order else reads.fitting(moment, mask)
    return rows[first:last]


def mask_of(collection: Any, expression: str | None, timezone: str | None) -> Mask:
    """The filter of an expression, or one that lets everything through."""
    compiled = collection._compile_filter(expression, timezone=timezone) if expression else None
    return Mask(compiled, collection.pk_field)
