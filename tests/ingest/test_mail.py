"""Mail is read as people read it: decoded, once, with its files named."""

import random
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from ingest.detect import detect
from ingest.formats.mail.head import MAIL, MAILBOX
from ingest.parse import Limits, Parsed, parse
from samespace.core.errors import Unreadable
from tests.ingest.files import LIMITS, red_picture


def opened(data: bytes, kind: str = MAIL) -> Parsed:
    return parse(data, "a.eml", kind, LIMITS)


def text_of(data: bytes, kind: str = MAIL) -> str:
    parsed = opened(data, kind)
    assert parsed.warnings == ()
    (text,) = parsed.texts
    return text.text


def letter(**fields: str) -> EmailMessage:
    mail = EmailMessage()
    named = {
        "Subject": "Grüße aus Zürich",
        "From": "Anna Müller <anna@example.org>",
        "To": "Bert <bert@example.org>",
        "Date": "Fri, 21 Nov 2025 10:00:00 +0100",
        "Message-ID": "<1@example.org>",
        **fields,
    }
    for name, value in named.items():
        mail[name] = value
    return mail


HEAD = (
    "Subject: Grüße aus Zürich\nFrom: Anna Müller <anna@example.org>\nTo: Bert <bert@example.org>\n"
    "Date: Fri, 21 Nov 2025 10:00:00 +0100"
)


def raw(fields: str, body: bytes = b"words", more: str = "") -> bytes:
    return f"From: a@example.org\nSubject: s\n{fields}\n{more}\n".encode() + body


RAW_HEAD = "Subject: s\nFrom: a@example.org\n\n"


@pytest.mark.parametrize("transfer", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
def test_a_letter_is_decoded(transfer: str, charset: str, breaks: str) -> None:
    mail = letter()
    mail.set_content("Schöne Grüße\nvon Anna\n", charset=charset, cte=transfer)
    data = mail.as_bytes(policy=SMTP.clone(linesep=breaks))
    assert detect(data, "a.eml") == (MAIL, ())
    assert text_of(data) == f"{HEAD}\n\nSchöne Grüße\nvon Anna"


@pytest.mark.parametrize(
    ("charset", "encoded", "words"),
    [
        ("us-ascii", "utf-8", "Grüße"),
        ("iso-8859-1", "utf-8", "Grüße"),
        ("iso-8859-1", "cp1252", "für 5 €"),
        ("x-unknown", "utf-8", "Grüße"),
        ("", "utf-8", "Grüße"),
        ("gb2312", "gb18030", "朱镕基"),
        ("shift_jis", "cp932", "①番の公園"),
        ("iso-2022-jp", "iso-2022-jp", "公園の猫"),
        ("koi8-r", "koi8-r", "Привет"),
        ("utf-7", "utf-7", "Grüße"),
        ("base64", "utf-8", "Grüße"),
        ("punycode", "utf-8", "Grüße"),
        ("'utf-8'", "utf-8", "Grüße"),
    ],
)
def test_a_charset_may_be_declared_wrongly(charset: str, encoded: str, words: str) -> None:
    fields = f"Content-Type: text/plain{f'; charset={charset}' if charset else ''}\n"
    assert text_of(raw(fields, words.encode(encoded))) == f"{RAW_HEAD}{words}"


def test_a_charset_that_does_not_fit_is_guessed_and_said() -> None:
    parsed = opened(
        raw("Content-Type: text/plain; charset=utf-8\n", "Café Zürich".encode("cp1252"))
    )
    assert parsed.texts[0].text == f"{RAW_HEAD}Café Zürich"
    assert parsed.warnings == ("a.eml was read as cp1252, a guess",)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("=?utf-8?q?M=C3=BCller?=", "Müller"),
        ("Re: =?utf-8?B?R3LDvMOfZQ==?= again", "Re: Grüße again"),
        ("=?utf-8?q?Gr=C3?=\n =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        ("=?iso-8859-1?q?Gr=FC=DFe?=\n =?utf-8?q?_aus_Z=C3=BCrich?=", "Grüße aus Zürich"),
        ("=?x-what?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("Grüße", "Grüße"),
        ("folded\n\tonce", "folded once"),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
    ],
)
def test_fields_are_decoded(subject: str, words: str) -> None:
    data = f"From: a@example.org\nSubject: {subject}\n\nwords".encode()
    assert text_of(data) == f"Subject: {words}\nFrom: a@example.org\n\nwords"


def test_fields_in_an_old_charset_without_a_word_about_it_are_read() -> None:
    data = "From: a@example.org\nSubject: Grüße\n\nwords".encode("cp1252")
    assert text_of(data) == "Subject: Grüße\nFrom: a@example.org\n\nwords"


def test_of_plain_text_and_a_page_the_plain_text_is_read() -> None:
    mail = letter()
    mail.set_content("plain words\n")
    mail.add_alternative("<p>page <b>words</b></p>", subtype="html")
    assert text_of(mail.as_bytes()) == f"{HEAD}\n\nplain words"


def test_a_page_is_read_where_the_plain_text_is_blank_or_missing() -> None:
    mail = letter()
    mail.set_content(" \n")
    mail.add_alternative("<p>Grüße</p><p hidden>no<p>zwei", subtype="html")
    assert text_of(mail.as_bytes()) == f"{HEAD}\n\nGrüße\nzwei"
    page = letter()
    page.set_content("<title>T</title><p>eins", subtype="html")
    assert text_of(page.as_bytes()) == f"{HEAD}\n\nT\n\neins"


def test_attached_files_are_named_and_not_read() -> None:
    mail = letter()
    mail.set_content("See below.\n")
    mail.add_attachment(
        b"%PDF-1.4", maintype="application", subtype="pdf", filename="Übersicht.pdf"
    )
    mail.add_attachment(red_picture("PNG"), maintype="image", subtype="png")
    mail.add_attachment("a,b\n", subtype="csv", filename="=?utf-8?q?Gr=C3=B6=C3=9Fen=2Ecsv?=")
    mail.add_attachment("not the letter", filename="notes.txt")
    parsed = opened(mail.as_bytes())
    names = "Übersicht.pdf, image/png, Größen.csv, notes.txt"
    assert [text.text for text in parsed.texts] == [f"{HEAD}\nAttachments: {names}\n\nSee below."]
    assert parsed.warnings == (f"4 attachments of a.eml were not read: {names}",)


def test_pictures_of_a_page_that_is_not_read_are_named_too() -> None:
    mail = letter()
    mail.set_content("plain\n")
    mail.add_alternative('<img src="cid:1">', subtype="html")
    page = mail.get_payload()[1]  # type: ignore[index]
    page.add_related(red_picture("PNG"), "image", "png", cid="<1>", filename="logo.png")  # type: ignore[union-attr]
    parsed = opened(mail.as_bytes())
    assert parsed.texts[0].text.endswith("\nAttachments: logo.png\n\nplain")
    assert parsed.warnings == ("1 attachment of a.eml was not read: logo.png",)


def test_an_invitation_and_a_signature_are_no_attachments() -> None:
    body = (
        b"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
        b"--c\nContent-Type: text/html\n\n<p>Come at noon.\n--c--\n"
        b"--b\nContent-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN\n--b--\n"
    )
    assert (
        text_of(raw("Content-Type: multipart/signed; boundary=b\n", body))
        == f"{RAW_HEAD}Come at noon."
    )


def test_a_forwarded_mail_is_read_in_the_mail() -> None:
    inner = letter(Subject="Inner")
    inner.set_content("inner words\n")
    inner.add_attachment(b"x", maintype="application", subtype="zip", filename="x.zip")
    mail = letter()
    mail.set_content("see this\n")
    mail.add_attachment(inner)
    parsed = opened(mail.as_bytes())
    assert parsed.texts[0].text == (
        f"{HEAD}\nAttachments: x.zip\n\nsee this\n\n{HEAD.replace('Grüße aus Zürich', 'Inner')}\n"
        "Attachments: x.zip\n\ninner words"
    )
    assert parsed.warnings == ("1 attachment of a.eml was not read: x.zip",)


def test_a_delivery_report_is_read() -> None:
    body = (
        b"--b\n\nIt did not arrive.\n--b\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n"
        b"--b\nContent-Type: message/rfc822\n\nSubject: Lost\nTo: c@example.org\n\nwords\n--b--\n"
    )
    assert text_of(raw("Content-Type: multipart/report; boundary=b\n", body)) == (
        f"{RAW_HEAD}It did not arrive.\n\nStatus: 5.1.1\n\nSubject: Lost\nTo: c@example.org\n\nwords"
    )


@pytest.mark.parametrize(
    ("delsp", "body", "text"),
    [
        ("no", "The tide \nturns \ntwice.\n\nNext\n", "The tide turns twice.\n\nNext"),
        ("yes", "潮は \n満ちる。\n", "潮は満ちる。"),
        ("no", "> quoted \n> words\nmy \n> not mine\n", "> quoted words\nmy\n> not mine"),
        ("no", "ends\n-- \nAnna\n", "ends\n--\nAnna"),
        ("no", " From here \n  on\n", "From here  on"),
    ],
)
def test_soft_line_breaks_are_joined(delsp: str, body: str, text: str) -> None:
    fields = f"Content-Type: text/plain; charset=utf-8; format=flowed; delsp={delsp}\n"
    assert text_of(raw(fields, body.encode())) == f"{RAW_HEAD}{text}"


def test_hard_line_breaks_stay() -> None:
    assert text_of(raw("", b"one \ntwo \n")) == f"{RAW_HEAD}one \ntwo "


def test_a_digest_is_of_mails_without_saying_so() -> None:
    body = b"--b\n\nSubject: one\n\nfirst\n--b\n\nSubject: two\n\nsecond\n--b--\n"
    assert text_of(raw("Content-Type: multipart/digest; boundary=b\n", body)) == (
        f"{RAW_HEAD}Subject: one\n\nfirst\n\nSubject: two\n\nsecond"
    )


def test_an_encrypted_mail_says_so() -> None:
    body = b"--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\n\nxxx\n--b--\n"
    parsed = opened(raw("Content-Type: multipart/encrypted; boundary=b\n", body))
    assert parsed.texts[0].text == RAW_HEAD.strip()
    assert parsed.warnings == ("the text of a.eml is encrypted and was not read",)
    sealed = (
        "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n"
    )
    assert opened(raw(sealed, b"AAAA")).warnings == parsed.warnings


@pytest.mark.parametrize(
    ("fields", "body", "text", "warned"),
    [
        (
            "Content-Type: multipart/mixed; boundary=b\n",
            b"before\n--b\n\none\n--b\n\ntwo",
            "one\n\ntwo",
            False,
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\n",
            b"--b  \n\none\n--b--\t\nafter",
            "one",
            False,
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\n",
            b"--bb\n\nno\n--b\n\none\n--b--",
            "one",
            False,
        ),
        ("Content-Type: multipart/mixed; boundary=b\n", b"just words", "just words", True),
        ("Content-Type: multipart/mixed\n", b"just words", "just words", True),
        ("Content-Type: multipart/alternative\n", b"just words", "just words", True),
        ("Content-Type: what\n", b"just words", "just words", False),
        (
            "Content-Type: text/plain\nno field here\nmore",
            b"words",
            "no field here\nmore\n\nwords",
            False,
        ),
    ],
)
def test_mail_that_keeps_no_rules_is_read(
    fields: str, body: bytes, text: str, warned: bool
) -> None:
    parsed = opened(raw(fields, body))
    assert parsed.texts[0].text == f"{RAW_HEAD}{text}"
    said = "a.eml does not say where its parts begin, it was read as one text"
    assert parsed.warnings == ((said,) if warned else ())


BOX = (
    b"From anna@example.org Fri Nov 21 10:00:00 2025\nFrom: anna@example.org\nSubject: one\n\n"
    b"first\nFrom here on\n\n>From the start\n\n"
    b"From - Fri Nov 21 11:00:00 2025\nFrom: bert@example.org\nSubject: =?utf-8?q?zw=C3=B6lf?=\n\nsecond\n\n"
    b"From Bergen it is far.\n"
)


def test_a_mailbox_gives_its_mails() -> None:
    assert detect(BOX, "a.mbox") == (MAILBOX, ())
    assert text_of(BOX, MAILBOX).split("\n\n") == [
        "Subject: one\nFrom: anna@example.org",
        "first\nFrom here on",
        "From the start",
        "Subject: zwölf\nFrom: bert@example.org",
        "second",
        "From Bergen it is far.",
    ]


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"From: a@b.c\nTo: d@e.f\nMessage-ID: <1>\n\nhi", "x.txt", MAIL),
        (b"\xef\xbb\xbfReceived: by x\n\tfor y\nMIME-Version: 1.0\nSubject: s\n\nhi", "x", MAIL),
        ("From: a\nDate: b\nMIME-Version: 1.0\n\nhi".encode("utf-16"), "x", MAIL),
        (b"Subject: s\nTo: a\n\nhi", "x.eml", MAIL),
        (b"From: <Saved by Blink>\nSubject: s\nMIME-Version: 1.0\n\nx", "page.mhtml", MAIL),
        (
            b"From: a@b\r\nX-Odd: 1\r\nSubject: s\r\nContent-Type: text/plain\r\n\r\n\xff\xfe\x80",
            "x",
            MAIL,
        ),
        (
            b"From 04a829c4 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH]\n\nx",
            "x.patch",
            MAILBOX,
        ),
        (b"From 04a829c4 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: s\n\nx", "x.eml", MAIL),
        (b"Note: a\nDate: b\nTo: c\n\nwords", "x.txt", "text/plain"),
        (b"From: Anna\nTo: Bert\nSubject: lunch\nDate: Friday\n\nmemo", "x.txt", "text/plain"),
        (b"Content-Type: text/html\nDate: x\nServer: y\n\nbody", "x.txt", "text/plain"),
        (
            b"From: a\nDate: b\nwords that are no field\nMIME-Version: 1.0\n\nhi",
            "x.txt",
            "text/plain",
        ),
        (b"words\n\nFrom: a@b.c\nTo: d@e.f\nMessage-ID: <1>\n\nhi", "x.txt", "text/plain"),
        (b"From: a@b.c\nTo: d@e.f\nMessage-ID: <1>\n\nhi", "x.md", "text/markdown"),
        (
            b"From Bergen to Oslo in 2024\nFrom: x\nDate: May\nTo: us\n\nwords",
            "x.txt",
            "text/plain",
        ),
        (b"just words", "x.eml", "text/plain"),
        (b"subject: s\n", "x.eml", "text/plain"),
    ],
)
def test_mail_is_told_from_text_by_its_fields(head: bytes, name: str, kind: str) -> None:
    assert detect(head, name).media_type == kind


def nested(levels: int, *, kind: str = "multipart/mixed") -> bytes:
    head = b"From: a@example.org\nSubject: s\n"
    if kind == "message/rfc822":
        return (head + b"Content-Type: message/rfc822\n\n") * levels + head + b"\ndeep"
    parts = b"".join(
        b"Content-Type: %s; boundary=b%d\n\n--b%d\n" % (kind.encode(), n, n) for n in range(levels)
    )
    return head + parts + b"\ndeep"


def test_mails_in_one_another_are_read_to_a_depth() -> None:
    assert text_of(nested(20)) == f"{RAW_HEAD}deep"
    for kind in ("multipart/mixed", "message/rfc822", "multipart/alternative"):
        parsed = opened(nested(1000, kind=kind))
        assert parsed.texts[0].text.startswith("Subject: s\nFrom: a@example.org")
        assert "deep" not in parsed.texts[0].text
        assert parsed.warnings == (
            "a.eml has more than 1000 parts or nests them more than 20 deep, not all were read",
        )


def test_of_a_mail_with_very_many_parts_the_first_are_read() -> None:
    data = raw("Content-Type: multipart/mixed; boundary=b\n", b"--b\n\nx\n" * 100_000)
    parsed = opened(data)
    assert parsed.texts[0].text.count("x") == 999 + RAW_HEAD.count("x")
    assert parsed.warnings == (
        "a.eml has more than 1000 parts or nests them more than 20 deep, not all were read",
    )


def test_a_page_that_cannot_be_read_fails_alone() -> None:
    mail = letter()
    mail.set_content("words\n")
    mail.add_attachment("<div>" * 5000, subtype="html", disposition="inline")
    parsed = opened(mail.as_bytes())
    assert parsed.texts[0].text == f"{HEAD}\n\nwords"
    assert parsed.warnings == (
        "a page in a.eml was not read: a.eml nests more than 2048 elements, the limit of the parser",
    )


def test_characters_are_limited() -> None:
    with pytest.raises(Unreadable, match=r"^a has 37 characters, more than the limit of 10$"):
        parse(raw("", b"words"), "a", MAIL, Limits(10**8, 100, 10))


GROWING: dict[str, Callable[[int], bytes]] = {
    "parts": lambda n: raw("Content-Type: multipart/mixed; boundary=b\n", b"--b\n\nx\n" * n),
    "alternatives": lambda n: raw(
        "Content-Type: multipart/alternative; boundary=b\n", b"--b\n\n\n" * n
    ),
    "almost boundaries": lambda n: raw(
        "Content-Type: multipart/mixed; boundary=b\n", (b"--b" + b" " * 50 + b"x\n") * n
    ),
    "blanks after a boundary": lambda n: raw(
        "Content-Type: multipart/mixed; boundary=b\n", b"--b" + b" \t" * 20 * n + b"x"
    ),
    "fields": lambda n: raw("a: b\n" * n),
    "folds": lambda n: raw("To: x\n" + " y\n" * n),
    "no fields": lambda n: raw("words\n" * n),
    "encoded words": lambda n: raw("To: " + "=?utf-8?q?a?= " * n + "\n"),
    "parameters": lambda n: raw('Content-Type: multipart/mixed; a="' + ";" * n + "\n"),
    "file names": lambda n: raw(
        "Content-Disposition: attachment;" + "".join(f" filename*{k}*=a;" for k in range(n)) + "\n"
    ),
    "boxes": lambda n: b"From a 10:00 2025\nFrom: a\nTo: b\n\nx\n\n" * n,
    "quoted": lambda n: b"From a 10:00 2025\nFrom: a\nTo: b\n\n" + b">" * 50 * n,
    "base64": lambda n: raw("Content-Transfer-Encoding: base64\n", b"QUJD\n" * n),
    "printable": lambda n: raw("Content-Transfer-Encoding: quoted-printable\n", b"=C3=BC=\n" * n),
    "uuencoded": lambda n: raw("Content-Transfer-Encoding: x-uuencode\n", b"begin 666 a\n" * n),
    "flowed": lambda n: raw("Content-Type: text/plain; format=flowed\n", b"a \n" * n),
    "flowed quotes": lambda n: raw("Content-Type: text/plain; format=flowed\n", b">" * n + b" \n"),
    "deep parts": nested,
    "deep mails": lambda n: nested(n, kind="message/rfc822"),
}


@pytest.mark.alone
@pytest.mark.parametrize("kind", GROWING)
def test_time_grows_with_the_size_alone(kind: str) -> None:
    times = []
    for repeats in (2_000, 16_000):
        data = GROWING[kind](repeats)
        began = time.process_time()
        assert detect(data[: 256 * 1024], "a.eml").media_type in {MAIL, MAILBOX, "text/plain"}
        assert opened(data).texts
        times.append(time.process_time() - began)
    assert times[1] < 30 * max(times[0], 0.02)


@pytest.mark.parametrize("seed", range(200))
def test_a_damaged_mail_is_read_or_refused_by_name(seed: int) -> None:
    rng = random.Random(seed)
    mail = letter()
    mail.set_content("Grüße\n")
    mail.add_alternative("<p>Grüße", subtype="html")
    mail.add_attachment(b"xyz" * 20, maintype="image", subtype="png", filename="Ü.png")
    data = bytearray(mail.as_bytes())
    for _ in range(rng.randint(1, 30)):
        place = rng.randrange(len(data))
        data[place : place + rng.randint(0, 3)] = rng.choice(
            [b"\0", b"=", b"?", b";", b'"', b"\n", b"*", b"=?utf-8?b?", b"\xff", b"--"]
        )
    try:
        assert isinstance(opened(bytes(data)), Parsed)
    except Unreadable as error:
        assert str(error).startswith("a.eml ")
