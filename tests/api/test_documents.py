"""Documents over HTTP: added, looked at, deleted."""

import json
from typing import Any

import pytest

from tests.api.world import World, assert_problem, png


def test_texts_are_accepted_then_ready(api: World, name: str) -> None:
    answer = api.add(name, "A red car.", metadata={"year": 1999}, external_id="car.txt")
    [accepted] = answer["documents"]
    assert accepted["outcome"] == "created"
    assert accepted["state"] == "queued"
    assert accepted["name"] == "car.txt"
    assert api.messages() == [("ingest_documents", None)]

    waiting = api.client.get(f"/v1/collections/{name}/documents/{accepted['id']}").json()
    assert waiting["state"] == "queued"
    assert not waiting["is_live"]
    api.ingest()
    ready = api.client.get(f"/v1/collections/{name}/documents/{accepted['id']}").json()
    assert ready["state"] == "ready"
    assert ready["is_live"]
    assert ready["metadata"] == {"year": 1999}
    assert ready["items_done"] == ready["items_total"] == 1
    assert ready["job_id"] == answer["job_id"]
    assert ready["created_at"].endswith("+00:00")
    items = api.client.get(f"/v1/collections/{name}/documents/{accepted['id']}/items").json()
    [item] = items["items"]
    assert (item["modality"], item["position"], item["cut_in"]) == ("text", 0, [])


def test_one_text_needs_no_list(api: World, name: str) -> None:
    response = api.client.post(f"/v1/collections/{name}/documents", json={"text": "Alone."})
    assert response.status_code == 202
    assert response.json()["documents"][0]["name"] == "Alone."


def test_a_text_stays_as_it_is_and_a_file_is_told_by_its_content(api: World, name: str) -> None:
    markup = "<script>let it = 1;</script><b>bold</b>"
    text = api.client.post(f"/v1/collections/{name}/documents", json={"text": markup}).json()
    files = [("page.txt", f"<html>{markup}".encode()), ("page.html", f"<p>{markup}".encode())]
    file = api.send(name, files[:1]).json()
    as_text = api.send(name, files[1:], documents=[{"is_text": True}]).json()
    api.ingest()

    def read(answer: Any) -> tuple[str, list[str]]:
        url = f"/v1/collections/{name}/documents/{answer['documents'][0]['id']}"
        items = api.client.get(f"{url}/items", params={"texts": True}).json()["items"]
        return api.client.get(url).json()["media_type"], [item["text"] for item in items]

    assert read(text) == ("text/plain", [markup])
    assert read(file) == ("text/html", ["bold"])
    assert read(as_text) == ("text/plain", [f"<p>{markup}"])


def test_files_come_with_notes_and_metadata(api: World, name: str) -> None:
    response = api.send(
        name,
        [("a.png", png("red")), ("bücher.txt", b"A book.")],
        documents=[{"external_id": "x/a.png", "metadata": {"n": 1}}, {"name": "books.txt"}],
        metadata={"album": "summer", "n": 0},
    )
    assert response.status_code == 202, response.text
    picture, text = response.json()["documents"]
    assert (picture["external_id"], text["name"]) == ("x/a.png", "books.txt")
    view = api.client.get(f"/v1/collections/{name}/documents/{picture['id']}").json()
    assert view["media_type"] == "image/png"
    assert view["metadata"] == {"album": "summer", "n": 1}


def test_a_file_keeps_its_name_and_bytes(api: World, name: str) -> None:
    data = bytes(range(65, 91)) * 100_000
    response = api.send(name, [("früh.txt", b"Short."), ("long.txt", data)])
    short, long = response.json()["documents"]
    assert short["name"] == "früh.txt"
    content = api.client.get(f"/v1/collections/{name}/documents/{long['id']}/content")
    assert content.content == data
    assert content.headers["content-type"].startswith("text/plain")


def test_adding_again_says_what_it_came_to(api: World, name: str) -> None:
    first = api.add(name, "Same.", external_id="a")["documents"][0]
    again = api.add(name, "Same.", external_id="a")
    assert again["documents"][0]["outcome"] == "unchanged"
    assert again["documents"][0]["id"] == first["id"]
    # It still waits, by the job it was sent with first.
    assert again["documents"][0]["state"] == "queued"
    assert again["documents"][0]["job_id"] == first["job_id"] != again["job_id"]
    job = api.client.get(f"/v1/jobs/{again['job_id']}").json()
    assert (job["state"], job["total"]) == ("ready", 0)
    assert len(api.messages()) == 1
    changed = api.add(name, "Other.", external_id="a")
    assert changed["documents"][0]["outcome"] == "replaced"


def metadata_of(api: World, name: str, id: str) -> Any:
    return api.client.get(f"/v1/collections/{name}/documents/{id}").json()["metadata"]


def test_adding_again_keeps_the_metadata_it_does_not_name(api: World, name: str) -> None:
    first = api.add(name, "Same.", external_id="a", metadata={"box": 7, "shelf": "a"})
    id = first["documents"][0]["id"]
    assert api.add(name, "Same.", external_id="a")["documents"][0]["outcome"] == "unchanged"
    api.add(name, "Same.", external_id="a", metadata={"box": 8})
    assert metadata_of(api, name, id) == {"box": 8, "shelf": "a"}
    api.add(name, "Same.", external_id="a", metadata={"box": None, "big": 2**53 + 1})
    assert metadata_of(api, name, id) == {"shelf": "a", "big": 9007199254740993}
    api.add(name, "Same.", external_id="a", metadata_mode="replace")
    assert metadata_of(api, name, id) == {}


def test_a_form_says_for_all_or_for_each_what_stays(api: World, name: str) -> None:
    files = [("a.txt", b"A."), ("b.txt", b"B.")]
    one, two = api.send(name, files, metadata={"box": 7}).json()["documents"]
    answer = api.client.post(
        f"/v1/collections/{name}/documents",
        files=[("file", file) for file in files],
        data={
            "documents": json.dumps([{}, {"metadata_mode": "merge"}]),
            "metadata_mode": "replace",
        },
    )
    assert [each["outcome"] for each in answer.json()["documents"]] == ["updated", "unchanged"]
    assert [metadata_of(api, name, each["id"]) for each in (one, two)] == [{}, {"box": 7}]


def test_other_bytes_of_a_name_are_kept_beside_or_replace(api: World, name: str) -> None:
    (old,) = api.send(name, [("a.txt", b"Old.")]).json()["documents"]
    assert (old["outcome"], old["same_name"]) == ("created", [])
    (kept,) = api.send(name, [("a.txt", b"Kept.")]).json()["documents"]
    assert (kept["outcome"], kept["same_name"]) == ("kept_both", [old["id"]])
    (same,) = api.send(name, [("a.txt", b"Kept.")]).json()["documents"]
    assert (same["outcome"], same["id"]) == ("unchanged", kept["id"])
    assert same["same_name"] == [old["id"]]
    notes = [{"on_same_name": "replace"}]
    (new,) = api.send(name, [("a.txt", b"New.")], documents=notes).json()["documents"]
    assert (new["outcome"], new["id"]) == ("replaced", kept["id"])
    url = f"/v1/collections/{name}/documents"
    form = api.client.post(
        url, files={"file": ("a.txt", b"Newer.")}, data={"on_same_name": "replace"}
    )
    assert form.json()["documents"][0]["outcome"] == "replaced"
    assert len(api.client.get(url).json()["documents"]) == 2


def test_texts_are_one_by_a_name_they_were_given_only(api: World, name: str) -> None:
    first = api.add(name, "Same beginning\none", "Same beginning\ntwo", on_same_name="replace")
    assert [each["outcome"] for each in first["documents"]] == ["created", "created"]
    again = api.add(name, "One.", "Two.", name="note", on_same_name="replace")
    assert [each["outcome"] for each in again["documents"]] == ["created", "replaced"]


@pytest.mark.parametrize("field", ["metadata_mode", "on_same_name"])
def test_what_becomes_of_older_ones_is_one_of_two_words(api: World, name: str, field: str) -> None:
    url = f"/v1/collections/{name}/documents"
    problem = assert_problem(
        api.client.post(url, files={"file": ("a.txt", b"A.")}, data={field: "always"}),
        422,
        "invalid_request",
    )
    assert problem["detail"].startswith(f"the field {field} is 'always', it has to be one of ")
    assert_problem(
        api.client.post(url, json={"text": "A.", field: "always"}), 422, "invalid_request"
    )


def test_names_are_found_in_whatever_case_and_composition(api: World, name: str) -> None:
    api.add(name, "One.", name="Caf\u00e9.txt")
    api.add(name, "Two.", name="cafe\u0301.txt")
    url = f"/v1/collections/{name}/documents"
    for asked in ("caf\u00e9", "CAF\u00c9", "cafe\u0301"):
        found = api.client.get(url, params={"name": asked}).json()["documents"]
        assert {each["name"] for each in found} == {"Caf\u00e9.txt", "cafe\u0301.txt"}, asked


def test_a_bad_file_harms_no_other(api: World, name: str) -> None:
    response = api.send(
        name,
        [("good.txt", b"Good."), ("empty.txt", b""), ("noise.bin", bytes(range(256)) * 9)],
    )
    assert response.status_code == 202
    good, empty, noise = response.json()["documents"]
    assert good["state"] == "queued"
    assert empty["error"]["code"] == "unreadable"
    assert "empty.txt" in empty["error"]["detail"]
    assert noise["error"]["code"] == "unsupported"


def test_when_nothing_is_accepted_the_first_reason_answers(api: World, name: str) -> None:
    response = api.send(name, [("empty.txt", b""), ("noise.bin", bytes(range(256)) * 9)])
    problem = assert_problem(response, 422, "unreadable")
    assert [each["name"] for each in problem["errors"]] == ["empty.txt", "noise.bin"]
    assert not api.messages()


def test_metadata_has_to_be_an_object(api: World, name: str) -> None:
    answer = api.client.post(
        f"/v1/collections/{name}/documents",
        json={"documents": [{"text": "One.", "metadata": [1]}, {"text": "Two."}]},
    ).json()
    refused, accepted = answer["documents"]
    assert refused["error"]["code"] == "invalid_request"
    assert "object" in refused["error"]["detail"]
    assert accepted["state"] == "queued"
    response = api.send(name, [("a.txt", b"A.")], metadata=[1])
    assert_problem(response, 422, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"documents": []},
        {"documents": {}},
        {"text": 5},
        {"text": "x", "colour": "red"},
        [],
        "text",
        {"documents": [{"text": "x", "external_id": "a\0b"}]},
    ],
)
def test_nonsense_is_refused(api: World, name: str, body: object) -> None:
    response = api.client.post(f"/v1/collections/{name}/documents", json=body)
    assert_problem(response, 422, "invalid_request")


@pytest.mark.parametrize("raw", [b"", b"{", b'{"text": NaN}', b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(api: World, name: str, raw: bytes) -> None:
    response = api.client.post(
        f"/v1/collections/{name}/documents",
        content=raw,
        headers={"content-type": "application/json"},
    )
    assert_problem(response, 422, "invalid_request")


def test_other_content_types_are_refused(api: World, name: str) -> None:
    response = api.client.post(
        f"/v1/collections/{name}/documents", content=b"x", headers={"content-type": "text/plain"}
    )
    assert_problem(response, 415, "unsupported")


def test_forms_that_are_none_are_refused(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/documents"
    cut = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf'
    for body, kind in [
        (cut, "multipart/form-data; boundary=b"),
        (b"--x\r\n", "multipart/form-data; boundary=b"),
        (cut, "multipart/form-data"),
    ]:
        response = api.client.post(url, content=body, headers={"content-type": kind})
        assert_problem(response, 422, "invalid_request")
    assert_problem(api.client.post(url, files={"photo": b"x"}), 422, "invalid_request")
    assert_problem(api.send(name, [("a", b"x")], documents=[]), 422, "invalid_request")
    assert_problem(api.send(name, [("a", b"x")], documents={}), 422, "invalid_request")


def test_an_unknown_collection_takes_nothing(api: World) -> None:
    assert_problem(api.send("nowhere", [("a.txt", b"A.")]), 404, "not_found")


def test_documents_are_listed_page_by_page(api: World, name: str) -> None:
    for number in range(5):
        api.add(name, f"Number {number}.", external_id=f"{'ab'[number % 2]}/{number}")
    url = f"/v1/collections/{name}/documents"
    seen: list[str] = []
    after = ""
    while True:
        page = api.client.get(url, params={"limit": 2, "after": after}).json()
        seen += [document["external_id"] for document in page["documents"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert sorted(seen) == ["a/0", "a/2", "a/4", "b/1", "b/3"]
    under = api.client.get(url, params={"external_prefix": "b/", "state": "queued"}).json()
    assert len(under["documents"]) == 2
    for bad in ("limit=0", "limit=1000000", "limit=x", "state=lost"):
        assert_problem(api.client.get(f"{url}?{bad}"), 422, "invalid_request")


def test_deleting_tells_the_queue(api: World, name: str) -> None:
    [document] = api.add(name, "Away.")["documents"]
    url = f"/v1/collections/{name}/documents/{document['id']}"
    response = api.client.delete(url)
    assert (response.status_code, response.json()) == (202, {"deleted": [document["id"]]})
    assert ("delete_documents", [document["id"]]) in api.messages()
    assert_problem(api.client.get(url), 404, "not_found")
    assert_problem(api.client.delete(url), 404, "not_found")


def test_deleting_follows_a_folder(api: World, name: str) -> None:
    ids = {}
    for external in ("d/a", "d/b", "d/c", "e/a", "plain"):
        [document] = api.add(name, f"This is {external}.", external_id=external)["documents"]
        ids[external] = document["id"]
    url = f"/v1/collections/{name}/documents/delete"
    gone = api.client.post(url, json={"external_prefix": "d/", "keep": ["d/b"]}).json()
    assert set(gone["deleted"]) == {ids["d/a"], ids["d/c"]}
    gone = api.client.post(
        url, json={"external_ids": ["e/a", "unknown"], "ids": [ids["plain"]]}
    ).json()
    assert set(gone["deleted"]) == {ids["e/a"], ids["plain"]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"external_prefix": "d/"},
        {"external_prefix": "", "keep": []},
        {"keep": []},
        {"ids": "x"},
    ],
)
def test_a_deletion_says_what_is_meant(api: World, name: str, body: dict[str, object]) -> None:
    response = api.client.post(f"/v1/collections/{name}/documents/delete", json=body)
    assert_problem(response, 422, "invalid_request")


def test_failed_documents_are_tried_again(api: World, name: str) -> None:
    answer = api.send(name, [("cut.png", png()[:60])]).json()
    api.ingest()
    id = answer["documents"][0]["id"]
    failed = api.client.get(f"/v1/collections/{name}/documents/{id}").json()
    assert failed["state"] == "failed"
    assert "cut.png" in failed["reason"]
    job = api.client.get(f"/v1/jobs/{answer['job_id']}").json()
    assert (job["state"], job["failed"][0]["name"]) == ("failed", "cut.png")
    retried = api.client.post(
        f"/v1/collections/{name}/documents/retry", json={"ids": [id, "other"]}
    )
    assert (retried.status_code, retried.json()) == (202, {"retried": [id]})
    assert api.messages() == [("ingest_documents", None)] * 2


def test_a_job_names_what_was_read_with_warnings(api: World, name: str) -> None:
    answer = api.send(name, [("good.txt", b"Good."), ("odd.png", b"Words."), ("b.txt", b"Fine.")])
    api.ingest()
    odd = answer.json()["documents"][1]["id"]
    job = api.client.get(f"/v1/jobs/{answer.json()['job_id']}").json()
    warnings = ["named odd.png but holds text/plain"]
    assert job["warned"] == [{"id": odd, "name": "odd.png", "warnings": warnings}]
    assert job["warned_total"] == 1


def test_content_is_safe_to_open(api: World, name: str) -> None:
    html = b"<!doctype html><html><body><script>alert(1)</script><p>Words.</p></body></html>"
    response = api.send(name, [('a"\r\nb.html', html), ("p.png", png())])
    page, picture = response.json()["documents"]
    content = api.client.get(f"/v1/collections/{name}/documents/{page['id']}/content")
    assert content.content == html
    assert content.headers["content-type"].startswith("text/plain")
    assert content.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in content.headers["content-security-policy"]
    assert content.headers["content-disposition"].startswith("attachment; filename=")
    content = api.client.get(f"/v1/collections/{name}/documents/{picture['id']}/content")
    assert content.headers["content-type"] == "image/png"


def test_a_thumbnail_is_made_when_it_is_asked_for(api: World, name: str) -> None:
    from ingest.thumbnails import make_thumbnails

    picture, text = api.send(name, [("p.png", png()), ("t.txt", b"Text.")]).json()["documents"]
    url = f"/v1/collections/{name}/documents/{picture['id']}/thumbnail"
    problem = assert_problem(api.client.get(url), 404, "not_found")
    assert problem["detail"] == "document 'p.png' is queued: only ready ones have a thumbnail"
    api.ingest()
    response = api.client.get(url)
    assert_problem(response, 503, "unavailable")
    assert response.headers["retry-after"] == "1"
    assert ("make_thumbnails", [picture["id"]]) in api.messages()
    assert response.headers["cache-control"] == "no-store"
    make_thumbnails([picture["id"]], api.services)
    webp = api.client.get(url)
    assert webp.headers["content-type"] == "image/webp"
    assert webp.content[8:12] == b"WEBP"
    url = f"/v1/collections/{name}/documents/{text['id']}/thumbnail"
    assert_problem(api.client.get(url), 404, "not_found")


def test_too_many_waiting_documents_say_when_to_come_back(small_api: World) -> None:
    name = small_api.collection()
    small_api.add(name, "One.", "Two.")
    response = small_api.client.post(f"/v1/collections/{name}/documents", json={"text": "Three."})
    assert_problem(response, 429, "busy")
    assert int(response.headers["retry-after"]) > 0


def test_too_many_or_too_large_files_are_refused(small_api: World) -> None:
    name = small_api.collection()
    files = [(f"{n}.txt", b"A.") for n in range(4)]
    assert_problem(small_api.send(name, files), 413, "too_large")
    texts = {"documents": [{"text": "A."}] * 4}
    response = small_api.client.post(f"/v1/collections/{name}/documents", json=texts)
    assert_problem(response, 413, "too_large")
    answer = small_api.send(name, [("big.txt", b"x" * 3000), ("a.txt", b"A.")]).json()
    assert answer["documents"][0]["error"]["code"] == "too_large"
    assert "big.txt" in answer["documents"][0]["error"]["detail"]
    response = small_api.send(name, [("a.txt", b"A.")], metadata={"x": "y" * 1500})
    assert_problem(response, 413, "too_large")


@pytest.mark.slow
def test_a_hundred_million_characters_fail_alone(api: World, name: str) -> None:
    text = b"All work and no play. " * 4_700_000
    response = api.send(name, [("long.txt", text[: 100 * 1024 * 1024]), ("a.txt", b"A.")])
    assert response.status_code == 202, response.text
    api.ingest()
    long, short = [
        api.client.get(f"/v1/collections/{name}/documents/{one['id']}").json()
        for one in response.json()["documents"]
    ]
    assert (long["state"], short["state"]) == ("failed", "ready")
    assert "long.txt" in long["reason"]
    as_json = json.dumps({"text": text.decode()[:40_000_000]}).encode()
    response = api.client.post(
        f"/v1/collections/{name}/documents",
        content=as_json,
        headers={"content-type": "application/json"},
    )
    assert_problem(response, 413, "too_large")


def test_documents_are_listed_newest_first_and_by_name(api: World) -> None:
    name = api.collection()
    url = f"/v1/collections/{name}/documents"
    for number in range(5):
        api.add(name, f"text {number}", name=f"Note_{number}.txt")
    first = api.client.get(url, params={"newest": True, "limit": 3}).json()
    rest = api.client.get(url, params={"newest": True, "after": first["next"]}).json()
    names = [each["name"] for each in (*first["documents"], *rest["documents"])]
    assert names == [f"Note_{number}.txt" for number in (4, 3, 2, 1, 0)]
    assert rest["next"] is None
    found = api.client.get(url, params={"name": "note_3"}).json()["documents"]
    assert [each["name"] for each in found] == ["Note_3.txt"]
    assert api.client.get(url, params={"name": "Note%"}).json()["documents"] == []
    failed = api.client.get(url, params={"newest": True, "state": "failed"}).json()["documents"]
    assert failed == []
    for wrong in ("newest=true&after=x", "name=a&external_prefix=b"):
        assert_problem(api.client.get(f"{url}?{wrong}"), 422, "invalid_request")


def test_items_are_read_in_parts_around_one(api: World, name: str) -> None:
    text = "\n\n".join(f"Passage {n}. " + f"The keeper counted wave {n}. " * 20 for n in range(24))
    id = api.add(name, text)["documents"][0]["id"]
    api.ingest()
    url = f"/v1/collections/{name}/documents/{id}/items"
    whole = api.client.get(url).json()
    assert (whole["start"], whole["total"]) == (0, len(whole["items"]))
    assert whole["total"] > 10
    wanted = whole["items"][8]["id"]
    part = api.client.get(url, params={"near": wanted, "limit": 4, "texts": True}).json()
    assert (part["start"], [each["position"] for each in part["items"]]) == (6, [6, 7, 8, 9])
    assert all(each["text"] for each in part["items"])
    last = api.client.get(url, params={"start": whole["total"] - 1, "limit": 4}).json()
    assert [each["id"] for each in last["items"]] == [whole["items"][-1]["id"]]
    assert api.client.get(url, params={"near": "nothing", "limit": 2}).json()["start"] == 0
