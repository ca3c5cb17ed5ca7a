"""Adding on the page: what is dropped, pasted or chosen arrives, tells how it is, and survives what people do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from samespace.client import Client
from samespace.operations.stack.stack import Stack
from tests.page.conftest import Visit
from tests.page.steps import wait_kept
from tests.services import ROOT
from tests.stack.test_up import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_SAMPLES = ROOT / "samples"
_UPLOADS = re.compile(r"/documents\?job=")
_LONG_MS = 50


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.url) as client:
        yield client


@pytest.fixture
def name(visit: Visit, client: Client, request: pytest.FixtureRequest) -> Iterator[str]:
    """A collection of the test's own; the page is closed before it goes."""
    name = request.node.name.replace("_", "-")[5:60].strip("-")
    client.create_collection(name)
    yield name
    visit.page.close()
    client.delete_collection(name)


def _opened(visit: Visit, name: str) -> Page:
    page = visit.open(f"/add?c={name}")
    expect(page.get_by_role("heading", name=f"Add to {name}")).to_be_visible()
    return page


def _choose(page: Page, *paths: Path) -> None:
    page.set_input_files("input[type=file][multiple]:not([webkitdirectory])", list(paths))


def _texts(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"note-{number:04}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(f"Note number {number} is about the number {number}.")
    return paths


def _drop(page: Page, *paths: Path) -> None:
    """As the system does it: a script cannot make a drop that holds folders."""
    box = page.locator(".drop").bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    at = {"x": box["x"] + 20, "y": box["y"] + 20, "data": data}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **at})


def _documents(client: Client, name: str) -> list[Any]:
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = client.documents(name, after=after, limit=1000)
        found += page["documents"]
        after = page["next"]
    return found


def _forgive(visit: Visit, *said: str) -> None:
    """A browser logs every answer that is no 2xx, also those that a test made."""
    visit.problems[:] = [one for one in visit.problems if not any(each in one for each in said)]


def test_thirty_files_of_mixed_kinds_and_a_failing_one(
    visit: Visit, client: Client, name: str, tmp_path: Path
) -> None:
    files = sorted((_SAMPLES / "pictures").iterdir())[:18]
    files += [
        one for one in sorted((_SAMPLES / "documents").iterdir()) if one.stat().st_size < 9000
    ]
    files = files[:26] + _texts(tmp_path, 29 - len(files[:26]))
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\n1 0 obj\nendobj\nnothing that follows is a document")
    page = _opened(visit, name)
    _choose(page, *files, broken)

    rows = page.locator(".file")
    expect(rows).to_have_count(30)
    expect(rows.locator(".state.ready")).to_have_count(29, timeout=120_000)
    failed = rows.filter(has=page.locator(".state.failed"))
    expect(failed).to_contain_text("broken.pdf")
    expect(failed.locator(".reason")).not_to_be_empty()
    expect(page.locator(".job")).to_have_count(0)

    with page.expect_response(re.compile(r"/documents/retry$")):
        failed.get_by_role("button", name="Try again: broken.pdf").click()
    # The page still says "failed" for a moment: the server knows when it failed once more.
    wait_for(lambda: len(client.documents(name, state="failed")["documents"]) == 1, 60)
    expect(failed.locator(".state")).to_have_text("failed", timeout=60_000)
    page.get_by_role("button", name="Try the failed one again").click()
    expect(page.get_by_text("1 document queued again")).to_be_visible()

    _choose(page, files[0])
    expect(rows.filter(has=page.get_by_text("already there"))).to_have_count(1)
    # After a reload the ready ones are done with; the failed one is still named, with its reason.
    page.reload()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("broken.pdf")


def test_what_was_odd_in_reading_is_told_when_it_is_read(
    visit: Visit, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "noel.txt"
    file.write_text("Le café était fermé à Noël, et la fête a été annulée. " * 40, "cp1252")
    page = _opened(visit, name)
    _choose(page, file)
    row = page.locator(".file")
    expect(row.locator(".state.ready")).to_have_count(1, timeout=60_000)
    expect(row.locator(".warning")).to_contain_text("cp1252")
    visit.open(f"/collections?c={name}&list=1")
    expect(page.locator(".documents .file .warning")).to_contain_text("cp1252")


def test_a_folder_is_walked_through_and_added_twice_is_added_once(
    visit: Visit, client: Client, name: str, tmp_path: Path
) -> None:
    deep = tmp_path / "things" / "a" / "b"
    deep.mkdir(parents=True)
    _texts(deep, 120)  # a browser lists 100 at a time
    (tmp_path / "things" / "top.txt").write_text("On top.")
    (tmp_path / "things" / ".hidden").write_text("not for anybody")
    client.pause(name)
    page = _opened(visit, name)
    _drop(page, tmp_path / "things")
    everything = page.get_by_role("button", name="121 queued")
    expect(everything).to_be_visible(timeout=60_000)
    found = {one["external_id"] for one in _documents(client, name)}
    assert len(found) == 121
    assert {"things/top.txt", "things/a/b/note-0007.txt"} <= found

    _drop(page, tmp_path / "things")
    expect(page.get_by_role("button", name="242 queued")).to_be_visible(timeout=60_000)
    assert len(_documents(client, name)) == 121


def test_a_picture_and_a_text_are_pasted(visit: Visit, client: Client, name: str) -> None:
    page = _opened(visit, name)
    page.evaluate("""async () => {
        const canvas = Object.assign(document.createElement('canvas'), {width: 9, height: 9});
        canvas.getContext('2d').fillRect(0, 0, 5, 5);
        const blob = await new Promise(resolve => canvas.toBlob(resolve));
        const paste = (fill) => {
            const clipboardData = new DataTransfer();
            fill(clipboardData);
            document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true}));
        };
        paste(data => data.items.add(new File([blob], 'image.png', {type: 'image/png'})));
        paste(data => data.setData('text/plain', 'The lighthouse keeper.\\nAnd more.'));
    }""")
    ready = page.locator(".file .state.ready")
    expect(ready).to_have_count(2, timeout=60_000)
    kinds = {one["media_type"]: one["name"] for one in _documents(client, name)}
    assert kinds == {"image/png": "image.png", "text/plain": "The lighthouse keeper."}


def test_the_same_name_again_is_kept_beside_or_replaces_as_chosen(
    visit: Visit, client: Client, name: str, tmp_path: Path
) -> None:
    page = _opened(visit, name)
    file = tmp_path / "report.txt"
    rows = page.locator(".file")
    for content in ("The first report.", "The second report."):
        file.write_text(content)
        _choose(page, file)
        expect(page.locator(".file .state.ready")).to_have_count(
            1 if content == "The first report." else 2, timeout=60_000
        )
    kept = rows.filter(has=page.get_by_text("ready, kept both"))
    expect(kept).to_contain_text("Another document of this name kept beside it.")
    first, second = sorted(_documents(client, name), key=lambda one: one["created_at"])

    kept.get_by_role("button", name="Delete other documents called report.txt").click()
    expect(page.get_by_text("1 document called “report.txt” deleted.")).to_be_visible()
    expect(kept.get_by_role("button", name="Delete other documents")).to_have_count(0)
    assert [one["id"] for one in _documents(client, name)] == [second["id"]] != [first["id"]]

    page.get_by_label("A file whose name already exists").select_option("replace")
    file.write_text("The third report.")
    _choose(page, file)
    expect(page.get_by_text("ready, replaced an older one")).to_be_visible(timeout=60_000)
    assert [one["id"] for one in _documents(client, name)] == [second["id"]]
    _choose(page, file)
    expect(page.get_by_text("already there")).to_be_visible(timeout=60_000)


def test_a_reload_in_mid_upload_loses_nothing_and_doubles_nothing(
    visit: Visit, client: Client, name: str, tmp_path: Path
) -> None:
    client.pause(name)
    page = _opened(visit, name)
    held: list[Route] = []
    seen: list[str] = []

    def hold(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) == 1:
            route.continue_()
        else:
            held.append(route)

    page.route(_UPLOADS, hold)
    files = _texts(tmp_path, 130)
    _choose(page, *files)
    expect(page.get_by_role("button", name="40 queued")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^\d+ sending"))).to_be_visible()
    wait_kept(page, 90)
    for route in held:
        route.abort()
    page.unroute(_UPLOADS)
    page.close(run_before_unload=False)
    visit.page = visit.page.context.new_page()
    page = _opened(visit, name)

    expect(page.get_by_role("button", name="130 queued")).to_be_visible(timeout=60_000)
    names = [one["name"] for one in _documents(client, name)]
    assert sorted(names) == [path.name for path in files]
    jobs = {one["job_id"] for one in _documents(client, name)}
    assert len(jobs) == 1
    # Nothing is left to be sent a third time.
    page.reload()
    expect(page.get_by_role("button", name="130 queued")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^\d+ (sending|waiting)"))).to_have_count(0)
    _forgive(visit, "ERR_FAILED")


def test_a_job_is_paused_resumed_and_cancelled(
    visit: Visit, client: Client, name: str, tmp_path: Path
) -> None:
    client.pause(name)
    page = _opened(visit, name)
    expect(page.get_by_text(f"{name} is paused.")).to_be_visible()
    _choose(page, *_texts(tmp_path, 12))
    job = page.locator(".job").filter(has_text="documents done")
    expect(job).to_contain_text("0 of 12 documents done")
    expect(job).to_contain_text("paused")
    page.get_by_role("button", name="Cancel note-0003.txt").click()
    expect(page.get_by_role("button", name="1 cancelled")).to_be_visible()
    job.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="12 cancelled")).to_be_visible()
    expect(job).to_have_count(0)

    page.get_by_role("button", name="Try again: note-0003.txt").click()
    page.get_by_role("button", name=f"Resume {name}").click()
    expect(page.locator(".file .state.ready")).to_have_count(1, timeout=60_000)
    expect(page.get_by_text(f"{name} is paused.")).to_have_count(0)


@pytest.mark.alone
def test_a_thousand_files_stay_smooth(
    visit: Visit, client: Client, name: str, tmp_path: Path
) -> None:
    client.pause(name)
    page = _opened(visit, name)
    page.evaluate(
        """() => {
            window.long = [];
            new PerformanceObserver(list => window.long.push(...list.getEntries().map(each => each.duration)))
                .observe({type: 'longtask'});
        }"""
    )
    _choose(page, *_texts(tmp_path, 1000))
    # The page answers meanwhile, and going elsewhere stops nothing.
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/\?c={name}"))
    page.get_by_role("link", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="1,000 queued")).to_be_visible(timeout=120_000)
    long = page.evaluate("() => window.long")
    assert len(long) <= 10, json.dumps(long)
    assert len(page.locator(".file").all()) <= 200
    assert client.collection(name)["documents"]["total"] == 1000


def test_a_full_server_is_waited_for_and_so_is_a_silent_one(
    visit: Visit, name: str, tmp_path: Path
) -> None:
    page = _opened(visit, name)
    full = {"detail": "no more documents may wait, the limit is 7", "code": "busy", "status": 429}
    answers = ["full", "silent"]

    def refuse(route: Route) -> None:
        if not answers:
            route.continue_()
        elif answers.pop(0) == "full":
            headers = {"Retry-After": "30", "Content-Type": "application/problem+json"}
            route.fulfill(status=429, headers=headers, body=json.dumps(full))
        else:
            route.abort()

    page.route(_UPLOADS, refuse)
    _choose(page, *_texts(tmp_path, 3))
    expect(page.get_by_text("no more documents may wait, the limit is 7")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Trying again in \d+ s"))).to_be_visible()
    expect(page.get_by_role("button", name="3 waiting")).to_be_visible()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(page.locator(".file .state.ready")).to_have_count(3, timeout=60_000)
    _forgive(visit, "429", "ERR_FAILED")


def test_what_the_server_would_refuse_is_not_sent(visit: Visit, name: str, tmp_path: Path) -> None:
    page = _opened(visit, name)
    limits = {"max_file_bytes": 1000, "max_request_bytes": 9000, "max_json_bytes": 9000}
    limits |= {"max_files": 10, "media_types": ["text/plain"]}  # type: ignore[dict-item]
    page.route("**/v1/limits", lambda route: route.fulfill(json=limits))
    page.reload()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if _UPLOADS.search(asked.url) else None)
    for file, content in (("big.txt", b"a" * 1001), ("empty.txt", b""), ("song.mp3", b"ID3\0")):
        (tmp_path / file).write_bytes(content)
    _choose(page, *sorted(tmp_path.iterdir()))
    refused = page.locator(".file .state.refused")
    expect(refused).to_have_count(3)
    reasons = page.locator(".file .reason").all_inner_texts()
    assert [each.split(",")[0] for each in reasons] == [
        "it has 1.0 kB",
        "it is empty",
        "audio/mpeg is not supported",
    ]
    assert sent == []


def test_the_keyboard_is_enough_to_add_and_to_call_off(
    visit: Visit, client: Client, name: str, tmp_path: Path
) -> None:
    client.pause(name)
    page = _opened(visit, name)
    page.get_by_label("Collection").last.focus()
    with page.expect_file_chooser() as chooser:
        while page.evaluate("document.activeElement.textContent.trim()") != "Choose files":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    chooser.value.set_files(_texts(tmp_path, 2))
    expect(page.get_by_role("button", name="2 queued")).to_be_visible()
    while page.evaluate("document.activeElement.ariaLabel") != "Cancel note-0001.txt":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="1 cancelled")).to_be_visible()


def test_the_first_collection_is_made_by_itself_and_another_on_demand(
    visit: Visit, client: Client, name: str
) -> None:
    page = _opened(visit, name)
    page.get_by_role("button", name="New collection").click()
    page.get_by_label("Name of the new collection").fill(f"{name}-2")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name=f"Add to {name}-2")).to_be_visible()
    # Where its stream is just being opened, it is told so by that.
    visit.expect_problem(r"404.*-2/events")
    client.delete_collection(f"{name}-2")
    # The page hears of it.
    expect(page.get_by_role("heading", name=f"Add to {name}-2")).to_have_count(0)
