"""Which encoding a text is in that says nothing of it: what a library finds likely, weighed by how it would read.

The library knows which letters follow each other in a language. What it does not look at tells short texts apart: a
capital inside of a word, a sign between two letters, letters of two scripts side by side are seldom written and
often what the wrong encoding makes.
"""

# ruff: noqa: RUF001 - signs that look like others are what this is about
import codecs
import math
import re
import unicodedata
from collections.abc import Iterator

import chardet

_SAMPLE = 16 * 1024
_BEFORE = 40
_BEYOND = re.compile(rb"[\x80-\xff]")
_CANDIDATES = {
    "cp1252": 0.0,
    "cp1250": 0.3,
    "cp1251": 0.2,
    "cp1253": 0.3,
    "cp1254": 0.5,
    "cp1255": 0.4,
    "cp1256": 0.4,
    "cp1257": 0.6,
    "cp874": 0.5,
    "iso8859-2": 0.5,
    "iso8859-7": 0.4,
    "koi8-r": 0.4,
    "koi8-u": 0.5,
    "cp866": 0.6,
    "mac-cyrillic": 0.9,
    "mac-roman": 0.8,
    "cp437": 1.0,
    "cp850": 0.9,
    "cp932": 0.2,
    "euc_jis_2004": 0.4,
    "gb18030": 0.3,
    "big5hkscs": 0.3,
    "cp949": 0.3,
}
"""With how much rarer than the commonest one each is met, as the logarithm of a probability."""
_UNHEARD_OF = 1e-4
_OFTEN = {
    "latin": set("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœŒÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŸðþÐÞ"),
    "cp1250": set("ąćęłńóśźżáčďéěíňřšťúůýžäöüőűâîăşţĺľŕôđßĄĆĘŁŃÓŚŹŻÁČĎÉĚÍŇŘŠŤÚŮÝŽÄÖÜŐŰÂÎĂŞŢĹĽÔĐ"),
    "cp1254": set("çğıöşüâîûÇĞİÖŞÜéèà"),
    "cp1257": set("ąčęėįšųūžāēģīķļņõäöüĄČĘĖĮŠŲŪŽĀĒĢĪĶĻŅÕÄÖÜ"),
}
_LETTERS = {"iso8859-2": "cp1250", "cp1250": "cp1250", "cp1254": "cp1254", "cp1257": "cp1257"}
_SIGNS = set("“”‘’„‚–—…•€£§°±©®™«»¿¡½¼¾µ×·²³´→×÷  №、。「」（）：，！？・ー～")
_JOINS = set("’·‑–—-・ー\u200c\u200d\u00ad")
_OPENS = set("“‘„‚«¿¡")
_MIXED = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH", "FULLWIDTH", "HANGUL", "KATAKANA-HIRAGANA"}
)
_VOWELS = set("aeiouáéíóúü")
_SELDOM = set("ðþÐÞÝý")
_ALONE = set("àâáéèêíóúùôöøåæyÀÂÁÉÈÊÍÓÚÙÔÖØÅÆ")
_NO_LETTERS = set("µªº")
# The letters that are taught and printed; the larger encoding has many more that are hardly ever met.
_USUAL = {"cp949": "euc_kr", "gb18030": "gb2312", "big5hkscs": "big5"}
_WEIGHT = 1.6


def likeliest(data: bytes) -> list[str]:
    """The encodings that this text may be in, the likeliest first; empty if it is in none."""
    sample = _telling(data)
    heard = {
        str(each["encoding"]): each["confidence"]
        for each in chardet.detect_all(
            sample, ignore_threshold=True, include_encodings=tuple(_CANDIDATES), compat_names=False
        )
    }
    weighed = {name: _weight(sample, name, heard.get(name, 0.0)) for name in _CANDIDATES}
    found = [name for name, weight in weighed.items() if weight > -math.inf]
    return sorted(found, key=lambda name: -weighed[name])


def is_groundless(text: str) -> bool:
    """Whether most of what is beyond ASCII is accents on nothing, or characters that nobody has."""
    beyond = [at for at, char in enumerate(text) if not char.isascii()]
    odd = [at for at in beyond if _stands_on_nothing(text[max(0, at - 1) : at], text[at])]
    return bool(odd) and 2 * len(odd) >= len(beyond)


def _stands_on_nothing(before: str, char: str) -> bool:
    kind = unicodedata.category(char)
    if kind in {"Mn", "Mc", "Me"}:
        is_latin = char <= "\u036f"
        has_base = before != "" and unicodedata.category(before)[0] in "LMS"
        return not has_base or (before.isascii() and not is_latin)
    return kind in {"Cn", "Co", "Cs"}


def _weight(sample: bytes, encoding: str, confidence: float) -> float:
    try:
        # The last letter of the sample may be cut in two.
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return -math.inf
    likelihood = math.log(max(confidence, _UNHEARD_OF)) - _CANDIDATES[encoding]
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    # The more there is to go by, the less a share of it is chance.
    return likelihood - _WEIGHT * (1 + math.log10(max(1, beyond))) * oddness(text, encoding)


def _telling(data: bytes) -> bytes:
    """The first lines that have more than ASCII, each from a little before that: there no letter of several bytes
    has begun."""
    found: list[bytes] = []
    left = _SAMPLE
    for line in data.splitlines(keepends=True):
        beyond = _BEYOND.search(line)
        if beyond:
            start = max(0, beyond.start() - _BEFORE)
            found.append(line[start : start + left])
            left -= len(found[-1])
            if left <= 0:
                break
    return b"".join(found)


def oddness(text: str, encoding: str) -> float:
    """How unlike writing it reads: 0 for nothing odd, about 3 where every letter beyond ASCII is."""
    often, usual = _OFTEN[_LETTERS.get(encoding, "latin")], _USUAL.get(encoding)
    framed = f"  {text} "
    odd = [
        _oddness(framed[at - 2 : at + 2], often)
        + (0.7 if usual and _is_rare(framed[at], usual) else 0)
        for at in range(2, len(text) + 2)
        if not framed[at].isascii()
    ]
    return sum(odd) / max(1, len(odd))


def _is_rare(char: str, usual: str) -> bool:
    try:
        char.encode(usual)
    except UnicodeEncodeError:
        return True
    return False


def _oddness(four: str, often: set[str]) -> float:
    """Of the third of four characters, by those around it."""
    before, char, after = four[1], four[2], four[3]
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cn", "Co", "Cs"}:
        return 6.0
    if kind[0] == "M":
        return 0.0
    if kind[0] == "L" and char not in _NO_LETTERS:
        return sum(_of_letter(four, kind, often))
    return _of_sign(before, char, after)


def _of_letter(four: str, kind: str, often: set[str]) -> Iterator[float]:
    earlier, before, char, after = four[0], four[1], four[2], four[3]
    if kind == "Lu" and before.islower():
        yield 3.0
    if char.islower() and after.isupper():
        yield 1.5
    if earlier == before == char:
        yield 1.5
    script = _script(char)
    for other in (before, after):
        if other.isalpha() and script != _script(other) and not {script, _script(other)} & _MIXED:
            yield 2.0
    if {script, _script(before)} == {"HANGUL", "CJK"}:
        yield 0.7
    if script == "LATIN":
        yield from _of_latin(before, char, after, often)
    if "\uff61" <= char <= "\uff9f":
        yield 0.7


def _of_latin(before: str, char: str, after: str, often: set[str]) -> Iterator[float]:
    if char not in often:
        yield 1.5
    if char in _SELDOM:
        yield 0.5
    if not before.isalpha() and not after.isalpha() and char not in _ALONE:
        yield 1.0
    if char in "ñÑ" and after.isalpha() and after.lower() not in _VOWELS:
        yield 2.0


def _of_sign(before: str, char: str, after: str) -> float:
    if before.isalpha() and after.isalpha() and char not in _JOINS:
        return 0.0 if _script(before) in _MIXED else 2.5
    if char in _OPENS and before.isalpha() and not after.isalpha():
        return 2.0
    if "\u2500" <= char <= "\u259f" and char in {before, after}:
        return 0.2
    return 0.1 if char in _SIGNS else 0.8


def _script(char: str) -> str:
    """The script of a letter, by its name."""
    return "LATIN" if char.isascii() else unicodedata.name(char, "NONE").split(" ", 1)[0]
