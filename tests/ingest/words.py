"""Word files written part by part, for what no library writes."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

OPEN = "http://schemas.openxmlformats.org"
STRICT = "http://purl.oclc.org/ooxml"
SPACES = {
    "w": f"{OPEN}/wordprocessingml/2006/main",
    "r": f"{OPEN}/officeDocument/2006/relationships",
    "m": f"{OPEN}/officeDocument/2006/math",
    "a": f"{OPEN}/drawingml/2006/main",
    "wp": f"{OPEN}/drawingml/2006/wordprocessingDrawing",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "pic": f"{OPEN}/drawingml/2006/picture",
    "c": f"{OPEN}/drawingml/2006/chart",
    "dgm": f"{OPEN}/drawingml/2006/diagram",
    "mc": f"{OPEN}/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
STRICT_SPACES = {
    "w": f"{STRICT}/wordprocessingml/main",
    "r": f"{STRICT}/officeDocument/relationships",
    "m": f"{STRICT}/officeDocument/math",
    "a": f"{STRICT}/drawingml/main",
}
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
Kind = tuple[str, str, str]
"""The id of a part, its kind, and its content."""


def xml(tag: str, content: str, *, strict: bool = False) -> str:
    spaces = {**SPACES, **(STRICT_SPACES if strict else {})}
    names = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in spaces.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><{tag} {names}>{content}</{tag}>'


def word(
    body: str,
    parts: Mapping[str, Kind] | None = None,
    *,
    strict: bool = False,
    main_type: str = MAIN,
    raw: Mapping[str, bytes] | None = None,
    packed: bool = True,
) -> bytes:
    """A package with this body; `parts` by their names below `word/`, `raw` replaces whole parts by their paths."""
    parts = parts or {}
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _types(parts, main_type),
        "_rels/.rels": _links({"document.xml": ("rId1", "officeDocument", "")}, "word/", strict),
        "word/document.xml": xml("w:document", f"<w:body>{body}</w:body>", strict=strict),
        "word/_rels/document.xml.rels": _links(parts, "", strict),
        **{f"word/{path}": content for path, (_, _, content) in parts.items()},
        **(raw or {}),
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED * packed) as package:
        for path, content in files.items():
            package.writestr(path, content)
    return out.getvalue()


def _types(parts: Mapping[str, Kind], main_type: str) -> str:
    overrides = f'<Override PartName="/word/document.xml" ContentType="{main_type}"/>' + "".join(
        f'<Override PartName="/word/{path}" ContentType="application/xml"/>' for path in parts
    )
    return (
        f'<Types xmlns="{OPEN}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _links(parts: Mapping[str, Kind], folder: str, strict: bool) -> str:
    kinds = f"{STRICT}/officeDocument/relationships" if strict else SPACES["r"]
    links = "".join(
        f'<Relationship Id="{link}" Type="{kinds}/{kind}" Target="{folder}{path}"/>'
        for path, (link, kind, _) in parts.items()
    )
    return f'<Relationships xmlns="{OPEN}/package/2006/relationships">{links}</Relationships>'


def par(content: str, properties: str = "") -> str:
    """A paragraph of one run, or of what is given as markup."""
    inner = content if content.startswith("<") else run(content)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def run(text: str, properties: str = "") -> str:
    return (
        f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}"
        f'<w:t xml:space="preserve">{text}</w:t></w:r>'
    )


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def row(*cells: str, properties: str = "") -> str:
    """Cells as words or as markup."""
    inner = "".join(each if each.startswith("<") else cell(each) for each in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{inner}</w:tr>"


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc>{f'<w:tcPr>{properties}</w:tcPr>' if properties else ''}{par(content)}</w:tc>"


def control(content: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"


PICTURE = (
    '<w:drawing><wp:inline><wp:docPr id="1" name="Picture 1"{described}/><a:graphic><a:graphicData>'
    '<pic:pic><pic:blipFill><a:blip r:embed="rId99"/></pic:blipFill></pic:pic>'
    "</a:graphicData></a:graphic></wp:inline></w:drawing>"
)


def picture(description: str = "") -> str:
    described = f' descr="{description}"' if description else ""
    return f"<w:r>{PICTURE.format(described=described)}</w:r>"


def text_box(content: str) -> str:
    """As Word writes it: a shape, and the same again for older programs."""
    inner = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="2" name="Box"/>'
        f"<a:graphic><a:graphicData><wps:wsp><wps:txbx>{inner}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
        "</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>"
        f"{inner}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def note(kind: str, number: int, text: str, more: str = "") -> str:
    return (
        f'<w:{kind} w:id="{number}"{more}>{par(f"<w:r><w:{kind}Ref/></w:r>{run(text)}")}</w:{kind}>'
    )


def section(*references: str, more: str = "") -> str:
    return f"<w:sectPr>{''.join(references)}{more}</w:sectPr>"


def reference(kind: str, link: str, pages: str = "default") -> str:
    return f'<w:{kind}Reference w:type="{pages}" r:id="{link}"/>'


def header(link: str, text: str) -> Kind:
    return link, "header", xml("w:hdr", par(text))


def footer(link: str, text: str) -> Kind:
    return link, "footer", xml("w:ftr", par(text))


def level(depth: int, text: str, kind: str = "decimal", more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


NUMBERING = xml(
    "w:numbering",
    '<w:abstractNum w:abstractNumId="0">'
    + level(0, "§ %1", more='<w:pStyle w:val="Heading1"/>')
    + level(1, "%1.%2.", more='<w:pStyle w:val="Heading2"/>')
    + level(2, "(%3)", "lowerLetter")
    + '</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    + level(0, "\uf0b7", "bullet")
    + level(1, "%2)", "upperRoman")
    + "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="0"/>'
    '<w:lvlOverride w:ilvl="2"><w:startOverride w:val="4"/></w:lvlOverride></w:num>',
)


STYLES = xml(
    "w:styles",
    '<w:style w:styleId="Heading1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:styleId="Heading2"><w:basedOn w:val="Heading1"/>'
    "<w:pPr><w:numPr><w:ilvl w:val='1'/></w:numPr></w:pPr></w:style>",
)


def listed(text: str, num: int, depth: int = 0) -> str:
    return par(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{num}"/></w:numPr>')


def styled(text: str, style: str, more: str = "") -> str:
    return par(text, f'<w:pStyle w:val="{style}"/>{more}')
