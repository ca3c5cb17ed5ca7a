"""What lies behind a picture that is transparent in places: the one place where that is decided and done."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WHITE = (255, 255, 255)
_GROUNDS = (WHITE, (24, 24, 24), (128, 128, 128))
"""White if it can be, as paper is and as the encoders have learned; then nearly black; then grey, for what is
both white and black. The first of those that hide the least is taken."""
_HIDDEN = 40
"""Of 255 shades; an outline that is nearer to its ground than that is hardly seen."""
_MOST_HIDDEN = 0.25
"""Share of its outlines that a drawing may lose to white: a white petal or the light side of something."""
_SAMPLE_SIDE = 512


def laid_on(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The RGBA picture as RGB, what is transparent in it being of that colour."""
    ground = Image.new("RGBA", picture.size, colour)
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def ground_for(picture: Image.Image) -> tuple[int, int, int]:
    """White, or where too much of what is drawn in the RGBA picture would be lost on it, a darker ground.

    Decided by the outlines alone, the places where opacity changes: what is white within a dark outline is
    seen on white. The same pixels always give the same ground.
    """
    shades = _outline_shades(_sample(picture))
    if not shades.sum() or _hidden(shades, WHITE) <= _MOST_HIDDEN:
        return WHITE
    return min(_GROUNDS, key=lambda ground: round(_hidden(shades, ground), 2))


def _sample(picture: Image.Image) -> Image.Image:
    factor = max(picture.size) // _SAMPLE_SIDE
    return picture.reduce(factor) if factor > 1 else picture


def _outline_shades(picture: Image.Image) -> NDArray[np.float64]:
    """How much outline there is of each of 256 shades, each step in opacity counting by its height."""
    shade = np.asarray(picture.convert("RGB").convert("L"))
    alpha = np.asarray(picture.getchannel("A")).astype(np.int16)
    shades = np.zeros(256)
    for alphas, values in ((alpha, shade), (alpha.T, shade.T)):
        step = alphas[1:] - alphas[:-1]
        # The colour of an outline is that of its more opaque side.
        drawn = np.where(step > 0, values[1:], values[:-1])
        shades += np.bincount(drawn.ravel(), np.abs(step).ravel(), minlength=256)
    return shades


def _hidden(shades: NDArray[np.float64], ground: tuple[int, int, int]) -> float:
    """The share of outlines that are hardly told from this ground."""
    near = np.abs(np.arange(256) - ground[0]) < _HIDDEN
    return float(shades[near].sum() / shades.sum())
