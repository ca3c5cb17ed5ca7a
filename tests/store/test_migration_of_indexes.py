"""Records of 0.3.0 become rows of models and indexes: nothing is made again or lost, and there is no way back."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text

from samespace.core.errors import Misconfigured
from samespace.core.types import TEXT
from samespace.encoders.presets import CLIP_B32, STARTER
from samespace.operations.backup.tables import at_one_moment, copy_rows, opened
from samespace.store import migrations
from samespace.store.records import Records, Role, open_records
from samespace.store.records.models import model_of
from samespace.store.records.rows import IndexRecord
from samespace.store.sql import open_engine, reading, writing
from tests.data.releases import unpack
from tests.store.sql_fixtures import database_url

__all__ = ["database_url"]

_COLLECTION = (
    "INSERT INTO collections (id, name, preset, spaces, state, created_at) "
    "VALUES (:id, :id, :preset, :spaces, 'ready', 5.0)"
)
_CUT = (
    "UPDATE items SET cut_in = '[\"starter\"]' "
    "WHERE document_id = (SELECT id FROM documents WHERE name = 'invoice.pdf')"
)


def _space(name: str, dim: int, *modalities: str) -> dict[str, Any]:
    told = {"name": name, "fingerprint": name * 8, "dim": dim, "modalities": modalities}
    return {**told, "index_name": f"c_{name}"}


@pytest.fixture
def before(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """The records of a folder of 0.3.0, in it a passage that its space cut; and collections of other models."""
    engine = open_engine(database_url)
    migrations.upgrade(engine, "0003")
    release = unpack("0.3.0", tmp_path / "data")
    with (
        opened(release.data / "records.db") as file,
        at_one_moment(file) as source,
        writing(engine) as target,
    ):
        copy_rows(source, target)
        target.execute(text(_CUT))
        clip = [_space("text", 384, "text"), _space("clip", 512, "image", "text")]
        for id, preset, spaces in (
            ("clip", "clip", clip),
            ("own", "st:/models/own", [_space("own", 64, "text")]),
        ):
            told = {"id": id, "preset": preset, "spaces": json.dumps(spaces)}
            target.execute(text(_COLLECTION), told)
    yield engine
    engine.dispose()


@pytest.fixture
def after(before: Engine, database_url: str) -> Iterator[Records]:
    with closing(open_records(database_url)) as records:
        yield records


def test_every_space_of_before_is_a_live_index_under_its_name(after: Records) -> None:
    (index,) = after.collections.find("notes").indexes
    fingerprint = "08ec86502a46a34f5045f0a3c9a727f48fa8acc04ec8a090a51cb9ea00d2e53e"
    assert index.model == model_of(STARTER, fingerprint)
    assert (index.kind, index.role, index.rows_version) == ("dense", Role.LIVE, 1)
    assert index.index_name == "c_17f134b0dec0ecdeede94625c6c6127b_starter"
    words, clip = after.collections.find("clip").spaces
    assert (words.name, words.index_name, words.dim) == ("text", "c_text", 384)
    assert words.space.query_prompt.startswith("Represent this sentence")
    assert clip.model == model_of(CLIP_B32, "clip" * 8)


def test_of_a_custom_model_it_is_known_what_was_written_down(after: Records) -> None:
    (index,) = after.collections.find("own").spaces
    space = index.space
    assert (space.kind, space.model) == ("sentence-transformers", "/models/own")
    assert (space.dim, space.max_tokens) == (64, 0)
    assert space.modalities == {TEXT}


def test_an_index_holds_what_was_live_and_what_it_cut(after: Records) -> None:
    collection = after.collections.find("notes")
    (index,) = collection.indexes
    with reading(after.engine) as connection:
        rows = connection.execute(
            text(
                "SELECT name, document_indexes.generation, document_indexes.state, total, done "
                "FROM document_indexes JOIN documents ON documents.id = document_id ORDER BY name, 2"
            )
        )
        assert [tuple(row) for row in rows] == [
            ("invoice.pdf", 1, "ready", 1, 1),
            ("red.png", 1, "ready", 1, 1),
            ("text", 1, "ready", 1, 1),
            ("text", 2, "ready", 1, 1),
        ]
    assert list(after.holdings.unnoted(collection.id, index.id)) == []
    documents = {one.name: one for one in after.documents.page(collection.id)}
    assert [one.cut_in for one in after.documents.items(documents["invoice.pdf"])] == [["starter"]]
    assert [one.cut_in for one in after.documents.items(documents["red.png"])] == [[]]


def test_a_new_collection_shares_the_model_of_an_old_one(after: Records) -> None:
    old = after.collections.find("notes").indexes[0]
    assert old.model is not None
    new = after.collections.begin("new", "starter", [old.model]).indexes[0]
    assert _model_id(new) == _model_id(old)
    assert new.index_name != old.index_name
    with reading(after.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM models")).scalar() == 4


def _model_id(index: IndexRecord) -> str:
    assert index.model is not None
    return index.model.id


def test_there_is_no_way_back(after: Records) -> None:
    config = migrations._config()
    with writing(after.engine) as connection:
        config.attributes["connection"] = connection
        with pytest.raises(Misconfigured, match=r"do not go back to 0007: .* restore the copy"):
            command.downgrade(config, "0007")
    assert after.collections.find("notes").indexes
