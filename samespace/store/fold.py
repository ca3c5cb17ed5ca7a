"""Text as people compare it: in whatever case, and however its accents were put together."""

import unicodedata


def fold(text: str) -> str:
    """The same for `CAFÉ`, `café` and a `café` whose accent is a character of its own: NFC, case folded."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def composed(text: str) -> str:
    """The text in NFC: equal for names that differ only in how a file system writes their accents."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
