"""Every reader of documents, on files that were sound once: read, or refused with a reason, and soon."""

import time
from collections.abc import Mapping
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ingest.detect import DOCX, HEAD_BYTES, detect
from ingest.parse import Limits, ParseJob, parse
from ingest.parsed import Parsed
from ingest.sandbox import Sandbox
from samespace.core.errors import SamespaceError, Unreadable, Unsupported
from tests.fuzz import broken
from tests.ingest import pdfs
from tests.ingest.files import TYPES, pdf, red_picture, saved, turned_jpeg, word_file
from tests.ingest.words import (
    NUMBERING,
    cell,
    control,
    header,
    listed,
    note,
    par,
    picture,
    reference,
    row,
    section,
    table,
    text_box,
    word,
    xml,
)

LIMITS = Limits(
    max_pixels=250_000,
    max_pages=20,
    max_characters=200_000,
    max_unpacked_bytes=4_000_000,
    pages_at_once=2,
)
HTML = b"<!doctype html><title>T</title><p>a <b>red</b> car<table><tr><td>1<td>2</table>"
MAIL = (
    b"From: =?utf-8?q?M=C3=BCller?= <m@example.org>\nSubject: s\nMessage-ID: <1>\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nd29yZHM=\n"
    b"--b\nContent-Type: text/html; charset=x\n\n<pre>a\n b</pre><ruby>a<rt>b</ruby>\n"
    b"--b\nContent-Type: image/png; name*=utf-8''%C3%BC\n\nx\n--b--\n"
)
RICH = word(
    table(row(control(cell("Anna")), cell("9 m", '<w:gridSpan w:val="2"/>')))
    + listed("first", 1, 2)
    + f"<w:p>{text_box(par('in a box'))}{picture('a boat')}</w:p>"
    + par('<w:r><w:footnoteReference w:id="1"/></w:r>')
    + section(reference("header", "rId4")),
    {
        "numbering.xml": ("rId2", "numbering", NUMBERING),
        "footnotes.xml": ("rId3", "footnotes", xml("w:footnotes", note("footnote", 1, "note"))),
        "header1.xml": header("rId4", "head"),
    },
    packed=False,
)
SEEDS: Mapping[str, tuple[str, bytes]] = {
    **{kind: (TYPES[kind], red_picture(kind)) for kind in TYPES},
    "turned": ("image/jpeg", turned_jpeg()),
    "frames": (
        "image/gif",
        saved(
            Image.new("P", (9, 9)), "GIF", save_all=True, append_images=[Image.new("P", (9, 9), 1)]
        ),
    ),
    "pages": (
        "image/tiff",
        saved(
            Image.new("L", (9, 9)), "TIFF", save_all=True, append_images=[Image.new("L", (9, 9))]
        ),
    ),
    "scan": ("application/pdf", pdfs.scan("Page 1 of 1")),
    "nameless": ("application/pdf", pdfs.nameless("The lighthouse stands at the harbour.")),
    "notes": ("application/pdf", pdfs.noted()),
    "PDF": ("application/pdf", pdf(["a line", "", None])),
    "DOCX": (DOCX, word_file()),
    "DOCX of every kind": (DOCX, RICH),
    "HTML": ("text/html", HTML),
    "mail": ("message/rfc822", MAIL),
    "mailbox": (
        "application/mbox",
        b"From a 10:00 2025\n" + MAIL + b"\nFrom b 10:00 2025\n" + MAIL,
    ),
    "Markdown": ("text/markdown", b"# Boats\n\n* Anna\n* Bert\n\n> said\n"),
    "text": ("text/plain", "Grüße aus Kiel.\n猫が好き\n".encode()),
}
QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def mutated(draw: st.DrawFn, seed: bytes) -> bytes:
    """The file with some bytes changed, cut off, moved, repeated, or put in from elsewhere."""
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(1, 64))
        match draw(st.sampled_from(["flip", "cut", "drop", "repeat", "splice", "ends"])):
            case "flip":
                for each in range(place, min(place + length, len(data))):
                    data[each] ^= draw(st.integers(1, 255))
            case "cut":
                del data[place:]
            case "drop":
                del data[place : place + length]
            case "repeat":
                data[place:place] = data[place : place + length] * draw(st.integers(1, 50))
            case "splice":
                data[place : place + length] = draw(st.binary(max_size=64))
            case "ends":
                data[place : place + 4] = draw(
                    st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
                )
    return bytes(data)


@pytest.mark.filterwarnings(
    "ignore"
)  # Pillow warns of what it finds odd; the children show no warnings
@pytest.mark.parametrize("kind", SEEDS)
def test_what_was_damaged_is_read_or_refused(kind: str) -> None:
    media_type, seed = SEEDS[kind]

    @QUICK
    @given(mutated(seed))
    def answered(data: bytes) -> None:
        began = time.process_time()
        try:
            assert isinstance(parse(data, "file", media_type, LIMITS), Parsed)
        except (Unreadable, Unsupported) as error:
            assert str(error)
        assert time.process_time() - began < 5

    answered()


@QUICK
@given(
    st.binary(max_size=400),
    st.text(max_size=20),
    st.sampled_from([seed for _, seed in SEEDS.values()]),
)
def test_telling_what_a_file_is_never_stumbles(head: bytes, name: str, seed: bytes) -> None:
    for data in (head, seed[: len(head)] + head):
        try:
            assert detect(data[:HEAD_BYTES], name).media_type
        except (Unreadable, Unsupported) as error:
            assert str(error)


@pytest.mark.slow
@pytest.mark.parametrize("name", broken.FILES)
def test_a_hostile_file_ends_soon_and_alone(name: str, sandbox: Sandbox) -> None:
    data = broken.FILES[name]()
    began = time.monotonic()
    try:
        media_type = detect(data[:HEAD_BYTES], name).media_type
    except SamespaceError:
        return
    limits = Limits(100_000_000, 2000, 20_000_000)
    found = [*sandbox.run_many([ParseJob(name, media_type, data, limits), _SOUND])]
    assert isinstance(found[0], Parsed | Unreadable | Unsupported), found[0]
    assert isinstance(found[1], Parsed)
    assert time.monotonic() - began < broken.SECONDS + 30  # a fresh child, on a busy machine


_SOUND = ParseJob("sound.png", "image/png", red_picture("PNG"), LIMITS)


@pytest.fixture(scope="module")
def sandbox() -> object:
    with Sandbox(1, broken.SECONDS, 1024) as sandbox:
        yield sandbox


def test_the_corpus_is_what_its_names_say() -> None:
    """A name that lies about what a file holds changes nothing, whichever it is."""
    picture = BytesIO(red_picture("PNG")).getvalue()
    for suffix in (".pdf", ".docx", ".html", ".txt", ".md", ".jpg", ".svg", ".exe", "", "."):
        assert detect(picture, f"file{suffix}").media_type == "image/png"
    assert detect(pdf(["a"]), "a.png").media_type == "application/pdf"
    assert detect(word_file(), "a.txt").media_type == DOCX
