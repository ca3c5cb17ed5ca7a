"""Nonsense of nameless fonts is told from text: of many languages, of numbers, of code."""

# ruff: noqa: RUF001  (letters of other scripts are meant)

import base64
import random

import pytest

from ingest.formats.pdf.plausible import is_implausible, reads_as_text

TEXTS = {
    "English": "The lighthouse stands at the harbour and the boats lie at the quay until dawn.",
    "capitals": "THE LIGHTHOUSE STANDS AT THE HARBOUR AND THE BOATS LIE AT THE QUAY UNTIL DAWN.",
    "German": "Die Schiffe liegen im Hafen, und die Straßen sind schön, sagt der Bürgermeister.",
    "French": "Le café était fermé à Noël, et nous avons dû prendre un thé ailleurs, près d'ici.",
    "Czech": "Strč prst skrz krk, řekl čtvrtý z nich, a potom šel na pivo do Českých Budějovic.",
    "Polish": "W Szczebrzeszynie chrząszcz brzmi w trzcinie i Szczebrzeszyn z tego słynie.",
    "Croatian": "Na vrh brda vrba mrda, a ispod nje pas grize kost i gleda prema moru.",
    "Welsh": "Mae'r cwch yn y porthladd, ac mae'r bobl yn cysgu tan y bore yn y tŷ bach.",
    "Finnish": "Laivat ovat satamassa, ja majakanvartija sammuttaa valon aamulla yöaikaan.",
    "Turkish": "Işıklar sabaha kadar yanıyor, gemiler limanda bekliyor ve kış yaklaşıyor.",
    "Vietnamese": "Những chiếc thuyền nằm ở bến cảng cho đến khi trời sáng, người gác đèn đi xuống.",
    "Russian": "Корабли стоят в гавани, и смотритель маяка гасит лампу на рассвете.",
    "Greek": "Τα πλοία βρίσκονται στο λιμάνι και ο φάρος σβήνει την αυγή.",
    "Hebrew": "הספינות עומדות בנמל עד עלות השחר, ושומר המגדלור יורד במדרגות.",
    "Arabic": "ترسو السفن في الميناء حتى الفجر، وينزل حارس المنارة السلالم.",
    "Hindi": "जहाज़ बंदरगाह में खड़े हैं और भोर में दीपक बुझा दिया जाता है।",
    "Thai": "เรือจอดอยู่ที่ท่าเรือจนถึงรุ่งเช้า และผู้ดูแลประภาคารก็ลงบันได",
    "Chinese": "今天天气很好。我们去公园散步。看到了很多花和树。船停在港口，直到黎明。",
    "Japanese": "今日は天気がいいので、公園に散歩に行きました。猫が好きです。",
    "Korean": "배들은 새벽까지 항구에 머물고 등대지기는 계단을 내려간다.",
    "emoji": "Well done! 🎉🎉 See you on Friday 😀 at the harbour, and bring cake 🍰 please.",
    "bullets": "\uf0b7 bread and butter\n\uf0b7 milk\n\uf0b7 eggs from the farm\n\uf0b7 tea",
    "hyphens": "The light\x02\nhouse stands at the har\x02\nbour until dawn.",
}
LISTS = {
    "numbers": "1,204.50  17  0.33  -4.5%  (12)  2024-05-02\n" * 20,
    "part numbers": "XK-4471-B  TRQ-9920  BRX 77/12  HGT-PLM-003  KWZ-1180\n" * 12,
    "tickers": "MSFT NVDA GOOG BRK.B JPM TSLA XOM WMT PG CVX KMB TXN LLY HD CRM NFLX\n" * 6,
    "genes": "".join(random.Random(1).choices("ACGT", k=600)),
    "hexadecimal": random.Random(1).randbytes(300).hex(),
    "base64": base64.b64encode(random.Random(1).randbytes(600)).decode(),
    "Python": "def f(x: int) -> dict[str, int]:\n    return {k: v for k, v in zip(a[1:], b)}\n" * 4,
    "C": '#include <stdio.h>\nint main(void) { printf("%d\\n", x->y[i++]); return 0; }\n' * 4,
    "script": "$(document).ready(function(){$('#a>.b').on('click',e=>{e.x=!e.x;});});" * 4,
    "pattern": r"^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9]+)*)@(?:[a-z0-9-]+\.)+[a-z]{2,}$" * 2,
    "a table of lines": "┌────┬────┐\n│ one│ two│\n├────┼────┤\n│ 12 │ 14 │\n└────┴────┘\n" * 5,
    "a table of signs": "+------+------+\n| name | size |\n+======+======+\n| boat | 9 m  |\n" * 5,
    "leaders": "Introduction ........................ 1\nThe harbour ................ 17\n" * 5,
    "formulas": "∀x ∈ ℝ: f(x) ≤ ∑ aᵢ·xⁱ ⇒ ∃ε > 0, |f(x) − g(x)| < ε ∧ ∫ f dμ = 0\n" * 4,
    "chess": "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6\n" * 4,
    "phonetics": "/ðə ˈlaɪthaʊs stændz ət ðə ˈhɑːbər ænd ðə bəʊts laɪ ət ðə kiː/\n" * 3,
}
PROSE = TEXTS["English"] + " When the keeper goes down the winding stairs, he puts out the lamp."


@pytest.mark.parametrize("text", [*TEXTS.values(), *LISTS.values()], ids=[*TEXTS, *LISTS])
def test_text_is_text(text: str) -> None:
    assert not is_implausible(text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_prose_is_believed_even_of_a_nameless_font(text: str) -> None:
    assert reads_as_text(text)


@pytest.mark.parametrize("text", ["", " ", "7", "Page 1 of 1", "12 34 56 78 90 " * 9])
def test_of_little_or_of_numbers_nothing_is_said(text: str) -> None:
    assert not is_implausible(text)
    assert reads_as_text(text)


def shifted(by: int, space: str) -> str:
    return "".join(space if letter == " " else chr(ord(letter) + by) for letter in PROSE)


@pytest.mark.parametrize("space", [" ", "\x03", ""])
@pytest.mark.parametrize("by", [-29, -31, -28, -3])
def test_shifted_letters_are_no_text(by: int, space: str) -> None:
    assert not reads_as_text(shifted(by, space))
    if by < -20 or space == "\x03":
        assert is_implausible(shifted(by, space))


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0xE000 + ord(letter)) for letter in PROSE),
        "".join(chr(0xF000 + ord(letter)) for letter in PROSE),
        "".join(chr(0x100000 + ord(letter)) for letter in PROSE),
        "\ufffd" * 9,
        "\ufffd\ufffd the \ufffd\ufffd\ufffd at \ufffd\ufffd\ufffd\ufffd",
        "\x05\x0e\x0f\x10\x11\x12\x13",
        "\u0378\u0379\u0380 \u0381\u0382\u0383",
        '!"#$%&\'"(")*+#$+(,-.+$,($("#$",/0)*/$,-.$("#$0),(+$%&#$,($("#$1*,2$*-(&%$.,3-',
    ],
    ids=["private", "symbols", "far", "none", "half", "control", "unassigned", "signs"],
)
def test_what_is_no_character_is_no_text(text: str) -> None:
    assert is_implausible(text)
    assert not reads_as_text(text)


def test_letters_of_many_scripts_mixed_are_no_text() -> None:
    """The numbers of the shapes of a large font, read as letters."""
    order = list(dict.fromkeys(PROSE))
    text = "".join(chr(0x120 + 37 * order.index(letter)) for letter in PROSE)
    assert not reads_as_text(text)
