"""Pictures as `preprocessor_config.json` of Hugging Face says: geometry by PIL, then numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samespace.core.modality import Decoded
from samespace.encoders.pictures import middle_of_strip


@dataclass(frozen=True, slots=True)
class Fitting:
    """How pictures are made ready: scaled so that the `shortest` side has so many pixels, or to `size` (width, height);
    the middle `crop` of it; values times `factor`, less `mean`, by `std`."""

    shortest: int | None
    size: tuple[int, int] | None
    crop: tuple[int, int] | None
    resample: int
    factor: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def side(self) -> tuple[int, int]:
        """Width and height of what comes out."""
        known = self.crop or self.size or (self.shortest, self.shortest)
        return int(known[0] or 0), int(known[1] or 0)

    def fit(self, image: Image.Image) -> Decoded:
        """The picture as the model sees it, (height, width, 3); one that is fitted already stays as it is."""
        if image.size != self.side:
            image = self._cropped(self._scaled(image))
        return np.asarray(image)

    def values(self, rgb: Decoded) -> NDArray[np.float32]:
        """What goes into the model, (height, width, 3)."""
        scaled = rgb.astype(np.float32) * np.float32(self.factor)
        made = (scaled - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.asarray(made, np.float32)

    def _scaled(self, image: Image.Image) -> Image.Image:
        way = Image.Resampling(self.resample)
        if self.size:
            return image.resize(self.size, way)
        image = middle_of_strip(image)
        scale = (self.shortest or 0) / min(image.size)
        width, height = (max(self.shortest or 0, round(length * scale)) for length in image.size)
        return image.resize((width, height), way)

    def _cropped(self, image: Image.Image) -> Image.Image:
        width, height = self.side
        left, top = (image.width - width) // 2, (image.height - height) // 2
        return image.crop((left, top, left + width, top + height))


def fitting_of(config: Mapping[str, Any]) -> Fitting:
    """The fitting that a configuration says, with the defaults of Hugging Face for what it leaves out."""
    size = config.get("size", 224)
    size = {"shortest_edge": size} if isinstance(size, int) else dict(size)
    exact = (int(size["width"]), int(size["height"])) if "height" in size else None
    crop = config.get("crop_size") if config.get("do_center_crop", exact is None) else None
    crop = {"width": crop, "height": crop} if isinstance(crop, int) else crop
    normal = config.get("do_normalize", True)
    return Fitting(
        shortest=None if exact else int(size["shortest_edge"]),
        size=exact,
        crop=(int(crop["width"]), int(crop["height"])) if crop else None,
        resample=int(config.get("resample", Image.Resampling.BICUBIC)),
        factor=float(config.get("rescale_factor", 1 / 255))
        if config.get("do_rescale", True)
        else 1.0,
        mean=tuple(config.get("image_mean", (0.5, 0.5, 0.5))) if normal else (0.0, 0.0, 0.0),
        std=tuple(config.get("image_std", (0.5, 0.5, 0.5))) if normal else (1.0, 1.0, 1.0),
    )
