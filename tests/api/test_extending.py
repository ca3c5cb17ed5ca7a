"""What docs/extending.md shows does what it says: one new file and one line in a registry, and nothing else."""

from collections.abc import Iterator

import pytest

from ingest.formats import registry
from ingest.formats.registry import FORMATS, Formats
from tests.api.scrapbook import SCRAPBOOK
from tests.api.world import World
from tests.services import ROOT

BOOK = b"""SCRAPBOOK 1
words a heron stands in the river
colour 220 30 40
colour 30 40 220
smell of the sea
page
words a lighthouse at the harbour
"""


@pytest.fixture
def scrapbooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The one line: the row in the registry."""
    monkeypatch.setattr(registry, "FORMATS", Formats((*FORMATS.rows, SCRAPBOOK)))
    yield


@pytest.mark.usefixtures("scrapbooks")
def test_a_format_goes_from_upload_to_hit(api: World) -> None:
    collection = api.collection()
    answer = api.send(collection, [("summer.scrap", BOOK)])
    assert answer.status_code == 202, answer.text
    (doc,) = api.ingest()
    assert doc.media_type == SCRAPBOOK.media_type
    assert doc.warnings == ("summer.scrap: a line of the kind 'smell' was not read",)
    search = api.client.post(
        f"/v1/collections/{collection}/search", json={"query": "a bird by the water"}
    )
    assert search.status_code == 200, search.text
    hits = search.json()["hits"]
    found = {(hit["modality"], hit["page"]) for hit in hits}
    assert found == {("text", 1), ("text", 2), ("image", 1)}
    assert sum(hit["modality"] == "image" for hit in hits) == 2
    words = [hit["text"] for hit in hits if hit["modality"] == "text"]
    assert words[0] == "a heron stands in the river"


@pytest.mark.usefixtures("scrapbooks")
def test_a_format_is_offered_and_its_name_is_known(api: World) -> None:
    limits = api.client.get("/v1/limits").json()
    assert SCRAPBOOK.media_type in limits["media_types"]
    assert {"scrapbook"} == {
        each["name"] for each in limits["formats"] if ".scrap" in each["suffixes"]
    }
    sent = api.send(api.collection(), [("summer.scrap", b"no scrapbook at all")])
    assert sent.status_code == 202
    (doc,) = sent.json()["documents"]
    assert doc["warnings"] == ["named summer.scrap but holds text/plain"]


def test_without_its_row_it_is_a_text_as_any_other(api: World) -> None:
    assert api.send(api.collection(), [("summer.scrap", BOOK)]).status_code == 202
    assert "text/plain" in {doc.media_type for doc in api.ingest()}
    assert registry.FORMATS is FORMATS


def test_modalities_are_said_with_their_rows(api: World) -> None:
    said = api.client.get("/v1/limits").json()["modalities"]
    assert [(each["name"], each["called"], each["has_preview"]) for each in said] == [
        ("text", "passage", False),
        ("image", "picture", True),
    ]


def test_the_page_shows_this_file() -> None:
    shown = (ROOT / "docs/extending.md").read_text()
    source = (ROOT / "tests/api/scrapbook.py").read_text()
    assert (
        source[source.index("def is_scrapbook") :].replace(
            "tests.api.scrapbook", "ingest.formats.scrapbook"
        )
        in shown
    )
