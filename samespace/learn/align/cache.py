"""What the frozen part of the tower makes of every augmented view, computed once and kept on disk.

The lower stages cost most of a forward pass and do not change, so their maps for a fixed number of views
of each picture are the training set. They are float16: 44 kB a view above the fifth stage of EfficientNet-Lite0.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from samespace.core.errors import InvalidRequest
from samespace.core.files import replace_text
from samespace.learn.align.plan import Plan
from samespace.learn.pairs import Pair
from samespace.learn.training import precision, views
from samespace.learn.training.pictures import load_square
from samespace.learn.training.tower import Tower

if TYPE_CHECKING:
    from samespace.learn.progress import ProgressCallback

BATCH = 64
MAPS_FILE, FEATURES_FILE = "maps.npy", "known.npy"
DONE_FILE = "views.json"

ViewOf = Callable[[torch.Tensor, int, int], torch.Tensor]
"""Pictures, the place of the first among all, and the number of the view, to views (n, 3, side, side)."""


@dataclass(frozen=True)
class Views:
    """Maps (pictures, views, ...) and the features (pictures, views, width) of the tower as it began."""

    maps: NDArray[np.float16]
    features: NDArray[np.float16]

    def sample(
        self, pictures: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One view of each picture at random: its maps and its first features, float32."""
        view = rng.integers(self.maps.shape[1], size=len(pictures))
        features = torch.from_numpy(self.features[pictures, view]).float()
        return as_maps(self.maps[pictures, view]), features

    def batches(self) -> Iterator[torch.Tensor]:
        """The maps of the first view of all pictures, in their order."""
        for start in range(0, len(self.maps), BATCH):
            yield as_maps(self.maps[start : start + BATCH, 0])


def as_maps(stored: NDArray[np.float16]) -> torch.Tensor:
    """Stored maps (n, height, width, channels) as (n, channels, height, width), channels last in memory."""
    return torch.from_numpy(stored).float().permute(0, 3, 1, 2)


@dataclass(frozen=True)
class CacheFolder:
    """Where views are kept, the hash of what they depend on, and what gets how far they are."""

    folder: Path
    fingerprint: str
    report: "ProgressCallback"


def augmented_views(pairs: Sequence[Pair], tower: Tower, plan: Plan, into: CacheFolder) -> Views:
    """`plan.views` views of each picture, from the folder where they are there already.

    A folder with views that depend on something else is refused (InvalidRequest).
    """

    def view_of(pictures: torch.Tensor, start: int, view: int) -> torch.Tensor:
        seed = (plan.seed * 10_007 + view) * 1_000_003 + start
        return views.augmented(pictures, torch.Generator().manual_seed(seed))

    inside = replace(into, folder=into.folder / "train")
    return _cached([pair.path for pair in pairs], tower, view_of, plan.views, inside)


def plain_views(pairs: Sequence[Pair], tower: Tower, into: CacheFolder) -> Views:
    """The one view of each picture that an encoder will see: whole, on white."""
    inside = replace(into, folder=into.folder / "validation")

    def view_of(pictures: torch.Tensor, _start: int, _view: int) -> torch.Tensor:
        return views.on_white(pictures)

    return _cached([pair.path for pair in pairs], tower, view_of, 1, inside)


def _cached(
    files: Sequence[Path], tower: Tower, view_of: ViewOf, count: int, into: CacheFolder
) -> Views:
    into.folder.mkdir(parents=True, exist_ok=True)
    done, side = _done(into), tower.architecture.side
    made = _open(into.folder, tower, (len(files), count))
    for start in range(done, len(files), BATCH):
        here = slice(start, start + BATCH)
        pictures = load_square(files[here], side)
        for view in range(count):
            pixels = view_of(pictures, start, view)
            made.maps[here, view], made.features[here, view] = _computed(tower, pixels)
        done = start + len(pictures)
        _note(into, done)
        into.report(f"{into.folder.name} views", done * count, len(files) * count)
    return made


@torch.inference_mode()
def _computed(
    tower: Tower, pixels: torch.Tensor
) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    with precision.forward(tower.device):
        maps = tower.lower(pixels)
        features = tower.features(maps)
    # (n, height, width, channels) on disk, as channels-last convolutions want it
    last = maps.permute(0, 2, 3, 1).half().cpu().numpy()
    return last, features.half().cpu().numpy()


def _open(folder: Path, tower: Tower, shape: tuple[int, int]) -> Views:
    side = tower.architecture.side
    maps, features = _computed(tower, torch.zeros(1, 3, side, side))
    return Views(
        _memmap(folder / MAPS_FILE, (*shape, *maps.shape[1:])),
        _memmap(folder / FEATURES_FILE, (*shape, *features.shape[1:])),
    )


def _memmap(file: Path, shape: tuple[int, ...]) -> NDArray[np.float16]:
    if not file.exists():
        made: NDArray[np.float16] = np.lib.format.open_memmap(file, "w+", np.float16, shape)
        return made
    found: NDArray[np.float16] = np.lib.format.open_memmap(file, "r+")
    if found.shape != shape:
        raise InvalidRequest(f"{file} holds views of shape {found.shape}, this run needs {shape}")
    return found


def _done(into: CacheFolder) -> int:
    """How many pictures are done; the file is written after them, so a stopped run repeats at most a batch."""
    file = into.folder / DONE_FILE
    if not all((into.folder / name).exists() for name in (DONE_FILE, MAPS_FILE, FEATURES_FILE)):
        return 0  # views that were deleted to make room are made again
    noted = json.loads(file.read_text())
    if noted["mark"] != into.fingerprint:
        raise InvalidRequest(
            f"{into.folder} holds views of other pictures or another plan: delete it, or name another folder"
        )
    done: int = noted["done"]
    return done


def _note(into: CacheFolder, done: int) -> None:
    replace_text(into.folder / DONE_FILE, json.dumps({"mark": into.fingerprint, "done": done}))
