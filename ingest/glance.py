"""Whether bytes are a text, told from a bounded beginning by counting; what they say is decoded in a child alone."""

import codecs
import unicodedata

SAMPLE = 64 * 1024
"""How much of a file is looked at."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXTUAL = b"\x08\t\n\x0b\x0c\r\x1a\x1b"
_CONTROLS = bytes(byte for byte in (*range(1, 32), 127) if byte not in _TEXTUAL)
_MOST_CONTROLS = 0.05
"""Share of control characters above which bytes are data that happen to decode."""
_MOST_CONTROLS_UNKNOWN = 0.01
"""The same where they are no UTF-8, as most data are not."""
_WIDE = ("utf-16-le", "utf-16-be")
_MOST_OTHER_NULS = 0.05
_USUAL_NULS = 0.2
"""Share of NULs in UTF-16 below which its letters are no Latin ones."""
_PRINTABLE = bytes(range(32, 127))
_MOST_PRINTABLE = 0.75
_MOST_BLOCKS = 5
_NOBODYS = frozenset({"Cc", "Cn", "Co", "Cs"})
_SPACES = "\t\n\r\x0b\x0c"
_LEAST_BESIDE_NULS = 8


def mark_of(data: bytes) -> str | None:
    """The encoding that a byte-order mark names."""
    return next((encoding for mark, encoding in BOMS if data.startswith(mark)), None)


def glance(head: bytes, encoding: str | None = None) -> str | None:
    """The sample of a text for looking at its ASCII, or None if it is no text.

    `encoding` where it is known. Letters of legacy encodings come out as any other: this guesses none.
    """
    sample = head[:SAMPLE]
    known = mark_of(sample) or encoding or wide_encoding(sample)
    if known is not None:
        return _unless_controls(sample.decode(known, "replace"), _MOST_CONTROLS)
    bare = without_nuls(sample)
    if bare is None:
        return None
    if is_nearly_utf8(bare):
        return _unless_controls(bare.decode("utf-8", "replace"), _MOST_CONTROLS)
    most = _MOST_CONTROLS_UNKNOWN if len(bare) == len(sample) else 0
    return _unless_controls(bare.decode("latin-1"), most)


def has_controls(text: str, most: float = _MOST_CONTROLS) -> bool:
    """Whether more than this share of the characters are control characters that no text has."""
    sample = text[:SAMPLE].encode("utf-8", "replace")
    return _controls(sample) > most * max(1, len(text[:SAMPLE]))


def without_nuls(data: bytes) -> bytes | None:
    """A text without the NULs that logs have where a disk was full or a write was lost; None if NULs are all
    that it has, or what stands beside them is hardly anything, or data."""
    bare = data.replace(b"\0", b"")
    if len(bare) == len(data):
        return data
    return bare if len(bare) >= _LEAST_BESIDE_NULS else None


def is_nearly_utf8(data: bytes) -> bool:
    """Whether these bytes are UTF-8 but for a few: four good letters, or more, for each that is none. The last one
    may be cut off."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data)
    signs = text.count("\ufffd")
    bad = signs - data.count(b"\xef\xbf\xbd")
    good = len(text) - len(text.encode("ascii", "ignore")) - signs
    is_cut = bool(decoder.getstate()[0])
    return bad * 4 <= good - is_cut


def wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a mark: the NULs of ASCII in the bytes of one parity, or Japanese; None for anything else."""
    even = data[: len(data) // 2 * 2]
    high, low = even[::2].count(0), even[1::2].count(0)
    if not high + low:
        return next((each for each in _WIDE if _is_japanese(even, each)), None)
    encoding = "utf-16-be" if high > low else "utf-16-le"
    is_stray = min(high, low) > _MOST_OTHER_NULS * max(high, low)
    if is_stray or (high + low < len(even) * _USUAL_NULS and _is_narrow(even)):
        return None
    return encoding if _reads_as(even, encoding) else None


def _is_narrow(data: bytes) -> bool:
    """Whether so few NULs are rather NULs in a text of single bytes."""
    bare = data.replace(b"\0", b"")
    printable = len(bare) - len(bare.translate(None, _PRINTABLE))
    return printable > _MOST_PRINTABLE * len(bare) or (not _controls(bare) and is_nearly_utf8(bare))


def _reads_as(data: bytes, encoding: str) -> bool:
    """Whether it decodes to characters that somebody has, of few blocks beside ideographs and syllables."""
    used = set(data.decode(encoding, "replace").rstrip("\ufffd")) - set(_SPACES)
    blocks = {ord(char) >> 8 for char in used if not 0x3400 <= ord(char) < 0xD800}
    return len(blocks) <= _MOST_BLOCKS and not any(
        unicodedata.category(c) in _NOBODYS for c in used
    )


def _is_japanese(data: bytes, encoding: str) -> bool:
    text = data.decode(encoding, "replace")
    kana = sum(0x3000 <= ord(char) < 0x3100 for char in text)
    others = sum(0x4E00 <= ord(char) < 0xA000 or ord(char) >> 8 == 0xFF for char in text)
    return kana > 0 and 4 * kana >= len(text) and kana + others == len(text)


def _unless_controls(text: str, most: float) -> str | None:
    return None if has_controls(text, most) else text


def _controls(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, _CONTROLS))
