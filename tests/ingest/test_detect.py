"""The type of a file is told by its content."""

import re
import zipfile
from io import BytesIO

import pytest
from PIL import Image

from ingest.detect import DOCX, HEAD_BYTES, detect, detect_text
from ingest.formats.registry import FORMATS
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
    ("text", "name"),
    [
        ("# Formats\n\nA PDF begins with `%PDF-1.7`, a GIF with `GIF89a`.\n", "notes.md"),
        ("%PDF-1.7 is how such a file begins, and an object follows.", "notes.txt"),
        ("%PDF- is the mark of a PDF", "notes"),
        ("GIF89a is the mark of a GIF with transparency", "notes.txt"),
        ("GIF87a\nwas the older one", "notes"),
        ("RIFF....WEBP is how a WebP file begins", "notes.txt"),
        ("RIFFabcdWEBPVP8 begins it, says the book", "notes"),
        ("%!PS is the first line of PostScript", "notes.txt"),
        ("%!PS\nbegins a program", "notes"),
        (r"{\rtf1 is how RTF begins, and the rest is braces", "notes.txt"),
        (r"{\rtf is its mark}", "notes"),
        ("<svg> is an element for drawings", "notes.txt"),
        ("<svg viewBox='0 0 1 1'><path d='M0 0'/></svg>\n\nThe logo stands above.", "notes"),
        ("<script> is an element for programs, <table> one for tables", "notes.txt"),
        ("<script setup>\nconst x = 1\n</script>\n", "App.vue"),
        ("<title> names a page", "notes.txt"),
        ("BM stands for bitmap, 40 bytes later begins the rest (II*, MM*)", "notes"),
        ("ftypheic and ftypavif are brands, jP is a box", "notes"),
        ("PK is what a ZIP file begins with", "notes"),
    ],
)
def test_a_text_about_a_format_is_a_text(text: str, name: str) -> None:
    plain = "text/markdown" if name.endswith(".md") else "text/plain"
    assert detect(text.encode(), name) == (plain, ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>\n",
            "an SVG drawing, image/svg+xml",
        ),
        (r"{\rtf1\ansi words}", "a document in Rich Text Format (RTF), application/rtf"),
        ("%!PS-Adobe-3.0\n%%Pages: 1\nshowpage\n", "a PostScript file, application/postscript"),
    ],
)
def test_a_kind_written_in_text_is_refused_unless_it_is_named_a_text(text: str, kind: str) -> None:
    for name in ("a", "a.svg", "a.rtf", "a.eps", "a.docx"):
        with pytest.raises(
            Unsupported, match=f"^{re.escape(f'{name} is {kind}, which is not taken in')}$"
        ):
            detect(text.encode(), name)
    for name, media_type in (("a.txt", "text/plain"), ("a.md", "text/markdown")):
        said = f"{name} holds {kind}, taken in as the text it is written in"
        assert detect(text.encode(), name) == (media_type, (said,))


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(40), "image/avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(40), "image/avif"),
        (b"\0\0\0\x1cftypavis\0\0\0\0avismsf1miaf" + bytes(40), "image/avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(40), "image/heic"),
        (files.saved(Image.new("RGB", (8, 8)), "AVIF"), "image/avif"),
        (files.saved(Image.new("RGB", (8, 8)), "JPEG2000"), "image/jp2"),
        (files.saved(Image.new("RGB", (8, 8)), "JPEG2000", no_jp2=True), "image/jp2"),
        (
            b"junk from a mail\r\n" + files.pdf(["x"]) + b"stream\0\1\2\3\4\5\6\7\x0e" * 20,
            "application/pdf",
        ),
    ],
)
def test_kinds_that_differ_by_little_are_told_apart(head: bytes, media_type: str) -> None:
    assert detect(head, "x") == (media_type, ())
    assert media_type in FORMATS.media_types


def test_a_page_is_told_by_its_root_after_any_number_of_comments() -> None:
    page = b"<!-- a licence -->\n" * 100 + b"<?xml version='1.0'?> <!DOCTYPE html><p>words"
    for name in ("a", "a.txt", "a.html", "a.md"):
        assert detect(page, name).media_type == "text/html"
    for text in (b"<head><title>a</title>", b"<meta charset=utf-8>", b"<HTML lang='en'>"):
        assert detect(text, "page").media_type == "text/html"


def zipped(*parts: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for part, content in parts:
            packed = zipfile.ZIP_STORED if part == "mimetype" else zipfile.ZIP_DEFLATED
            file.writestr(part, content, packed)
    return out.getvalue()


OPEN = b"application/vnd.oasis.opendocument."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("head", "name", "said"),
    [
        (
            zipped(("mimetype", b"application/epub+zip")),
            "a.epub",
            "an EPUB e-book, application/epub+zip,",
        ),
        (
            zipped(("META-INF/container.xml", b"<c/>")),
            "a.epub",
            "an EPUB e-book, application/epub+zip,",
        ),
        (zipped(("mimetype", OPEN + b"text")), "a.odt", "an OpenDocument text (ODT), "),
        (
            zipped(("mimetype", OPEN + b"spreadsheet")),
            "a.ods",
            "an OpenDocument spreadsheet (ODS), ",
        ),
        (
            zipped(("mimetype", OPEN + b"presentation")),
            "a.odp",
            "an OpenDocument presentation (ODP), ",
        ),
        (
            zipped(("[Content_Types].xml", b"x"), ("xl/workbook.xml", b"x")),
            "a.xlsx",
            "an Excel workbook (XLSX), ",
        ),
        (zipped(("ppt/presentation.xml", b"x")), "a.pptx", "a PowerPoint presentation (PPTX), "),
        (zipped(("inner.docx", files.word_file())), "a.zip", "a ZIP archive, application/zip,"),
        (
            OLE + "WordDocument".encode("utf-16-le"),
            "a.doc",
            "a Word document of the old kind (DOC), ",
        ),
        (
            OLE + "Workbook".encode("utf-16-le"),
            "a.xls",
            "an Excel workbook of the old kind (XLS), ",
        ),
        (OLE, "a.bin", "an Office file of an old kind, "),
        (
            b"a.txt".ljust(257, b"\0") + b"ustar\x0000" + bytes(248) + b"words",
            "a.tar",
            "a TAR archive, ",
        ),
    ],
)
def test_what_is_not_taken_in_is_called_as_people_do(head: bytes, name: str, said: str) -> None:
    with pytest.raises(Unsupported) as caught:
        detect(head, name)
    assert str(caught.value).startswith(f"{name} is {said}")
    assert str(caught.value).endswith(", which is not taken in")


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a"])
def test_a_password_is_told(name: str) -> None:
    streams = "" if name != "a" else "EncryptedPackage"
    with pytest.raises(Unsupported) as caught:
        detect(OLE + streams.encode("utf-16-le"), name)
    said = "is protected by a password; save it without one and add it again"
    assert str(caught.value) == f"{name} {said}"


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"line %d of a log\n" % n for n in range(40)) + bytes(4096) + b"and it goes on\n",
        bytes(70) + b"a log whose beginning was cut off\n",
        b"one\0two\0three\0and so on, in a log that was written to from two sides\n",
        "größer\0kleiner\0".encode() * 20,
        "Grüße aus Zürich, wo die Straßen schön sind".encode("utf-16-le"),
        "Привет, сегодня хорошая погода".encode("utf-16-be"),
        "すべての人間は自由".encode("utf-16-le"),
        b"\x1b$B%F%-%9%H\x1b(B",
        "日本語のテキスト".encode()[:-1],
        "Grüße aus Zürich ".encode() + b"\xff und " + "schöne Füße".encode(),
        "Le café était fermé".encode("cp1252"),
    ],
)
def test_a_text_that_is_almost_right_is_a_text(head: bytes) -> None:
    assert detect(head, "a.log") == ("text/plain", ())


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "<!doctype html><p>x", "%PDF-1.7", "<svg/>"]
)
def test_a_text_is_plain_whatever_it_looks_like(text: str) -> None:
    assert detect_text(text.encode(), "a.html") == ("text/plain", ())
    with pytest.raises(Unreadable, match="empty"):
        detect_text(b"", "a")
    with pytest.raises(Unsupported, match="not text"):
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
