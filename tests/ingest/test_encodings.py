"""A text is read in the encoding that it is in, though nothing says which, and what is a guess says so."""

# ruff: noqa: RUF001 - letters that look like others are what this is about
import time
from hashlib import sha256

import pytest

from ingest.detect import detect
from ingest.formats.text.read import decode
from ingest.parse import parse
from samespace.core.encodings import encoding_named
from samespace.core.errors import InvalidRequest
from tests.ingest.encoded import FRESH, HELD_OUT, TUNED
from tests.ingest.files import LIMITS

# Where nobody can tell without knowing the language: what is read instead is written here, so that a change is seen.
MISREAD = {
    ("cp1257", "Ąžuolas ir eglė auga šalia kelio, o žmonės eina į mišką"),
    ("mac_cyrillic", "Все люди рождаются свободными и равными в своем достоинстве"),
}


def share_read(texts: tuple[tuple[str, str], ...]) -> float:
    return sum(text_of(words.encode(encoding)) == words for encoding, words in texts) / len(texts)


def text_of(data: bytes) -> str | None:
    found = decode(data)
    return found[0] if found else None


def read(
    data: bytes, name: str = "a.txt", media_type: str = "text/plain"
) -> tuple[str, tuple[str, ...]]:
    parsed = parse(data, name, media_type, LIMITS)
    (text,) = parsed.texts
    return text.text, parsed.warnings


@pytest.mark.parametrize(
    ("encoding", "words"), [each for each in TUNED + HELD_OUT + FRESH if each not in MISREAD]
)
def test_a_text_is_read_in_its_encoding(encoding: str, words: str) -> None:
    data = words.encode(encoding)
    assert text_of(data) == words
    assert detect(data, "a.txt") == ("text/plain", ())


def test_how_many_are_read() -> None:
    """What the documentation says of it."""
    assert len(TUNED) + len(HELD_OUT) + len(FRESH) >= 170
    assert share_read(TUNED) >= 0.98
    assert share_read(HELD_OUT) >= 0.98
    assert share_read(FRESH) == 1.0


@pytest.mark.parametrize(
    ("data", "words", "warnings"),
    [
        (
            "Grüße aus Zürich, schöne Füße ".encode() + b"\xff" + " überall".encode(),
            "Grüße aus Zürich, schöne Füße \ufffd überall",
            ("a.txt holds bytes that are not utf-8 in 1 place",),
        ),
        (
            "日本語のテキスト".encode()[:-1],
            "日本語のテキス\ufffd",
            ("a.txt holds bytes that are not utf-8 in 1 place",),
        ),
        (
            "größere Übel".encode() + b"\xc3",
            "größere Übel\ufffd",
            ("a.txt holds bytes that are not utf-8 in 1 place",),
        ),
        (
            b"first line\n" + bytes(300) + b"second line\n",
            "first line\nsecond line\n",
            ("a.txt holds 300 NUL bytes, which were left out",),
        ),
        (
            b"one\0two\0three, and so on\n",
            "onetwothree, and so on\n",
            ("a.txt holds 2 NUL bytes, which were left out",),
        ),
        (
            "Müller\0Schröder, größer als\n".encode(),
            "MüllerSchröder, größer als\n",
            ("a.txt holds 1 NUL bytes, which were left out",),
        ),
        (
            "Le café était fermé à Noël".encode("cp1252"),
            "Le café était fermé à Noël",
            ("a.txt was read as cp1252, a guess",),
        ),
        ("日本語".encode("iso2022_jp"), "日本語", ()),
        ("한국어 문서".encode("iso2022_kr"), "한국어 문서", ()),
        (
            "Grüße aus Zürich".encode("utf-16")[:-1],
            "Grüße aus Züric\ufffd",
            ("a.txt holds bytes that are not utf-16 in 1 place",),
        ),
        (b"\x1b[31mred\x1b[0m words in a log\n", "[31mred[0m words in a log\n", ()),
        (b"x", "x", ()),
        (b"ok", "ok", ()),
        (b"an old file from DOS\r\n\x1a", "an old file from DOS\n", ()),
    ],
)
def test_a_text_that_is_almost_right(data: bytes, words: str, warnings: tuple[str, ...]) -> None:
    assert read(data) == (words, warnings)


@pytest.mark.parametrize(
    ("declared", "encoding", "words"),
    [
        ("# -*- coding: koi8-r -*-\n", "koi8-r", "# мяу"),
        ("<?xml version='1.0' encoding='windows-1251'?>", "cp1251", "<a>мяу</a>"),
        ("Content-Type: text/plain; charset=iso-8859-1\n\n", "cp1252", "“é”"),
        ('<meta charset="gb2312">', "gb18030", "今天"),
    ],
)
def test_what_a_text_declares_is_no_guess(declared: str, encoding: str, words: str) -> None:
    data = (declared + words).encode(encoding)
    assert decode(data) == (declared + words, encoding, False)


def test_what_is_declared_wrongly_is_not_believed() -> None:
    data = ("charset=shift_jis\nLe café était fermé à Noël, l'été à côté" + "\xe9").encode("cp1252")
    found = decode(data)
    assert found is not None
    assert found[1:] == ("cp1252", True)


@pytest.mark.parametrize("name", ["cp1251", "CP1251", "windows-1251", "Windows_1251"])
def test_an_encoding_has_names(name: str) -> None:
    assert encoding_named(name) == "cp1251"


@pytest.mark.parametrize(
    "name", ["", "cp99999", "base64", "rot13", "idna", "unicode_escape", "x" * 100, "\0", "é"]
)
def test_what_is_no_encoding_of_texts_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="there is no encoding"):
        encoding_named(name)


@pytest.mark.alone
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Привет мир, сегодня хорошая погода "),
        ("cp932", "今日は天気がいいので、公園に散歩に行きました。"),
        ("gb18030", "今天天气很好。我们去公园散步"),
    ],
)
def test_a_long_text_of_one_line_is_read_by_its_beginning(encoding: str, words: str) -> None:
    text = "x" * 300_001 + words * 20_000
    began = time.process_time()
    assert text_of(text.encode(encoding)) == text
    assert time.process_time() - began < 5


def test_a_guess_is_the_same_each_time() -> None:
    data = "Отчёт за март".encode("cp1251")
    assert len({sha256(str(decode(data)).encode()).hexdigest() for _ in range(3)}) == 1
