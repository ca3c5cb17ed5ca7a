"""The one document that a child process keeps open between two jobs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.open_document import OpenDocument
from ingest.parsed import Limits, Parsed


@dataclass(slots=True)
class _Held:
    key: str = ""
    document: OpenDocument | None = None
    waiting: set[int] = field(default_factory=set)


_held = _Held()


def first_of(document: OpenDocument, limits: Limits) -> Parsed:
    """What is decoded of a document as it is opened; it is closed where that fails."""
    try:
        return document.first(limits)
    except BaseException:
        document.close()
        raise


def keep(key: str, document: OpenDocument, waiting: Iterable[int]) -> None:
    """Keep this one open, unless nothing of it waits."""
    let_go()
    if waiting := set(waiting):
        _held.key, _held.document, _held.waiting = key, document, waiting
    else:
        document.close()


def document(key: str) -> OpenDocument | None:
    """The document that is kept under this key."""
    return _held.document if _held.key == key else None


def still(read: Iterable[int]) -> bool:
    """Whether the document stays open once these of it are read; it does while others wait."""
    _held.waiting.difference_update(read)
    if not _held.waiting:
        let_go()
    return _held.document is not None


def let_go(*, unless: str = "") -> None:
    """Close what is kept, unless it is under this key."""
    if _held.document is not None and (not unless or _held.key != unless):
        _held.document.close()
        _held.key, _held.document, _held.waiting = "", None, set()
