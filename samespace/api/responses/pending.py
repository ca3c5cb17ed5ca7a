"""How many documents are still coming in, said with every search: what was just uploaded may not be found yet."""

from time import monotonic

from samespace.store.records import Collection
from samespace.store.records.documents import Documents

# To count so many takes a tenth of a millisecond; 100,000 take 20.
_MANY = 1000
_REMEMBER_SECONDS = 1.0


class Pending:
    """The documents of each collection that wait or are worked on; any thread may ask."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._many: dict[str, tuple[float, int]] = {}

    def count(self, collection: Collection) -> int:
        """Their number now; where there are many, at most a second ago."""
        counted_at, number = self._many.get(collection.id, (0.0, 0))
        if number and monotonic() - counted_at < _REMEMBER_SECONDS:
            return number
        number = self._documents.pending(collection.id)
        if number >= _MANY:
            self._many[collection.id] = monotonic(), number
        else:
            self._many.pop(collection.id, None)
        return number
