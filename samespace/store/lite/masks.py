"""Milvus Lite's filter expressions over whole pieces, with its three truth values.

What is not known here is left to Milvus Lite's own evaluation, row by row.
"""

from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from milvus_lite.search.filter.ast import (
    And,
    ArrayContainsOp,
    BoolLit,
    CmpOp,
    FieldRef,
    FloatLit,
    InOp,
    IntLit,
    IsNullOp,
    Not,
    Or,
    PathAccess,
    StringLit,
)
from milvus_lite.search.filter.eval import evaluate
from milvus_lite.search.filter.eval.arrow_backend import _eval as evaluate_arrow

from samespace.store.lite.facets import Bools, Unsupported, bools
from samespace.store.lite.pieces import At, Part, Piece

Truth: TypeAlias = tuple[Bools, Bools]
"""Where it is true and where it is false; in other rows it is unknown."""


class Mask:
    """One compiled filter, or none, for the pieces of a collection with this primary key."""

    def __init__(self, compiled: Any, key: str) -> None:
        self._compiled = compiled
        self._key = key
        self._lists: dict[int, Any] = {}

    def of(self, part: Part) -> Bools:
        """The living rows that fit."""
        if self._compiled is None or not part.living:
            return part.alive
        found: Bools = self._fitting(part.piece) & part.alive
        return found

    def count(self, part: Part) -> int:
        """How many that are."""
        return part.living if self._compiled is None else int(np.count_nonzero(self.of(part)))

    def _fitting(self, piece: Piece) -> Bools:
        try:
            return _Evaluation(self, piece).truth(self._compiled.ast)[0]
        except (Unsupported, pa.ArrowException):
            batch = piece.batch.select(list(self._compiled.fields))
            return bools(evaluate(self._compiled, batch))

    @cached_property
    def paths(self) -> set[At]:
        """What the filter asks of JSON columns."""
        return set(_paths_of(self._compiled.ast))

    def members(self, node: Any, literals: Any, piece: Piece) -> Bools:
        """Where the column of a list has one of its values."""
        name = node.field.name
        if name == self._key and len(literals) * 8 < len(piece):
            found = np.zeros(len(piece), bool)
            rows = (piece.row_of.get(each.value) for each in literals)
            found[[row for row in rows if row is not None]] = True
            return found
        column = piece.batch.column(name)
        if id(node) not in self._lists:
            self._lists[id(node)] = pa.array([each.value for each in literals], column.type)
        return bools(pc.is_in(column, value_set=self._lists[id(node)]))


class _Evaluation:
    """A filter over one piece."""

    def __init__(self, mask: Mask, piece: Piece) -> None:
        self._mask = mask
        self._piece = piece
        self._columns = piece.columns(mask.paths)

    def truth(self, node: Any) -> Truth:
        match node:
            case And(operands):
                every = [self.truth(each) for each in operands]
                return _all(true for true, _ in every), _any(false for _, false in every)
            case Or(operands):
                every = [self.truth(each) for each in operands]
                return _any(true for true, _ in every), _all(false for _, false in every)
            case Not(operand):
                true, false = self.truth(operand)
                return false, true
            case CmpOp(
                op, PathAccess() as at, StringLit() | IntLit() | FloatLit() | BoolLit() as it
            ):
                return self._columns[_path_of(at)].compared(op, it.value)
            case _:
                true = self._known(node)
                return true, ~true

    def _known(self, node: Any) -> Bools:
        """Where one is true that is never unknown."""
        match node:
            case IsNullOp(PathAccess() as at, negate):
                there = self._columns[_path_of(at)].there()
                return there if negate else ~there
            case ArrayContainsOp(PathAccess() as at, StringLit(value), "any_one"):
                return self._columns[_path_of(at)].containing(value)
            case InOp(FieldRef(), values, negate):
                members = self._mask.members(node, values.elements, self._piece)
                return ~members if negate else members
            case CmpOp(_, FieldRef(), StringLit() | IntLit() | FloatLit() | BoolLit()):
                return bools(evaluate_arrow(node, self._piece.batch))
            case _:
                raise Unsupported


def _path_of(at: Any) -> At:
    if not isinstance(at.base, FieldRef) or not all(isinstance(part, str) for part in at.path):
        raise Unsupported
    return at.base.name, tuple(at.path)


def _paths_of(node: Any) -> Any:
    match node:
        case And(operands) | Or(operands):
            for each in operands:
                yield from _paths_of(each)
        case Not(inner) | CmpOp(_, inner) | IsNullOp(inner) | ArrayContainsOp(inner):
            yield from _paths_of(inner)
        case PathAccess():
            yield _path_of(node)


def _all(some: Any) -> Bools:
    found: Bools = np.logical_and.reduce(list(some))
    return found


def _any(some: Any) -> Bools:
    found: Bools = np.logical_or.reduce(list(some))
    return found
