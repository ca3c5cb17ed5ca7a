"""Zero-shot classification: which of some named classes a text or a picture belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from samespace.core.content import Content
from samespace.core.errors import InvalidRequest, NotFound, Unsupported
from samespace.core.modalities import MODALITIES
from samespace.core.types import TEXT, Modality, Row, Space, Vectors
from samespace.encoders.contents import as_passage
from samespace.store.records import Collection, IndexRecord
from search.caches import LabelVectors
from search.documents import is_live, live_documents
from search.labels import LabelSet, check_label_set, prompts_of
from search.searcher import Searcher
from search.spaces import SpaceEncoder, open_space
from search.trace import answering
from search.truncation import cut_warnings

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Classified:
    """The best label, None where its probability is under the threshold, and the probability of each.

    `warnings` say what was cut: a text or a prompt that is longer than the space reads.
    """

    label: str | None
    confidence: float
    scores: dict[str, float]
    warnings: tuple[str, ...] = ()


def classify_vectors(vectors: Vectors, labels: Vectors, encoder: SpaceEncoder) -> Probabilities:
    """Probabilities, (n, labels), of unit vectors, (n, dim), for label vectors, (labels, dim).

    Softmax over the model's scale times cosine (CLIP, Radford et al. 2021); for spaces trained with a
    sigmoid, that of scale times cosine plus bias (SigLIP, Zhai et al. 2023, arXiv:2303.15343), where each
    label is judged for itself and rows need not sum to 1.
    """
    logits = encoder.scale * (vectors.astype(np.float64) @ labels.T.astype(np.float64))
    if encoder.space.score_kind == "sigmoid":
        probabilities = 1 / (1 + np.exp(-np.clip(logits + encoder.bias, -80, 80)))
    else:
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    return np.asarray(probabilities, dtype=np.float32)


def threshold_of(label_set: LabelSet, encoder: SpaceEncoder) -> float:
    """The probability under which the best label counts as none.

    Unless the label set says: a quarter of the way from chance to certainty for a softmax; 0.1 for a
    sigmoid, which judges each label for itself. Measured in docs/decisions/0005-calibrated-merge.md.
    """
    if label_set.threshold is not None:
        return label_set.threshold
    if encoder.space.score_kind == "sigmoid":
        return 0.1
    chance = 1 / len(label_set.labels)
    return chance + (1 - chance) / 4


def classify(
    inputs: Sequence[Content],
    label_set: LabelSet,
    spaces: Sequence[Space],
    searcher: Searcher,
) -> list[Classified]:
    """Classify contents that were brought along, texts for one, in the given spaces, in order.

    Raises InvalidRequest for a bad label set, Unsupported where no space takes an input, Unavailable.
    """
    check_label_set(label_set, searcher.settings)
    if any(each.modality == TEXT and not each.text.strip() for each in inputs):
        raise InvalidRequest("a text to classify is empty")
    answers: dict[int, Classified] = {}
    for modality in dict.fromkeys(each.modality for each in inputs):
        chosen = {i: each for i, each in enumerate(inputs) if each.modality == modality}
        space = space_for(modality, spaces)
        with answering(space.name):
            encoder = searcher.encoders.get(space)
            contents = [as_passage(each, encoder.space) for each in chosen.values()]
            vectors = encoder.encode(contents, interactive=True)
            found = _classify(vectors, label_set, modality, encoder, searcher.labels)
        answers |= dict(zip(chosen, found, strict=True))
        if modality == TEXT:
            answers |= _with_cuts(answers, chosen, encoder)
    return [answers[i] for i in range(len(inputs))]


def classify_items(
    keys: Sequence[str],
    label_set: LabelSet,
    collection: Collection,
    searcher: Searcher,
) -> dict[str, Classified]:
    """Classify stored items by their vectors, answers by key; NotFound for an unknown one, else as `classify`."""
    check_label_set(label_set, searcher.settings)
    answers: dict[str, Classified] = {}
    for modality in MODALITIES:
        if len(answers) == len(set(keys)):
            break
        record = space_record_for(modality, collection)
        if record is None:
            continue
        with answering(record.name):
            space = open_space(record, searcher.encoders)
            found, vectors = searcher.index.get(record.index_name, list(dict.fromkeys(keys)))
            live = live_documents(searcher.records, found)
            mine = [
                i for i, row in enumerate(found) if _is_of(row, modality) and is_live(row, live)
            ]
            if mine:
                made = _classify(vectors[mine], label_set, modality, space.encoder, searcher.labels)
                answers |= {found[i].item.key: one for i, one in zip(mine, made, strict=True)}
    if missing := [key for key in keys if key not in answers]:
        raise NotFound(f"there is no item {missing[0]!r} in collection {collection.name!r}")
    return answers


def space_for(modality: Modality, spaces: Sequence[Space]) -> Space:
    """The space that things of this modality are classified in: the first that takes them, and words; Unsupported."""
    for space in spaces:
        if {modality, TEXT} <= space.modalities:
            return space
    raise Unsupported(f"no space takes both {modality} and the words of labels")


def space_record_for(modality: Modality, collection: Collection) -> IndexRecord | None:
    """The same for the spaces of a collection; None if there is none."""
    for record in collection.spaces:
        if {modality, TEXT} <= set(record.modalities):
            return record
    return None


def _classify(
    vectors: Vectors,
    label_set: LabelSet,
    modality: Modality,
    encoder: SpaceEncoder,
    known: LabelVectors,
) -> list[Classified]:
    labels = known.get(label_set, modality, encoder, interactive=True)
    threshold = threshold_of(label_set, encoder)
    cuts = cut_warnings(prompts_of(label_set, modality), encoder.space.query_prompt, encoder)
    return [
        _answer(row, label_set.names, threshold, tuple(cuts))
        for row in classify_vectors(vectors, labels, encoder)
    ]


def _with_cuts(
    answers: Mapping[int, Classified], texts: Mapping[int, Content], encoder: SpaceEncoder
) -> dict[int, Classified]:
    """The answers to these texts, with a warning for each that was cut."""
    prompt = encoder.space.passage_prompt
    return {
        i: replace(
            answers[i],
            warnings=(*cut_warnings([each.text], prompt, encoder), *answers[i].warnings),
        )
        for i, each in texts.items()
    }


def _answer(
    row: NDArray[np.float32], names: tuple[str, ...], threshold: float, cuts: tuple[str, ...]
) -> Classified:
    best = int(row.argmax())
    confidence = float(row[best])
    scores = {name: float(score) for name, score in zip(names, row, strict=True)}
    label = names[best] if confidence >= threshold else None
    return Classified(label, confidence, scores, cuts)


def _is_of(row: Row, modality: Modality) -> bool:
    return row.item.modality == modality
