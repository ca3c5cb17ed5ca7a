"""The one list of modalities."""

from collections.abc import Iterator

from samespace.core.errors import Unsupported
from samespace.core.modality import Decoded, ModalityRow
from samespace.core.types import IMAGE, TEXT, Modality


def check_picture(rgb: Decoded) -> None:
    """ValueError unless these are the pixels of a picture, (height, width, 3)."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
        raise ValueError(f"pixels of shape {rgb.shape}, (height, width, 3) is wanted")


TEXT_ROW = ModalityRow(
    name=TEXT,
    called="passage",
    plural="passages",
    preview="text",
    templates=("this text is about {}.",),
    # Low, so that the first batches on a slow machine stay short.
    first_pace=2000.0,
    # A slice of long texts takes no longer than one of many short ones, and a worker that is to stop finishes the
    # slice at hand.
    share_of_character=1 / 50_000,
)
IMAGE_ROW = ModalityRow(
    name=IMAGE,
    called="picture",
    plural="pictures",
    media_types=("image/",),
    preview="thumbnail",
    query="ingest.formats.picture.read:read_query",
    check=check_picture,
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
    # They have no words, and a scale from what they show: at the same share of false alarms, measured in decision 11.
    match_margin=0.3,
)
MODALITIES = {row.name: row for row in (TEXT_ROW, IMAGE_ROW)}
"""In the order by which they are numbered, on a map for one: new ones at the end."""


def row_of(modality: Modality) -> ModalityRow:
    """The row of a modality; Unsupported for one that this installation does not know."""
    row = MODALITIES.get(modality)
    if row is None:
        raise Unsupported(f"modality {modality[:80]!r} is not known; known are {known()}")
    return row


def known() -> str:
    """The names of all modalities, for people."""
    return ", ".join(sorted(MODALITIES))


def alone_in(media_type: str) -> Iterator[ModalityRow]:
    """The modality of which a document of this media type is one item all by itself, if there is one."""
    return (row for row in MODALITIES.values() if row.media_types and row.is_alone(media_type))


def has_preview(media_type: str) -> bool:
    """Whether there is a small picture of documents of this media type."""
    return any(row.has_preview for row in alone_in(media_type))
