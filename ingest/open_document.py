"""A document that is open: what its reader found, decoded piece by piece as it is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.formats.words import pages_named
from ingest.parsed import Fault, File, Found, Later, Limits, Parsed, Read, Reader
from samespace.core.content import Content
from samespace.core.errors import SamespaceError, Unreadable
from samespace.core.modality import Decoded
from samespace.core.named import named
from samespace.core.types import TEXT

_PIXELS_AT_ONCE = 400_000_000
"""Most pixels that what is decoded in one call has together; A4 at 300 dpi has 9 million."""
_DAMAGED = "cannot be read: it is damaged"


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """What a reader found, in order, and the file that it keeps open."""

    file: File
    contents: Sequence[Content | Later]
    warnings: tuple[str, ...]

    @property
    def waiting(self) -> list[int]:
        """The places of what is decoded when it is asked for."""
        return [at for at, each in enumerate(self.contents) if isinstance(each, Later)]

    def first(self, limits: Limits) -> Parsed:
        """All of it, of which as much is decoded as may be at once.

        Unreadable where there is nothing but what cannot be decoded.
        """
        waiting = self.waiting
        now = self._at_once(waiting, limits)
        read = self.read(waiting[:now])
        later, decoded = waiting[now:], dict(zip(read.at, read.decoded, strict=True))
        contents = [
            content
            for at, each in enumerate(self.contents)
            if (content := _content(at, each, decoded, later)) is not None
        ]
        if waiting and not contents:
            raise Unreadable(
                f"{self.file.name} is damaged: none of its {len(waiting)} pages can be decoded"
            )
        return Parsed(tuple(contents), self.warnings, tuple(later), read.faults)

    def read(self, wanted: Iterable[int]) -> Read:
        """These contents, decoded, but for those that cannot be."""
        got: dict[int, Decoded] = {}
        faults: dict[str, list[int]] = {}
        for at in wanted:
            each = self.contents[at]
            if not isinstance(each, Later):
                continue
            try:
                got[at] = each.read()
            except MemoryError:
                raise
            except Exception as error:  # one bad page leaves the others
                reason = str(error) if isinstance(error, SamespaceError) else _DAMAGED
                faults.setdefault(reason, []).append(each.content.page or 1)
        named = tuple(Fault(reason, tuple(pages)) for reason, pages in faults.items())
        return Read(tuple(got), tuple(got.values()), named)

    def close(self) -> None:
        """Let the file go."""
        self.file.stack.close()

    def _at_once(self, waiting: Sequence[int], limits: Limits) -> int:
        """How many of what waits are decoded in one call."""
        left = _PIXELS_AT_ONCE
        for count, at in enumerate(waiting[: limits.pages_at_once]):
            each = self.contents[at]
            left -= each.pixels if isinstance(each, Later) else 0
            if left < 0 and count:
                return count
        return limits.pages_at_once


def open_with(reader: str, data: bytes, name: str, limits: Limits) -> OpenDocument:
    """What this reader (`module:function`) finds in a file, blank texts left out."""
    file = File(data, name, limits)
    read: Reader = named(reader)
    try:
        found = list(read(file))
    except BaseException:
        file.stack.close()
        raise
    contents = [each for each in found if not isinstance(each, str) and not _is_blank(each)]
    warnings = tuple(each for each in found if isinstance(each, str))
    if not contents:
        warnings += (f"{name} holds no text or picture",)
    return OpenDocument(file, contents, warnings)


def said(name: str, faults: Iterable[Fault]) -> tuple[str, ...]:
    """Warnings that name the pages of which there is no picture; those of one reason together."""
    pages: dict[str, set[int]] = {}
    for fault in faults:
        pages.setdefault(fault.reason, set()).update(fault.pages)
    return tuple(
        f"{name}: {pages_named(sorted(numbers))} {reason}" for reason, numbers in pages.items()
    )


def _content(
    at: int, each: Content | Later, decoded: dict[int, Decoded], later: Sequence[int]
) -> Content | None:
    if isinstance(each, Content):
        return each
    if at in decoded:
        return each.content.with_decoded(decoded[at])
    return each.content if later and at >= later[0] else None


def _is_blank(each: Found) -> bool:
    if not isinstance(each, Content) or each.modality != TEXT:
        return False
    return not each.text.strip()
