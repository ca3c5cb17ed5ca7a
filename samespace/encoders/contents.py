"""Contents of any modality to their rows: each modality by its own way through a model."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from samespace.core.content import Content
from samespace.core.errors import Unsupported
from samespace.core.types import Modality, Space, Vectors

Way = Callable[[Sequence[Content]], Vectors]
"""Contents of one modality, at least one, to their (n, dim) rows."""


def encode_by(ways: Mapping[Modality, Way], contents: Sequence[Content], space: Space) -> Vectors:
    """The rows of contents in their order, shape (len(contents), dim): one call for each modality.

    Unsupported where one of them is of a modality without a way.
    """
    kinds = dict.fromkeys(each.modality for each in contents)
    if len(kinds) == 1:
        return _way(next(iter(kinds)), ways, space)(contents)
    if not kinds:
        return np.empty((0, space.dim), np.float32)
    places: list[int] = []
    parts: list[Vectors] = []
    for modality in kinds:
        way = _way(modality, ways, space)
        at = [place for place, each in enumerate(contents) if each.modality == modality]
        places += at
        parts.append(way([contents[place] for place in at]))
    return np.concatenate(parts)[np.argsort(places)]


def _way(modality: Modality, ways: Mapping[Modality, Way], space: Space) -> Way:
    way = ways.get(modality)
    if way is None or modality not in space.modalities:
        raise Unsupported(f"space {space.name} ({space.model}) takes no {modality}")
    return way


def texts_of(contents: Sequence[Content]) -> list[str]:
    """The texts of contents that are texts."""
    return [each.text for each in contents]


def as_passage(content: Content, space: Space) -> Content:
    """The content as the encoder of this space wants to see what is to be found."""
    return content.after(space.passage_prompt)


def as_query(content: Content, space: Space) -> Content:
    """The content as the encoder of this space wants to see what is asked."""
    return content.after(space.query_prompt)
