"""Whether the characters that a PDF gives for its letters can be what is seen on the page.

A font need not say which letters its shapes stand for. What is given then are the numbers of the shapes, read as
if they were letters: `7KH OLJKWKRXVH` for "The lighthouse". It is judged by what no text has, in any language:
tables of numbers, code, formulas and lists of part numbers have to pass.
"""

import re
import unicodedata
from collections import Counter

_SOFT_HYPHEN = "\x02"  # how pdfium gives a hyphen at the end of a line
_REPLACEMENT = "\ufffd"
_NO_CHARACTER = frozenset({"Co", "Cn", "Cs", "Cc"})
"""Categories of Unicode: private use, unassigned, surrogates, control."""
_MOST_STRANGE = 0.2
"""Share of characters that are none; bullets and icons come from symbol fonts, in private use."""
_MOST_SIGNS = 0.5
"""Share of punctuation; code and formulas have less, and letters beside it."""
_KINDS_OF_SIGNS = 8
_FEW_LETTERS = 0.2
_SAMPLE = 400
"""Characters of a page that are looked at more closely."""
_FEW = 20
"""Characters, or letters, of which nothing can be said."""
_VOWEL_SHARE = (0.2, 0.6)
"""Of Latin letters; languages have from 0.35 of them, a few sentences of Czech also less, to 0.55."""
_COMMON = frozenset("etaoinsr")
_COMMON_SHARE = 0.4
"""Of Latin letters; these eight are about half of all letters in languages that are written so."""
_ONE_SCRIPT = 0.8
_VOWELS = frozenset("aeiouyæœø\u0131\u0259\u0268\u0289\u026a\u028a\u0254\u025b\u0251\u028c")
"""With the dotless i of Turkish, and those of phonetic spelling."""
_RUN = re.compile(r"(.)\1+", re.DOTALL)
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"})


def is_implausible(text: str) -> bool:
    """Whether this cannot be the text of a page: characters that are none, signs only, or shifted letters."""
    visible = _visible(text)
    is_clean = visible.isprintable() and _REPLACEMENT not in visible
    if not is_clean and sum(map(_is_strange, visible)) > _MOST_STRANGE * len(visible):
        return True
    some = visible[:_SAMPLE]
    return len(visible) >= _FEW and (_is_of_signs(some) or _is_shifted(some))


def reads_as_text(text: str) -> bool:
    """Whether characters whose font does not say what they are make sense all the same, as those of old TeX do."""
    visible = _visible(text)
    letters = [letter for letter in visible if letter.isalpha()]
    if is_implausible(text):
        return False
    if len(letters) < max(_FEW, len(visible) / 2):
        return len(visible) < _FEW or sum(map(str.isdigit, visible)) > len(visible) * 0.4
    script, count = Counter(map(_script, letters)).most_common(1)[0]
    if count < _ONE_SCRIPT * len(letters):
        return False
    if script != "LATIN":
        return True
    fewest, most = _VOWEL_SHARE
    return fewest <= _share(letters, _VOWELS) <= most and _share(letters, _COMMON) > _COMMON_SHARE


def _visible(text: str) -> str:
    return "".join(text.split()).replace(_SOFT_HYPHEN, "")


def _is_strange(letter: str) -> bool:
    return letter == _REPLACEMENT or unicodedata.category(letter) in _NO_CHARACTER


def _is_of_signs(visible: str) -> bool:
    """Mostly the first signs of ASCII and hardly a letter, as of shapes that are numbered from there.

    Leaders and lines that are drawn with one sign count once.
    """
    once = _RUN.sub(r"\1", visible)
    first = [letter for letter in once if "!" <= letter <= "/"]
    is_of_them = len(first) > _MOST_SIGNS * len(once) and len(set(first)) >= _KINDS_OF_SIGNS
    return is_of_them and sum(map(str.isalpha, once)) < _FEW_LETTERS * len(once)


def _is_shifted(visible: str) -> bool:
    """Whether the characters are no words as they stand, but are if each is moved by the same number."""
    ascii_only = [letter for letter in visible if letter.isascii()]
    letters = [letter for letter in ascii_only if letter.isalpha()]
    if len(letters) < _FEW or len(ascii_only) < _ONE_SCRIPT * len(visible):
        return False
    if _share(letters, _COMMON) > _COMMON_SHARE or len(set(map(str.lower, letters))) < 12:
        return False
    return any(_are_words([chr(ord(one) + by) for one in ascii_only]) for by in range(1, 64))


def _are_words(letters: list[str]) -> bool:
    small = [letter for letter in letters if "a" <= letter <= "z"]
    if len(small) < 0.75 * len(letters):
        return False
    return 0.33 <= _share(small, _VOWELS) <= 0.5 and _share(small, _COMMON) > 0.55


def _share(letters: list[str], among: frozenset[str]) -> float:
    """The share of these letters, whatever their accents and case."""
    bare = [unicodedata.normalize("NFD", letter.lower())[0] for letter in letters]
    return sum(letter in among for letter in bare) / len(bare)


def _script(letter: str) -> str:
    word = unicodedata.name(letter, "NONE").split()[0]
    return "CJK" if word in _EAST_ASIAN else word
