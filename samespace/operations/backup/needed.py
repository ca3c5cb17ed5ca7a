"""The originals, and the files of models, that the records name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, inspect, or_, select, union

from samespace.core.types import State
from samespace.store.records.models import held_files
from samespace.store.records.tables import documents, registry
from samespace.store.sql import reading

_AT_ONCE = 1000
_IS_KEPT = documents.c.state != State.DELETING


def needed_originals(engine: Engine) -> Iterator[str]:
    """The content hashes of all originals that documents need, each once, in order."""
    newest = select(documents.c.content_hash.label("held")).where(_IS_KEPT)
    live = select(documents.c.live_hash).where(_IS_KEPT, documents.c.live_hash.is_not(None))
    with reading(engine) as connection:
        rows = connection.execution_options(yield_per=_AT_ONCE).execute(
            union(newest, live).order_by("held")
        )
        yield from (row[0] for row in rows)


def needed_models(engine: Engine) -> set[str]:
    """The hashes of all files that models are packed in; none where the records are of a release without models."""
    with reading(engine) as connection:
        return held_files(connection) if inspect(connection).has_table(registry.name) else set()


@dataclass(frozen=True, slots=True)
class Extent:
    """About how much the originals are, and the files of models: how many documents name one, and their bytes."""

    documents: int
    bytes: int


def extent_of(engine: Engine) -> Extent:
    """What the documents that are kept add up to."""
    query = select(func.count(), func.coalesce(func.sum(documents.c.size), 0)).where(_IS_KEPT)
    with reading(engine) as connection:
        count, size = connection.execute(query).one()
        of_models = _bytes_of_models(connection)
    return Extent(count, int(size) + of_models)


def _bytes_of_models(connection: Connection) -> int:
    if not inspect(connection).has_table(registry.name):
        return 0
    query = select(func.coalesce(func.sum(registry.c.bytes), 0))
    return int(connection.execute(query).scalar_one())


def names_of(engine: Engine, hashes: Sequence[str]) -> list[str]:
    """The documents that need these originals, and the models that are packed in such files, as people know them."""
    name = func.coalesce(documents.c.external_id, documents.c.name)
    wanted = or_(documents.c.content_hash.in_(hashes), documents.c.live_hash.in_(hashes))
    query = select(documents.c.id, name).where(_IS_KEPT, wanted).order_by(documents.c.id)
    with reading(engine) as connection:
        found = [f"document {id} ({name})" for id, name in connection.execute(query)]
        return found + _models_of(connection, set(hashes))


def _models_of(connection: Connection, hashes: set[str]) -> list[str]:
    if not inspect(connection).has_table(registry.name):
        return []
    query = select(registry.c.name, registry.c.manifest, registry.c.files)
    rows = connection.execute(query.order_by(registry.c.name))
    return [
        f"model {name}" for name, manifest, files in rows if hashes & {manifest, *files.values()}
    ]
