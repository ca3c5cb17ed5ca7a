"""What is particular to each modality: one row for each, light enough for every process."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Modality

Decoded = NDArray[np.uint8]
"""What a content that is no text is decoded to: of a picture (height, width, 3) RGB."""


@dataclass(frozen=True, slots=True)
class ModalityRow:
    """One modality.

    `called` is what people call an item of it. `media_types` begin those of documents that are one such item all by
    themselves; with `has_preview` there is a small picture of them. `check` raises ValueError for what was decoded
    wrongly, None where nothing has to be decoded. `templates` stand around a label when things of it are classified. An
    item takes `share` of a slice that is worked on at once, and `share_of_character` for each character of its text.
    `first_pace` is the cost per second (tokens, items) that an encoder is taken to manage until that was measured.
    """

    modality: Modality
    called: str
    media_types: tuple[str, ...]
    templates: tuple[str, ...]
    first_pace: float
    share: float = 0.0
    share_of_character: float = 0.0
    has_preview: bool = False
    check: Callable[[Decoded], None] | None = None

    @property
    def is_decoded(self) -> bool:
        """Whether an item of it is something decoded, and no text."""
        return self.check is not None

    def is_alone(self, media_type: str) -> bool:
        """Whether a document of this media type is one such item all by itself."""
        return media_type.startswith(self.media_types)

    def share_of(self, text: str) -> float:
        """The share of a slice that an item of this text is."""
        return self.share + self.share_of_character * len(text)


def check_picture(rgb: Decoded) -> None:
    """ValueError unless these are the pixels of a picture, (height, width, 3)."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
        raise ValueError(f"pixels of shape {rgb.shape}, (height, width, 3) is wanted")


TEXT = ModalityRow(
    modality=Modality.TEXT,
    called="passage",
    media_types=("text/",),
    templates=("this text is about {}.",),
    # Low, so that the first batches on a slow machine stay short.
    first_pace=2000.0,
    # A slice of long texts takes no longer than one of many short ones, and a worker that is to stop finishes the
    # slice at hand.
    share_of_character=1 / 50_000,
)
IMAGE = ModalityRow(
    modality=Modality.IMAGE,
    called="picture",
    media_types=("image/",),
    # The seven that openai/CLIP's notebook on prompt engineering keeps of its eighty, as good as all of them.
    templates=(
        "itap of a {}.",
        "a bad photo of the {}.",
        "a origami {}.",
        "a photo of the large {}.",
        "a {} in a video game.",
        "art of the {}.",
        "a photo of the small {}.",
    ),
    first_pace=20.0,
    share=1 / 16,  # they are held decoded, at about 1 MB each
    has_preview=True,
    check=check_picture,
)
MODALITIES = (TEXT, IMAGE)
"""In the order by which they are numbered, on a map for one: new ones at the end."""

_ROWS = {row.modality: row for row in MODALITIES}


def has_preview(media_type: str) -> bool:
    """Whether there is a small picture of documents of this media type."""
    return any(row.has_preview and row.is_alone(media_type) for row in MODALITIES)


def row_of(modality: Modality) -> ModalityRow:
    """The row of a modality."""
    return _ROWS[modality]
