"""What a text is in is said when it is added, kept, and said otherwise later without adding it again."""

import pytest

from samespace.core.settings import Settings
from tests.api.world import Json, World, assert_problem
from tests.ingest.files import red_picture

TEXT = "Отчёт за март"


def passages(api: World, name: str, id: str) -> list[str]:
    path = f"/v1/collections/{name}/documents/{id}/items"
    return [item["text"] for item in api.client.get(path, params={"texts": True}).json()["items"]]


def document(api: World, name: str, id: str) -> Json:
    return api.client.get(f"/v1/collections/{name}/documents/{id}").json()


def sent(api: World, name: str, data: bytes, **fields: Json) -> Json:
    response = api.send(name, [("march.txt", data)], **fields)
    assert response.status_code == 202, response.text
    (shown,) = response.json()["documents"]
    return shown


def retry(api: World, name: str, *ids: str, **more: str) -> Json:
    body = {"ids": list(ids), **more}
    return api.client.post(f"/v1/collections/{name}/documents/retry", json=body)


def test_a_wrong_guess_is_seen_and_put_right_without_adding_again(api: World, name: str) -> None:
    words = "Ąžuolas ir eglė auga šalia kelio, o žmonės eina į mišką"
    wrong = words.encode("cp1257").decode("cp1252")
    id = sent(api, name, words.encode("cp1257"))["id"]
    api.ingest()
    assert passages(api, name, id) == [wrong]
    seen = document(api, name, id)
    assert seen["warnings"] == ["march.txt was read as cp1252, a guess"]
    assert seen["encoding"] is None

    assert retry(api, name, id).json() == {"retried": []}
    assert retry(api, name, id, encoding="Windows-1257").json() == {"retried": [id]}
    assert passages(api, name, id) == [wrong]  # what answers, until the new one does
    api.ingest()
    assert passages(api, name, id) == [words]
    seen = document(api, name, id)
    assert (seen["warnings"], seen["encoding"], seen["state"]) == ([], "cp1257", "ready")


def test_the_encoding_is_said_with_the_file_and_kept(api: World, name: str) -> None:
    data = TEXT.encode("mac-cyrillic")
    note = [{"external_id": "march", "encoding": "mac-cyrillic"}]
    id = sent(api, name, data, documents=note)["id"]
    api.ingest()
    assert passages(api, name, id) == [TEXT]
    assert document(api, name, id)["warnings"] == []

    again = [{"external_id": "march"}]
    assert sent(api, name, data, documents=again)["outcome"] == "unchanged"
    other = "Отчёт за май"
    changed = sent(api, name, other.encode("mac-cyrillic"), documents=again)
    assert (changed["id"], changed["outcome"]) == (id, "replaced")
    api.ingest()
    assert passages(api, name, id) == [other]
    assert document(api, name, id)["encoding"] == "mac-cyrillic"

    note = [{"external_id": "march", "encoding": "koi8-r"}]
    assert sent(api, name, other.encode("mac-cyrillic"), documents=note)["outcome"] == "updated"
    assert sent(api, name, other.encode("mac-cyrillic"), documents=note)["outcome"] == "unchanged"


def test_one_encoding_for_all_files_of_a_form(api: World, name: str) -> None:
    response = api.client.post(
        f"/v1/collections/{name}/documents",
        files=[("file", ("a.txt", TEXT.encode("cp866"))), ("file", ("b.txt", b"plain"))],
        data={"encoding": "cp866"},
    )
    assert response.status_code == 202
    ids = [each["id"] for each in response.json()["documents"]]
    api.ingest()
    assert [passages(api, name, id) for id in ids] == [[TEXT], ["plain"]]


def test_what_is_no_text_has_no_encoding(api: World, name: str) -> None:
    response = api.send(name, [("a.png", red_picture("PNG"))], documents=[{"encoding": "cp1251"}])
    (shown,) = response.json()["documents"]
    api.ingest()
    assert document(api, name, shown["id"])["encoding"] is None
    assert retry(api, name, shown["id"], encoding="cp1251").json() == {"retried": []}


def test_a_warning_about_the_name_stays(api: World, name: str) -> None:
    response = api.send(name, [("march.jpg", TEXT.encode("cp1251"))])
    (shown,) = response.json()["documents"]
    api.ingest()
    about_name = "named march.jpg but holds text/plain"
    guess = "march.jpg was read as cp1251, a guess"
    assert document(api, name, shown["id"])["warnings"] == [about_name, guess]
    retry(api, name, shown["id"], encoding="cp1251")
    api.ingest()
    assert document(api, name, shown["id"])["warnings"] == [about_name]


@pytest.mark.parametrize("encoding", ["cp99999", "base64", "idna"])
def test_an_encoding_that_there_is_not_is_refused(api: World, name: str, encoding: str) -> None:
    id = sent(api, name, b"words")["id"]
    assert_problem(retry(api, name, id, encoding=encoding), 422, "invalid_request")
    response = api.send(name, [("a.txt", b"other words")], documents=[{"encoding": encoding}])
    assert_problem(response, 422, "invalid_request")
    assert encoding in response.text


def test_a_text_that_is_sent_as_one_has_no_encoding_of_its_own(api: World, name: str) -> None:
    body = {"documents": [{"text": "words", "encoding": "cp1251"}]}
    assert_problem(
        api.client.post(f"/v1/collections/{name}/documents", json=body), 422, "invalid_request"
    )


def test_the_setting_knows_encodings() -> None:
    assert Settings(encoding="Windows-1251").encoding == "cp1251"
    with pytest.raises(ValueError, match="there is no encoding 'cp99999'"):
        Settings(encoding="cp99999")
