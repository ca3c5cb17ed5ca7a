"""Models in the records: what made the vectors of an index, written down when a collection first uses it."""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from samespace.core.errors import Conflict
from samespace.core.types import PACKED, Space
from samespace.store.records.rows import ModelRecord
from samespace.store.records.tables import models, registry

MODELS_LOCK = "samespace.models"


def model_of(space: Space, fingerprint: str) -> ModelRecord:
    """The row of a model with these weights; the same for whoever makes it, so that it is written once."""
    told = [*_definition(space).values(), fingerprint]
    id = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]
    return ModelRecord(id, space, fingerprint)


def ensure_models(connection: Connection, wanted: Iterable[ModelRecord]) -> None:
    """Write down those of these models that are not on record; the caller holds the lock of models.

    Conflict for a packed one that is not in the registry: it was removed after it was looked up.
    """
    by_id = {one.id: one for one in wanted}
    _check_packed(connection, by_id.values())
    write_models(connection, by_id)


def write_models(connection: Connection, by_id: Mapping[str, ModelRecord]) -> None:
    """The same for models by their ids, of whose files the caller takes care."""
    query = select(models.c.id).where(models.c.id.in_(by_id))
    known = set(connection.execute(query).scalars())
    rows = [_row(one) for id, one in by_id.items() if id not in known]
    if rows:
        connection.execute(insert(models), rows)


def _check_packed(connection: Connection, wanted: Iterable[ModelRecord]) -> None:
    sources = [one.space.model for one in wanted]
    packed = {each.removeprefix(PACKED) for each in sources if each.startswith(PACKED)}
    if packed:
        query = select(registry.c.manifest).where(registry.c.manifest.in_(packed))
        if packed - set(connection.execute(query).scalars()):
            raise Conflict(
                "the model was removed meanwhile; `samespace models` lists those there are"
            )


def read_models(connection: Connection, ids: Iterable[str]) -> dict[str, ModelRecord]:
    """The models of these ids."""
    rows = connection.execute(select(models).where(models.c.id.in_(list(ids)))).mappings()
    return {row["id"]: _model(row) for row in rows}


def held_files(connection: Connection) -> set[str]:
    """The hashes of all files that models in the registry are packed in, their manifests among them."""
    query = select(registry.c.manifest, registry.c.files).where(registry.c.manifest.is_not(None))
    return {
        hash
        for manifest, files in connection.execute(query)
        for hash in (manifest, *files.values())
    }


def _definition(space: Space) -> dict[str, Any]:
    return {
        "name": space.name,
        "adapter": space.kind,
        "source": space.model,
        "revision": space.revision,
        "dim": space.dim,
        "modalities": sorted(space.modalities),
        "max_tokens": space.max_tokens or None,
        "score_kind": space.score_kind,
        "query_prompt": space.query_prompt,
        "passage_prompt": space.passage_prompt,
        "scale": space.scale,
        "bias": space.bias,
    }


def _row(model: ModelRecord) -> dict[str, Any]:
    return {
        "id": model.id,
        "fingerprint": model.fingerprint,
        "created_at": time.time(),
        **_definition(model.space),
    }


def _model(row: Mapping[Any, Any]) -> ModelRecord:
    space = Space(
        name=row["name"],
        kind=row["adapter"],
        model=row["source"],
        dim=row["dim"],
        modalities=frozenset(row["modalities"]),
        max_tokens=row["max_tokens"] or 0,
        score_kind=row["score_kind"],
        query_prompt=row["query_prompt"],
        passage_prompt=row["passage_prompt"],
        scale=row["scale"],
        bias=row["bias"],
        revision=row["revision"],
    )
    return ModelRecord(row["id"], space, row["fingerprint"])
