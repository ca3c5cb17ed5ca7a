"""The columns of a Milvus collection, and rows to and from them."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Item, Modality, Place, Row
from samespace.store.facets import row_facets, to_json
from samespace.store.rows import MAX_TEXT_BYTES, storable

NONE = -1
"""Stands for a page, start or end that is not there."""

VARCHARS = {
    "document": 512,
    "modality": 16,
    "media_type": 256,
    "content_hash": 128,
    "text": MAX_TEXT_BYTES,
    "metadata": MAX_TEXT_BYTES,
}
INTEGERS = ("generation", "position", "page", "start", "end")
COLUMNS = ["key", *VARCHARS, *INTEGERS]


def make_schema(dim: int) -> Any:
    """One collection: the item's columns, its metadata as JSON text and as facets, and a unit vector."""
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=512)
    for name, length in VARCHARS.items():
        schema.add_field(name, DataType.VARCHAR, max_length=length)
    for name in INTEGERS:
        schema.add_field(name, DataType.INT64)
    schema.add_field("facets", DataType.JSON)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    return schema


def make_index_params() -> Any:
    """Exact search by inner products, which are cosines on unit rows."""
    from pymilvus import MilvusClient

    params = MilvusClient.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="IP", params={})
    return params


def to_entity(row: Row, vector: NDArray[np.float32]) -> dict[str, Any]:
    """The columns of one row; texts are cut to what a column holds."""
    kept = storable(row)
    item, place = kept.item, kept.item.place
    return {
        "key": item.key,
        "document": item.document_id,
        "modality": str(item.modality),
        "media_type": kept.media_type,
        "content_hash": item.content_hash,
        "text": item.text,
        "metadata": to_json(kept.metadata),
        "generation": kept.generation,
        "position": item.position,
        "page": _or_none(place.page),
        "start": _or_none(place.start),
        "end": _or_none(place.end),
        "facets": row_facets(kept),
        "vector": vector,
    }


def to_row(entity: Mapping[str, Any]) -> Row:
    """The row these columns were made from."""
    place = Place(*(_from_none(entity[name]) for name in ("page", "start", "end")))
    item = Item(
        key=entity["key"],
        document_id=entity["document"],
        modality=Modality(entity["modality"]),
        position=entity["position"],
        content_hash=entity["content_hash"],
        text=entity["text"],
        place=place,
    )
    metadata = json.loads(entity["metadata"])
    return Row(item, entity["generation"], entity["media_type"], metadata)


def size_of(entity: Mapping[str, Any]) -> int:
    """About how many bytes the entity takes in a message."""
    texts = sum(len(entity[name].encode()) for name in VARCHARS)
    vector: NDArray[np.float32] = entity["vector"]
    return texts + 2 * len(entity["metadata"]) + vector.nbytes + 200


def _or_none(number: int | None) -> int:
    return NONE if number is None else number


def _from_none(number: int) -> int | None:
    return None if number == NONE else number
