"""Maps that no server made: as many points as a test wants, in the format of the API."""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, Route

from tests.services import ROOT

_PICTURES = sorted((ROOT / "samples" / "pictures").glob("*.png"))


@dataclass
class SyntheticMap:
    """A map in clusters, a quarter of it pictures; what was asked of its items is counted."""

    count: int
    fresh: bool = True
    asked_items: int = 0
    asked_pictures: int = 0
    body: bytes = field(init=False)
    modality: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        draw = np.random.default_rng(1)
        centres = draw.random((30, 2)) * 0.9 + 0.05
        points = centres[draw.integers(0, 30, self.count)] + draw.normal(size=(self.count, 2)) / 50
        x, y = np.clip(points, 0, 1).astype("<f4").T
        modality = (draw.random(self.count) < 0.25).astype("u1")
        ids, documents = draw.bytes(16 * self.count), draw.bytes(16 * self.count)
        header = json.dumps(
            {
                "count": self.count,
                "total": self.count,
                "made_at": "2026-01-01T00:00:00Z",
                "fresh": self.fresh,
            }
        ).encode()
        header += b" " * (-(4 + len(header)) % 8)
        columns = (x.tobytes(), y.tobytes(), ids, documents, modality.tobytes())
        self.body = struct.pack("<I", len(header)) + header + b"".join(columns)
        names = (ids[at : at + 16].hex() for at in range(0, len(ids), 16))
        self.modality = dict(zip(names, modality.tolist(), strict=True))

    @property
    def pictures(self) -> int:
        """How many of the points are pictures."""
        return sum(self.modality.values())

    def put_on(self, page: Page, collection: str) -> None:
        """Answer the page's requests about the map of this collection."""
        path = f"**/v1/collections/{collection}"
        page.route(
            f"{path}/map?or_none=true",
            lambda route: route.fulfill(body=self.body, content_type="application/octet-stream"),
        )
        page.route(f"{path}/items/get", self._answer_items)
        page.route(f"{path}/documents/*/thumbnail*", self._answer_picture)
        page.route(f"{path}/documents/*/thumbnail/*", self._answer_picture)

    def _answer_items(self, route: Route) -> None:
        ids = (route.request.post_data_json or {})["ids"]
        self.asked_items += len(ids)
        route.fulfill(json={"items": [self._item(id) for id in ids]})

    def _answer_picture(self, route: Route) -> None:
        self.asked_pictures += 1
        route.fulfill(path=Path(_PICTURES[self.asked_pictures % len(_PICTURES)]))

    def _item(self, id: str) -> dict[str, object]:
        is_picture = bool(self.modality[id])
        return {
            "id": id,
            "document_id": id,
            "document_name": f"{id[:6]}.{'png' if is_picture else 'md'}",
            "modality": "image" if is_picture else "text",
            "media_type": "image/png" if is_picture else "text/markdown",
            "content_hash": id,
            "text": None if is_picture else f"The text of {id}.",
            "page": None,
        }
