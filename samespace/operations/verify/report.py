"""What a run found: counts and first examples for each collection, space and kind of difference."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MOST_EXAMPLES = 5


class Kind(StrEnum):
    """The ways in which stores can differ from the records."""

    FINGERPRINT = "wrong-encoder"
    INDEX = "missing-index"
    UNNOTED = "unnoted-document"
    MISSING = "missing-item"
    DAMAGED = "damaged-item"
    ORPHAN = "orphan-item"
    UNCACHED = "uncached-vector"
    DAMAGED_VECTOR = "damaged-cached-vector"
    ORPHAN_VECTOR = "orphan-cached-vector"
    LOST_ORIGINAL = "lost-original"
    LOST_MODEL = "lost-file-of-a-model"
    DAMAGED_MODEL = "damaged-file-of-a-model"
    ORPHAN_BLOB = "orphan-blob"
    LEFTOVER = "leftover-of-a-killed-write"


@dataclass(frozen=True, slots=True)
class Difference:
    """So many of a kind; `repaired` were removed, put back, or are being ingested again."""

    collection: str | None
    space: str | None
    kind: Kind
    found: int
    repaired: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A run: what was looked at, what differs, and how many documents were handed to the workers again.

    A run that is not `complete` was told to stop before its end.
    """

    differences: tuple[Difference, ...]
    collections: int
    items: int
    vectors: int
    blobs: int
    rewritten: int
    complete: bool

    @property
    def is_clean(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def is_repaired(self) -> bool:
        """Whether everything that differed was mended."""
        return all(one.repaired == one.found for one in self.differences)


@dataclass(slots=True)
class _Count:
    found: int = 0
    repaired: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """The report while it is being written; its size does not depend on how much differs."""

    collections: int = 0
    items: int = 0
    vectors: int = 0
    blobs: int = 0
    rewritten: int = 0
    _counts: dict[tuple[str | None, str | None, Kind], _Count] = field(default_factory=dict)

    def note(
        self,
        kind: Kind,
        what: Sequence[str],
        repaired: int = 0,
        *,
        collection: str | None = None,
        space: str | None = None,
    ) -> None:
        """Add differences of a kind, `repaired` of which were mended."""
        if not what:
            return
        count = self._counts.setdefault((collection, space, kind), _Count())
        count.found += len(what)
        count.repaired += repaired
        count.examples += what[: MOST_EXAMPLES - len(count.examples)]

    def report(self, *, complete: bool) -> Report:
        """What stands in it now."""
        differences = tuple(
            Difference(*where, count.found, count.repaired, tuple(count.examples))
            for where, count in self._counts.items()
        )
        return Report(
            differences,
            self.collections,
            self.items,
            self.vectors,
            self.blobs,
            self.rewritten,
            complete,
        )
