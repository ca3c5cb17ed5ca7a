"""Drawings before they become pairs, and their pictures at training size."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from samespace.encoders.ground import WHITE, laid_on

SIDE = 256  # longest side in pixels; towers see 224
CONTRAST = 24  # of 255 grey values; less cannot be seen
LEAST = 40  # longest side below which clip art is a smudge once enlarged
MAX_PIXELS = 60_000_000  # beyond it a clip-art page costs seconds and shows no more


@dataclass(frozen=True)
class Drawing:
    """A drawing as unpacked: its file, what it shows, and which words say so.

    `concept` is what it shows, lower case, singular; `folder` the clip-art folder, "" elsewhere.
    """

    file: Path
    captions: tuple[str, ...]
    concept: str
    source: str
    folder: str = ""


def settle(drawing: Drawing, target: Path) -> bool:
    """Writes the drawing as an RGBA PNG of at most 256 pixels a side; false if nothing can be seen.

    A target that exists is left as it is, so a run that was stopped goes on where it was.
    """
    if target.exists():
        return True
    picture = _read(drawing.file)
    if picture is None or (drawing.folder and (picture := _trimmed(picture)) is None):
        return False
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    if _blank(picture) or max(picture.size) < LEAST:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    picture.save(partial, "PNG", compress_level=4)
    partial.replace(target)
    return True


def _read(file: Path) -> Image.Image | None:
    try:
        with Image.open(_png_of_svg(file) if file.suffix == ".svg" else file) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            opened.draft("RGB", (SIDE * 2, SIDE * 2))
            return opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None


def _png_of_svg(file: Path) -> io.BytesIO:
    import resvg_py

    return io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_path=str(file), width=SIDE, height=SIDE)))


def _trimmed(picture: Image.Image) -> Image.Image | None:
    """Without the transparent border: clip art often is a small drawing on a whole page."""
    box = picture.getchannel("A").getbbox()
    return picture.crop(box) if box else None


def _blank(picture: Image.Image) -> bool:
    shades = grey_values(picture, 32, 32)
    return max(shades) - min(shades) < CONTRAST


def grey_values(picture: Image.Image, width: int, height: int) -> bytes:
    """Grey values of the picture on a white ground, squeezed to width x height, row by row."""
    return (
        laid_on(picture, WHITE).convert("L").resize((width, height), Image.Resampling.BOX).tobytes()
    )


def difference_hash(picture: Image.Image) -> int:
    """64 bits: whether each of 8x8 cells is darker than its right neighbour (dHash, N. Krawetz 2013)."""
    cells = grey_values(picture, 9, 8)
    darker = (cells[at] < cells[at + 1] for at in range(72) if at % 9 < 8)
    return sum(bit << place for place, bit in enumerate(darker))
