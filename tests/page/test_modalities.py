"""What the page knows of modalities is what the API serves, read in one place."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit
from tests.page.test_modules import SCRIPTS

TABLE = SCRIPTS / "lib" / "modalities.js"
_TEXT = {"name": "text", "label": "Passage", "label_plural": "Passages", "preview": "text"}
_IMAGE = {"name": "image", "label": "Picture", "label_plural": "Pictures", "preview": "thumbnail"}


def test_no_other_script_asks_for_a_modality_or_its_media_types() -> None:
    asked = re.compile(r"""modality\s*[!=]==|["'/](?:image|audio|video)/[\w*]""")
    wrong = {
        script.relative_to(SCRIPTS).as_posix()
        for script in SCRIPTS.rglob("*.js")
        if script != TABLE and asked.search(script.read_text(encoding="utf-8"))
    }
    assert wrong == set()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_rows_are_data_and_decide(visit: Visit) -> None:
    page = visit.open("/")
    expect(page.get_by_role("heading", level=1).first).to_be_attached()
    known = page.evaluate(
        """async () => {
          const table = await import("/page/js/lib/modalities.js");
          const item = (modality, media_type) => table.isThumbnailItem({modality, media_type});
          const file = (name, type) => table.isQueryFile({name, type});
          return {
            rows: JSON.parse(JSON.stringify(table.modalities())),
            unknown: table.modalityOf("smell").name,
            own: item("image", "image/png"),
            drawn: item("image", "application/pdf"),
            passage: item("text", "text/plain"),
            files: [file("a.png", "image/png"), file("A.HEIC", ""), file("a.txt", "text/plain")],
            accept: table.queryAccept(),
            targets: table.targetOptions("All"),
            parsed: ["image", "smell", null].map(table.parseTarget),
          };
        }"""
    )
    rows = known.pop("rows")
    assert [{name: row[name] for name in _TEXT} for row in rows] == [_TEXT, _IMAGE]
    assert known == {
        "unknown": "text",
        "own": True,
        "drawn": False,
        "passage": False,
        "files": [True, True, False],
        "accept": "image/*",
        "targets": [["", "All"], ["text", "Passages"], ["image", "Pictures"]],
        "parsed": ["image", "", ""],
    }
