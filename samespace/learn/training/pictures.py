"""Pictures as training takes them: whole in a transparent square."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from samespace.encoders.ground import WHITE, laid_on


def load_square(files: Sequence[Path], side: int) -> torch.Tensor:
    """The pictures as (n, 4, side, side), colours times alpha and alpha, from 0 to 1."""
    stacked = torch.from_numpy(np.stack([_square(file, side) for file in files]))
    pictures = stacked.permute(0, 3, 1, 2).float() / 255
    alpha = pictures[:, 3:]
    return torch.cat([pictures[:, :3] * alpha, alpha], dim=1)


def _square(file: Path, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = _opened(file, side)
    scale = side / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    scaled = picture.resize((width, height), Image.Resampling.BICUBIC)
    square = Image.new("RGBA", (side, side))
    square.paste(scaled, ((side - width) // 2, (side - height) // 2))
    return np.asarray(square)


def open_on_white(file: Path) -> Image.Image:
    """The picture, RGB; what is transparent is white."""
    return laid_on(_opened(file), WHITE)


def _opened(file: Path, side: int | None = None) -> Image.Image:
    """The picture, RGBA, as its EXIF turns it; of a JPEG no more pixels than a square of that side needs."""
    with Image.open(file) as opened:
        if side:
            opened.draft("RGB", (side, side))
        return ImageOps.exif_transpose(opened).convert("RGBA")
