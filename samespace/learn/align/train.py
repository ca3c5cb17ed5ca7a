"""The training loop: batches of cached views against the captions of their pictures."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from samespace.learn.align import checkpoint, loss, precision
from samespace.learn.align.cache import Views
from samespace.learn.align.captions import Captions
from samespace.learn.align.checkpoint import Progress
from samespace.learn.align.plan import Plan
from samespace.learn.align.prototypes import Prototypes
from samespace.learn.align.tower import Tower
from samespace.learn.progress import Tell

CHECKPOINT = "checkpoint.safetensors"
BEST = "best.safetensors"


@dataclass(frozen=True)
class Material:
    """What a run learns from: views, captions, and what the tower knew of photographs, if anything."""

    views: Views
    captions: Captions
    prototypes: Prototypes | None


def train(
    tower: Tower,
    material: Material,
    plan: Plan,
    judge: Callable[[Tower], float],
    *,
    folder: Path,
    mark: str,
    tell: Tell,
) -> Progress:
    """Train until `plan.steps`, or until the validation answer has stopped rising; the best stays in BEST.

    Stopped at any point and called again, it goes on from the last checkpoint and ends the same: every
    step draws from generators seeded by its own number.
    """
    optimizer = torch.optim.AdamW(tower.groups(plan))
    saved = folder / CHECKPOINT
    at = checkpoint.load(saved, tower, optimizer, mark) if saved.exists() else Progress()
    while at.step < plan.steps and at.step - at.best_step < plan.patience * plan.check_every:
        _set_rates(optimizer, plan, at.step)
        _step(tower, optimizer, material, plan, at.step)
        at = replace(at, step=at.step + 1)
        if at.step % plan.check_every == 0 or at.step == plan.steps:
            at = _checked(at, judge(tower), tower, folder)
            checkpoint.save(saved, tower, optimizer, at, mark)
        tell(f"training, best recall@10 {max(at.best, 0):.3f}", at.step, plan.steps)
    return at


def _step(
    tower: Tower, optimizer: torch.optim.Optimizer, material: Material, plan: Plan, step: int
) -> None:
    chance = np.random.default_rng([plan.seed, step])
    torch.manual_seed(int(chance.integers(2**62)))  # dropout
    pictures = _batch(len(material.views.maps), plan, step)
    maps, known = material.views.drawn(pictures, chance)
    texts = material.captions.drawn(pictures.tolist(), plan.first_caption, chance)
    tower.visual.head.train()
    maps, known, texts = (part.to(tower.device) for part in (maps, known, texts))
    features = known if step < plan.head_steps else _features(tower, maps)
    loss_now = _loss(tower, features, known, texts, material.prototypes, plan=plan, chance=chance)
    optimizer.zero_grad()
    torch.autograd.backward(loss_now)
    optimizer.step()
    tower.visual.head.eval()


def _features(tower: Tower, maps: Tensor) -> Tensor:
    with precision.training(tower.device):
        return tower.features(maps).float()


def _loss(
    tower: Tower,
    features: Tensor,
    known: Tensor,
    texts: Tensor,
    prototypes: Prototypes | None,
    *,
    plan: Plan,
    chance: np.random.Generator,
) -> Tensor:
    count = len(features)
    if prototypes is None:
        rows = tower.rows(features)
        return loss.contrastive(rows, texts, tower.logit_scale, plan.soft).mean()
    seen, named = prototypes.drawn(round(plan.class_share * count), chance)
    rows = tower.rows(torch.cat([features, seen]))
    pairs = loss.contrastive(rows, torch.cat([texts, named]), tower.logit_scale, plan.soft)
    kept = loss.kept(prototypes.logits(features), prototypes.logits(known))
    return loss.total([(1.0, pairs[:count]), (plan.classes, pairs[count:]), (plan.keep, kept)])


def _batch(total: int, plan: Plan, step: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The pictures of a step: each epoch goes through all of them in an order of its own."""
    size = min(plan.batch, total)
    in_epoch = total // size
    epoch, place = divmod(step, in_epoch)
    order = np.random.default_rng([plan.seed, 1, epoch]).permutation(total)
    return np.sort(order[place * size : (place + 1) * size])


def _set_rates(optimizer: torch.optim.Optimizer, plan: Plan, step: int) -> None:
    """A linear warm-up, then half a cosine down to nothing (Loshchilov and Hutter 2017)."""
    warm = max(1, round(plan.warm_up * plan.steps))
    part = (step - warm) / max(1, plan.steps - warm)
    share = (step + 1) / warm if step < warm else (1 + math.cos(math.pi * part)) / 2
    for group in optimizer.param_groups:
        group["lr"] = group.setdefault("initial_lr", group["lr"]) * share


def _checked(at: Progress, answer: float, tower: Tower, folder: Path) -> Progress:
    at = replace(at, history=(*at.history, (at.step, answer)))
    if answer <= at.best:
        return at
    noted = {"step": at.step, "answer": answer}
    checkpoint.write_safetensors(folder / BEST, dict(tower.state_dict()), noted)
    return replace(at, best=answer, best_step=at.step)
