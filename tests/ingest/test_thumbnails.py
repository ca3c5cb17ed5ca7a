"""Thumbnails of what is live: made once in both sizes, and one that cannot be made leaves the others alone."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from ingest.sandbox import Sandbox
from ingest.thumbnails import make_thumbnails
from ingest.tools import Tools
from samespace.core.settings import Settings
from samespace.core.types import State
from samespace.encoders.load import Encoders
from samespace.store.blobs import Size, original, thumbnail, thumbnails
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.index_memory import MemoryIndex
from samespace.store.records.claims import Done
from samespace.store.records.offers import Offer
from samespace.store.vectors import VectorCache
from samespace.wiring import open_records_of
from tests.ingest.files import noise, saved
from tests.store.sql_fixtures import new_collection


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    settings = Settings(data=tmp_path)
    with (
        Sandbox(1, 60, 2048) as sandbox,
        closing(open_records_of(settings)) as records,
        closing(VectorCache(f"sqlite:///{tmp_path}/vectors.db")) as vectors,
    ):
        new_collection(records, "c", "pictures", "starter", [])
        blobs = DiskBlobs(tmp_path / "blobs")
        yield Tools(settings, records, blobs, vectors, MemoryIndex(), Encoders(settings), sandbox)


def accept(tools: Tools, id: str, data: bytes, media_type: str = "image/png") -> str:
    """Its content hash; the document waits."""
    content_hash = hashlib.sha256(data).hexdigest()
    tools.blobs.put(original(content_hash), io.BytesIO(data))
    tools.records.documents.accept(
        Offer(id, "c", id, f"{id}.png", media_type, len(data), content_hash, {}, (), "j")
    )
    return content_hash


def make_ready(tools: Tools, *ids: str) -> None:
    claimed = tools.records.claims.claim(ids, "w", 60)
    ready = tools.records.claims.ready([Done(doc, [], {}, ()) for doc in claimed])
    assert [doc.state for doc in ready] == [State.READY] * len(ids)


def there(tools: Tools, content: str) -> int:
    """How many of the sizes are kept."""
    return sum(tools.blobs.exists(key) for key in thumbnails(content))


def size_of(tools: Tools, content: str, size: Size) -> tuple[int, int]:
    with Image.open(io.BytesIO(tools.blobs.get(thumbnail(content, size)))) as made:
        return made.size


def test_only_live_pictures_get_one_and_only_once(tools: Tools) -> None:
    ready = accept(tools, "ready", saved(noise(640, 480), "PNG"))
    waiting = accept(tools, "waiting", saved(noise(640, 480, seed=1), "PNG"))
    text = accept(tools, "text", b"Words.", "text/plain")
    make_ready(tools, "ready", "text")
    make_thumbnails(["ready", "waiting", "text", "nobody"], tools)
    assert size_of(tools, ready, Size.SMALL) == (320, 240)
    assert size_of(tools, ready, Size.LARGE) == (640, 480)
    assert there(tools, waiting) == there(tools, text) == 0
    tools.blobs.delete(original(ready))
    make_thumbnails(["ready"], tools)


def test_of_a_former_release_the_size_that_is_not_there_is_made(tools: Tools) -> None:
    content = accept(tools, "old", saved(noise(640, 480), "PNG"))
    make_ready(tools, "old")
    make_thumbnails(["old"], tools)
    tools.blobs.delete(thumbnail(content, Size.LARGE))
    make_thumbnails(["old"], tools)
    assert size_of(tools, content, Size.LARGE) == (640, 480)


def test_one_that_cannot_be_made_leaves_the_others_alone(
    tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    gone = accept(tools, "gone", saved(noise(64, 48), "PNG"))
    broken = accept(tools, "broken", b"\x89PNG\r\n\x1a\n")
    sound = accept(tools, "sound", saved(noise(64, 48, seed=1), "PNG"))
    make_ready(tools, "gone", "broken", "sound")
    tools.blobs.delete(original(gone))
    make_thumbnails(["gone", "broken", "sound"], tools)
    assert [there(tools, content) for content in (sound, gone, broken)] == [2, 0, 0]
    assert "no thumbnail of document gone: its original is gone" in caplog.messages
    assert any(each.startswith("no thumbnail of document broken: ") for each in caplog.messages)
