"""Large bodies are refused without reading them all."""

from collections.abc import Iterator

from tests.api.world import World, assert_problem

FORM = {"content-type": "multipart/form-data; boundary=b"}
JSON = {"content-type": "application/json"}


def test_a_length_past_the_limit_is_refused_unread(small_api: World) -> None:
    name = small_api.collection()
    url = f"/v1/collections/{name}/documents"
    response = small_api.client.post(url, content=b"x" * 6000, headers=FORM)
    problem = assert_problem(response, 413, "too_large")
    assert "6000" in problem["detail"] and "5000" in problem["detail"]
    assert response.headers["connection"] == "close"
    response = small_api.client.post(url, content=b"x" * 1001, headers=JSON)
    assert_problem(response, 413, "too_large")


def test_a_body_without_a_length_is_refused_once_it_is_too_long(small_api: World) -> None:
    name = small_api.collection()

    def endless() -> Iterator[bytes]:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(5):
            yield b"x" * 1000

    for url in (f"/v1/collections/{name}/documents", f"/v1/collections/{name}/search"):
        response = small_api.client.post(url, content=endless(), headers=FORM)
        assert_problem(response, 413, "too_large")

    for url in (
        "/v1/collections",
        f"/v1/collections/{name}/documents",
        f"/v1/collections/{name}/search",
        f"/v1/collections/{name}/similar",
    ):
        response = small_api.client.post(url, content=iter([b" " * 600] * 3), headers=JSON)
        assert_problem(response, 413, "too_large")


def test_a_lie_about_the_length_changes_nothing(small_api: World) -> None:
    response = small_api.client.post(
        "/v1/collections", content=b'{"name": "x"}', headers={**JSON, "content-length": "99999999"}
    )
    assert_problem(response, 413, "too_large")
