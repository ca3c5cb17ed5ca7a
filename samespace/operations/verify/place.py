"""Where a check of items is: an index of a collection."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from samespace.core.types import Modality
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

    def wanted(self, modalities: Sequence[Modality]) -> Iterator[LiveItem]:
        """The items that it has to hold, by key: none of documents that its model could not take and that somebody
        let go of for it."""
        return self.run.services.records.holdings.live_items(
            self.collection.id,
            modalities,
            noted_in=None if self.is_live else self.space.id,
            taken_by=self.space.id if self.is_live else None,
        )

    @property
    def holds_nothing(self) -> bool:
        """Whether it is noted to hold no document: one that was never begun need not be there."""
        held_by = self.run.services.records.holdings.held_by
        return not self.is_live and not held_by(self.collection.id, self.space.id).held

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
