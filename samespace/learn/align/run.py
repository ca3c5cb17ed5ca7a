"""Aligning a picture tower with captions, from pairs to the best tower."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import torch

from samespace.core.errors import InvalidRequest
from samespace.learn.align import cache, checkpoint
from samespace.learn.align.captions import embed_captions
from samespace.learn.align.plan import Plan
from samespace.learn.align.prototypes import Prototypes
from samespace.learn.align.recall import mean_recall
from samespace.learn.align.tower import Tower
from samespace.learn.align.train import BEST, Material, train
from samespace.learn.evaluate.directions import distinct_captions
from samespace.learn.pairs import Pair
from samespace.learn.progress import Tell

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
    tell: Tell,
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
    began = {name: value.cpu().clone() for name, value in tower.state_dict().items()}
    seen = _mark([[p.path.name, p.split] for p in train_pairs + held_back], plan.of_views(), tower)
    mark = _mark(
        [p.captions for p in train_pairs + held_back],
        [seen, encoder.fingerprint, plan.as_dict()],
        tower,
    )
    captions = embed_captions(train_pairs, encoder, plan.templates, tell)
    kept = cache.Kept(views_folder or folder, seen, tell)
    plain = cache.plain_views(held_back, tower, plan, kept)
    answer = _judge(held_back, encoder, plain)
    views = cache.augmented_views(train_pairs, tower, plan, kept)
    known = torch.from_numpy(views.known[:, 0]).float()
    prototypes = prototypes_of(known).to(tower.device) if prototypes_of else None
    material = Material(views, captions, prototypes)
    done = train(tower, material, plan, answer, folder=folder, mark=mark, tell=tell)
    best, _ = checkpoint.read_safetensors(folder / BEST)
    tower.load_state_dict(blended(best, began, plan.blend))
    return done


def blended(now: State, began: State, share: float) -> dict[str, torch.Tensor]:
    """Weights with the trunk between what it was and what it became; all else is as it became.

    Halfway a network knows what it has learned and has lost less of what it knew (Wortsman et al., Robust
    fine-tuning of zero-shot models, 2022, arXiv:2109.01903). The projection began with nothing.
    """
    return {
        name: torch.lerp(began[name], value, share)
        if name.startswith("visual.trunk.") and value.is_floating_point()
        else value
        for name, value in now.items()
    }


def _of_split(pairs: Sequence[Pair], split: str) -> list[Pair]:
    chosen = [pair for pair in pairs if pair.split == split]
    if not chosen:
        raise InvalidRequest(f"no pair is of split {split!r}")
    return chosen


def _judge(
    pairs: Sequence[Pair], encoder: "Encoder", views: cache.Views
) -> Callable[[Tower], float]:
    """Recall@10, the mean of words -> pictures and pictures -> words."""
    texts = encoder.encode_texts(distinct_captions(pairs))
    maps = cache.as_maps(views.maps[:, 0])

    def answer(tower: Tower) -> float:
        with torch.inference_mode():
            batches = torch.split(maps, cache.BATCH)
            parts = [tower.rows(tower.features(some.to(tower.device))).cpu() for some in batches]
        return mean_recall(torch.cat(parts), texts, pairs)

    return answer


def _mark(pairs: object, settings: object, tower: Tower) -> str:
    """What a run depends on, as one hash; where the pictures lie does not matter, what they are called does."""
    hashed = hashlib.sha256(orjson.dumps([pairs, settings]))
    for value in tower.state_dict().values():
        hashed.update(value.cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()
