"""Where a check of items is: a space of a collection."""

from collections.abc import Sequence
from dataclasses import dataclass

from samespace.operations.verify.report import Kind
from samespace.operations.verify.rewrite import rewrite
from samespace.operations.verify.run import Run
from samespace.store.records import Collection, LiveItem, SpaceRecord


@dataclass(frozen=True, slots=True)
class Place:
    """A space of a collection; its documents can be ingested again only where all its encoders match."""

    collection: Collection
    space: SpaceRecord
    can_rewrite: bool
    run: Run

    def note(self, kind: Kind, what: Sequence[str], repaired: int = 0) -> None:
        """Put differences of this space on the list."""
        self.run.ledger.note(
            kind, what, repaired, collection=self.collection.name, space=self.space.name
        )

    def rewrite(self, items: Sequence[LiveItem]) -> int:
        """For how many of the items their documents are being ingested again now."""
        return rewrite(items, self.run) if self.run.repair and self.can_rewrite else 0
