"""Pictures on the page: as large as the view needs them, and asked for again while they are being made."""

import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect

from samespace.client import Client
from samespace.operations.stack.stack import Stack
from samespace.store.blobs import Size, thumbnail
from samespace.store.blobs_disk import DiskBlobs
from tests.ingest.files import red_picture
from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_document_shows_its_large_picture_and_its_original_on_demand(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    document = added(stack, tmp_path)
    lose_the_large_one(stack, document)
    page = visit.open(f"/document?c=wide&d={document['id']}")
    picture = page.get_by_role("img", name="wide.png")
    expect(picture).to_have_js_property("naturalWidth", 1280, timeout=30_000)
    assert f"v={document['content_hash']}" in address(picture)
    page.get_by_role("button", name="Show the original").click()
    expect(picture).to_have_js_property("naturalWidth", 1600)
    assert address(picture).endswith("/content")


def added(stack: Stack, folder: Path) -> dict[str, str]:
    """A picture of 1600 x 1000 pixels in a collection of its own, its thumbnails made."""
    file = folder / "wide.png"
    file.write_bytes(red_picture("PNG", 1600, 1000))
    with Client(stack.url) as client:
        client.create_collection("wide")
        client.wait(*client.add("wide", [file])["job_ids"])
    home = f"{stack.url}/v1/collections/wide/documents"
    document: dict[str, str] = httpx.get(home).json()["documents"][0]
    until = time.monotonic() + 60
    while httpx.get(f"{home}/{document['id']}/thumbnail").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    return document


def lose_the_large_one(stack: Stack, document: dict[str, str]) -> None:
    """As it is with documents that a former release took in."""
    blobs = DiskBlobs(stack.settings.data / "blobs")
    blobs.delete(thumbnail(document["content_hash"], Size.LARGE))


def address(picture: Locator) -> str:
    return picture.get_attribute("src") or ""
