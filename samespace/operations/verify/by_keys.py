"""An index without vectors: whether it is there, and holds the items it is to hold."""

from samespace.operations.verify.notes import check_notes
from samespace.operations.verify.place import Place
from samespace.operations.verify.report import Kind
from samespace.operations.verify.rewrite import names_of, still_live
from samespace.store.index_kinds import IndexKind, kind_of


def check_by_keys(place: Place) -> None:
    """Look for the item keys that the records name; what is missing is ingested again with its document.

    What it holds beside them is not looked for: its kind cannot be read in the order of keys.
    """
    run, index = place.run, place.space
    kind = kind_of(index, run.services.records, run.services.index)
    modalities = kind.takes(index)
    check_notes(place, modalities)
    is_there = _is_there(place, kind)
    wanted = place.wanted(modalities)
    for some in run.batches(wanted, "items"):
        run.ledger.items += len(some)
        held = kind.has(index, [item.key for item in some]) if is_there else set()
        missing = still_live([item for item in some if item.key not in held], run)
        place.note(Kind.MISSING, names_of(missing), place.rewrite(missing))


def _is_there(place: Place, kind: IndexKind) -> bool:
    """Whether it can be asked; a repair makes it, empty."""
    index, repair = place.space, place.run.repair
    if kind.is_current(index):
        return True
    place.note(Kind.INDEX, [f"{index.index_name} is not there"], repair)
    if repair:
        kind.drop(index)
        kind.create(index)
    return repair
