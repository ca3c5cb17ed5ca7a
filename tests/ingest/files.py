"""Files of every kind that the tests make themselves, sound ones and hostile ones."""

import random
import struct
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

import docx
import pillow_heif
from PIL import Image

from ingest.parse import Limits
from tests.ingest.pdfs import written

pillow_heif.register_heif_opener()

LIMITS = Limits(max_pixels=100_000_000, max_pages=100, max_characters=1_000_000)
RED = (220, 30, 40)
TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
    "JPEG2000": "image/jp2",
}


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def red_picture(kind: str, width: int = 60, height: int = 40) -> bytes:
    return saved(Image.new("RGB", (width, height), RED), kind)


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.frombytes(
        "RGB", (width, height), random.Random(seed).randbytes(width * height * 3)
    )


def turned_jpeg() -> bytes:
    """Stored 60 wide and 40 high with the left half black; EXIF says to turn it a quarter clockwise."""
    image = Image.new("RGB", (60, 40), "white")
    image.paste((0, 0, 0), (0, 0, 30, 40))
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(image, "JPEG", exif=exif, quality=95)


def truncated_jpeg() -> bytes:
    whole = saved(noise(400, 300), "JPEG")
    return whole[: len(whole) // 2]


def huge_png(side: int = 30_000) -> bytes:
    """A header that claims side x side pixels, and hardly any data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def pdf(
    pages: Sequence[str | None], *, size: tuple[int, int] = (200, 300), locked: bool = False
) -> bytes:
    """One page each: a line of text, "" for a page with a drawing only, None for a blank page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        content = _content(text)
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return _written(objects, locked=locked)


def _content(text: str | None) -> str:
    if text is None:
        return ""
    return f"BT /F 12 Tf 20 150 Td ({text}) Tj ET" if text else "1 0 0 rg 0 0 100 300 re f"


def _written(objects: Sequence[str], *, locked: bool) -> bytes:
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >>"
    identity = f"/ID [<{'01' * 16}> <{'01' * 16}>]"
    return written(objects, version="1.4", entries=f"{identity} {lock if locked else ''}")


def word_file() -> bytes:
    """A paragraph, a table of two rows, a paragraph."""
    document = docx.Document()
    document.add_heading("The harbour", 1)
    document.add_paragraph("Boats lie at the quay.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells),
        ("boat", "length", "Anna", "9 m"),
        strict=True,
    ):
        cell.text = text
    document.add_paragraph("They leave at dawn.")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def zip_bomb(unpacked: int = 400 * 1024 * 1024, *, lie: bool = False) -> bytes:
    """A .docx whose main part unpacks to this many bytes; `lie`: the directory says it is tiny."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        with bomb.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(unpacked // (1024 * 1024)):
                part.write(b" " * 1024 * 1024)
    if not lie:
        return out.getvalue()
    true = struct.pack("<I", unpacked)
    return out.getvalue().replace(true, struct.pack("<I", 10))


def entity_bomb() -> bytes:
    """A .docx whose text is an entity that would grow a billion times ("billion laughs")."""
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(10)
    )
    body = "<w:p><w:r><w:t>before &l9; after</w:t></w:r></w:p>"
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = f'<!DOCTYPE d [{entities}]><w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(word_file())) as sound,
        zipfile.ZipFile(out, "w") as bomb,
    ):
        for name in sound.namelist():
            bomb.writestr(name, xml if name == "word/document.xml" else sound.read(name))
    return out.getvalue()
