"""Hostile files of every kind, made here: each claims, repeats, nests or points where it should not."""

import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

from tests.ingest.files import entity_bomb, huge_png, pdf, red_picture, word_file, zip_bomb

SECONDS = 8.0
"""Longest time to open one of them."""

_MB = 1024 * 1024
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_of(document: str, *, doctype: str = "") -> bytes:
    """A .docx with this main part."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(word_file())) as sound, zipfile.ZipFile(out, "w", 8) as made:
        for name in sound.namelist():
            is_main = name == "word/document.xml"
            made.writestr(name, doctype + document if is_main else sound.read(name))
    return out.getvalue()


def xxe() -> bytes:
    """An external entity that would read a file of the machine."""
    body = f'<w:document xmlns:w="{_W}"><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>'
    return word_of(body, doctype='<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>')


def deep_word() -> bytes:
    """Paragraphs 100,000 levels deep."""
    n = 100_000
    return word_of(
        f'<w:document xmlns:w="{_W}"><w:body>{"<w:sdt>" * n}{"</w:sdt>" * n}</w:body></w:document>'
    )


def nested_zip(levels: int = 12) -> bytes:
    """A .docx that holds a zip that holds a zip, each ten times its content."""
    inner = b"\0" * _MB
    for _ in range(levels):
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for copy in range(10):
                made.writestr(f"word/{copy}.xml", inner)
        inner = out.getvalue()
    return inner


def many_parts() -> bytes:
    """A package of 50,000 empty parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<x/>")
        for number in range(50_000):
            made.writestr(f"word/{number}.xml", "")
    return out.getvalue()


def looping_pdf() -> bytes:
    """Pages whose kids are themselves."""
    return pdf(["a"]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")


def pdf_of_many_pages() -> bytes:
    """A count of two thousand million."""
    return pdf(["a"]).replace(b"/Count 1", b"/Count 2000000000")


def huge_page() -> bytes:
    """A page a hundred million points wide, with a drawing on it."""
    return pdf([""], size=(100_000_000, 100_000_000))


def tiny_page() -> bytes:
    """A page a hundred million times as high as it is wide."""
    return pdf([""], size=(1, 100_000_000))


def endless_drawing() -> bytes:
    """A page of five million strokes."""
    stream = zlib.compress(b"0 0 m 200 300 l S\n" * 5_000_000, 1)
    sound = pdf([""])
    start, end = sound.index(b"<< /Length"), sound.index(b"endstream")
    head = b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream)
    return sound[:start] + head + stream + b"\n" + sound[end:]


def gif_of_many_frames(frames: int = 1_000_000) -> bytes:
    """The same frame a million times."""
    whole = red_picture("GIF", 1, 1)
    frame = whole[whole.index(b",") : -1]
    return whole[: whole.index(b",")] + frame * frames + b";"


def looping_tiff() -> bytes:
    """A directory that is its own next."""
    entries = struct.pack("<HHII", 256, 3, 1, 1) + struct.pack("<HHII", 257, 3, 1, 1)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + entries + struct.pack("<I", 8)


def tiff_of_huge_strips() -> bytes:
    """Tags that claim four thousand million values."""
    tags = [(256, 3, 1, 64), (257, 3, 1, 64), (273, 4, 0xFFFFFFFF, 8), (279, 4, 0xFFFFFFFF, 8)]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0)


def png_of_text() -> bytes:
    """A compressed comment that unpacks to 1 GB."""
    body = b"k\0\0" + zlib.compress(b"\0" * (64 * _MB), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + body))
    sound = red_picture("PNG")
    return sound[:33] + chunk * 16 + sound[33:]


def garbled_heic() -> bytes:
    """Noise behind the mark of a HEIC."""
    sound = red_picture("HEIF")
    return sound[:64] + random.Random(0).randbytes(200_000)


def heic_of_huge_boxes() -> bytes:
    """Boxes that claim to be larger than any file."""
    return red_picture("HEIF")[:32] + b"\xff\xff\xff\xffmeta" + b"\0\0\0\1mdat" + b"\xff" * 64


def deep_html() -> bytes:
    """A hundred thousand nested elements."""
    return b"<!doctype html>" + b"<div>" * 100_000 + b"deep"


def html_of_attributes() -> bytes:
    """One element with half a million attributes."""
    return b"<!doctype html><p " + b" ".join(b"a%d=1" % n for n in range(500_000)) + b">x"


def deep_mail() -> bytes:
    """A hundred thousand mails in one another."""
    head = b"From: a@example.org\nSubject: s\nMessage-ID: <1>\n"
    return (head + b"Content-Type: message/rfc822\n\n") * 100_000 + head + b"\ndeep"


def mail_of_boundaries() -> bytes:
    """Two million empty parts."""
    head = b"From: a@example.org\nSubject: s\nMessage-ID: <1>\n"
    return head + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 2_000_000


def large_mail() -> bytes:
    """A letter with 60 MB of a file attached."""
    head = b"From: a@example.org\nSubject: s\nMessage-ID: <1>\n"
    attached = b"--b\nContent-Type: video/mp4\nContent-Transfer-Encoding: base64\n\n"
    file = b"QUJD" * 19 + b"\n"
    parts = b"--b\n\nwords\n" + attached + file * (60 * _MB // len(file)) + b"--b--\n"
    return head + b"Content-Type: multipart/mixed; boundary=b\n\n" + parts


def deep_equation() -> bytes:
    """Fractions 60 levels deep, ten thousand times."""
    space = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    deep = f"{'<m:f><m:num>' * 60}<m:r><m:t>x</m:t></m:r>{'</m:num></m:f>' * 60}"
    body = f"<w:p><m:oMath>{deep}</m:oMath></w:p>" * 10_000
    return word_of(
        f'<w:document xmlns:w="{_W}" xmlns:m="{space}"><w:body>{body}</w:body></w:document>'
    )


def one_long_line() -> bytes:
    """Ten million letters without a space."""
    return b"a" * 10_000_000


def marks_everywhere() -> bytes:
    """Byte-order marks of every kind between texts of every kind."""
    marks = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff"]
    return b"".join(mark + "tide é".encode("utf-16") for mark in marks) * 100


def unseen_letters() -> bytes:
    """Text that turns around, joins, and hides."""
    return ("a\u202eb\u200b\u200d\u2066c\u2069\u00ad\ufeff\u0301" * 50_000).encode()


FILES: Mapping[str, Callable[[], bytes]] = {
    "bomb.docx": zip_bomb,
    "lying bomb.docx": lambda: zip_bomb(lie=True),
    "laughs.docx": entity_bomb,
    "entity.docx": xxe,
    "deep.docx": deep_word,
    "nested.docx": lambda: nested_zip(4),
    "parts.docx": many_parts,
    "loop.pdf": looping_pdf,
    "pages.pdf": pdf_of_many_pages,
    "huge.pdf": huge_page,
    "narrow.pdf": tiny_page,
    "drawing.pdf": endless_drawing,
    "huge.png": lambda: huge_png(50_000),
    "text.png": png_of_text,
    "frames.gif": gif_of_many_frames,
    "loop.tiff": looping_tiff,
    "strips.tiff": tiff_of_huge_strips,
    "noise.heic": garbled_heic,
    "boxes.heic": heic_of_huge_boxes,
    "deep.html": deep_html,
    "attributes.html": html_of_attributes,
    "deep.eml": deep_mail,
    "boundaries.eml": mail_of_boundaries,
    "large.eml": large_mail,
    "equations.docx": deep_equation,
    "line.txt": one_long_line,
    "marks.txt": marks_everywhere,
    "unseen.txt": unseen_letters,
}
