"""Rows of a live table as messages of Milvus, without a Python object for each row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from milvus_lite.adapter.grpc.errors import success_status_kwargs
from milvus_lite.adapter.grpc.translators.records import _build_field_data
from milvus_lite.schema.types import DataType
from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

from samespace.store.lite.chosen import Chosen, together
from samespace.store.lite.scores import Floats

_FLOAT_VECTOR = 101
_DATA_TAG = b"\x0a"
"""Field 1 of FloatArray, packed."""
_DIRECT = {DataType.VARCHAR: (21, "string_data"), DataType.INT64: (5, "long_data")}


def of_search(
    collection: Any, found: Sequence[tuple[Chosen, Floats]], names: Sequence[str], limit: int
) -> Any:
    """The answer to a search: the rows and scores of each question, with these columns."""
    rows = together([rows for rows, _ in found])
    scores = np.concatenate([scores for _, scores in found])
    results = schema_pb2.SearchResultData(
        num_queries=len(found),
        top_k=limit,
        fields_data=_fields(collection, rows, names),
        scores=scores.tolist(),
        topks=[len(rows) for rows, _ in found],
        output_fields=names,
        primary_field_name=collection.pk_field,
    )
    of_text = _types(collection)[collection.pk_field].dtype is DataType.VARCHAR
    (results.ids.str_id if of_text else results.ids.int_id).data.extend(rows.keys())
    return milvus_pb2.SearchResults(status=_ok(), results=results, collection_name=collection.name)


def of_query(collection: Any, rows: Chosen, names: Sequence[str]) -> Any:
    """The answer to a query: these columns of the rows."""
    return milvus_pb2.QueryResults(
        status=_ok(),
        fields_data=_fields(collection, rows, names),
        collection_name=collection.name,
        primary_field_name=collection.pk_field,
    )


def of_count(collection: Any, number: int) -> Any:
    """The answer to `count(*)`."""
    field = schema_pb2.FieldData(field_name="count(*)", type=_DIRECT[DataType.INT64][0])
    field.scalars.long_data.data.append(number)
    return milvus_pb2.QueryResults(
        status=_ok(),
        fields_data=[field],
        collection_name=collection.name,
        output_fields=["count(*)"],
    )


def _fields(collection: Any, rows: Chosen, names: Sequence[str]) -> list[Any]:
    types = _types(collection)
    scalars = [name for name in names if types[name].dtype is not DataType.FLOAT_VECTOR]
    columns = rows.columns(scalars)
    return [
        _scalars(types[name], columns[name])
        if name in columns
        else _vectors(types[name], rows.vectors())
        for name in names
    ]


def _scalars(field: Any, column: Any) -> Any:
    if field.dtype not in _DIRECT or column.null_count:
        return _build_field_data(field.name, field, column.to_pylist())
    number, slot = _DIRECT[field.dtype]
    made = schema_pb2.FieldData(field_name=field.name, type=number)
    # an empty slot has to be there, too
    getattr(made.scalars, slot).SetInParent()
    getattr(made.scalars, slot).data.extend(column.to_pylist())
    return made


def _vectors(field: Any, vectors: Floats) -> Any:
    made = schema_pb2.FieldData(field_name=field.name, type=_FLOAT_VECTOR)
    made.vectors.dim = field.dim
    packed = np.ascontiguousarray(vectors, "<f4").tobytes()
    made.vectors.float_vector.MergeFromString(_DATA_TAG + _varint(len(packed)) + packed)
    return made


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _types(collection: Any) -> dict[str, Any]:
    return {field.name: field for field in collection.schema.fields}


def _ok() -> Any:
    return common_pb2.Status(**success_status_kwargs())
