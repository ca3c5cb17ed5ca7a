"""What a PDF says and shows is read: fields, notes, stamps, scans, nameless fonts; what is lost is named."""

import pytest

from ingest.formats.pdf.read import draw, opened
from ingest.open_document import said
from ingest.parse import Limits, Parsed, parse
from ingest.parsed import Fault
from samespace.core.errors import Unreadable
from tests.ingest import files, pdfs
from tests.ingest.files import LIMITS

PDF = "application/pdf"
PROSE = (
    "The lighthouse stands at the harbour and the boats lie at the quay until dawn, when the keeper "
    "goes down the winding stairs and puts out the lamp. "
)
GARBLED = (
    "a.pdf: on page 1 is text in a font that does not say which letters its shapes are; "
    "it was not read as text, but seen as a picture"
)


def read(data: bytes) -> Parsed:
    return parse(data, "a.pdf", PDF, LIMITS)


def text_of(parsed: Parsed) -> str:
    return "\n".join(text.text.strip() for text in parsed.texts)


def seen(parsed: Parsed) -> list[int | None]:
    return [picture.page for picture in parsed.pictures]


ACRO_FORM = (
    "/AcroForm << /Fields [6 0 R] /DR << /Font << /Helv 5 0 R >> >> "
    "/DA (/Helv 10 Tf 0 g) /NeedAppearances true >>"
)
FIELD = "/Type /Annot /Subtype /Widget /Rect [20 700 200 720] /P 3 0 R"


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("/FT /Tx /T (name) /TU (Full name) /V (Anna M\xfcller)", "Full name: Anna Müller"),
        ("/FT /Tx /T (form[0].page[0].city[0]) /V (Bergen)", "city: Bergen"),
        ("/FT /Tx /Ff 4096 /T (remarks) /V (one\rtwo)", "remarks: one\ntwo"),
        ("/FT /Tx /T (name)", None),
        ("/FT /Tx /T (name) /V (Anna) /F 2", None),
        ("/FT /Ch /Ff 131072 /T (country) /Opt [(Norway) (Sweden)] /V (Norway)", "country: Norway"),
        (
            "/FT /Ch /Ff 2097152 /T (spoken) /Opt [(Dutch) (Frisian) (English)] "
            "/V [(Dutch) (English)] /I [0 2]",
            "spoken: Dutch, English",
        ),
        ("/FT /Btn /T (news) /V /Yes /AS /Yes /AP << /N << /Yes 7 0 R >> >>", "news: Yes"),
        ("/FT /Btn /T (news) /V /Off /AS /Off /AP << /N << /Yes 7 0 R >> >>", None),
        ("/FT /Btn /Ff 65536 /T (submit) /MK << /CA (Send) >>", None),
    ],
    ids=[
        "text",
        "a name of parts",
        "several lines",
        "empty",
        "hidden",
        "choice",
        "choices",
        "ticked",
        "not ticked",
        "button",
    ],
)
def test_what_was_filled_into_a_form_is_read(field: str, line: str | None) -> None:
    box = pdfs.stream("", "/Type /XObject /Subtype /Form /BBox [0 0 10 10]")
    data = pdfs.one_page(
        pdfs.shown("Application"),
        more=[f"<< {FIELD} {field} >>", box],
        notes=[6],
        catalogue=ACRO_FORM,
    )
    parsed = read(data)
    assert text_of(parsed) == ("Application" if line is None else f"Application\n\n{line}")
    assert (seen(parsed), parsed.warnings) == ([], ())


@pytest.mark.parametrize(
    ("note", "line"),
    [
        ("/Subtype /Text /Contents (Please check the date)", "Please check the date"),
        (
            "/Subtype /Text /Contents <FEFF0417043004340430044704300020043D043000200437043004320442044004300021>",
            "Задача на завтра!",
        ),
        ("/Subtype /FreeText /DA (/F 10 Tf) /Contents (typed on top)", "typed on top"),
        ("/Subtype /Highlight /QuadPoints [2 2 9 2 2 9 9 9] /Contents (important)", "important"),
        ("/Subtype /Stamp /Contents (Received 2024-05-02)", "Received 2024-05-02"),
        ("/Subtype /Text /Contents (Report)", None),
        ("/Subtype /Text /F 2 /Contents (hidden)", None),
        ("/Subtype /Popup /Contents (said by its parent)", None),
        ("/Subtype /Link /Contents (a link)", None),
    ],
)
def test_notes_are_read(note: str, line: str | None) -> None:
    more = [f"<< /Type /Annot /Rect [300 700 320 720] {note} >>"]
    parsed = read(pdfs.one_page(pdfs.shown("Report"), more=more, notes=[6]))
    assert text_of(parsed) == ("Report" if line is None else f"Report\n\n{line}")
    assert (seen(parsed), parsed.warnings) == ([], ())


def stamped(appearance: str) -> bytes:
    form = pdfs.stream(
        appearance,
        "/Type /XObject /Subtype /Form /BBox [0 0 120 40] /Resources << /Font << /F 5 0 R >> >>",
    )
    stamp = "<< /Type /Annot /Subtype /Stamp /Rect [300 500 420 540] /F 4 /AP << /N 6 0 R >> >>"
    note = "<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /Contents (a note) >>"
    return pdfs.one_page(pdfs.shown("Invoice 17"), more=[form, stamp, note], notes=[7, 8])


def test_the_words_of_a_stamp_are_read() -> None:
    parsed = read(stamped("BT /F 20 Tf 5 10 Td (APPROVED) Tj ET"))
    assert text_of(parsed) == "Invoice 17\n\na note\nAPPROVED"
    assert seen(parsed) == []


def test_a_page_with_a_stamp_without_words_is_seen() -> None:
    parsed = read(stamped("1 0 0 rg 0 0 120 40 re f"))
    assert text_of(parsed) == "Invoice 17\n\na note"
    assert seen(parsed) == [1]
    (picture,) = parsed.pictures
    height, width, _ = picture.pixels.shape
    assert tuple(picture.pixels[int(height * 280 / 800), int(width * 360 / 600)]) == (255, 0, 0)


def test_a_field_on_an_empty_page_is_its_text() -> None:
    field = f"<< {FIELD} /FT /Tx /T (name) /V (Anna) >>"
    parsed = read(pdfs.one_page("", more=[field], notes=[6], catalogue=ACRO_FORM))
    assert text_of(parsed) == "name: Anna"


def test_fields_notes_and_stamps_stand_below_the_text() -> None:
    parsed = read(pdfs.noted())
    assert text_of(parsed) == "Report\n\nname: Anna\na note\nAPPROVED"
    assert (seen(parsed), parsed.warnings) == ([], ())


def test_files_that_are_attached_are_named_as_lost() -> None:
    more = [
        "<< /Type /Filespec /F (sums.csv) /UF (sums.csv) /EF << /F 7 0 R >> >>",
        pdfs.stream("1,2", "/Type /EmbeddedFile"),
    ]
    names = "/Names << /EmbeddedFiles << /Names [(sums.csv) 6 0 R] >> >>"
    parsed = read(pdfs.one_page(pdfs.shown("Report"), more=more, catalogue=names))
    assert parsed.warnings == ("a.pdf: files attached to it were not read: sums.csv",)


@pytest.mark.parametrize("is_form", [False, True], ids=["plain", "in a form"])
@pytest.mark.parametrize(
    ("text", "size", "is_seen"),
    [
        ("Page 1 of 1", (600, 800), True),
        (PROSE, (600, 800), True),
        (PROSE * 5, (600, 800), False),
        ("A caption of the photograph above it.", (500, 400), True),
        (PROSE * 3, (500, 400), False),
        ("A letter with a logo in its head.", (120, 60), False),
        ("", (600, 800), True),
    ],
    ids=["a number", "a slide", "a layer of text", "a photo", "an article", "a logo", "bare"],
)
def test_a_page_that_shows_more_than_it_says_is_seen_as_well(
    text: str, size: tuple[int, int], is_seen: bool, is_form: bool
) -> None:
    width, height = size
    parsed = read(pdfs.scan(text, width=width, height=height, is_form=is_form))
    assert "".join(text_of(parsed).split()) == "".join(text.split())
    assert seen(parsed) == ([1] if is_seen else [])
    assert parsed.warnings == ()


@pytest.mark.parametrize(("count", "is_seen"), [(20, False), (400, True)])
def test_a_drawing_of_many_lines_is_seen_as_well(count: int, is_seen: bool) -> None:
    drawing = "".join(f"{n % 600} {n % 700} m {n % 500} {n % 300} l S\n" for n in range(count))
    parsed = read(pdfs.one_page(drawing + pdfs.shown("Page 1 of 1")))
    assert text_of(parsed) == "Page 1 of 1"
    assert seen(parsed) == ([1] if is_seen else [])


def test_a_font_that_does_not_name_its_letters_is_seen_not_read() -> None:
    parsed = read(pdfs.nameless(PROSE))
    assert text_of(parsed) == ""
    assert seen(parsed) == [1]
    assert parsed.warnings == (GARBLED,)


def test_what_else_stands_on_such_a_page_is_read() -> None:
    parsed = read(pdfs.nameless(PROSE, before="A heading that everybody can read"))
    assert text_of(parsed) == "A heading that everybody can read"
    assert seen(parsed) == [1]
    assert parsed.warnings == (GARBLED,)


@pytest.mark.parametrize("first", ["e000", "f000"])
def test_letters_in_private_use_are_seen_not_read(first: str) -> None:
    parsed = read(pdfs.nameless(PROSE, to_unicode=first))
    assert (text_of(parsed), seen(parsed), parsed.warnings) == ("", [1], (GARBLED,))


def test_letters_that_are_mapped_rightly_are_read() -> None:
    parsed = read(pdfs.nameless(PROSE, to_unicode="001d"))
    assert "".join(text_of(parsed).split()) == "".join(PROSE.split())
    assert (seen(parsed), parsed.warnings) == ([], ())


@pytest.mark.parametrize(
    "encoding",
    ["", "/Encoding << /Type /Encoding /Differences [33 /g1 /g2 /g3 /g4 /g5 /g6] >>"],
    ids=["none", "of numbers"],
)
def test_letters_numbered_as_they_come_are_seen_not_read(encoding: str) -> None:
    parsed = read(pdfs.simple(PROSE, encoding))
    assert (text_of(parsed), seen(parsed), parsed.warnings) == ("", [1], (GARBLED,))


def test_letters_whose_numbers_happen_to_be_right_are_read() -> None:
    parsed = read(pdfs.typed(PROSE))
    assert " ".join("".join(text_of(parsed).split("\n")).split()) == PROSE.strip()
    assert (seen(parsed), parsed.warnings) == ([], ())


@pytest.mark.parametrize("broken", ["null", "42", "<< /Type /Foo >>", "[1 2]"])
def test_one_bad_page_leaves_the_others(broken: str) -> None:
    objects = pdfs.pages(["one", "two", "three"])
    objects[5] = broken
    parsed = read(pdfs.written(objects))
    assert [(text.page, text.text.strip()) for text in parsed.texts] == [(1, "one"), (3, "three")]
    assert parsed.warnings == ("a.pdf: page 2 cannot be read: damaged",)


def test_a_document_without_one_good_page_is_refused() -> None:
    objects = pdfs.pages(["one", "two"])
    objects[3] = objects[5] = "null"
    with pytest.raises(Unreadable, match=r"^a\.pdf is damaged: none of its 2 pages can be read$"):
        read(pdfs.written(objects))


def test_bad_pages_among_those_that_wait_are_named() -> None:
    objects = pdfs.pages(["", "", ""])
    objects[5] = "null"
    with opened(pdfs.written(objects), "a.pdf") as document:
        assert draw(document, 3).size
        with pytest.raises(Unreadable, match=r"^cannot be drawn: damaged$") as caught:
            draw(document, 2)
    assert said("a.pdf", [Fault(str(caught.value), (2,)), Fault(str(caught.value), (5, 4))]) == (
        "a.pdf: pages 2 and 4 to 5 cannot be drawn: damaged",
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (files.pdf(["words"], locked=True), "is protected by a password"),
        (files.pdf(["words"])[:-200], "is damaged or not a PDF: it is cut short"),
        (pdfs.written(["<< >>"]), "is damaged or not a PDF: its pages cannot be found"),
        (b"%PDF-1.4\nnothing more", "is damaged or not a PDF: it is cut short"),
    ],
)
def test_what_is_wrong_is_said_in_words(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(data)
    assert str(caught.value) == f"a.pdf {reason}"


def test_the_limit_of_characters_counts_what_is_written_in_fields() -> None:
    note = "<< /Type /Annot /Subtype /Text /Rect [3 7 32 72] /Contents (twenty letters or so) >>"
    data = pdfs.one_page(pdfs.shown("Report"), more=[note], notes=[6])
    with pytest.raises(Unreadable, match="more than the limit of 20"):
        parse(data, "a.pdf", PDF, Limits(10**8, 10, 20))
