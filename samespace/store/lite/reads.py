"""Reads of one moment of a collection: the nearest rows, the rows that fit a filter, how many there are."""

import heapq
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from samespace.store.lite.chosen import Chosen
from samespace.store.lite.facets import Bools, Rows
from samespace.store.lite.masks import Mask
from samespace.store.lite.scores import Floats, Questions
from samespace.store.lite.table import Moment

NARROW = 0.1
"""Up to this share of the rows are gathered before they are multiplied."""
CLOSE = 4e-6
"""Relative to the best score: so far may a product in float32 be off."""
MANY_EQUAL = 4096
FEW = 2048


def count(moment: Moment, mask: Mask) -> int:
    """How many living rows fit."""
    return sum(mask.count(part) for part in moment.parts)


def fitting(moment: Moment, mask: Mask) -> Chosen:
    """The living rows that fit, in the order of the parts."""
    return Chosen(
        moment, _numbered(moment, (np.flatnonzero(mask.of(part)) for part in moment.parts))
    )


def first_in_order(moment: Moment, mask: Mask, limit: int | None) -> Chosen:
    """The living rows that fit, those of the smallest keys, in the order of their keys."""
    some: list[Rows] = []
    for part in moment.parts:
        mine = mask.of(part)
        rows = np.flatnonzero(mine)
        if len(rows) > FEW:
            in_order = part.piece.in_order
            rows = in_order[mine[in_order]][:limit]
        some.append(rows)
    found = Chosen(moment, _numbered(moment, some))
    keys = found.keys()
    return found[sorted(range(len(keys)), key=keys.__getitem__)[:limit]]


def of_keys(moment: Moment, keys: Iterable[Any]) -> Chosen:
    """The living rows of these keys, in the order they are named; what is not there is left out."""
    starts = moment.starts.tolist()
    found = []
    for key in keys:
        for part, start in zip(moment.parts, starts, strict=True):
            row = part.piece.row_of.get(key)
            if row is not None and part.alive[row]:
                found.append(start + row)
                break
    return Chosen(moment, np.array(found, np.intp))


def nearest(
    moment: Moment, mask: Mask, question: Floats, limit: int, questions: Questions
) -> tuple[Chosen, Floats]:
    """The rows of the largest inner products, and these; of equal ones those of the smaller keys.

    Which rows are near is found in float32; their products are then taken again in float64, so that they do not
    depend on where a row lies and on what else is asked.
    """
    masks = [mask.of(part) for part in moment.parts]
    fit = sum(int(np.count_nonzero(each)) for each in masks)
    if fit <= max(NARROW * moment.size, limit):
        some = [np.flatnonzero(each) for each in masks]
        rows = _numbered(moment, some)
        scores = _products(moment, some, question)
        best = _best(scores, limit)
        return _ranked(Chosen(moment, rows[best]), scores[best], question, limit)
    scores = questions.scores(moment, question)
    if fit < moment.size:
        scores[~_joined(masks)] = -np.inf
    best = _best(scores, limit)
    return _ranked(Chosen(moment, best), scores[best], question, limit)


def _products(moment: Moment, some: Sequence[Rows], question: Floats) -> Floats:
    products = [
        part.piece.vectors[rows] @ question
        for part, rows in zip(moment.parts, some, strict=True)
        if len(rows)
    ]
    return np.concatenate(products) if products else np.zeros(0, np.float32)


def _best(scores: Floats, limit: int) -> Rows:
    """Those that may be among the best `limit`."""
    if len(scores) <= limit:
        return np.arange(len(scores))
    ordered = np.partition(scores, len(scores) - limit)
    last = ordered[len(scores) - limit]
    margin = CLOSE * max(1.0, abs(float(ordered[-limit:].max())), abs(float(last)))
    return np.flatnonzero(scores >= last - margin)


def _ranked(some: Chosen, scores: Floats, question: Floats, limit: int) -> tuple[Chosen, Floats]:
    if 0 < len(some) <= limit + MANY_EQUAL:
        scores = some.products(question.astype(np.float64)).astype(np.float32)
    keys, values = some.keys(), scores.tolist()
    order = heapq.nsmallest(limit, range(len(keys)), key=lambda at: (-values[at], keys[at]))
    return some[order], scores[order]


def _joined(masks: Sequence[Bools]) -> Bools:
    return np.concatenate(masks) if masks else np.zeros(0, bool)


def _numbered(moment: Moment, some: Iterable[Rows]) -> Rows:
    shifted = [rows + start for rows, start in zip(some, moment.starts, strict=True)]
    return np.concatenate(shifted) if shifted else np.zeros(0, np.intp)
