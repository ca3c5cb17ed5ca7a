"""The loop of every trainer: steps, checks, checkpoints, and the best that was found."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from samespace.learn.progress import ProgressCallback
from samespace.learn.training import checkpoint
from samespace.learn.training.checkpoint import Progress

CHECKPOINT = "checkpoint.safetensors"
BEST = "best.safetensors"


@dataclass(frozen=True, slots=True)
class Budget:
    """When a run ends: after `steps`, or `patience` checks, one every `check_every` steps, without a better answer."""

    steps: int
    check_every: int
    patience: int

    def is_spent(self, at: Progress) -> bool:
        """Whether a run that has come this far is at its end."""
        return at.step >= self.steps or at.step - at.best_step >= self.patience * self.check_every

    def wants_check(self, step: int) -> bool:
        """Whether the run is judged after so many steps."""
        return step % self.check_every == 0 or step == self.steps


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps its checkpoint and its best weights, and the hash of what it depends on."""

    folder: Path
    fingerprint: str


def fit(
    model: nn.Module,
    optimizer: Optimizer,
    schedule: Callable[[Optimizer, int], LRScheduler],
    loss: Callable[[int], Tensor],
    validate: Callable[[], float],
    *,
    measure: str,
    budget: Budget,
    run: RunFolder,
    report: ProgressCallback,
) -> Progress:
    """Minimise the loss of each step, by number, until the budget is spent; the best model stays in BEST.

    `schedule` is made of the optimizer and the steps that are done; `measure` names what `validate` answers:
    above -1, and more is better. Stopped at any point and called again,
    it goes on from the last checkpoint and ends the same, if the loss of a step is random by its number
    alone. Raises what `checkpoint.load` raises.
    """
    saved = run.folder / CHECKPOINT
    at = Progress()
    if saved.exists():
        at = checkpoint.load(saved, model, optimizer, run.fingerprint)
    rates = schedule(optimizer, at.step)
    while not budget.is_spent(at):
        _descend(optimizer, loss(at.step))
        rates.step()
        at = replace(at, step=at.step + 1)
        if budget.wants_check(at.step):
            at = _judged(at, validate(), model, run.folder / BEST)
            checkpoint.save(saved, model, optimizer, at, run.fingerprint)
        report(f"training, best {measure} {max(at.best, 0):.3f}", at.step, budget.steps)
    return at


def _descend(optimizer: Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step()


def _judged(at: Progress, answer: float, model: nn.Module, best: Path) -> Progress:
    at = replace(at, history=(*at.history, (at.step, answer)))
    if answer <= at.best:
        return at
    noted = {"step": at.step, "answer": answer}
    checkpoint.write_safetensors(best, dict(model.state_dict()), noted)
    return replace(at, best=answer, best_step=at.step)
