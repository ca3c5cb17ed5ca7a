"""What begins as another kind does and is a text is read as one, and what a person says of an encoding is obeyed."""

import pytest

from ingest.parse import open_document
from ingest.parsed import Parsed
from samespace.core.errors import Unreadable
from tests.ingest import files
from tests.ingest.files import LIMITS


def opened(
    data: bytes, name: str, media_type: str = "text/plain", **known: str
) -> tuple[str, tuple[str, ...]]:
    parsed = open_document(data, name, media_type, LIMITS, **known)
    (text,) = parsed.texts
    return text.text, parsed.warnings


@pytest.mark.parametrize(
    ("text", "name", "media_type"),
    [
        ("GIF89a\x0e is a mark, and this is about it", "a.txt", "image/gif"),
        ("%PDF-1.7 \n1 0 obj begins an object", "a", "application/pdf"),
        ("BM is a bitmap", "a", "image/bmp"),
        ("<script>\nconst greeting = 'hello'\n</script>", "a.html", "text/html"),
        ("<script> is an element for programs", "a.html", "text/html"),
    ],
)
def test_a_text_that_its_opener_refuses_is_read_as_text(
    text: str, name: str, media_type: str
) -> None:
    said = (
        f"{name} begins as {media_type} does but cannot be read as that; it was read as plain text"
    )
    assert opened(text.encode(), name, media_type) == (text.replace("\x0e", ""), (said,))


@pytest.mark.parametrize(
    ("data", "media_type", "reason"),
    [
        (files.pdf(["words"], locked=True), "application/pdf", "is protected by a password"),
        (files.pdf(["words"])[:400], "application/pdf", "is damaged"),
        (files.truncated_jpeg(), "image/jpeg", "is damaged"),
        (b"\xff\xd8\xff\xe0" + b"garbage" * 20, "image/jpeg", "is damaged"),
        (b"<div>" * 20_000 + b"deep", "text/html", "nests more than"),
    ],
)
def test_what_is_damaged_or_locked_stays_refused(data: bytes, media_type: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        open_document(data, "a", media_type, LIMITS)


def test_a_page_that_shows_nothing_holds_nothing() -> None:
    page = b"<!doctype html><html><body><script>start()</script></body></html>"
    parsed = open_document(page, "app.html", "text/html", LIMITS)
    assert parsed == Parsed(warnings=("app.html holds no text or picture",))


RUSSIAN = "Отчёт за март"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-16-le", "mac-cyrillic"])
def test_the_encoding_that_a_person_says_is_used(encoding: str) -> None:
    data = RUSSIAN.encode(encoding)
    assert opened(data, "a.txt", encoding=encoding) == (RUSSIAN, ())
    page = f"<p>{RUSSIAN}</p>".encode(encoding)
    assert opened(page, "a.html", "text/html", encoding=encoding) == (RUSSIAN, ())


def test_latin_1_is_what_people_mean_by_it() -> None:
    assert opened("“é”".encode("cp1252"), "a.txt", encoding="iso8859-1") == ("“é”", ())


def test_what_does_not_fit_is_replaced_and_said() -> None:
    text, said = opened(b"a\x98b, and words", "a.txt", encoding="cp1251")
    assert text == "a\ufffdb, and words"
    assert said == ("a.txt holds bytes that are not cp1251 in 1 place",)


def test_a_mark_is_believed_whatever_is_said() -> None:
    assert opened("Grüße".encode("utf-8-sig"), "a.txt", encoding="cp1251") == ("Grüße", ())
    assert opened("Grüße".encode("utf-16"), "a.txt", encoding="cp1251") == ("Grüße", ())


def test_it_is_said_where_what_a_person_says_is_hardly_so() -> None:
    text, said = opened("Grüße".encode(), "a.txt", encoding="cp1252")
    assert text == "GrÃ¼ÃŸe"
    assert said == ("a.txt was read as cp1252, as asked, though it is valid UTF-8",)


def test_the_usual_encoding_stands_in_for_a_guess_alone() -> None:
    assert opened(RUSSIAN.encode("koi8-r"), "a.txt", usual_encoding="koi8-r") == (RUSSIAN, ())
    assert opened(RUSSIAN.encode(), "a.txt", usual_encoding="cp1252") == (RUSSIAN, ())
    assert opened("猫".encode("utf-16"), "a.txt", usual_encoding="cp1252") == ("猫", ())
    word = "naïve".encode("cp1252")
    assert opened(word, "a.txt", usual_encoding="cp1252") == ("naïve", ())
    assert opened(word, "a.txt", usual_encoding="cp1254") == ("naïve", ())


def test_a_usual_encoding_that_does_not_fit_leaves_it_at_a_guess() -> None:
    text, said = opened("日本語の文書です。".encode("cp932"), "a.txt", usual_encoding="euc_jp")
    assert text == "日本語の文書です。"
    assert said == ("a.txt was read as cp932, a guess",)


def test_a_picture_is_of_no_encoding() -> None:
    data = files.red_picture("PNG")
    (picture,) = open_document(data, "a.png", "image/png", LIMITS, encoding="cp1251").pictures
    assert picture.pixels.shape == (40, 60, 3)
    assert [each.text for each in open_document(b"x", "a", "text/plain", LIMITS).texts] == ["x"]
