"""What is uploaded: made from the seed, so that each is known again; all but twins are unlike any other."""

import hashlib
import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from benchmarks.chaos.schedule import Sort

_WORDS = """
amber anchor apricot arch badger barley basin beacon birch boulder brass bridge canal candle
canyon cedar cellar chapel clay clover cobalt copper coral cradle crane creek dagger dawn
delta drum dune eagle ember falcon fern ferry fiddle flint fog forge fox galley garnet ginger
glacier granite grove harbour hazel heron hive honey ivory jade jetty kettle kiln lantern lark
ledge linen lynx maple marble marsh meadow mill mint moor moss nectar nettle oak oar olive
onyx orchard otter oyster parchment pebble pepper pine plum poppy quarry quill raven reed
ridge river rowan saddle saffron sail salt sandal sparrow spire spruce stable stone storm swan
tallow thistle thunder tide timber tower tulip velvet vine violet walnut weaver wheat willow
winter wolf wool wren yarrow zinc
""".split()  # noqa: SIM905 - a list of quoted words could not be read
_TWINS = 4
_LONG_PARAGRAPHS = 80


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one version of a document, and the text that finds it (None: the picture itself does)."""

    sort: Sort
    name: str
    data: bytes
    text: str | None

    @property
    def sha256(self) -> str:
        """The name of its original."""
        return hashlib.sha256(self.data).hexdigest()


def make(sort: Sort, seed: int, external_id: str, version: int) -> Content:
    """The content of a version: of the same sort, seed, id and version always the same."""
    chance = random.Random(f"{seed} {external_id} {version}")
    match sort:
        case Sort.PICTURE:
            return Content(sort, "picture.png", _picture(chance), None)
        case Sort.PDF:
            text = _sentence(chance)
            return Content(sort, "page.pdf", _pdf(text), text)
        case Sort.BROKEN:
            return _broken(chance)
        case Sort.TWIN:
            chance = random.Random(f"{seed} twin {chance.randrange(_TWINS)}")
    text = _sentence(chance)
    if sort is Sort.LONG:
        text = "\n\n".join([text, *(_paragraph(chance) for _ in range(_LONG_PARAGRAPHS))])
    return Content(sort, "note.txt", text.encode(), text)


def _sentence(chance: random.Random) -> str:
    words = chance.sample(_WORDS, 10)
    return f"The {' '.join(words[:5])} stands by the {' '.join(words[5:])}, number {chance.randrange(10**6)}."


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance) for _ in range(8))


def _picture(chance: random.Random) -> bytes:
    image = Image.new("RGB", (96, 96), _colour(chance))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        left, top = chance.randrange(80), chance.randrange(80)
        box = (left, top, left + chance.randrange(8, 60), top + chance.randrange(8, 60))
        shape = chance.choice((draw.ellipse, draw.rectangle))
        shape(box, fill=_colour(chance))
    return _saved(image, "PNG")


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def _saved(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def _broken(chance: random.Random) -> Content:
    """A picture that ends in the middle, a PDF that is none, a text without a word."""
    match chance.randrange(3):
        case 0:
            noise = Image.frombytes("RGB", (64, 64), chance.randbytes(64 * 64 * 3))
            whole = _saved(noise, "JPEG")
            return Content(Sort.BROKEN, "half.jpg", whole[: len(whole) // 2], None)
        case 1:
            return Content(Sort.BROKEN, "none.pdf", b"%PDF-1.7\n" + chance.randbytes(400), None)
        case _:
            blank = b" \n" * chance.randrange(1, 5000)
            return Content(Sort.BROKEN, "blank.txt", blank, None)


def _pdf(text: str) -> bytes:
    """One page with one line; the words break over two lines, as they would not fit."""
    middle = text.rfind(" ", 0, len(text) // 2)
    lines = f"BT /F 9 Tf 20 150 Td ({text[:middle]}) Tj 0 -14 Td ({text[middle + 1 :]}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] "
        "/Resources << /Font << /F 3 0 R >> >> /Contents 5 0 R >>",
        f"<< /Length {len(lines)} >>\nstream\n{lines}\nendstream",
    ]
    out, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n{table}"
    out += f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{out.rindex('xref')}\n%%EOF\n"
    return out.encode()
