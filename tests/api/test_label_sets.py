"""Label sets kept under a name, over HTTP."""

from collections.abc import Iterator

import pytest

from samespace.encoders.load import Encoders
from tests.api.world import World, assert_problem, open_world

LABELS = ["cat", {"name": "dog", "prompts": ["a photo of a dog", "a puppy"]}]


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: Encoders
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("label-sets")
    with open_world(folder, redis_url, encoders, api_key="own", max_labels=3) as world:
        world.client.headers.update({"authorization": "Bearer own"})
        yield world


def test_a_set_is_kept_replaced_and_forgotten(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/labelsets"
    assert api.client.get(url).json() == {"labelsets": []}
    assert api.client.put(f"{url}/pets", json={"labels": LABELS}).status_code == 200
    body = {"labels": ["a", "b"], "templates": ["{}"], "threshold": 0.5}
    assert api.client.put(f"{url}/letters/of %3F", json=body).status_code == 404
    assert api.client.put(f"{url}/letters%20of%20%3F", json=body).status_code == 200
    assert api.client.put(f"{url}/pets", json={"labels": ["cow", "hen"]}).status_code == 200
    sets = {each["name"]: each for each in api.client.get(url).json()["labelsets"]}
    assert sets["letters of ?"] == {"name": "letters of ?", **body, "stale": False}
    assert sets["pets"]["labels"] == ["cow", "hen"]
    assert api.client.delete(f"{url}/pets").status_code == 200
    assert_problem(api.client.delete(f"{url}/pets"), 404, "not_found")
    assert [each["name"] for each in api.client.get(url).json()["labelsets"]] == ["letters of ?"]


def test_a_set_goes_with_its_collection(api: World) -> None:
    name = api.collection()
    api.client.put(f"/v1/collections/{name}/labelsets/pets", json={"labels": LABELS})
    api.client.delete(f"/v1/collections/{name}")
    assert api.client.post("/v1/collections", json={"name": name}).status_code == 201
    assert api.client.get(f"/v1/collections/{name}/labelsets").json() == {"labelsets": []}


@pytest.mark.parametrize(
    "body",
    [
        {"labels": ["cat"]},
        {"labels": ["cat", " "]},
        {"labels": ["cat", "Cat"]},
        {"labels": ["cat", "dog"], "threshold": 2.0},
        {"labels": ["cat", "dog"], "templates": ["none"]},
        {"labels": "cat"},
        {},
    ],
)
def test_what_could_not_sort_is_not_kept(api: World, name: str, body: dict[str, object]) -> None:
    url = f"/v1/collections/{name}/labelsets"
    assert_problem(api.client.put(f"{url}/pets", json=body), 422, "invalid_request")
    assert api.client.get(url).json() == {"labelsets": []}


def test_names_and_labels_have_limits(keyed: World) -> None:
    url = f"/v1/collections/{keyed.collection()}/labelsets"
    assert keyed.client.put(f"{url}/{'x' * 100}", json={"labels": LABELS}).status_code == 200
    assert_problem(
        keyed.client.put(f"{url}/{'x' * 101}", json={"labels": LABELS}), 422, "invalid_request"
    )
    many = keyed.client.put(f"{url}/many", json={"labels": list("abcd")})
    assert "4 labels were given; 2 to 3" in assert_problem(many, 422, "invalid_request")["detail"]


def test_readers_look_and_writers_keep_in_what_is_theirs(keyed: World) -> None:
    mine, theirs = keyed.collection(), keyed.collection()
    for name in (mine, theirs):
        keyed.client.put(f"/v1/collections/{name}/labelsets/pets", json={"labels": LABELS})
    reader = _key(keyed, mine, "read")
    url = f"/v1/collections/{mine}/labelsets"
    found = keyed.client.get(url, headers=reader).json()["labelsets"]
    assert [each["name"] for each in found] == ["pets"]
    for answer in (
        keyed.client.put(f"{url}/more", json={"labels": LABELS}, headers=reader),
        keyed.client.delete(f"{url}/pets", headers=reader),
    ):
        assert_problem(answer, 403, "forbidden")
    writer = _key(keyed, mine, "read", "write")
    assert keyed.client.delete(f"{url}/pets", headers=writer).status_code == 200
    other = f"/v1/collections/{theirs}/labelsets"
    assert_problem(keyed.client.get(other, headers=writer), 404, "not_found")
    assert_problem(keyed.client.delete(f"{other}/pets", headers=writer), 404, "not_found")


def test_keeping_and_forgetting_leave_lines(keyed: World) -> None:
    name = keyed.collection()
    keyed.client.put(f"/v1/collections/{name}/labelsets/pets", json={"labels": LABELS})
    keyed.client.delete(f"/v1/collections/{name}/labelsets/pets")
    lines = keyed.client.get("/v1/audit", params={"limit": 1000}).json()["lines"]
    mine = [(line["action"], line["subject"]) for line in lines if line["collection"] == name]
    assert mine[-2:] == [("save_label_set", "pets"), ("delete_label_set", "pets")]


def _key(world: World, collection: str, *scopes: str) -> dict[str, str]:
    body = {"name": "k", "collections": [collection], "scopes": list(scopes)}
    made = world.client.post("/v1/keys", json=body).json()
    return {"authorization": f"Bearer {made['key']}"}
