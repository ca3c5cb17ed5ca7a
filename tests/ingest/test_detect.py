"""The type of a file is told by its content."""

import pytest

from ingest.detect import DOCX, HEAD_BYTES, detect, detect_text
from samespace.core.errors import Unreadable, Unsupported
from tests.ingest import files


@pytest.mark.parametrize(("kind", "media_type"), files.TYPES.items())
def test_pictures_are_told_by_their_content(kind: str, media_type: str) -> None:
    assert detect(files.red_picture(kind), "no-extension").media_type == media_type


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (files.pdf(["hello"]), "a.pdf", "application/pdf"),
        (files.word_file(), "a.docx", DOCX),
        (b"just words", "a.txt", "text/plain"),
        (b"just words", "a", "text/plain"),
        (b"BMW is a maker of cars, and this is a text.", "a.txt", "text/plain"),
        (b"# a title\n\n<b>words</b>", "a.md", "text/markdown"),
        (b"<!-- hidden -->\n<!DOCTYPE html><p>words", "a.html", "text/html"),
        (b"<p>a fragment</p>", "a.html", "text/html"),
        (b"if a < b and b > c", "a.txt", "text/plain"),
        (b"a,b\n1,2\n", "a.csv", "text/plain"),
        ("こんにちは、世界。今日は天気がいい。".encode("shift_jis"), "a.txt", "text/plain"),
        ("Grüße".encode("utf-16"), "a.txt", "text/plain"),
    ],
)
def test_documents_are_told_by_their_content(head: bytes, name: str, media_type: str) -> None:
    assert detect(head, name) == (media_type, ())


def test_a_character_cut_in_two_at_the_end_of_the_sample_is_still_text() -> None:
    for shift in range(3):
        head = ("a" * shift + "語" * HEAD_BYTES).encode()[:HEAD_BYTES]
        assert detect(head, "a.txt").media_type == "text/plain"


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "<!doctype html><p>x", "%PDF-1.7", "<svg/>"]
)
def test_a_text_is_plain_whatever_it_looks_like(text: str) -> None:
    assert detect_text(text.encode(), "a.html") == ("text/plain", ())
    with pytest.raises(Unreadable, match="empty"):
        detect_text(b"", "a")
    with pytest.raises(Unsupported, match="no text"):
        detect_text(bytes(range(32)) * 20, "a")


def test_a_wrong_extension_is_a_warning() -> None:
    found = detect(files.red_picture("PNG"), "report.pdf")
    assert found.media_type == "image/png"
    assert found.warnings == ("named report.pdf but holds image/png",)
    assert detect(b"just words", "photo.jpg").warnings == ("named photo.jpg but holds text/plain",)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100), "video/mp4"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (rb"{\rtf1 words}", "application/rtf"),
        (b"PK\x03\x04" + bytes(26) + b"a.txt", "application/zip"),
        (b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml", "spreadsheetml"),
        (b"\x7fELF\2\1\1" + bytes(60), "is "),
    ],
)
def test_what_is_not_taken_in_is_named(head: bytes, found: str) -> None:
    with pytest.raises(Unsupported, match=r"^thing\.bin is ") as caught:
        detect(head, "thing.bin")
    assert found in str(caught.value)


def test_noise_is_of_an_unknown_type() -> None:
    noise = bytes([0x81, 0x8D, 0x00, 0xFE]) + bytes(range(256)) * 20
    with pytest.raises(Unsupported, match="unknown type"):
        detect(noise, "noise.txt")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"^nothing\.txt is empty$"):
        detect(b"", "nothing.txt")
