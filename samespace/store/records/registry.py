"""Models under names: added, found, removed; which collections they are used by."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import Conflict, InvalidRequest, NotFound
from samespace.core.types import State
from samespace.store.records.garbage import BLOB_LOCK, forget_files, note_files
from samespace.store.records.models import (
    MODELS_LOCK,
    ensure_models,
    held_files,
    read_models,
    write_models,
)
from samespace.store.records.rows import ModelRecord, Origin, RegisteredModel, Role
from samespace.store.records.tables import collections, indexes, models, registry
from samespace.store.sql import reading, serialise, writing

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_model_name(name: str) -> str:
    """The name, if a model may carry it; InvalidRequest."""
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"{name[:80]!r} is no name of a model: 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first"
        )
    return name


@dataclass(frozen=True, slots=True)
class Use:
    """A collection that has an index by the model of this fingerprint; `source` is what its index opens."""

    fingerprint: str
    collection: str
    collection_id: str
    model_id: str
    source: str
    since: float


class Registry:
    """Added, found, listed, removed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[RegisteredModel]:
        """All models, by name."""
        return self._read()

    def find(self, name: str) -> RegisteredModel | None:
        """The model of that name; None if there is none."""
        return next(iter(self._read(registry.c.name == name)), None)

    def get(self, name: str) -> RegisteredModel:
        """The model of that name; NotFound."""
        found = self.find(name)
        if found is None:
            raise NotFound(f"there is no model {name[:80]!r}; `samespace models` lists them")
        return found

    def with_fingerprint(self, fingerprint: str) -> RegisteredModel | None:
        """The model with these weights; None if there is none."""
        return next(iter(self._read(registry.c.fingerprint == fingerprint)), None)

    def uses(self) -> list[Use]:
        """The collections that are there and what their indexes were made by, by name."""
        query = _using(
            models.c.fingerprint,
            collections.c.name,
            collections.c.id,
            models.c.id,
            models.c.source,
            collections.c.created_at,
        )
        query = query.where(indexes.c.role != Role.GIVEN_UP)
        query = query.order_by(collections.c.name, indexes.c.position)
        with reading(self._engine) as connection:
            return [Use(*row) for row in connection.execute(query)]

    def add(self, one: RegisteredModel, is_stored: Callable[[Iterable[str]], bool]) -> None:
        """Put a model on record whose files are stored already.

        `is_stored` says whether all of these are there, at a moment at which nothing is let go of. Conflict if not,
        or if the name is taken or the weights have another name.
        """
        files = files_of(one)
        try:
            with writing(self._engine) as connection:
                serialise(connection, MODELS_LOCK)
                serialise(connection, BLOB_LOCK)
                _check_new(connection, one)
                if files and not is_stored(files):
                    raise Conflict(
                        f"files of model {one.name!r} were let go of meanwhile; add it again"
                    )
                write_models(connection, {one.model.id: one.model})
                connection.execute(insert(registry).values(_row(one)))
                forget_files(connection, files)
        except IntegrityError as error:
            raise Conflict(f"there is a model {one.name!r} already") from error

    def remove(self, name: str) -> None:
        """Take a model off the record, and note its files for letting go of; NotFound, Conflict with the collections
        that use it."""
        one = self.get(name)
        with writing(self._engine) as connection:
            serialise(connection, MODELS_LOCK)
            serialise(connection, BLOB_LOCK)
            if users := _users(connection, one.model.fingerprint):
                shown = ", ".join(users[:10]) + (
                    f" and {len(users) - 10} more" if users[10:] else ""
                )
                raise Conflict(
                    f"model {name!r} is used by collection{'s' if users[1:] else ''} {shown}: change their model, or "
                    "delete them, first"
                )
            connection.execute(delete(registry).where(registry.c.name == name))
            note_files(connection, files_of(one) - held_files(connection))

    def move_uses(self, old: str, new: ModelRecord) -> int:
        """Let the indexes that name one model (by its id) name another row of the same weights; how many did."""
        with writing(self._engine) as connection:
            serialise(connection, MODELS_LOCK)
            ensure_models(connection, [new])
            change = update(indexes).where(indexes.c.model_id == old).values(model_id=new.id)
            return int(connection.execute(change).rowcount)

    def files(self) -> dict[str, list[str]]:
        """The hashes of all files that models are packed in, each with the names of those models, in order."""
        found: dict[str, list[str]] = {}
        for one in self.all():
            for hash in files_of(one):
                found.setdefault(hash, []).append(one.name)
        return dict(sorted(found.items()))

    def _read(self, *which: ColumnElement[bool]) -> list[RegisteredModel]:
        query = select(registry).where(*which).order_by(registry.c.name)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
            known = read_models(connection, [row["model_id"] for row in rows])
        return [_registered(row, known) for row in rows]


def files_of(one: RegisteredModel) -> set[str]:
    """The hashes of the files it is packed in, the manifest among them; none if it is not packed."""
    return {one.manifest, *one.files.values()} if one.manifest else set()


def _row(one: RegisteredModel) -> dict[str, Any]:
    return {
        "name": check_model_name(one.name),
        "model_id": one.model.id,
        "fingerprint": one.model.fingerprint,
        "origin": one.origin,
        "source": one.source,
        "manifest": one.manifest,
        "files": dict(one.files),
        "bytes": one.bytes,
        "licence": one.licence,
        "card": dict(one.card),
        "created_at": time.time(),
    }


def _registered(row: Mapping[Any, Any], known: Mapping[str, ModelRecord]) -> RegisteredModel:
    return RegisteredModel(
        name=row["name"],
        model=known[row["model_id"]],
        origin=Origin(row["origin"]),
        source=row["source"],
        manifest=row["manifest"],
        files=row["files"],
        bytes=row["bytes"],
        licence=row["licence"],
        card=row["card"],
        created_at=row["created_at"],
    )


def _check_new(connection: Connection, one: RegisteredModel) -> None:
    if connection.execute(select(registry.c.name).where(registry.c.name == one.name)).scalar():
        raise Conflict(f"there is a model {one.name!r} already")
    same = select(registry.c.name).where(registry.c.fingerprint == one.model.fingerprint)
    if name := connection.execute(same).scalar():
        raise Conflict(f"the same weights are there already, as model {name!r}")


def _users(connection: Connection, fingerprint: str) -> list[str]:
    """An index that was given up counts until it is emptied."""
    query = _using(collections.c.name).where(models.c.fingerprint == fingerprint)
    return list(connection.execute(query.distinct().order_by(collections.c.name)).scalars())


def _using(*columns: ColumnElement[Any]) -> Select[Any]:
    """The indexes of collections that are there, each with its model."""
    return (
        select(*columns)
        .select_from(indexes)
        .join(models, models.c.id == indexes.c.model_id)
        .join(collections, collections.c.id == indexes.c.collection_id)
        .where(collections.c.state != State.DELETING)
    )
