"""Data folders of earlier releases, unpacked; `make_release.py` made them."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
QUERIES = ("a bird by the water", "a boat in a storm", "the colour red", "invoice")


@dataclass(frozen=True)
class Release:
    """A folder, the text of a key in it, and the documents that answered each query, best first."""

    data: Path
    key: str
    answers: dict[str, list[str]]


def unpack(version: str, data: Path) -> Release:
    """The folder of a release."""
    with tarfile.open(HERE / f"release-{version}.tar.xz") as tar:
        tar.extractall(data, filter="data")
    said = json.loads((data / "said.json").read_text())
    key = said.pop("key")
    return Release(
        data, key, {query: [hit["document"] for hit in hits] for query, hits in said.items()}
    )
