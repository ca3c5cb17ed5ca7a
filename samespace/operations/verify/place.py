"""Where a check of items is: an index of a collection."""

from collections.abc import Sequence
from dataclasses import dataclass

from samespace.operations.verify.report import Kind
from samespace.operations.verify.rewrite import rewrite
from samespace.operations.verify.run import Run
from samespace.store.records import Collection, IndexRecord, LiveItem, Role


@dataclass(frozen=True, slots=True)
class Place:
    """An index of a collection; its documents can be ingested again only where all its encoders match."""

    collection: Collection
    space: IndexRecord
    can_rewrite: bool
    run: Run

    @property
    def is_live(self) -> bool:
        """Whether it has to hold all that answers searches; another holds what is noted that it does."""
        return self.space.role is Role.LIVE

    def note(self, kind: Kind, what: Sequence[str], repaired: int = 0) -> None:
        """Put differences of this index on the list."""
        self.run.ledger.note(
            kind, what, repaired, collection=self.collection.name, space=self.space.name
        )

    def rewrite(self, items: Sequence[LiveItem]) -> int:
        """For how many of the items their documents are being ingested again now; an index that is not live is
        noted not to hold them, for whoever builds it."""
        if not self.run.repair:
            return 0
        if not self.is_live:
            ids = list({item.document_id for item in items})
            self.run.services.records.indexes.forget(self.space.id, ids)
            return len(items)
        return rewrite(items, self.run) if self.can_rewrite else 0
