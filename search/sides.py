"""Two sets of indexes of one collection: the live one, and one beside it, each asked as if it were all there is."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from samespace.core.errors import Conflict
from samespace.core.types import Modality
from samespace.store.records import Collection, IndexRecord, Records, Role
from samespace.store.records.model_changes import ModelChange

# So large a share of documents may be missing from one side without being asked about: of them the comparison is
# not. More has to be asked for.
MOST_MISSING = 0.05


@dataclass(frozen=True, slots=True)
class Side:
    """A set of indexes: `role` is that of those which differ from the other side, `indexes` are these.

    `asked` is the collection as it were if this set, and nothing else, answered searches: whatever takes a collection
    takes it. Nothing is shared with the other side but what belongs to an index or a model of both, for what is kept
    between two questions is kept by the name of an index or the fingerprint of a model.
    """

    role: Role
    indexes: tuple[IndexRecord, ...]
    asked: Collection

    @property
    def name(self) -> str:
        """What people call it: its models, as `starter`, or `text + clip`, and its role."""
        return f"{' + '.join(one.name for one in self.indexes)} ({self.role})"

    @property
    def modalities(self) -> frozenset[Modality]:
        """What it can hold."""
        return frozenset(each for one in self.asked.spaces for each in one.modalities)

    @property
    def key(self) -> str:
        """The same for the same indexes, whatever their role is by now."""
        return _hash(sorted(one.id for one in self.indexes))


@dataclass(frozen=True, slots=True)
class Sides:
    """The live set and the other one."""

    live: Side
    other: Side

    def __iter__(self) -> Iterator[Side]:
        yield self.live
        yield self.other

    @property
    def pair(self) -> str:
        """What both are known by together, whichever of them is live."""
        return _hash(sorted((self.live.key, self.other.key)))


@dataclass(frozen=True, slots=True)
class Held:
    """Of the `documents` that answer searches, those that the other side does not hold as they are live, by id."""

    documents: int
    missing: frozenset[str]

    @property
    def is_enough(self) -> bool:
        """Whether a comparison leaves out so little that nobody need be asked."""
        return len(self.missing) <= MOST_MISSING * self.documents


def side_of(collection: Collection, role: Role, change: ModelChange | None = None) -> Side:
    """The indexes of a role as they would be asked: with those that stay when they take the place of the live ones.

    `change` is the change of the collection's model that they belong to.

    Conflict where the collection has none of that role.
    """
    if role is Role.LIVE:
        return Side(role, collection.spaces, _asked(collection, collection.live))
    mine = tuple(one for one in collection.indexes if one.role is role and one.model is not None)
    if not mine:
        raise Conflict(
            f"collection {collection.name!r} has no {role} index: "
            f"`samespace collections model {collection.name} MODEL` builds one beside the live one"
        )
    gone = _replaced(collection.spaces, mine, change)
    stay = [one for one in collection.live if one not in gone]
    return Side(role, mine, _asked(collection, (*mine, *stay)))


def role_beside(collection: Collection) -> Role | None:
    """The role of the indexes that are compared with the live ones: those that are built, or else those that were live
    before; None where there is neither."""
    roles = {one.role for one in collection.indexes if one.model is not None}
    return next((role for role in (Role.BUILDING, Role.RETIRED) if role in roles), None)


def sides_of(collection: Collection, change: ModelChange | None = None) -> Sides:
    """The live indexes and those that are built beside them, or else those that were live before; Conflict where there
    is neither."""
    role = role_beside(collection)
    if role is None:
        raise Conflict(
            f"collection {collection.name!r} has one set of indexes, and nothing to compare it with: "
            f"`samespace collections model {collection.name} MODEL` builds another beside it"
        )
    other = side_of(collection, role, change)
    live = Side(
        Role.LIVE,
        _replaced(collection.spaces, other.indexes, change),
        _asked(collection, collection.live),
    )
    return Sides(live, other)


def held_of(sides: Sides, records: Records) -> Held:
    """What the other side lacks."""
    collection = sides.other.asked
    holdings = records.holdings
    missing = (holdings.lacked_by(collection.id, index.id) for index in sides.other.indexes)
    documents = holdings.live_stamp(collection.id).documents
    return Held(documents, frozenset[str]().union(*missing))


def check_held(sides: Sides, held: Held, *, partial: bool) -> None:
    """Conflict, with how far it is, where the other side lacks much and that was not asked for."""
    if held.is_enough or partial:
        return
    there = held.documents - len(held.missing)
    raise Conflict(
        f"index {sides.other.name} holds {there:,} of {held.documents:,} documents: compare when it holds all, "
        "or ask for a partial comparison, which leaves the documents out that only one side holds"
    )


def _replaced(
    live: Sequence[IndexRecord], mine: Sequence[IndexRecord], change: ModelChange | None
) -> tuple[IndexRecord, ...]:
    """The live indexes whose place these would take, as the change says. Without one: those of the same names, where
    all have a namesake; else those of which these take every modality, or all, where there are none such."""
    if change is not None and {one.id for one in mine} <= {*change.beside}:
        return tuple(one for one in live if one.id in change.answering)
    names = {one.name for one in mine}
    if names <= {one.name for one in live}:
        return tuple(one for one in live if one.name in names)
    taken: set[Modality] = {modality for one in mine for modality in one.modalities}
    return tuple(one for one in live if taken.issuperset(one.modalities)) or tuple(live)


def _asked(collection: Collection, chosen: Sequence[IndexRecord]) -> Collection:
    live = (replace(one, role=Role.LIVE) for one in chosen)
    return replace(collection, indexes=tuple(live))


def _hash(texts: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(texts).encode()).hexdigest()[:32]
