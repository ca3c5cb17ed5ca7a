"""The data folder of a release, as a file for the tests of later ones: `release-<version>.tar.xz`.

Run with the code of that release, in its own tree, from anywhere:

    git worktree add /tmp/release 052b08d && cd /tmp/release
    PYTHONPATH=. python /path/to/tests/data/make_release.py /path/to/tests/data/release-0.1.0.tar.xz

`said.json` in it holds what the release answered, for the later one to answer too.
"""

import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from samespace.client import Client, Source
from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack
from samespace.store.records import open_records
from tests.ingest.files import pdf, red_picture

KEPT = ("version", "records.db", "vectors.db", "blobs", "milvus", "valkey", "said.json")
QUERIES = ("a bird by the water", "a boat in a storm", "the colour red", "invoice")


def make(data: Path) -> None:
    """Let the whole stack live on a folder: texts, pictures, a PDF, a second version, a failure, a key."""
    with Stack(Settings(data=data, port=0)) as stack, Client(stack.url) as client:
        client.create_collection("notes")
        _add(client, Source("A heron stands in the river at dawn."))
        _add(client, Source("The keeper paints his boat blue.", external_id="keeper"))
        _add(client, Source("The keeper rows his boat through a storm.", external_id="keeper"))
        _add(client, Source(red_picture("PNG"), name="red.png", metadata={"year": 2024}))
        _add(client, Source(pdf(["An invoice for three lamps."]), name="invoice.pdf"))
        _add(client, Source(b"\xff\xd8\xff\xe0" + b"garbage" * 20, name="broken.jpg"))
        said: dict[str, Any] = {query: _hits(client, query) for query in QUERIES}
    records = open_records(f"sqlite:///{data / 'records.db'}")
    said["key"] = records.keys.create("laptop")[1]
    records.close()
    (data / "said.json").write_text(json.dumps(said, indent=1))


def _add(client: Client, source: Source) -> None:
    client.wait(*client.add("notes", [source])["job_ids"])


def _hits(client: Client, query: str) -> list[dict[str, Any]]:
    return [
        {"document": hit["document"]["id"], "text": hit["text"], "score": round(hit["score"], 4)}
        for hit in client.search("notes", query)["hits"]
    ]


def main() -> None:
    """Make the folder and pack it, without logs and locks."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        make(data)
        with tarfile.open(sys.argv[1], "w:xz") as tar:
            for name in KEPT:
                tar.add(data / name, name, filter=_anonymous)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main()
