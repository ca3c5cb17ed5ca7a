"""What a person does on the page, as steps of tests."""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

# A drop and a paste as the browser would tell of them: Playwright has no hand on files outside of inputs.
_GIVE = """(target, {event, name, type, bytes}) => {
  const data = new DataTransfer();
  const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  data.items.add(new File([raw], name, {type}));
  const made = event === "paste"
    ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent(event, {dataTransfer: data, bubbles: true, cancelable: true});
  return target.dispatchEvent(made);
}"""


def ask(page: Page, words: str) -> None:
    """Type a query and send it."""
    box = page.get_by_role("searchbox")
    box.fill(words)
    box.press("Enter")


def give(target: Locator, event: str, file: Path, type: str = "image/png") -> bool:
    """Drop or paste a file somewhere; whether the browser would go on to do what it does by itself."""
    what = {"event": event, "name": file.name, "type": type}
    bytes = base64.b64encode(file.read_bytes()).decode()
    return bool(target.evaluate(_GIVE, {**what, "bytes": bytes}))


def found_ids(page: Page) -> list[str]:
    """The ids of the results in the order of the list."""
    ids: list[str] = page.locator(".hit").evaluate_all("all => all.map(one => one.id.slice(4))")
    return ids


def scroll_to_the_end(page: Page) -> None:
    """Scroll until nothing follows."""
    further = page.locator(".further button")
    while further.count():
        before = page.locator(".hit").count()
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_function(
            "before => document.querySelectorAll('.hit').length > before"
            " || !document.querySelector('.further button')",
            arg=before,
        )


def is_focused(target: Locator) -> None:
    """Waits until the focus is there."""
    expect(target).to_be_focused()


def hit(number: int, **changes: Any) -> dict[str, Any]:
    """A passage as the API answers it."""
    id = f"{number:032x}"
    document = {
        "id": id,
        "name": f"note {number}.txt",
        "external_id": None,
        "media_type": "text/plain",
        "content_hash": "0" * 64,
    }
    scores = [{"space": "starter", "cosine": 0.5, "calibrated": 3.0, "rank": number + 1}]
    return {
        "id": id,
        "document": document,
        "content_hash": "0" * 64,
        "modality": "text",
        "score": 3.0,
        "parts": scores,
        "text": f"Note {number} tells of a red car and of the road it stands on, at some length. "
        * 4,
        "page": None,
        "start": 0,
        "end": 10,
        "position": 0,
        "metadata": {},
        "thumbnail": None,
        "content": "",
        **changes,
    }


def answer(hits: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """An answer of the API."""
    return {
        "hits": hits,
        "total": len(hits),
        "truncated": False,
        "no_good_match": False,
        "pending": 0,
        "partial": False,
        "missing": [],
        "warnings": [],
        "cursor": None,
        "took_ms": {"encode": 1.0, "index": 1.0, "total": 2.0},
        **changes,
    }


def wait_kept(page: Page, count: int) -> None:
    """Wait until the browser itself keeps so many files that were not sent."""
    page.wait_for_function(
        """(count) => new Promise(resolve => {
            const asked = indexedDB.open('samespace-uploads');
            asked.onsuccess = () => {
                const all = asked.result.transaction('waiting').objectStore('waiting').count();
                all.onsuccess = () => { resolve(all.result === count); asked.result.close(); };
            };
        })""",
        arg=count,
    )
