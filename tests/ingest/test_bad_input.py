"""Every bad file gets a clear error that names the file and the reason."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.detect import DOCX
from ingest.formats.picture.read import read_picture
from ingest.parse import Limits, parse
from samespace.core.errors import Unreadable, Unsupported
from tests.ingest import files
from tests.ingest.files import LIMITS

PDF = "application/pdf"


def refused(data: bytes, media_type: str, reason: str, limits: Limits = LIMITS) -> None:
    with pytest.raises(Unreadable, match=f"^bad file .*{re.escape(reason)}"):
        parse(data, "bad file", media_type, limits)


@pytest.mark.parametrize("media_type", ["text/plain", "text/html", PDF, DOCX, "image/png"])
def test_empty_file(media_type: str) -> None:
    refused(b"", media_type, "is empty")


def test_truncated_jpeg() -> None:
    refused(files.truncated_jpeg(), "image/jpeg", "is damaged: it is cut short")


@pytest.mark.parametrize("kind", list(files.TYPES))
def test_half_a_picture(kind: str) -> None:
    whole = files.saved(files.noise(300, 200), kind)
    refused(whole[: len(whole) // 2], files.TYPES[kind], "is damaged")


def test_picture_of_too_many_pixels() -> None:
    reason = "has 30000 x 30000 = 900000000 pixels, more than the limit of 100000000"
    refused(files.huge_png(), "image/png", reason)


def test_pixel_limit_holds_exactly() -> None:
    data = files.red_picture("PNG", 10, 10)
    assert read_picture(data, 100).size == (10, 10)
    with pytest.raises(
        Unreadable, match=r"^the picture has 10 x 10 = 100 pixels, more than the limit of 99$"
    ):
        read_picture(data, 99)


def test_bytes_that_are_no_picture() -> None:
    refused(b"words", "image/png", "is damaged or not a picture")


def test_pdf_with_a_password() -> None:
    refused(files.pdf(["words"], locked=True), PDF, "is protected by a password")


def test_broken_pdf() -> None:
    refused(b"%PDF-1.4\nnothing more", PDF, "is damaged or not a PDF")


def test_pdf_of_too_many_pages() -> None:
    refused(files.pdf(["words"] * 101), PDF, "has 101 pages, more than the limit of 100")


def test_pdf_of_too_many_characters() -> None:
    limits = Limits(10**8, 100, max_characters=8)
    refused(files.pdf(["first", "second"]), PDF, "more than the limit of 8", limits)


def test_pdf_page_of_a_thousand_square_metres_is_drawn_coarsely() -> None:
    (picture,) = parse(files.pdf([""], size=(90_000, 90_000)), "poster", PDF, LIMITS).pictures
    assert max(picture.pixels.shape) < 2100


def test_pdf_with_many_scanned_pages_draws_some_and_names_the_rest() -> None:
    limits = Limits(10**8, 100, 10**6, pages_at_once=2)
    parsed = parse(files.pdf(["", "words", "", "", ""]), "scan.pdf", PDF, limits)
    assert [picture.page for picture in parsed.pictures] == [1, 3]
    assert parsed.more_pages == (4, 5)


@pytest.mark.parametrize("lie", [False, True])
def test_zip_bomb_called_docx(lie: bool) -> None:
    reason = (
        "is damaged" if lie else "would unpack to 419430408 bytes, more than the limit of 268435456"
    )
    refused(files.zip_bomb(lie=lie), DOCX, reason)


def test_entities_are_not_expanded() -> None:
    try:
        parsed = parse(files.entity_bomb(), "laughs.docx", DOCX, LIMITS)
    except Unreadable as error:
        assert str(error).startswith("laughs.docx ")
    else:
        assert sum(len(text.text) for text in parsed.texts) < 1000


def test_broken_docx() -> None:
    refused(b"PK\x03\x04 nothing more", DOCX, "is damaged")
    refused(files.word_file()[:2000], DOCX, "is damaged")


@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
def test_bytes_that_are_no_text_in_any_encoding(media_type: str) -> None:
    refused(random.Random(0).randbytes(5000), media_type, "is not text in any known encoding")


def test_zeros_are_no_text() -> None:
    refused(bytes(1000), "text/plain", "is not text in any known encoding")


def test_a_hundred_megabytes_of_text() -> None:
    limits = Limits(10**8, 100, max_characters=20_000_000)
    reason = "has 104857600 characters, more than the limit of 20000000"
    refused(b"words and more. " * 6_553_600, "text/plain", reason, limits)


def test_html_nested_past_what_the_parser_takes() -> None:
    refused(b"<div>" * 20_000 + b"deep", "text/html", "nests more than 2048 elements")


def test_another_type_is_not_opened() -> None:
    with pytest.raises(Unsupported, match=r"^film\.mp4 is video/mp4"):
        parse(b"x", "film.mp4", "video/mp4", LIMITS)


_OF_A_LIBRARY = re.compile(r"0x[0-9a-f]|BytesIO|decoder|PDFium|Errno|object at|cannot identify")
"""What no user can make anything of."""
SOUND = {
    PDF: files.pdf(["words", ""]),
    DOCX: files.word_file(),
    "image/jpeg": files.red_picture("JPEG"),
    "image/png": files.red_picture("PNG"),
    "image/tiff": files.red_picture("TIFF"),
    "image/gif": files.red_picture("GIF"),
    "image/heic": files.red_picture("HEIF"),
    "image/avif": files.red_picture("AVIF"),
    "image/jp2": files.red_picture("JPEG2000"),
    "image/webp": files.red_picture("WEBP"),
    "image/bmp": files.red_picture("BMP"),
    "text/html": b"<html><head><title>a</title></head><body><p>words</body></html>",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("media_type", list(SOUND))
@settings(deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused_by_name(media_type: str, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(SOUND[media_type])
    for _ in range(rng.randint(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    try:
        parse(bytes(data), "damaged", media_type, LIMITS)
    except Unreadable as error:
        assert str(error).startswith("damaged ")
        assert not _OF_A_LIBRARY.search(str(error))
