"""What opening a document gives, before anything is cut or embedded; and what readers of formats are given and give."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from samespace.core.content import Content
from samespace.core.modalities import row_of
from samespace.core.modality import Decoded

T = TypeVar("T")

Source = Path | bytes
"""Where a document's bytes are: a file on disk, or the bytes themselves."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may hold once opened; past a limit it is Unreadable.

    `max_unpacked_bytes` bounds the XML of a .docx. `pages_at_once` bounds the page pictures (about 1 MB each) that are
    decoded as it is opened; the others wait until they are asked for.
    """

    max_pixels: int
    max_pages: int
    max_characters: int
    max_unpacked_bytes: int = 256 * 1024 * 1024
    pages_at_once: int = 16


@dataclass(frozen=True, slots=True)
class File:
    """A file as its reader gets it; what the reader `keep`s open is closed when all of it is read."""

    data: bytes
    name: str
    limits: Limits
    stack: ExitStack = field(default_factory=ExitStack)

    def keep(self, opened: AbstractContextManager[T]) -> T:
        """Enter this, and leave it when the file is let go."""
        return self.stack.enter_context(opened)


@dataclass(frozen=True, slots=True)
class Later:
    """A content that is decoded when it is asked for: about how many pixels it has, and how it is decoded.

    `read` raises Unreadable where it cannot be, with words that go on after "page 3 of it".
    """

    content: Content
    read: Callable[[], Decoded]
    pixels: int = 0


Found = Content | Later | str
"""What a reader yields, in the order of the document: a content, or a warning in words."""
Reader = Callable[[File], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the pictures of some pages cannot be had."""

    reason: str
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """Contents that were asked for by their place in the document, as far as they can be had, and why others cannot;
    whether the document stays open for more."""

    at: tuple[int, ...] = ()
    decoded: tuple[Decoded, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_held: bool = False

    def __post_init__(self) -> None:
        """ValueError unless it is one: it comes from a process that is not trusted."""
        if len(self.at) != len(self.decoded):
            raise ValueError(f"{len(self.decoded)} contents for {len(self.at)} places")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One opened document: its contents in order, and of those that have still to be read their places among all."""

    contents: tuple[Content, ...] = ()
    warnings: tuple[str, ...] = ()
    waiting: tuple[int, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        """ValueError unless it says of each content that waits where it is."""
        if len(self.waiting) != sum(not each.is_there for each in self.contents):
            raise ValueError(f"{len(self.waiting)} places for what has to be read")

    @property
    def is_held(self) -> bool:
        """Whether the child that opened it keeps it open."""
        return bool(self.waiting)

    @property
    def more_pages(self) -> tuple[int | None, ...]:
        """The pages whose pictures have still to be read."""
        return tuple(each.page for each in self.contents if not each.is_there)

    @property
    def texts(self) -> tuple[Content, ...]:
        """What nothing has to be decoded of."""
        return tuple(each for each in self.contents if not row_of(each.modality).is_decoded)

    @property
    def pictures(self) -> tuple[Content, ...]:
        """What else there is and was decoded at once."""
        return tuple(each for each in self.contents if each.decoded is not None)


def page_hash(document_hash: str, page: int) -> str:
    """SHA-256 that stands for the picture of one page of a document."""
    return sha256(f"{document_hash}:{page}".encode()).hexdigest()


def read_source(source: Source) -> bytes:
    """All bytes of a document; OSError if its file cannot be read."""
    return source.read_bytes() if isinstance(source, Path) else source
