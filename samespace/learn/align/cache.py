"""What the frozen part of the tower makes of every augmented view, computed once and kept on disk.

The lower stages cost most of a forward pass and do not change, so their maps for a fixed number of views
of each picture are the training set. They are float16: 44 kB a view above the fifth stage of EfficientNet-Lite0.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from samespace.core.errors import InvalidRequest
from samespace.learn.align import precision, views
from samespace.learn.align.pictures import load_square
from samespace.learn.align.plan import Plan
from samespace.learn.align.tower import Tower
from samespace.learn.pairs import Pair

if TYPE_CHECKING:
    from samespace.learn.progress import Tell

BATCH = 64
MAPS_FILE, KNOWN_FILE = "maps.npy", "known.npy"
DONE_FILE = "views.json"


@dataclass(frozen=True)
class Views:
    """Maps (pictures, views, ...) and the features (pictures, views, width) of the tower as it began."""

    maps: NDArray[np.float16]
    known: NDArray[np.float16]

    def drawn(
        self, pictures: NDArray[np.int64], chance: np.random.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One view of each picture at random: its maps and its first features, float32."""
        view = chance.integers(self.maps.shape[1], size=len(pictures))
        known = torch.from_numpy(self.known[pictures, view]).float()
        return as_maps(self.maps[pictures, view]), known


def as_maps(stored: NDArray[np.float16]) -> torch.Tensor:
    """Stored maps (n, height, width, channels) as (n, channels, height, width), channels last in memory."""
    return torch.from_numpy(stored).float().permute(0, 3, 1, 2)


@dataclass(frozen=True)
class Kept:
    """Where views are kept, the mark of what they depend on, and who hears how far they are."""

    folder: Path
    mark: str
    tell: "Tell"


def augmented_views(pairs: Sequence[Pair], tower: Tower, plan: Plan, kept: Kept) -> Views:
    """`plan.views` views of each picture, from the folder where they are there already.

    A folder with views of another mark is refused (InvalidRequest).
    """
    return _cached(pairs, tower, plan, replace(kept, folder=kept.folder / "train"))


def plain_views(pairs: Sequence[Pair], tower: Tower, plan: Plan, kept: Kept) -> Views:
    """The one view of each picture that an encoder will see: whole, on white."""
    return _cached(pairs, tower, plan, replace(kept, folder=kept.folder / "validation"), plain=True)


def _cached(
    pairs: Sequence[Pair], tower: Tower, plan: Plan, kept: Kept, *, plain: bool = False
) -> Views:
    kept.folder.mkdir(parents=True, exist_ok=True)
    count = 1 if plain else plan.views
    done = _done(kept)
    made = _open(kept.folder, tower, plan, (len(pairs), count))
    for start in range(done, len(pairs), BATCH):
        pictures = load_square([pair.path for pair in pairs[start : start + BATCH]], plan.side)
        for view in range(count):
            chance = torch.Generator().manual_seed((plan.seed * 10_007 + view) * 1_000_003 + start)
            pixels = views.on_white(pictures) if plain else views.augmented(pictures, chance)
            maps, known = _computed(tower, pixels)
            made.maps[start : start + BATCH, view] = maps
            made.known[start : start + BATCH, view] = known
        _note(kept, start + len(pictures))
        kept.tell(f"{kept.folder.name} views", (start + len(pictures)) * count, len(pairs) * count)
    return made


@torch.inference_mode()
def _computed(
    tower: Tower, pixels: torch.Tensor
) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    with precision.forward(tower.device):
        maps = tower.lower(pixels)
        known = tower.features(maps)
    # (n, height, width, channels) on disk, as channels-last convolutions want it
    last = maps.permute(0, 2, 3, 1).half().cpu().numpy()
    return last, known.half().cpu().numpy()


def _open(folder: Path, tower: Tower, plan: Plan, shape: tuple[int, int]) -> Views:
    maps, known = _computed(tower, torch.zeros(1, 3, plan.side, plan.side))
    return Views(
        _memmap(folder / MAPS_FILE, (*shape, *maps.shape[1:])),
        _memmap(folder / KNOWN_FILE, (*shape, *known.shape[1:])),
    )


def _memmap(file: Path, shape: tuple[int, ...]) -> NDArray[np.float16]:
    if not file.exists():
        made: NDArray[np.float16] = np.lib.format.open_memmap(file, "w+", np.float16, shape)
        return made
    found: NDArray[np.float16] = np.lib.format.open_memmap(file, "r+")
    if found.shape != shape:
        raise InvalidRequest(f"{file} holds views of shape {found.shape}, this run needs {shape}")
    return found


def _done(kept: Kept) -> int:
    """How many pictures are done; the file is written after them, so a stopped run repeats at most a batch."""
    file = kept.folder / DONE_FILE
    if not all((kept.folder / name).exists() for name in (DONE_FILE, MAPS_FILE, KNOWN_FILE)):
        return 0  # views that were deleted to make room are made again
    noted = json.loads(file.read_text())
    if noted["mark"] != kept.mark:
        raise InvalidRequest(
            f"{kept.folder} holds views of other pictures or another plan: delete it, or name another folder"
        )
    done: int = noted["done"]
    return done


def _note(kept: Kept, done: int) -> None:
    partial = kept.folder / f"{DONE_FILE}.part"
    partial.write_text(json.dumps({"mark": kept.mark, "done": done}))
    partial.replace(kept.folder / DONE_FILE)
