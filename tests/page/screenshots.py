"""`make screenshots`: each view at three widths, light and dark, over the samples; pictures go to docs/screenshots.

A view is a row of `SHOTS`: a name, the address, and what is done before the picture is taken.
"""

import argparse
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import httpx
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright
from rich.console import Console

from recipes.demo.samples import read_samples
from samespace.client import Client
from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack
from tests.page.browser import launch
from tests.services import ROOT

FOLDER = ROOT / "docs" / "screenshots"
COLLECTION, INBOX = "samples", "inbox"
SIZES = ((390, 844), (820, 1100), (1440, 900))
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MOST_BYTES = 3_000_000
_QUALITY = 75
_SEEN = """() => [...document.images].every((image) =>
    image.complete || !image.checkVisibility() || image.getBoundingClientRect().top > innerHeight)"""
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

console = Console(highlight=False, soft_wrap=True)


def nothing(_: Page) -> None:
    """Take the view as it opens."""


def compose(page: Page) -> None:
    """A picture that was found, and a word."""
    page.get_by_role("button", name="More like photo-panda.jpg").click()
    box = page.get_by_role("searchbox")
    expect(box).to_have_value("")
    box.fill("red")
    box.press("Enter")
    expect(page.locator(".hit.picture").first).to_be_visible()


def open_best(page: Page) -> None:
    """The document of the first answer, at its passage."""
    page.locator(".hit .body").first.click()
    expect(page.locator(".passages li.target")).to_be_in_viewport()


def add_files(page: Page) -> None:
    """Some pictures, and one file that is no document, into a collection that holds nothing else."""
    inbox = f"/v1/collections/{INBOX}"
    page.request.delete(inbox)
    page.request.post("/v1/collections", data={"name": INBOX})
    page.reload()
    with tempfile.TemporaryDirectory() as name:
        broken = Path(name) / "minutes-of-march.pdf"
        broken.write_bytes(b"%PDF-1.7\n1 0 obj\nendobj\nnothing that follows is a document")
        files = [*sorted((ROOT / "samples" / "pictures").glob("*.png"))[:6], broken]
        page.set_input_files("input[type=file][multiple]", files)
        expect(page.locator(".state.failed").last).to_be_visible(timeout=60_000)
    expect(page.locator(".file .state.ready")).to_have_count(len(files) - 1, timeout=60_000)


def sort(page: Page) -> None:
    """Four classes."""
    for number, name in enumerate(("animal", "vehicle", "building", "plant"), start=1):
        field = page.get_by_label(f"Class {number}", exact=True)
        if not field.count():
            page.get_by_role("button", name="Another class").click()
        field.fill(name)
    expect(page.locator(".groups .card")).to_have_count(5, timeout=60_000)
    page.evaluate("document.activeElement.blur()")


def ask_to_delete(page: Page) -> None:
    """The dialog that wants the name."""
    page.get_by_role("button", name=f"Delete {COLLECTION}…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def lock(page: Page) -> None:
    """As if keys were on: every answer is 401."""
    page.route("**/v1/**", lambda route: route.fulfill(status=401, json={"detail": "a key"}))
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@dataclass(frozen=True, slots=True)
class Shot:
    """A view: its address, what has to be there, and what is done then."""

    name: str
    path: str
    ready: str
    act: Callable[[Page], None] = nothing


SHOTS = (
    Shot("search", f"/?c={COLLECTION}&q=a+cat", ".hit"),
    Shot("composed", f"/?c={COLLECTION}&q=giant+panda&t=image", ".hit", compose),
    Shot("document", f"/?c={COLLECTION}&q=what+makes+bread+rise&t=text", ".hit", open_best),
    Shot("add", f"/add?c={INBOX}", ".drop", add_files),
    Shot("sort", f"/sort?c={COLLECTION}", ".labels", sort),
    Shot("map", f"/map?c={COLLECTION}", "canvas"),
    Shot("collections", "/collections", ".card"),
    Shot("delete", "/collections", ".card", ask_to_delete),
    Shot("signin", "/", "main", lock),
)


def main() -> None:
    """Take them all, or those that are named."""
    options = _options()
    wanted = [shot for shot in SHOTS if not options.views or shot.name in options.views]
    with _stack(options.url) as url, sync_playwright() as playwright:
        _fill(url, with_map=any(shot.name == "map" for shot in wanted))
        browser = launch(playwright)
        for shot, size, theme in product(wanted, SIZES, THEMES):
            context = browser.new_context(
                base_url=url,
                viewport={"width": size[0], "height": size[1]},
                color_scheme=theme,
                reduced_motion="reduce",
            )
            _take(context.new_page(), shot, options.folder / f"{shot.name}-{size[0]}-{theme}.webp")
            context.close()
        browser.close()
    _weigh(options.folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.page.screenshots", description=__doc__)
    names = [shot.name for shot in SHOTS]
    parser.add_argument("views", nargs="*", metavar="VIEW", help=f"some of {', '.join(names)}")
    parser.add_argument("--url", help="a server that runs and asks for no key; else one is started")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    return parser.parse_args()


@contextmanager
def _stack(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with (
        tempfile.TemporaryDirectory(prefix="samespace-screenshots-") as folder,
        Stack(Settings(data=Path(folder), port=0), report=console.print) as stack,
    ):
        yield stack.url


def _fill(url: str, *, with_map: bool) -> None:
    """The samples with what is known of them, and their map where it is shown."""
    with Client(url, timeout=300) as client:
        if COLLECTION not in [each["name"] for each in client.collections()]:
            client.create_collection(COLLECTION)
        added = client.add(COLLECTION, read_samples(ROOT / "samples").sources)
        client.wait(*added["job_ids"])
        if not with_map:
            return
        started = httpx.post(f"{url}/v1/collections/{COLLECTION}/map/jobs", timeout=300)
        client.wait(started.raise_for_status().json()["job_id"])


def _take(page: Page, shot: Shot, target: Path) -> None:
    page.goto(shot.path)
    page.wait_for_selector(shot.ready)
    shot.act(page)
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    page.wait_for_function(_SEEN)
    page.evaluate(_DRAWN)
    _write(page.screenshot(animations="disabled"), target)
    console.print(f"{target} ({target.stat().st_size // 1000} kB)")


def _write(png: bytes, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(png)).save(target, "WEBP", quality=_QUALITY, method=6)


def _weigh(folder: Path) -> None:
    total = sum(file.stat().st_size for file in folder.glob("*.webp"))
    console.print(json.dumps({"pictures": len(list(folder.glob("*.webp"))), "bytes": total}))
    if total > MOST_BYTES:
        raise SystemExit(f"{folder} holds {total} bytes, more than {MOST_BYTES}")


if __name__ == "__main__":
    main()
