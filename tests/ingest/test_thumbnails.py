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
from samespace.core.settings import Settings
from samespace.core.types import State
from samespace.encoders.load import Encoders
from samespace.services import Services
from samespace.store.blobs import Size, original, thumbnail, thumbnails
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.records.claims import Done
from samespace.store.records.offers import Offer
from samespace.store.vectors import VectorCache
from samespace.wiring import open_records_of
from tests.ingest.files import noise, saved
from tests.store.memory_index import MemoryIndex
from tests.store.sql_fixtures import lay_tables, new_collection


@pytest.fixture
def services(tmp_path: Path, sandbox: Sandbox) -> Iterator[Services]:
    settings = Settings(data=tmp_path)
    lay_tables(tmp_path / "records.db")
    with (
        closing(open_records_of(settings)) as records,
        closing(VectorCache(f"sqlite:///{tmp_path}/vectors.db")) as vectors,
    ):
        new_collection(records, "c", "pictures", "starter", [])
        blobs = DiskBlobs(tmp_path / "blobs")
        yield Services(
            settings, records, blobs, vectors, MemoryIndex(), Encoders(settings), sandbox
        )


def accept(services: Services, id: str, data: bytes, media_type: str = "image/png") -> str:
    """Its content hash; the document waits."""
    content_hash = hashlib.sha256(data).hexdigest()
    services.blobs.put(original(content_hash), io.BytesIO(data))
    services.records.documents.accept(
        Offer(id, "c", id, f"{id}.png", media_type, len(data), content_hash, {}, (), "j")
    )
    return content_hash


def make_ready(services: Services, *ids: str) -> None:
    claimed = services.records.claims.claim(ids, "w", 60)
    ready = services.records.claims.ready([Done(doc, [], {}, ()) for doc in claimed])
    assert [doc.state for doc in ready] == [State.READY] * len(ids)


def there(services: Services, content: str) -> int:
    """How many of the sizes are kept."""
    return sum(services.blobs.exists(key) for key in thumbnails(content))


def size_of(services: Services, content: str, size: Size) -> tuple[int, int]:
    with Image.open(io.BytesIO(services.blobs.get(thumbnail(content, size)))) as made:
        return made.size


def test_only_live_pictures_get_one_and_only_once(services: Services) -> None:
    ready = accept(services, "ready", saved(noise(640, 480), "PNG"))
    waiting = accept(services, "waiting", saved(noise(640, 480, seed=1), "PNG"))
    text = accept(services, "text", b"Words.", "text/plain")
    make_ready(services, "ready", "text")
    make_thumbnails(["ready", "waiting", "text", "nobody"], services)
    assert size_of(services, ready, Size.SMALL) == (320, 240)
    assert size_of(services, ready, Size.LARGE) == (640, 480)
    assert there(services, waiting) == there(services, text) == 0
    services.blobs.delete(original(ready))
    make_thumbnails(["ready"], services)


def test_of_a_former_release_the_size_that_is_not_there_is_made(services: Services) -> None:
    content = accept(services, "old", saved(noise(640, 480), "PNG"))
    make_ready(services, "old")
    make_thumbnails(["old"], services)
    services.blobs.delete(thumbnail(content, Size.LARGE))
    make_thumbnails(["old"], services)
    assert size_of(services, content, Size.LARGE) == (640, 480)


def test_one_that_cannot_be_made_leaves_the_others_alone(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    gone = accept(services, "gone", saved(noise(64, 48), "PNG"))
    broken = accept(services, "broken", b"\x89PNG\r\n\x1a\n")
    sound = accept(services, "sound", saved(noise(64, 48, seed=1), "PNG"))
    make_ready(services, "gone", "broken", "sound")
    services.blobs.delete(original(gone))
    make_thumbnails(["gone", "broken", "sound"], services)
    assert [there(services, content) for content in (sound, gone, broken)] == [2, 0, 0]
    assert "no thumbnail of document gone: its original is gone" in caplog.messages
    assert any(each.startswith("no thumbnail of document broken: ") for each in caplog.messages)
