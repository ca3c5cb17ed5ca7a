"""What people put into Word files is read in its place, once, or named as lost."""

import re
import struct
import time
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from ingest.detect import DOCX, detect
from ingest.parse import Limits, Parsed, parse
from samespace.core.errors import Unreadable
from tests.ingest.files import LIMITS
from tests.ingest.words import (
    NUMBERING,
    STYLES,
    Kind,
    cell,
    control,
    footer,
    header,
    level,
    listed,
    note,
    par,
    picture,
    reference,
    row,
    run,
    section,
    styled,
    table,
    text_box,
    word,
    xml,
)


def opened(data: bytes) -> Parsed:
    return parse(data, "a.docx", DOCX, LIMITS)


def text_of(body: str, **parts: Kind) -> str:
    """The text of a document from which nothing is lost."""
    parsed = opened(word(body, {f"{name}.xml": part for name, part in parts.items()}))
    assert parsed.warnings == ()
    (text,) = parsed.texts
    return text.text


@pytest.mark.parametrize(
    "cells",
    [
        (control(cell("Anna")), "9 m", "red"),
        ("Anna", f'<w:customXml w:element="length">{cell("9 m")}</w:customXml>', "red"),
        ("Anna", control(control(cell("9 m"))), control(cell("red"))),
        (control(cell("Anna") + cell("9 m")), "red"),
        ("Anna", cell(control(run("9 m"))), "red"),
        ("Anna", f"<w:smartTag>{cell('9 m')}</w:smartTag>", "red"),
    ],
)
def test_a_cell_in_a_content_control_stands_in_its_place(cells: tuple[str, ...]) -> None:
    assert text_of(table(row("boat", "length", "colour"), row(*cells))) == (
        "boat\tlength\tcolour\nAnna\t9 m\tred"
    )


@pytest.mark.parametrize("around", [control, lambda rows: f"<w:customXml>{rows}</w:customXml>"])
def test_rows_and_tables_in_a_content_control_are_read(around: type[str]) -> None:
    rows = row("boat", "length") + around(row("Anna", "9 m") + row("Bert", "7 m"))
    assert text_of(around(table(rows))) == "boat\tlength\nAnna\t9 m\nBert\t7 m"


def test_merged_and_missing_cells_leave_the_others_in_their_columns() -> None:
    wide = cell("both", '<w:gridSpan w:val="2"/>')
    continued = cell("", "<w:vMerge/>")
    rows = (
        row("a", "b", "c"),
        row(wide, "third"),
        row("second", "third", properties='<w:gridBefore w:val="1"/>'),
        row("first", continued, "third"),
    )
    assert text_of(table(*rows)) == "a\tb\tc\nboth\t\tthird\n\tsecond\tthird\nfirst\t\tthird"


def test_a_table_in_a_cell_is_read_in_that_cell() -> None:
    inner = f"<w:tc>{table(row('Anna', '9 m'), row('Bert', '7 m'))}{par('both red')}</w:tc>"
    assert text_of(table(row("boats", inner, "2024"))) == "boats\tAnna 9 m Bert 7 m both red\t2024"


def test_deleted_rows_and_cells_are_not_read() -> None:
    gone = row("old", "old", properties='<w:del w:id="1"/>')
    rows = (row("a", cell("gone", "<w:cellDel/>"), "b"), gone, row("c", "d"))
    assert text_of(table(*rows)) == "a\tb\nc\td"


@pytest.mark.parametrize("wrap", ["w:moveFrom", "w:del"])
def test_what_was_moved_or_deleted_is_not_read_where_it_was(wrap: str) -> None:
    moved = f'<w:p>{run("stays ")}<{wrap} w:id="1">{run("The tide turns.")}</{wrap}></w:p>'
    put = f'<w:p><w:moveTo w:id="2">{run("The tide turns.")}</w:moveTo></w:p>'
    assert text_of(moved + par("between") + put) == "stays \nbetween\nThe tide turns."


def test_a_paragraph_whose_end_was_deleted_goes_on_with_the_next() -> None:
    for mark in ("del", "moveFrom"):
        first = par(run("har"), f'<w:rPr><w:{mark} w:id="1"/></w:rPr>')
        assert text_of(first + par("bour") + par("next")) == "harbour\nnext"


def test_what_was_inserted_is_read() -> None:
    assert text_of(f'<w:p><w:ins w:id="1">{run("new")}</w:ins>{run(" old")}</w:p>') == "new old"


def test_hidden_text_and_the_reading_over_a_word_are_not_read() -> None:
    ruby = f"<w:ruby><w:rubyPr/><w:rt>{run('かんじ')}</w:rt><w:rubyBase>{run('漢字')}</w:rubyBase></w:ruby>"
    hidden = run("secret", "<w:vanish/>") + run(" seen", '<w:vanish w:val="0"/>')
    assert text_of(f"<w:p><w:r>{ruby}</w:r>{hidden}</w:p>") == "漢字 seen"


def test_signs_within_words_are_read_as_they_look() -> None:
    signs = (
        "<w:r><w:t>well</w:t><w:noBreakHyphen/><w:t>known har</w:t><w:softHyphen/><w:t>bo\xadur</w:t><w:tab/>"
        '<w:t>5 </w:t><w:sym w:font="Symbol" w:char="F06D"/><w:t>m</w:t><w:br/>'
        '<w:sym w:font="Arial" w:char="2713"/></w:r>'
    )
    assert text_of(f"<w:p>{signs}</w:p>") == "well-known harbour\t5 μm\n✓"


def test_the_result_of_a_field_is_read_and_its_code_is_not() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF _Ref1</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("page 7")}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    choice = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
        '<w:listEntry w:val="yes"/><w:listEntry w:val="no"/></w:ddList></w:ffData></w:fldChar></w:r>'
    )
    body = f'<w:p>{run("see ")}{field}{run(", ")}<w:fldSimple w:instr="DATE">{run("May")}</w:fldSimple></w:p>'
    assert text_of(body + par(choice)) == "see page 7, May\nno"


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = text_box(par("Opening hours") + par("8 to 16"))
    body = f"<w:p>{run('The har')}{box}{run('bour')}</w:p>" + par("next")
    assert text_of(body) == "The harbour\nOpening hours\n8 to 16\nnext"


def test_text_boxes_of_older_programs_and_word_art_are_read() -> None:
    old = (
        f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{par('in a box')}</w:txbxContent></v:textbox>"
        "</v:shape></w:pict></w:r>"
    )
    art = '<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>'
    assert text_of(f"<w:p>{run('before')}{old}{art}</w:p>") == "before\nin a box\nDRAFT"


def test_a_text_box_in_a_cell_stays_in_that_cell() -> None:
    box = text_box(table(row("x", "y")))
    assert (
        text_of(table(row("a", f"<w:tc><w:p>{run('b')}{box}</w:p></w:tc>", "c"))) == "a\tb x y\tc"
    )


def test_notes_follow_the_text_in_the_order_of_their_marks() -> None:
    body = par(
        f'{run("Tides")}<w:r><w:footnoteReference w:id="7"/></w:r>{run(" and winds")}'
        '<w:r><w:footnoteReference w:id="3"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r>'
    )
    separator = (
        '<w:footnote w:id="0" w:type="separator"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    )
    footnotes = (
        separator + note("footnote", 3, "See Beaufort.") + note("footnote", 7, "Twice a day.")
    )
    unused = note("footnote", 9, "of a passage that was deleted")
    text = text_of(
        body,
        footnotes=("rId2", "footnotes", xml("w:footnotes", footnotes + unused)),
        endnotes=("rId3", "endnotes", xml("w:endnotes", note("endnote", 2, "An old book."))),
    )
    assert text == "Tides[1] and winds[2][i]\n[1] Twice a day.\n[2] See Beaufort.\n[i] An old book."


def test_comments_are_marked_apart_with_their_authors() -> None:
    comments = (
        f'<w:comment w:id="1" w:author="Anna Muster">{par("Is this true?")}{par("I doubt it.")}</w:comment>'
        f'<w:comment w:id="2">{par("yes")}</w:comment>'
    )
    body = par(f'{run("Fish fly.")}<w:r><w:commentReference w:id="1"/></w:r>')
    assert text_of(body, comments=("rId4", "comments", xml("w:comments", comments))) == (
        "Fish fly.\nComment by Anna Muster: Is this true?\nI doubt it.\nComment: yes"
    )


def test_headers_and_footers_are_read_once() -> None:
    first = section(reference("header", "rId2"), reference("footer", "rId3"))
    second = section(reference("header", "rId4"), reference("footer", "rId3"))
    body = par("one", first) + par("two") + second
    assert text_of(
        body,
        header1=header("rId2", "Harbour office"),
        header2=header("rId4", "Harbour office"),
        footer1=footer("rId3", "Quay 4, Bergen"),
    ) == ("Harbour office\none\ntwo\nQuay 4, Bergen")


def test_headers_that_no_page_shows_are_not_read() -> None:
    references = [
        reference("header", "rId2"),
        reference("header", "rId3", "first"),
        reference("header", "rId4", "even"),
    ]
    headers = {
        "header1": header("rId2", "all"),
        "header2": header("rId3", "first"),
        "header3": header("rId4", "even"),
        "header4": header("rId5", "nowhere"),
    }
    settings = ("rId6", "settings", xml("w:settings", "<w:evenAndOddHeaders/>"))
    assert text_of(par("text") + section(*references), **headers) == "all\ntext"
    shown = par("text") + section(*references, more="<w:titlePg/>")
    assert text_of(shown, **headers, settings=settings) == "all\nfirst\neven\ntext"


def test_equations_are_read_as_one_would_type_them() -> None:
    def of(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    half = f"<m:f><m:num>{of('a+b')}</m:num><m:den>{of('2')}</m:den></m:f>"
    square = f"<m:sSup><m:e>{of('x')}</m:e><m:sup>{of('2')}</m:sup></m:sSup>"
    root = f"<m:rad><m:radPr/><m:deg/><m:e>{square}{of('+1')}</m:e></m:rad>"
    total = (
        f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{of("i=1")}</m:sub><m:sup>{of("n")}</m:sup>'
        f"<m:e><m:sSub><m:e>{of('y')}</m:e><m:sub>{of('i')}</m:sub></m:sSub></m:e></m:nary>"
    )
    lines = [f"<m:mr><m:e>{of(a)}</m:e><m:e>{of(b)}</m:e></m:mr>" for a, b in ("10", "01")]
    matrix = f"<m:m>{''.join(lines)}</m:m>"
    bracket = (
        f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>{matrix}</m:e></m:d>'
    )
    inline = f"<w:p>{run('where ')}<m:oMath>{of('m=')}{half}</m:oMath>{run(' holds')}</w:p>"
    alone = f"<w:p><m:oMathPara><m:oMath>{root}{of('=')}{total}</m:oMath></m:oMathPara></w:p>"
    assert text_of(inline + alone + par(f"<m:oMath>{bracket}</m:oMath>")) == (
        "where m=(a+b)/2 holds\n√(x^2+1)=∑_(i=1)^n y_i\n[1, 0; 0, 1]"
    )


def test_automatic_numbers_are_counted() -> None:
    body = (
        styled("Harbour", "Heading1")
        + styled("Fees", "Heading2")
        + listed("small boats", 1, 2)
        + listed("large boats", 1, 2)
        + styled("Hours", "Heading2")
        + listed("in summer", 1, 2)
        + styled("Quay", "Heading1")
        + styled("Preface", "Heading1", '<w:numPr><w:numId w:val="0"/></w:numPr>')
        + styled("Cranes", "Heading2")
        + listed("a point", 2)
        + listed("a part", 2, 1)
        + listed("begins anew", 3, 2)
        + listed("unknown list", 77)
    )
    assert text_of(
        body, numbering=("rId2", "numbering", NUMBERING), styles=("rId3", "styles", STYLES)
    ) == (
        "§ 1 Harbour\n1.1. Fees\n(a) small boats\n(b) large boats\n1.2. Hours\n(a) in summer\n§ 2 Quay\nPreface\n"
        "2.1. Cranes\na point\nI) a part\n(d) begins anew\nunknown list"
    )


def test_what_cannot_be_read_is_counted_in_words() -> None:
    chart = '<w:r><w:drawing><a:graphic><c:chart r:id="rId5"/></a:graphic></w:drawing></w:r>'
    sheet = '<w:r><w:object><v:shape><v:imagedata r:id="rId6"/></v:shape><o:OLEObject/></w:object></w:r>'
    old = (
        '<w:r><w:pict><v:shape alt="An old map"><v:imagedata r:id="rId7"/></v:shape></w:pict></w:r>'
    )
    body = (
        par(picture())
        + par(picture("A lighthouse at dusk"))
        + par(old)
        + par(chart + sheet)
        + par('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>')
        + '<w:altChunk r:id="rId8"/>'
        + par("words")
    )
    parsed = opened(word(body))
    assert parsed.warnings == (
        "3 pictures, 1 chart, 1 embedded object, 1 symbol and 1 inserted file in a.docx were not read",
    )
    assert [text.text.split("\n") for text in parsed.texts] == [
        ["A lighthouse at dusk", "An old map", "", "", "words"]
    ]


def test_a_single_picture_is_one_picture() -> None:
    assert opened(word(par(picture()) + par("words"))).warnings == (
        "1 picture in a.docx was not read",
    )


def test_a_document_of_pictures_alone_says_so() -> None:
    reason = "a.docx holds no text that could be read: 2 pictures in a.docx were not read"
    with pytest.raises(Unreadable, match=f"^{re.escape(reason)}$"):
        opened(word(par(picture()) + par(picture())))


def test_the_words_of_a_diagram_are_read() -> None:
    drawing = '<w:r><w:drawing><a:graphic><dgm:relIds r:dm="rId2" r:lo="rId3"/></a:graphic></w:drawing></w:r>'
    data = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for words in ("Plan", "Build")
    )
    text = text_of(
        par("Steps") + par(drawing), data1=("rId2", "diagramData", xml("dgm:dataModel", data))
    )
    assert text == "Steps\n\nPlan\nBuild"


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("docm", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        ("dotm", "application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
        (
            "dotx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        ),
    ],
)
def test_templates_and_files_with_macros_are_read(suffix: str, kind: str) -> None:
    data = word(par("Dear harbour office"), main_type=kind)
    assert detect(data, f"letter.{suffix}") == (DOCX, ())
    assert [text.text for text in opened(data).texts] == ["Dear harbour office"]


def test_strict_documents_are_read_like_the_others() -> None:
    references = section(reference("header", "rId2"))
    body = table(row(control(cell("Anna")), "9 m")) + par(
        "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"
    )
    head = "rId2", "header", xml("w:hdr", par("Boats"), strict=True)
    parsed = opened(word(body + references, {"header1.xml": head}, strict=True))
    assert parsed.warnings == ()
    assert [text.text for text in parsed.texts] == ["Boats\nAnna\t9 m\nx=1"]


def test_a_damaged_part_costs_itself_alone() -> None:
    body = par('<w:r><w:t>Text</w:t><w:footnoteReference w:id="1"/></w:r>')
    notes = "rId2", "footnotes", "<w:footnotes"
    head = "rId3", "header", xml("w:hdr", par("Harbour")).replace("</w:p>", "")
    parts = {"footnotes.xml": notes, "header1.xml": head}
    parsed = opened(word(body + section(reference("header", "rId3")), parts))
    assert [text.text for text in parsed.texts] == ["Harbour\nText[1]"]
    assert parsed.warnings == (
        "a header of a.docx is damaged, not all of it could be read",
        "the part with the footnotes of a.docx is damaged, not all of it could be read",
    )


def test_the_text_before_a_damaged_place_is_read() -> None:
    whole = xml("w:document", f"<w:body>{par('first')}{par('second')}{par('third')}</w:body>")
    torn = whole[: whole.index("third")].encode()
    parsed = opened(word("", raw={"word/document.xml": torn}))
    assert [text.text for text in parsed.texts] == ["first\nsecond"]
    assert parsed.warnings == ("the text of a.docx is damaged, not all of it could be read",)


@pytest.mark.parametrize("packed", [True, False])
def test_a_part_with_a_wrong_byte_is_read_with_a_warning(packed: bool) -> None:
    notes = "rId2", "footnotes", xml("w:footnotes", note("footnote", 1, "Twice a day."))
    body = par('<w:r><w:t>Tides</w:t><w:footnoteReference w:id="1"/></w:r>')
    data = word(body, {"footnotes.xml": notes}, packed=packed)
    with zipfile.ZipFile(BytesIO(data)) as package:
        part = package.getinfo("word/footnotes.xml")
    wrong = data.replace(struct.pack("<I", part.CRC), bytes(4))
    if not packed:
        wrong = data.replace(b"Twice", b"Thrice"[:5])
    parsed = opened(wrong)
    said = "Twice" if packed else "Thric"
    assert [text.text for text in parsed.texts] == [f"Tides[1]\n[1] {said} a day."]
    assert parsed.warnings == (
        "the part with the footnotes of a.docx is damaged, not all of it could be read",
    )


def test_a_link_to_a_part_that_is_gone_costs_that_part() -> None:
    parsed = opened(
        word(
            par("text") + section(reference("header", "rId2")),
            raw={"word/_rels/document.xml.rels": RELATIONS.encode()},
        )
    )
    assert [text.text for text in parsed.texts] == ["text"]
    assert parsed.warnings == ("a header of a.docx is missing",)


RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId2" Type="x/header" Target="header9.xml"/></Relationships>'
)


def test_lost_links_between_parts_are_made_up_for() -> None:
    notes = "rId2", "footnotes", xml("w:footnotes", note("footnote", 1, "Twice a day."))
    body = par('<w:r><w:t>Tides</w:t><w:footnoteReference w:id="1"/></w:r>')
    broken = {"_rels/.rels": b"<", "word/_rels/document.xml.rels": b"<"}
    parsed = opened(word(body, {"footnotes.xml": notes}, raw=broken))
    assert [text.text for text in parsed.texts] == ["Tides[1]\n[1] Twice a day."]
    assert parsed.warnings == (
        "the list of parts of a.docx is damaged, not all of it could be read",
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 nothing more", "a.docx is damaged: its list of parts cannot be read"),
        (
            word("", raw={"word/document.xml": b"no markup"}),
            "a.docx is damaged or not a Word document: it has no text part",
        ),
        (
            word("", raw={"word/document.xml": b"<html/>"}),
            "a.docx is damaged or not a Word document: it has no text part",
        ),
    ],
)
def test_what_cannot_be_opened_is_refused_in_words(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=f"^{re.escape(reason)}$"):
        opened(data)


NESTED = {
    "controls": "<w:sdt><w:sdtContent>",
    "paragraphs": "<w:p><w:r>",
    "tables": "<w:tbl><w:tr><w:tc>",
    "boxes": "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>",
    "equations": "<m:oMath><m:f><m:num>",
    "brackets": "<m:oMath><m:d><m:e>",
}


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("levels", [30, 80, 120, 10_000])
def test_deep_nesting_is_read_or_said(kind: str, levels: int) -> None:
    names = re.findall("<([^>]+)>", NESTED[kind])
    end = "".join(f"</{name}>" for name in reversed(names))
    try:
        parsed = opened(word(par("before") + NESTED[kind] * levels + end * levels + par("after")))
    except Unreadable as error:
        assert str(error) == "a.docx nests too deeply to be read"
        return
    said = parsed.texts[0].text
    assert said.startswith("before")
    if levels == 30 or said.endswith("after"):
        assert said.endswith("after")
    else:
        assert parsed.warnings == (
            "the text of a.docx nests too deeply or grows too large to be read whole",
        )


def test_claims_of_many_columns_make_no_long_rows() -> None:
    wide = cell("wide", '<w:gridSpan w:val="999999999"/>')
    rows = table(row(wide, "end", properties='<w:gridBefore w:val="12345678901234567890"/>'))
    assert text_of(rows) == "wide" + "\t" * 63 + "end"


def test_a_list_that_starts_far_out_is_still_a_number() -> None:
    start = level(0, "%1.", "lowerLetter").replace('w:start w:val="1"', 'w:start w:val="999999999"')
    numbering = xml(
        "w:numbering",
        f'<w:abstractNum w:abstractNumId="0">{start}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
    )
    assert text_of(listed("x", 1), numbering=("rId2", "numbering", numbering)) == "1000000. x"


def test_characters_are_limited_over_all_parts() -> None:
    body = par("text") + section(reference("header", "rId2"))
    data = word(body, {"header1.xml": header("rId2", "a long header")})
    with pytest.raises(Unreadable, match=r"^a\.docx has 18 characters, more than the limit of 17$"):
        parse(data, "a.docx", DOCX, Limits(10**8, 100, 17))


NOTES = xml("w:footnotes", f'<w:footnote w:id="1">{par("t") * 2_000}</w:footnote>')
GROWING: dict[str, Callable[[int], bytes]] = {
    "paragraphs": lambda n: word(par("words") * n),
    "controls": lambda n: word(control(par("words")) * n),
    "rows": lambda n: word(table(row("a", "b") * n)),
    "cells": lambda n: word(table(row(*["a"] * n))),
    "boxes": lambda n: word(f"<w:p>{text_box(par('x')) * n}</w:p>"),
    "numbers": lambda n: word(
        listed("x", 1, 2) * n, {"numbering.xml": ("rId2", "numbering", NUMBERING)}
    ),
    "lists": lambda n: word(
        "".join(listed("x", k) for k in range(n)),
        {"numbering.xml": ("rId2", "numbering", numbering_of(n))},
    ),
    "marks of one note": lambda n: word(
        par('<w:r><w:footnoteReference w:id="1"/></w:r>') * n,
        {"footnotes.xml": ("rId2", "footnotes", NOTES)},
    ),
    "sections": lambda n: word(
        par("x", section(reference("header", "rId2"))) * n, {"header1.xml": header("rId2", "head")}
    ),
    "headers": lambda n: word(
        "".join(par("x", section(reference("header", f"r{k}"))) for k in range(n // 4)),
        {f"header{k}.xml": header(f"r{k}", f"head {k}") for k in range(n // 4)},
    ),
    "styles": lambda n: word(
        styled("x", "s0") * n, {"styles.xml": ("rId3", "styles", circle_of_styles(n))}
    ),
    "properties": lambda n: word(par("x", "<w:jc/>" * n)),
}


def numbering_of(lists: int) -> str:
    nums = "".join(
        f'<w:num w:numId="{each}"><w:abstractNumId w:val="0"/></w:num>' for each in range(lists)
    )
    abstract = f'<w:abstractNum w:abstractNumId="0">{level(0, "%1.")}</w:abstractNum>'
    return xml("w:numbering", abstract + nums)


def circle_of_styles(number: int) -> str:
    return xml(
        "w:styles",
        "".join(
            f'<w:style w:styleId="s{each}"><w:basedOn w:val="s{(each + 1) % number}"/></w:style>'
            for each in range(number)
        ),
    )


@pytest.mark.alone
@pytest.mark.parametrize("kind", GROWING)
def test_time_grows_with_the_size_alone(kind: str) -> None:
    times = []
    for repeats in (500, 4_000):
        data = GROWING[kind](repeats)
        began = time.process_time()
        assert opened(data).texts
        times.append(time.process_time() - began)
    assert times[1] < 30 * max(times[0], 0.02)
