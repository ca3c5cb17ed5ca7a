"""Pixels of every kind to eight bits: RGB, or RGBA where something is transparent."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_TOPS = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
"""The brightest value of 1, 8, 10, 12, 14 and 16 bits."""
_DIM = 1 / 20
"""Floats that all are below it are no share of 1: they are scaled by what they span."""
_WHITE_IS_ZERO = 0
_PHOTOMETRIC, _BITS, _MOST, _MOST_SAMPLE = 262, 258, 281, 341


def eight_bits(image: Image.Image) -> Image.Image:
    """The decoded picture as RGB or RGBA; values of more than eight bits are scaled by their true range."""
    if image.mode.startswith(("I", "F")):
        return _from_deep(image).convert("RGB")
    if image.mode == "La":
        return image.convert("LA").convert("RGBA")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("RGB")


def has_sixteen_bits(image: Image.Image) -> bool:
    """Whether the file has 16 bits for each colour; known only before the picture is decoded."""
    return any(";16" in str(tile) for tile in getattr(image, "tile", ()))


def stretched(image: Image.Image) -> Image.Image:
    """Colours that came from 16 bits of which the upper ones were never used, as cameras of 10 to 14 bits write.

    Pillow keeps the upper eight of 16 bits, so of those that are left there is less to see, but it is seen.
    """
    colours = image.convert("RGB")
    most = max(high for _, high in colours.getextrema())  # type: ignore[misc]
    top = next((top for top in (3, 15, 63, 255) if most <= top), 255)
    if top == 255 or not most:
        return image
    scale = [min(255, round(value * 255 / top)) for value in range(256)]
    same = list(range(256))
    return image.point(scale * 3 + (same if image.mode == "RGBA" else []))


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey to 8 bits; Pillow itself would clip at 255."""
    grey = np.nan_to_num(np.asarray(image).astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = _range(grey, image)
    grey = (grey - low) * (255.0 / (high - low))
    if _tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO:
        grey = 255.0 - grey
    plain = Image.fromarray(grey.clip(0, 255).round().astype(np.uint8))
    plain.info = image.info  # which says how it is to be turned
    return plain


def _range(grey: NDArray[np.float32], image: Image.Image) -> tuple[float, float]:
    """The range that these values use: what the file says, else the least one of _TOPS, or what they span."""
    low, high = float(grey.min()), float(grey.max())
    if low < 0 or high > _TOPS[-1] or (image.mode == "F" and 0 < high < _DIM):
        return low, max(high, low + 1e-9)
    tops = (_tag(image, _MOST_SAMPLE), _tag(image, _MOST), _of_bits(image), *_TOPS)
    return 0.0, next(float(top) for top in tops if top and top >= high)


def _of_bits(image: Image.Image) -> float | None:
    bits = _tag(image, _BITS)
    return 2.0**bits - 1 if bits and bits < 16 else None


def _tag(image: Image.Image, number: int) -> float | None:
    """A number that a TIFF says about its values."""
    value = getattr(image, "tag_v2", {}).get(number)
    value = value[0] if isinstance(value, tuple) and value else value
    return float(value) if isinstance(value, int | float) else None
