"""What an alignment minimises: batches of cached views against the captions of their pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from samespace.learn.align.cache import Views
from samespace.learn.align.captions import Captions
from samespace.learn.align.plan import Plan
from samespace.learn.align.prototypes import Prototypes
from samespace.learn.progress import ProgressCallback
from samespace.learn.training import losses, precision
from samespace.learn.training.checkpoint import Progress
from samespace.learn.training.loop import Budget, RunFolder, fit
from samespace.learn.training.schedule import warm_up_cosine
from samespace.learn.training.tower import Tower


@dataclass(frozen=True)
class Material:
    """What a run learns from: views, captions, and what the tower knew of photographs, if anything."""

    views: Views
    captions: Captions
    prototypes: Prototypes | None


@dataclass(frozen=True)
class Batch:
    """Pictures of a step: their maps, the features of the tower as it began, and the row of a caption of each."""

    maps: Tensor
    first_features: Tensor
    texts: Tensor


def train(
    tower: Tower,
    material: Material,
    plan: Plan,
    validate: Callable[[], float],
    *,
    run: RunFolder,
    report: ProgressCallback,
) -> Progress:
    """Train until `plan.steps`, or until the validation answer has stopped rising; see `loop.fit`."""
    rates = {"tower_rate": plan.tower_rate, "head_rate": plan.head_rate}
    groups = tower.parameter_groups(**rates, weight_decay=plan.weight_decay)
    return fit(
        tower,
        torch.optim.AdamW(groups),
        lambda of, done: warm_up_cosine(of, steps=plan.steps, warm_up=plan.warm_up, done=done),
        partial(step_loss, tower, material, plan),
        validate,
        measure="recall@10",
        budget=Budget(plan.steps, plan.check_every, plan.patience),
        run=run,
        report=report,
    )


def step_loss(tower: Tower, material: Material, plan: Plan, step: int) -> Tensor:
    """The loss of a step; all that is random in it follows from the plan's seed and the step's number."""
    rng = np.random.default_rng([plan.seed, step])
    torch.manual_seed(int(rng.integers(2**62)))  # dropout
    batch = _batch(tower.device, material, plan, step, rng)
    features = batch.first_features if step < plan.head_steps else _features(tower, batch.maps)
    tower.visual.head.train()
    loss = _loss(tower, features, batch, material.prototypes, plan=plan, rng=rng)
    tower.visual.head.eval()
    return loss


def _batch(
    device: torch.device, material: Material, plan: Plan, step: int, rng: np.random.Generator
) -> Batch:
    pictures = _pictures(len(material.views.maps), plan, step)
    maps, first_features = material.views.sample(pictures, rng)
    texts = material.captions.sample(pictures.tolist(), plan.first_caption, rng)
    return Batch(maps.to(device), first_features.to(device), texts.to(device))


def _features(tower: Tower, maps: Tensor) -> Tensor:
    with precision.training(tower.device):
        return tower.features(maps).float()


def _loss(
    tower: Tower,
    features: Tensor,
    batch: Batch,
    prototypes: Prototypes | None,
    *,
    plan: Plan,
    rng: np.random.Generator,
) -> Tensor:
    count = len(features)
    contrastive = partial(losses.contrastive, log_scale=tower.logit_scale, soft=plan.soft)
    if prototypes is None:
        return contrastive(tower.rows(features), batch.texts).mean()
    classes, named = prototypes.sample(round(plan.class_share * count), rng)
    rows = tower.rows(torch.cat([features, classes]))
    pairs = contrastive(rows, torch.cat([batch.texts, named]))
    before = prototypes.logits(batch.first_features)
    distilled = losses.distillation(prototypes.logits(features), before)
    return losses.weighted_sum(
        [(1.0, pairs[:count]), (plan.classes, pairs[count:]), (plan.keep, distilled)]
    )


def _pictures(total: int, plan: Plan, step: int) -> NDArray[np.int64]:
    """The pictures of a step: each epoch goes through all of them in an order of its own."""
    size = min(plan.batch, total)
    in_epoch = total // size
    epoch, place = divmod(step, in_epoch)
    order = np.random.default_rng([plan.seed, 1, epoch]).permutation(total)
    return np.sort(order[place * size : (place + 1) * size])
