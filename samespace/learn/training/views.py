"""Augmented views of pictures, after SimCLR, and drawings put on other grounds.

Chen et al., A Simple Framework for Contrastive Learning of Visual Representations, 2020, arXiv:2002.05709:
crop, flip, colour, blur. Transparent pictures lie on white, on a plain colour or on a ground with the
spectrum of photographs (power falls with frequency: Field, 1987), so that the ground tells nothing.
Pictures are (n, 4, side, side) float tensors of colours times alpha, and alpha, from 0 to 1.
"""

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.transforms.v2 import functional as change

# To be raised when views come out otherwise, so that those on disk are not taken for them.
AUGMENTATION = 2
ON_WHITE, ON_COLOUR = 0.35, 0.2  # shares; the rest lies on textured grounds
SMALLEST, LARGEST = 0.55, 1.7  # of the picture's own size
STRETCH = 0.25  # greatest logarithm of width over height, either way
TURN = 0.12  # radians, standard deviation
BLURRED, GREYED = 0.3, 0.1  # shares
BLUR_WIDTH, BLUR_SIGMA = 9, 1.5  # pixels


def on_white(pictures: Tensor) -> Tensor:
    """The pictures on white, (n, 3, side, side): what an encoder sees."""
    return pictures[:, :3] + (1 - pictures[:, 3:])


def augmented(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """One random view of each picture, (n, 3, side, side)."""
    moved = _moved(pictures, generator)
    grounded = moved[:, :3] + _grounds(len(moved), moved.shape[-1], generator) * (1 - moved[:, 3:])
    return _coloured(grounded, generator).clamp(0, 1)


def _moved(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Scaled (smaller, or cropped by growing), stretched, turned, shifted and mirrored."""
    count = len(pictures)
    size = SMALLEST * (LARGEST / SMALLEST) ** _random(generator, count)
    stretch = torch.exp((2 * _random(generator, count) - 1) * STRETCH)
    turn = torch.randn(count, generator=generator) * TURN
    mirror = torch.where(_random(generator, count) < 0.5, -1.0, 1.0)
    across, down = 1 / (size * stretch), stretch / size
    right, below = (
        (2 * _random(generator, count) - 1) * (1 - length).abs().clamp(max=0.5) * 0.9
        for length in (across, down)
    )
    first = torch.stack([across * mirror * turn.cos(), -down * turn.sin(), right], 1)
    second = torch.stack([across * mirror * turn.sin(), down * turn.cos(), below], 1)
    shape = list(pictures.shape)
    places = functional.affine_grid(torch.stack([first, second], 1), shape, align_corners=False)
    return functional.grid_sample(pictures, places, align_corners=False)


def _grounds(count: int, side: int, generator: torch.Generator) -> Tensor:
    """White, plain and textured grounds, (n, 3, side, side)."""
    kind = _random(generator, count)
    grounds = _random(generator, count, 3, 1, 1).expand(count, 3, side, side).clone()
    grounds[kind < ON_WHITE] = 1.0
    textured = (kind >= ON_WHITE + ON_COLOUR).nonzero()[:, 0]
    grounds[textured] = _textures(len(textured), side, generator)
    return grounds


def _textures(count: int, side: int, generator: torch.Generator) -> Tensor:
    """Random grounds whose amplitude falls about as 1/frequency, as that of photographs does."""
    squared = torch.fft.fftfreq(side)[:, None] ** 2 + torch.fft.rfftfreq(side)[None] ** 2
    falling = (squared + 1e-4) ** -(0.4 + 0.5 * _random(generator, count, 1, 1, 1))
    phases = torch.randn(count, 3, side, side // 2 + 1, 2, generator=generator)
    waves = torch.fft.irfft2(torch.view_as_complex(phases) * falling, s=(side, side))
    waves = (waves - waves.mean((2, 3), keepdim=True)) / waves.std((2, 3), keepdim=True)
    colourful = _random(generator, count, 1, 1, 1)
    waves = waves * colourful + waves.mean(1, keepdim=True) * (1 - colourful) * 1.5
    contrast = 0.08 + 0.2 * _random(generator, count, 1, 1, 1)
    ground: Tensor = _random(generator, count, 3, 1, 1) + waves * contrast
    return ground.clamp(0, 1)


def _coloured(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Brightness, contrast and saturation changed, some pictures made grey, and some blurred.

    One picture after the other, as torchvision does it: it stays in the processor's cache meanwhile.
    """
    count = len(pictures)
    brightness, contrast = (0.7 + 0.6 * _random(generator, count) for _ in range(2))
    saturation = 0.4 + 1.2 * _random(generator, count)
    saturation[_random(generator, count) < GREYED] = 0.0
    is_blurred = _random(generator, count) < BLURRED
    made = []
    for at, picture in enumerate(pictures.clamp(0, 1)):
        seen = change.adjust_saturation(picture, float(saturation[at]))
        seen = change.adjust_contrast(seen, float(contrast[at]))
        seen = change.adjust_brightness(seen, float(brightness[at]))
        made.append(change.gaussian_blur(seen, BLUR_WIDTH, BLUR_SIGMA) if is_blurred[at] else seen)
    return torch.stack(made)


def _random(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=generator)
