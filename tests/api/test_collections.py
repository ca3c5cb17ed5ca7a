"""Collections over HTTP."""

from pathlib import Path

import pytest

from tests.api.world import World, assert_problem
from tests.encoders.hubs import reach_no_hub


def test_one_is_made_found_listed_and_removed(api: World) -> None:
    made = api.client.post("/v1/collections", json={"name": "photos", "preset": "starter"})
    assert made.status_code == 201
    view = made.json()
    assert view["name"] == "photos"
    assert view["preset"] == "starter"
    assert view["documents"]["total"] == 0
    assert view["items"] == 0
    [space] = view["spaces"]
    assert space["dim"] == 384
    assert space["modalities"] == ["image", "text"]
    assert len(space["fingerprint"]) == 64
    assert api.client.get("/v1/collections/photos").json() == view
    assert view in api.client.get("/v1/collections").json()["collections"]

    gone = api.client.delete("/v1/collections/photos")
    assert (gone.status_code, gone.json()) == (202, {})
    assert [task for task, _ in api.messages()] == ["delete_collection"]
    assert_problem(api.client.get("/v1/collections/photos"), 404, "not_found")


def test_a_name_is_taken_once(api: World, name: str) -> None:
    assert_problem(api.client.post("/v1/collections", json={"name": name}), 409, "conflict")


@pytest.mark.parametrize("bad", ["a/b", "../etc", "", "x" * 300, "with space", "-x", "é"])
def test_a_bad_name_is_refused(api: World, bad: str) -> None:
    problem = assert_problem(
        api.client.post("/v1/collections", json={"name": bad}), 422, "invalid_request"
    )
    assert "collection name" in problem["detail"]


def test_a_long_or_slashed_name_in_the_address_is_no_accident(api: World) -> None:
    assert_problem(api.client.get(f"/v1/collections/{'x' * 300}"), 422, "invalid_request")
    assert_problem(api.client.get("/v1/collections/a%2Fb"), 404, "not_found")
    assert_problem(api.client.get("/v1/collections/nowhere"), 404, "not_found")


@pytest.mark.parametrize(
    "body", [{}, {"name": 3}, {"name": "x", "colour": "red"}, ["name"], {"name": "x", "preset": 1}]
)
def test_a_body_that_is_not_what_is_wanted_is_refused(api: World, body: object) -> None:
    problem = assert_problem(api.client.post("/v1/collections", json=body), 422, "invalid_request")
    assert problem["errors"]


def test_an_unknown_preset_is_refused(api: World) -> None:
    response = api.client.post("/v1/collections", json={"name": "x", "preset": "nonsense"})
    assert_problem(response, 422, "invalid_request")


def test_a_preset_whose_models_cannot_be_had_says_what_to_do(
    api: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach_no_hub(monkeypatch, tmp_path)
    response = api.client.post("/v1/collections", json={"name": "photos", "preset": "clip"})
    problem = assert_problem(response, 503, "unavailable")
    assert problem["detail"] == (
        "model BAAI/bge-small-en-v1.5 of preset 'clip' is not on this machine, and no model hub can be reached: "
        f"use it once where a model hub can be reached, copy the folder {tmp_path} of a machine that has it, or "
        "name a folder that holds a model (st:<folder>, open_clip:local-dir:<folder>, onnx:<folder>); "
        "preset starter needs no hub"
    )
    assert api.client.get("/v1/collections/photos").status_code == 404
