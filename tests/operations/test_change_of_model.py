"""A folder that 0.3.0 made moves to another model on the whole stack, by the command line, and nothing is uploaded."""

from pathlib import Path

import pytest

from samespace.cli.main import run
from samespace.client import Client, Source
from samespace.core.marks import Marks
from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack
from tests.data.releases import unpack
from tests.encoders.test_clip import TINY, folder_of
from tests.stack.test_up import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_collection_of_0_3_0_moves_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = unpack("0.3.0", tmp_path / "data")
    new = f"open_clip:{folder_of(tmp_path / 'tiny', TINY)}"
    key = tmp_path / "key"
    key.write_text(release.key)
    settings = Settings(
        data=release.data, port=0, lease_seconds=4, reconcile_seconds=0.5, search_seconds=5
    )
    with Stack(settings, lambda _: None) as stack, Client(stack.url, release.key) as client:
        wait_for(lambda: Marks(release.data).owed() is None, 240)

        def model(*arguments: str) -> str:
            command = ["--url", stack.url, "--key-file", str(key), "collections", "model", "notes"]
            assert run([*command, *arguments]) == 0, capsys.readouterr().err
            said = capsys.readouterr()
            return said.out + said.err

        def names(query: str) -> list[str]:
            answer = client.search("notes", query)
            assert not answer["partial"]
            return [
                hit["document"]["external_id"] or hit["document"]["name"] for hit in answer["hits"]
            ]

        before = names("a bird by the water")
        said = model(new, "--yes")
        assert "to be encoded: " in said
        assert "building" in said
        assert names("a bird by the water") == before
        assert "swapped" in model("--swap")
        [space] = client.collection("notes")["spaces"]
        assert space["dim"] == 24
        assert set(names("a bird by the water")) == set(before)
        client.wait(*client.add("notes", [Source("An otter dives for crabs.")])["job_ids"])
        assert len(names("otter")) == len(before) + 1
        assert "swapped" not in model("--back").partition("change")[2]
        assert client.collection("notes")["spaces"][0]["dim"] == 384
        [first, *_] = client.search("notes", "An otter dives for crabs.")["hits"]
        assert first["text"] == "An otter dives for crabs."
        model("--swap")
        model("--give-up", "--yes")
        assert [one["role"] for one in client.collection_model("notes")["indexes"]] == ["live"]
        assert len(names("otter")) == len(before) + 1
        assert run(["verify", "--data", str(release.data)]) == 0, capsys.readouterr().out
