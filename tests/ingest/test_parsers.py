"""What opening a sound file gives, one kind after the other."""

from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from ingest.detect import DOCX
from ingest.formats.picture.read import read_picture
from ingest.parse import Limits, Parsed, parse
from tests.ingest import files
from tests.ingest.files import LIMITS


def text_of(data: bytes, media_type: str = "text/plain") -> str:
    (text,) = parse(data, "a file", media_type, LIMITS).texts
    return text.text


def pixels(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(read_picture(data, LIMITS.max_pixels))


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "Grüße aus Zürich"),
        ("utf-8-sig", "Grüße aus Zürich"),
        ("utf-16", "Grüße aus Zürich"),
        ("utf-16-le", "Grüße aus Zürich, wo die Straßen schön sind"),
        ("utf-32", "Grüße aus Zürich"),
        ("cp1252", "Les élèves étaient à l'école, naïvement, pour 5 €"),
        ("cp1252", "Café Zürich"),
        ("cp1251", "Привет, сегодня хорошая погода, и мы пошли гулять в парк"),
        ("shift_jis", "今日は天気がいいので、公園に散歩に行きました。猫が好きです。"),
        ("gb18030", "今天天气很好。我们去公园散步。看到了很多花和树。"),
    ],
)
def test_text_is_read_in_its_encoding(encoding: str, words: str) -> None:
    assert text_of(words.encode(encoding)) == words


def test_a_guessed_encoding_is_said() -> None:
    parsed = parse("Café Zürich".encode("cp1252"), "menu.txt", "text/plain", LIMITS)
    assert parsed.warnings == ("menu.txt was read as cp1252, a guess",)


def test_an_odd_letter_far_into_a_long_text_is_still_read() -> None:
    words = "plain words " * 200_000 + "café"
    limits = Limits(10**8, 100, 10**8)
    (text,) = parse(words.encode("cp1252"), "long.txt", "text/plain", limits).texts
    assert text.text == words


def test_control_characters_go_and_newlines_are_one_kind() -> None:
    assert text_of(b"one\0two\x07\r\nthree\rfour\x0cfive\tsix, and so on") == (
        "onetwo\nthree\nfour\nfive\tsix, and so on"
    )


def test_a_text_of_white_space_holds_nothing_and_says_so() -> None:
    parsed = parse(b" \n\t ", "blank.txt", "text/plain", LIMITS)
    assert parsed == Parsed(warnings=("blank.txt holds no text or picture",))


def test_html_gives_title_and_visible_text_by_blocks() -> None:
    page = b"""<html><head><title>The  harbour</title><style>p {color: red}</style></head><body>
        <h1>Boats</h1><p>They <b>lie</b> at
        the quay<i>side</i>.<br>Quietly.</p><script>alert("no")</script><!-- hidden -->
        <table><tr><td>Anna</td><td>9&nbsp;m &amp; more</td></tr></table>after</body></html>"""
    assert text_of(page, "text/html") == (
        "The harbour\n\nBoats\nThey lie at the quayside.\nQuietly.\nAnna\n9 m & more\nafter"
    )


def test_html_says_its_encoding() -> None:
    page = '<html><head><meta charset="shift_jis"></head><body>公園の猫</body></html>'
    assert text_of(page.encode("shift_jis"), "text/html") == "公園の猫"


def test_xhtml_with_a_declaration_is_read() -> None:
    page = '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html><body><p>é</p></body></html>'
    assert text_of(page.encode(), "text/html") == "é"


def test_deeply_nested_html_is_read() -> None:
    assert (
        text_of(b"<div>" * 1_000 + b"deep" + b"</div>" * 1_000 + b"after", "text/html")
        == "deep\nafter"
    )


def test_pdf_gives_text_by_page() -> None:
    parsed = parse(files.pdf(["first words", "second words"]), "a.pdf", "application/pdf", LIMITS)
    assert [(text.page, text.text.strip()) for text in parsed.texts] == [
        (1, "first words"),
        (2, "second words"),
    ]
    assert parsed.pictures == ()


def test_a_pdf_page_without_text_becomes_a_picture_and_a_blank_one_nothing() -> None:
    data = files.pdf(["words", "", None])
    parsed = parse(data, "a.pdf", "application/pdf", LIMITS)
    (picture,) = parsed.pictures
    height, width, _ = picture.pixels.shape
    assert picture.page == 2
    assert picture.content_hash == sha256(f"{sha256(data).hexdigest()}:2".encode()).hexdigest()
    assert (width / height) == pytest.approx(2 / 3, abs=0.01)
    assert tuple(picture.pixels[height // 2, width // 4]) == (255, 0, 0)
    assert tuple(picture.pixels[height // 2, 3 * width // 4]) == (255, 255, 255)


def test_docx_gives_paragraphs_and_tables_in_order() -> None:
    assert text_of(files.word_file(), DOCX) == (
        "The harbour\nBoats lie at the quay.\nboat\tlength\nAnna\t9 m\nThey leave at dawn."
    )


@pytest.mark.parametrize(("kind", "media_type"), files.TYPES.items())
def test_every_kind_of_picture_is_decoded(kind: str, media_type: str) -> None:
    data = files.red_picture(kind)
    (picture,) = parse(data, "a picture", media_type, LIMITS).pictures
    assert picture.pixels.shape == (40, 60, 3)
    assert picture.content_hash == sha256(data).hexdigest()
    np.testing.assert_allclose(picture.pixels[20, 30], files.RED, atol=6)
    assert picture.image.size == (60, 40)


def test_exif_turns_a_picture() -> None:
    upright = pixels(files.turned_jpeg())
    assert upright.shape == (60, 40, 3)
    assert upright[10, 20].max() < 40
    assert upright[50, 20].min() > 215


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    clear = Image.new("RGBA", (8, 8), (10, 20, 30, 0))
    kind = "TIFF" if mode == "PA" else "PNG"
    data = files.saved(clear if mode == "RGBA" else clear.convert("LA"), kind)
    assert pixels(data).min() == 255


def test_a_transparent_palette_colour_becomes_white() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    for kind in ("GIF", "PNG"):
        assert pixels(files.saved(image, kind, transparency=1)).min() == 255
        assert tuple(pixels(files.saved(image, kind))[4, 4]) == (200, 0, 0)


def test_cmyk_becomes_rgb() -> None:
    data = files.saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    np.testing.assert_allclose(pixels(data)[8, 8], (255, 0, 0), atol=12)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind: str) -> None:
    ramp = np.array([[0, 32896, 65535]] * 4, dtype=np.uint16)
    data = files.saved(Image.fromarray(ramp), kind)
    assert pixels(data)[0, :, 0].tolist() == [0, 128, 255]


def test_float_grey_is_scaled() -> None:
    ramp = np.array([[0.0, 0.5, 1.0]] * 4, dtype=np.float32)
    assert pixels(files.saved(Image.fromarray(ramp), "TIFF"))[0, :, 0].tolist() == [0, 128, 255]


def test_gif_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = files.saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert tuple(pixels(data)[4, 4]) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(383, 900), (768, 1024), (1600, 1200), (3000, 400)])
def test_pictures_are_reduced_and_keep_what_encoders_need(kind: str, size: tuple[int, int]) -> None:
    data = files.saved(Image.new("RGB", size, files.RED), kind)
    height, width, _ = pixels(data).shape
    assert min(size[0], 384) <= min(width, height) < 768
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)
    np.testing.assert_array_equal(pixels(data), pixels(data))
