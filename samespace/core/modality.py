"""What is particular to a modality: a row, light enough for every process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Modality

Decoded = NDArray[np.uint8]
"""What a content that is no text is decoded to: of a picture (height, width, 3) RGB."""

Preview = Literal["text", "thumbnail", "none"]
"""What people see of an item: its text, a small picture of its document, or its name alone."""

# Columns of the records and of the index hold no longer name.
_LONGEST_NAME = 8


@dataclass(frozen=True, slots=True)
class ModalityRow:
    """One modality.

    `called` is what people call an item of it, `plural` several of them. `media_types` begin those of documents that
    are one such item all by themselves. `query` is the `module:function` that decodes a file to search with, in a child
    process: its bytes, what it is called and the settings' `max_pixels` in, `Decoded` out. `check` raises ValueError
    for what was decoded wrongly; it is None where nothing has to be decoded, which is text. `templates` stand around a
    label when things of it are classified. An item takes `share` of a slice that is worked on at once, and
    `share_of_character` for each character of its text. `first_pace` is the cost per second (tokens, items) that an
    encoder is taken to manage until that was measured. Its items have to stand out by `match_margin` more than passages
    do to be a good match.
    """

    name: Modality
    called: str
    plural: str
    templates: tuple[str, ...]
    first_pace: float
    media_types: tuple[str, ...] = ()
    preview: Preview = "none"
    query: str = ""
    check: Callable[[Decoded], None] | None = None
    share: float = 0.0
    share_of_character: float = 0.0
    match_margin: float = 0.0

    def __post_init__(self) -> None:
        """ValueError for a name that does not fit its columns."""
        is_plain = self.name.isascii() and self.name.isalpha() and self.name.islower()
        if not is_plain or len(self.name) > _LONGEST_NAME:
            raise ValueError(
                f"modality {self.name!r}: a name has 1 to {_LONGEST_NAME} letters a to z"
            )

    @property
    def is_decoded(self) -> bool:
        """Whether an item of it is something decoded, and no text."""
        return self.check is not None

    @property
    def has_preview(self) -> bool:
        """Whether there is a small picture of documents that are one item of it."""
        return self.preview == "thumbnail"

    def is_alone(self, media_type: str) -> bool:
        """Whether a document of this media type is one such item all by itself."""
        return media_type.startswith(self.media_types)

    def share_of(self, text: str) -> float:
        """The share of a slice that an item of this text is."""
        return self.share + self.share_of_character * len(text)
