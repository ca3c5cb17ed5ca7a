"""Named classes with prompts, for classification without training."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from samespace.core.content import of_texts
from samespace.core.errors import InvalidRequest
from samespace.core.modalities import MODALITIES, row_of
from samespace.core.settings import Settings
from samespace.core.types import Modality, Vectors
from search.spaces import SpaceEncoder

MAX_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Label:
    """A class; its own prompts, where given, stand for it as they are, without templates."""

    name: str
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Classes that exclude each other; `{}` in a template is the label's name.

    `templates` None: the defaults of the modality. An answer under `threshold` (0 to 1) is none of the
    labels; None: the default of `search.zeroshot`.
    """

    labels: tuple[Label, ...]
    templates: tuple[str, ...] | None = None
    threshold: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(label.name for label in self.labels)


def parse_label_set(source: Mapping[str, Any]) -> LabelSet:
    """The label set of a JSON object {labels: [name or {name, prompts}], templates, threshold}; InvalidRequest."""
    labels = source.get("labels")
    if not isinstance(labels, list | tuple):
        raise InvalidRequest(
            "labels: a list of names, or of objects with name and prompts, is needed"
        )
    templates = source.get("templates")
    return LabelSet(
        labels=tuple(_parse_label(label) for label in labels),
        templates=None if templates is None else _texts("templates", templates),
        threshold=_parse_threshold(source.get("threshold")),
    )


def check_label_set(label_set: LabelSet, settings: Settings) -> None:
    """InvalidRequest, naming the value and the limit, for a label set that cannot be classified with."""
    names = label_set.names
    if not 2 <= len(names) <= settings.max_labels:
        raise InvalidRequest(
            f"{len(names)} labels were given; 2 to {settings.max_labels} are needed"
        )
    _check_names(names)
    for text in [*names, *(prompt for label in label_set.labels for prompt in label.prompts)]:
        _check_text("label or prompt", text)
    _check_templates(label_set.templates)
    _check_prompts(label_set, settings.max_prompts)
    threshold = label_set.threshold
    if threshold is not None and not (math.isfinite(threshold) and 0 <= threshold <= 1):
        raise InvalidRequest(f"threshold is {threshold}; it has to be 0 to 1")


def encode_labels(
    label_set: LabelSet, modality: Modality, encoder: SpaceEncoder, *, interactive: bool = True
) -> Vectors:
    """A unit vector for each label, (labels, dim): the mean of its prompts' vectors, renormalised.

    The prompt ensemble of CLIP (Radford et al. 2021, arXiv:2103.00020, section 3.1.4). `modality` is that
    of what will be classified; it chooses the default templates.
    """
    prompts = [_prompts_of(label, label_set, modality) for label in label_set.labels]
    prefix = encoder.space.query_prompt
    vectors = encoder.encode(
        of_texts([prefix + prompt for some in prompts for prompt in some]), interactive=interactive
    )
    starts = np.cumsum([0, *(len(some) for some in prompts[:-1])])
    means = np.add.reduceat(vectors.astype(np.float64), starts, axis=0)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / np.maximum(lengths, 1e-12), dtype=np.float32)


def prompts_of(label_set: LabelSet, modality: Modality) -> list[str]:
    """Every prompt of every label, as it is encoded to classify things of this modality."""
    return [p for label in label_set.labels for p in _prompts_of(label, label_set, modality)]


def _prompts_of(label: Label, label_set: LabelSet, modality: Modality) -> Sequence[str]:
    if label.prompts:
        return label.prompts
    return [template.replace("{}", label.name) for template in _templates_of(label_set, modality)]


def _templates_of(label_set: LabelSet, modality: Modality) -> Sequence[str]:
    default = row_of(modality).templates
    return default if label_set.templates is None else label_set.templates


def _check_prompts(label_set: LabelSet, most: int) -> None:
    """A set is good for all modalities or for nothing: that with the most default templates counts."""
    templates = max(len(_templates_of(label_set, modality)) for modality in MODALITIES)
    plain = sum(not label.prompts for label in label_set.labels)
    own = sum(len(label.prompts) for label in label_set.labels)
    if (prompts := plain * templates + own) <= most:
        return
    parts = [f"{plain} labels times {templates} templates"] if plain else []
    parts += [f"{own} prompts of the labels' own"] if own else []
    raise InvalidRequest(
        f"{' and '.join(parts)} make {prompts} prompts, the limit is {most} (SAMESPACE_MAX_PROMPTS)"
    )


def _check_names(names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        _check_text("label", name)
        folded = " ".join(name.split()).casefold()
        if folded in seen:
            raise InvalidRequest(f"label {name[:80]!r} is given twice")
        seen[folded] = name


def _check_templates(templates: tuple[str, ...] | None) -> None:
    if templates is None:
        return
    if not templates:
        raise InvalidRequest("templates is empty; leave it out to get the defaults")
    for template in templates:
        _check_text("template", template)
        if "{}" not in template:
            raise InvalidRequest(f"template {template[:80]!r} has no {{}} for the label's name")


def _check_text(what: str, text: str) -> None:
    if not text.strip():
        raise InvalidRequest(f"a {what} is empty")
    if len(text) > MAX_CHARACTERS:
        raise InvalidRequest(f"a {what} has {len(text)} characters, the limit is {MAX_CHARACTERS}")


def _parse_label(source: object) -> Label:
    match source:
        case str():
            return Label(source)
        case {"name": str(name), **rest} if rest.keys() <= {"prompts"}:
            return Label(name, _texts(f"prompts of {name[:80]!r}", rest.get("prompts") or []))
        case _:
            raise InvalidRequest(
                f"label {repr(source)[:80]} is neither a name nor {{name, prompts}}"
            )


def _parse_threshold(source: object) -> float | None:
    if source is not None and (isinstance(source, bool) or not isinstance(source, int | float)):
        raise InvalidRequest(f"threshold is {repr(source)[:80]}; it has to be 0 to 1")
    return None if source is None else float(source)


def _texts(what: str, source: Iterable[object] | object) -> tuple[str, ...]:
    if not isinstance(source, list | tuple) or not all(isinstance(text, str) for text in source):
        raise InvalidRequest(f"{what}: a list of texts is needed")
    return tuple(source)
