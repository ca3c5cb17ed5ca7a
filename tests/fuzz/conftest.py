"""The API over real records, blobs and queue; the index in memory, the encoders light: no model is loaded."""

from collections.abc import Iterator

import pytest

from ingest.thumbnails import make_thumbnails
from tests.api.world import World, open_world, png
from tests.fuzz.light import LightEncoders


@pytest.fixture(scope="module")
def encoders() -> Iterator[LightEncoders]:
    """One set for a module."""
    encoders = LightEncoders()
    yield encoders
    encoders.close()


@pytest.fixture(scope="module")
def api(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: LightEncoders
) -> Iterator[World]:
    """An application with a collection "house" that holds texts and a picture."""
    folder = tmp_path_factory.mktemp("fuzz")
    with open_world(folder, redis_url, encoders, device="cpu", max_json_bytes=100_000) as world:
        world.client.post("/v1/collections", json={"name": "house"})
        world.add("house", "a red car", "a blue boat", "tax law", metadata={"year": 1999})
        world.send("house", [("red.png", png())])
        ready = world.ingest()
        make_thumbnails([doc.id for doc in ready], world.services)
        yield world
