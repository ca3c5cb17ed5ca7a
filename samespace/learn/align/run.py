"""Aligning a picture tower with captions, from pairs to the best tower."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import torch

from samespace.core.errors import InvalidRequest
from samespace.learn.align import cache
from samespace.learn.align.captions import embed_captions
from samespace.learn.align.plan import Plan
from samespace.learn.align.prototypes import Prototypes
from samespace.learn.align.train import Material, train
from samespace.learn.pairs import Pair
from samespace.learn.progress import ProgressCallback
from samespace.learn.training import checkpoint
from samespace.learn.training.loop import BEST, RunFolder
from samespace.learn.training.retrieval import Validation, validation
from samespace.learn.training.tower import Tower

if TYPE_CHECKING:
    from samespace.encoders.base import Encoder

State = Mapping[str, torch.Tensor]
TRAIN, VALIDATION = "train", "validation"


def align(
    pairs: Sequence[Pair],
    encoder: "Encoder",
    tower: Tower,
    plan: Plan,
    *,
    folder: Path,
    report: ProgressCallback,
    views_folder: Path | None = None,
    prototypes_of: Callable[[torch.Tensor], Prototypes] | None = None,
) -> checkpoint.Progress:
    """Train the tower on the pairs of split `train`; it ends as the best on those of `validation`, blended.

    The text encoder stays as it is. `prototypes_of` makes what stands in for the classes that the tower
    knew before, from features (n, width) of the pictures. The folder keeps checkpoints, and the views if
    `views_folder`, which runs of several plans may share, does not: a run that was stopped, at whatever
    point, goes on there and ends the same. Raises InvalidRequest for a split without pairs and for a
    folder of another run.
    """
    train_pairs, held_back = _of_split(pairs, TRAIN), _of_split(pairs, VALIDATION)
    folder.mkdir(parents=True, exist_ok=True)
    initial = {name: value.cpu().clone() for name, value in tower.state_dict().items()}
    seen = _hash([[p.path.name, p.split] for p in train_pairs + held_back], plan.of_views(), tower)
    known_by = [seen, encoder.fingerprint, plan.as_dict()]
    run = RunFolder(folder, _hash([p.captions for p in train_pairs + held_back], known_by, tower))
    captions = embed_captions(train_pairs, encoder, plan.templates, report)
    into = cache.CacheFolder(views_folder or folder, seen, report)
    validate = _validate(tower, validation(held_back, encoder), into)
    views = cache.augmented_views(train_pairs, tower, plan, into)
    features = torch.from_numpy(views.features[:, 0]).float()
    prototypes = prototypes_of(features).to(tower.device) if prototypes_of else None
    done = train(
        tower, Material(views, captions, prototypes), plan, validate, run=run, report=report
    )
    best, _ = checkpoint.read_safetensors(folder / BEST)
    tower.load_state_dict(interpolated(best, initial, plan.blend))
    return done


def _validate(tower: Tower, held_back: Validation, into: cache.CacheFolder) -> Callable[[], float]:
    """The recall of the tower as it then is, on cached maps of what was held back."""
    views = cache.plain_views(held_back.pairs, tower, into)
    return lambda: held_back.recall(tower, views.batches())


def interpolated(now: State, initial: State, share: float) -> dict[str, torch.Tensor]:
    """Weights with the trunk between what it was and what it became; all else is as it became.

    Halfway a network knows what it has learned and has lost less of what it knew (Wortsman et al., Robust
    fine-tuning of zero-shot models, 2022, arXiv:2109.01903). The projection was drawn at random.
    """
    return {
        name: torch.lerp(initial[name], value, share)
        if name.startswith("visual.trunk.") and value.is_floating_point()
        else value
        for name, value in now.items()
    }


def _of_split(pairs: Sequence[Pair], split: str) -> list[Pair]:
    chosen = [pair for pair in pairs if pair.split == split]
    if not chosen:
        raise InvalidRequest(f"no pair is of split {split!r}")
    return chosen


def _hash(pairs: object, settings: object, tower: Tower) -> str:
    """What a run depends on, as one hash; where the pictures lie does not matter, what they are called does."""
    hashed = hashlib.sha256(orjson.dumps([pairs, settings]))
    for value in tower.state_dict().values():
        hashed.update(value.cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()
