"""Search over HTTP, with the real models."""

import base64
import hashlib
from collections.abc import Iterator

import pytest

from samespace.api.schemas.search import AnswerView
from tests.api.world import World, assert_problem, png

TEXTS = (
    "A red sports car drives along the coast.",
    "The recipe needs flour, butter and three eggs.",
    "Penguins huddle together in the Antarctic wind.",
    "The violin concerto was premiered in Vienna.",
)


@pytest.fixture(scope="module")
def filled(api: World) -> Iterator[str]:
    name = api.collection()
    for number, text in enumerate(TEXTS):
        api.add(name, text, metadata={"number": number}, external_id=f"t/{number}")
    api.send(name, [("red.png", png("red")), ("blue.png", png("blue"))])
    api.ingest()
    yield name


def test_words_find_a_passage(api: World, filled: str) -> None:
    response = api.client.post(
        f"/v1/collections/{filled}/search", json={"query": "baking a cake", "targets": ["text"]}
    )
    assert response.status_code == 200, response.text
    answer = response.json()
    AnswerView.model_validate(answer)
    hit = answer["hits"][0]
    assert hit["text"] == TEXTS[1]
    assert hit["document"]["external_id"] == "t/1"
    assert hit["metadata"] == {"number": 1}
    assert hit["thumbnail"] is None
    assert (hit["start"], hit["end"]) == (0, len(TEXTS[1]))
    assert hit["parts"][0]["space"] == "starter"
    assert answer["took_ms"]["total"] >= answer["took_ms"]["encode"] > 0
    assert api.client.get(hit["content"]).content == TEXTS[1].encode()


def test_metadata_comes_back_as_it_was(api: World) -> None:
    name = api.collection()
    metadata = {"small": 1e-7, "text": "naïve — 你好 😀", "list": [True, None, 2**53 + 1]}
    for more in ({}, {"long": 2**70, "longer": -(10**30)}):
        api.add(name, f"A lighthouse {more}", metadata={**metadata, **more})
    api.ingest()
    answer = api.client.post(f"/v1/collections/{name}/search", json={"query": "lighthouse"})
    assert answer.headers["content-type"] == "application/json"
    found = [hit["metadata"] for hit in answer.json()["hits"]]
    assert sorted(found, key=len) == [metadata, {**metadata, "long": 2**70, "longer": -(10**30)}]
    one = {"query": "lighthouse", "limit": 1}
    body = api.client.post(f"/v1/collections/{name}/search", json=one).json()
    assert body["hits"][0]["metadata"] in found


def test_a_filter_on_a_field_that_nothing_has_says_so(api: World, filled: str) -> None:
    body = {"query": "cake", "filter": {"nubmer": {"gte": 0}}}
    answer = api.client.post(f"/v1/collections/{filled}/search", json=body).json()
    AnswerView.model_validate(answer)
    assert (answer["total"], answer["unknown_fields"]) == (0, ["nubmer"])
    assert answer["warnings"] == [
        f"filter: no document of collection '{filled}' has the field 'nubmer'; did you mean 'number'?"
    ]
    item = api.client.post(f"/v1/collections/{filled}/search", json={"query": "cake"}).json()
    similar = {"item": item["hits"][0]["id"], "filter": {"nubmer": 1}}
    told = api.client.post(f"/v1/collections/{filled}/similar", json=similar).json()
    assert told["unknown_fields"] == ["nubmer"]


def test_filters_know_names_times_dates_and_any_key(api: World, name: str) -> None:
    metadata = {"Due date": "2024-05-02T10:00+02:00", "place": "Caf\u00e9", "id": 2**53 + 1}
    api.add(name, "A red car.", name="Car.txt", metadata=metadata)
    api.ingest()

    def found(where: object) -> list[dict[str, object]]:
        body = {"query": "car", "filter": where}
        answer = api.client.post(f"/v1/collections/{name}/search", json=body)
        assert answer.status_code == 200, answer.text
        return [hit["metadata"] for hit in answer.json()["hits"]]

    assert found({"Due date": {"gte": "2024-05-02T08:00Z"}}) == [metadata]
    assert found({"Due date": {"gte": "2024-05-02T08:15Z"}}) == []
    assert found({"place": "CAFE\u0301"}) == [metadata]
    assert found({"$name": "car.TXT"}) == [metadata]
    assert found({"$added": {"gte": "2020-01-01"}}) == [metadata]
    assert found({"$added": {"lt": "2020-01-01"}}) == []
    assert found({"id": 2**53 + 1}) == [metadata]
    assert found({"id": 2**53}) == []


def test_pictures_come_as_base64_or_as_files(api: World, filled: str) -> None:
    url = f"/v1/collections/{filled}/search"
    encoded = base64.b64encode(png("red")).decode()
    as_json = api.client.post(url, json={"parts": [{"image": encoded}], "targets": ["image"]})
    as_form = api.client.post(
        url,
        data={
            "request": '{"parts": [{"image_file": 0}, {"text": "red", "weight": 0.1}],'
            ' "targets": ["image"]}'
        },
        files=[("image", ("q.png", png("red")))],
    )
    for response in (as_json, as_form):
        assert response.status_code == 200, response.text
        AnswerView.model_validate(response.json())
        hit = response.json()["hits"][0]
        assert hit["document"]["name"] == "red.png"
        assert hit["text"] is None
        assert hit["thumbnail"].endswith(f"/documents/{hit['document']['id']}/thumbnail")
        assert hit["document"]["content_hash"] == hashlib.sha256(png("red")).hexdigest()
    assert as_json.json()["hits"][0]["parts"][0]["cosine"] == pytest.approx(1, abs=1e-4)


def test_a_filter_a_limit_and_a_cursor(api: World, filled: str) -> None:
    url = f"/v1/collections/{filled}/search"
    body = {"query": "a car", "filter": {"number": {"gte": 1}}, "limit": 2}
    first = api.client.post(url, json=body).json()
    assert len(first["hits"]) == 2
    second = api.client.post(url, json={"cursor": first["cursor"], "limit": 2}).json()
    found = {hit["metadata"]["number"] for hit in first["hits"] + second["hits"]}
    assert found == {1, 2, 3}
    assert (first["total"], second["cursor"]) == (3, None)


def test_similar_leaves_the_item_out(api: World, filled: str) -> None:
    url = f"/v1/collections/{filled}"
    answer = api.client.post(f"{url}/search", json={"query": "penguins"}).json()
    item = answer["hits"][0]["id"]
    response = api.client.post(f"{url}/similar", json={"item": item, "limit": 3})
    AnswerView.model_validate(response.json())
    assert len(response.json()["hits"]) == 3
    assert item not in {hit["id"] for hit in response.json()["hits"]}
    mixed = api.client.post(
        f"{url}/search", json={"query": "ice", "parts": [{"item": item, "weight": 2}]}
    )
    assert mixed.json()["hits"][0]["id"] == item
    assert_problem(api.client.post(f"{url}/similar", json={"item": "none"}), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"parts": []},
        {"query": " "},
        {"query": "x", "limit": 0},
        {"query": "x", "limit": 1_000_000},
        {"query": "x", "limit": "10"},
        {"query": "x", "offset": -1},
        {"query": "x", "targets": []},
        {"query": "x", "targets": ["smell"]},
        {"query": "x", "filter": "nonsense"},
        {"query": "x", "filter": {"year": {"about": 3}}},
        {"query": "x", "filter": []},
        {"query": "x", "colour": "red"},
        {"query": "x", "cursor": "nonsense"},
        {"parts": [{}]},
        {"parts": [{"text": "x", "item": "y"}]},
        {"parts": [{"text": "x", "weight": 0}]},
        {"parts": [{"text": "x", "weight": "2"}]},
        {"parts": [{"image": "no base64!"}]},
        {"parts": [{"image": base64.b64encode(b"no picture").decode()}]},
        {"parts": [{"image_file": 0}]},
        {"parts": [{"text": "x"}] * 17},
        [],
    ],
)
def test_nonsense_is_refused(api: World, name: str, body: object) -> None:
    response = api.client.post(f"/v1/collections/{name}/search", json=body)
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_forms_without_a_request_are_refused(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/search"
    response = api.client.post(url, files=[("image", ("q.png", png()))])
    assert_problem(response, 422, "invalid_request")
    response = api.client.post(
        url, data={"request": '{"parts": [{"image_file": 5}]}'}, files=[("image", png())]
    )
    assert_problem(response, 422, "invalid_request")


def test_an_unknown_collection_answers_nothing(api: World) -> None:
    for verb in ("search", "similar"):
        response = api.client.post(
            f"/v1/collections/nowhere/{verb}",
            json={"query": "x"} if verb == "search" else {"item": "x"},
        )
        assert_problem(response, 404, "not_found")
