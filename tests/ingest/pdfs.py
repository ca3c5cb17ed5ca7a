"""PDF files made by hand, object by object."""

from collections.abc import Sequence

_HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def written(objects: Sequence[str], *, version: str = "1.7", entries: str = "") -> bytes:
    """The objects as a file, numbered from 1; the first is the catalogue. `entries` are further ones of the trailer."""
    out = f"%PDF-{version}\n".encode()
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
    trailer = f"/Size {len(objects) + 1} /Root 1 0 R {entries}"
    return out + f"{table}trailer << {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()


def stream(content: str, entries: str = "") -> str:
    return f"<< {entries} /Length {len(content)} >>\nstream\n{content}\nendstream"


def shown(text: str, *, top: int = 750, font: str = "F") -> str:
    """Operators that write one line."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} 10 Tf 20 {top} Td ({escaped}) Tj ET\n"


def lines(text: str, *, width: int = 90, top: int = 770, font: str = "F") -> str:
    """Operators that write a text in lines of so many characters."""
    parts = [text[at : at + width] for at in range(0, len(text), width)]
    return "".join(shown(part, top=top - 14 * at, font=font) for at, part in enumerate(parts))


def one_page(
    content: str,
    *,
    more: Sequence[str] = (),
    fonts: str = "/F 5 0 R",
    resources: str = "",
    notes: Sequence[int] = (),
    catalogue: str = "",
) -> bytes:
    """A page of 600 x 800; `more` are objects from number 6, `notes` the numbers of its annotations."""
    annotations = f"/Annots [{' '.join(f'{number} 0 R' for number in notes)}]" if notes else ""
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        f"/Resources << /Font << {fonts} >> {resources} >> {annotations} >>"
    )
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    root = f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>"
    return written([root, pages, page, stream(content), _HELVETICA, *more])


def scan(text: str, *, width: int = 600, height: int = 800, is_form: bool = False) -> bytes:
    """A page with a grey picture of this size in points, and a text on it."""
    picture = stream("\x80" * 64, _picture("/Width 8 /Height 8"))
    draw = f"q {width} 0 0 {height} 0 0 cm /P Do Q\n"
    if not is_form:
        return one_page(draw + lines(text), more=[picture], resources="/XObject << /P 6 0 R >>")
    form = stream(
        draw,
        f"/Type /XObject /Subtype /Form /BBox [0 0 {width} {height}] "
        "/Resources << /XObject << /P 6 0 R >> >>",
    )
    return one_page(
        "/P Do\n" + lines(text), more=[picture, form], resources="/XObject << /P 7 0 R >>"
    )


def _picture(size: str) -> str:
    return f"/Type /XObject /Subtype /Image {size} /ColorSpace /DeviceGray /BitsPerComponent 8"


_NO_NAMES = (
    "<< /Type /FontDescriptor /FontName /ABCDEF+Foo /Flags 4 /FontBBox [0 0 1000 1000] "
    "/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>"
)


def nameless(text: str, before: str = "", to_unicode: str = "") -> bytes:
    """The text in a font of numbered shapes, as browsers embed them: a letter is its code less 29.

    `before` stands above it in Helvetica; `to_unicode` names the first letter that the shapes are mapped to.
    """
    codes = "".join(f"{ord(letter) - 29:04x}" for letter in text)
    parts = [codes[at : at + 320] for at in range(0, len(codes), 320)]
    body = "".join(
        f"BT /N 10 Tf 20 {600 - 14 * at} Td <{part}> Tj ET\n" for at, part in enumerate(parts)
    )
    mapped = "/ToUnicode 9 0 R" if to_unicode else ""
    more = [
        "<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Foo /Encoding /Identity-H "
        f"/DescendantFonts [7 0 R] {mapped} >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Foo /FontDescriptor 8 0 R /DW 500 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _NO_NAMES,
        stream(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
            "1 begincodespacerange <0000> <ffff> endcodespacerange "
            f"1 beginbfrange <0000> <00ff> <{to_unicode}> endbfrange endcmap end end"
        ),
    ]
    content = (lines(before) if before else "") + body
    return one_page(content, more=more, fonts="/F 5 0 R /N 6 0 R")


def simple(text: str, encoding: str = "") -> bytes:
    """The text in a font of one byte a letter without names, numbered as letters first come."""
    order = list(dict.fromkeys(text))
    coded = "".join(chr(33 + order.index(letter)) for letter in text)
    widths = " ".join(["500"] * 94)
    font = (
        "<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Foo /FirstChar 33 /LastChar 126 "
        f"/Widths [{widths}] /FontDescriptor 7 0 R {encoding} >>"
    )
    return one_page(lines(coded, font="N"), more=[font, _NO_NAMES], fonts="/F 5 0 R /N 6 0 R")


def typed(text: str) -> bytes:
    """The text in shapes drawn by the file itself, each named by its code, as old TeX writes."""
    names = " ".join(f"/a{code}" for code in range(32, 127))
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] "
        f"/CharProcs << /a97 7 0 R >> /Encoding << /Type /Encoding /Differences [32 {names}] >> "
        f"/FirstChar 32 /LastChar 126 /Widths [{' '.join(['500'] * 95)}] >>"
    )
    return one_page(
        lines(text, font="N"),
        more=[font, stream("500 0 d0 0 0 400 700 re f")],
        fonts="/F 5 0 R /N 6 0 R",
    )


def pages(contents: Sequence[str]) -> list[str]:
    """The objects of a document with a line on each page; page n, from 0, is object 4 + 2n."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(contents)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>",
        _HELVETICA,
    ]
    for n, text in enumerate(contents):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {5 + 2 * n} 0 R >>"
        )
        objects.append(stream(shown(text)))
    return objects


def noted() -> bytes:
    """A page with a field, a note and a stamp of words."""
    box = "/Type /XObject /Subtype /Form /BBox [0 0 120 40] /Resources << /Font << /F 5 0 R >> >>"
    more = [
        "<< /Type /Annot /Subtype /Widget /Rect [20 700 200 720] /P 3 0 R /FT /Tx /T (name) /V (Anna) >>",
        "<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /Contents (a note) >>",
        "<< /Type /Annot /Subtype /Stamp /Rect [300 500 420 540] /F 4 /AP << /N 9 0 R >> >>",
        stream("BT /F 20 Tf 5 10 Td (APPROVED) Tj ET", box),
    ]
    form = "/AcroForm << /Fields [6 0 R] /DR << /Font << /F 5 0 R >> >> /DA (/F 10 Tf) >>"
    return one_page(shown("Report"), more=more, notes=[6, 7, 8], catalogue=form)
