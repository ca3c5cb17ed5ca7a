"""The loop with a trainer that is none of ours: a line through points, no pictures, no captions."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from samespace.core.errors import InvalidRequest
from samespace.learn.progress import ProgressCallback, silent
from samespace.learn.training.checkpoint import Progress, read_safetensors
from samespace.learn.training.loop import BEST, Budget, RunFolder, fit
from samespace.learn.training.schedule import warm_up_cosine

BUDGET = Budget(steps=30, check_every=4, patience=100)


class Stopped(Exception):
    """Somebody pulled the plug."""


def step_loss(line: nn.Module, step: int) -> Tensor:
    """Points on y = 3x - 1, other ones in each step."""
    points = torch.rand(16, 1, generator=torch.Generator().manual_seed(step))
    loss: Tensor = (line(points) - (3 * points - 1)).square().mean()
    return loss


@torch.no_grad()
def nearness(line: nn.Module) -> float:
    return -float(step_loss(line, 10_000))


def schedule(optimizer: Optimizer, done: int) -> LRScheduler:
    return warm_up_cosine(optimizer, steps=BUDGET.steps, warm_up=0.1, done=done)


def trained(
    folder: Path, *, fingerprint: str = "", report: ProgressCallback = silent
) -> tuple[nn.Module, Progress]:
    torch.manual_seed(0)
    line = nn.Linear(1, 1)
    done = fit(
        line,
        torch.optim.AdamW(line.parameters(), lr=0.3),
        schedule,
        partial(step_loss, line),
        partial(nearness, line),
        measure="nearness",
        budget=BUDGET,
        run=RunFolder(folder, fingerprint),
        report=report,
    )
    return line, done


def test_a_line_is_learned_and_the_best_is_kept(tmp_path: Path) -> None:
    line, done = trained(tmp_path)
    assert done.step == BUDGET.steps
    assert [step for step, _ in done.history] == [4, 8, 12, 16, 20, 24, 28, 30]
    assert done.best == max(answer for _, answer in done.history) > -0.05
    best, noted = read_safetensors(tmp_path / BEST)
    assert noted == {"step": done.best_step, "answer": done.best}
    assert set(best) == set(line.state_dict())


@pytest.mark.parametrize("at", [1, 8, 13, 29])
def test_a_stopped_run_ends_as_if_it_had_not_been(at: int, tmp_path: Path) -> None:
    def stop(doing: str, done: int, _total: int) -> None:
        assert doing.startswith("training, best nearness")
        if done == at:
            raise Stopped

    stopped, other = tmp_path / "stopped", tmp_path / "other"
    for folder in (stopped, other):
        folder.mkdir()
    with pytest.raises(Stopped):
        trained(stopped, report=stop)
    unstopped, whole = trained(other)
    line, done = trained(stopped)
    assert done == whole
    assert all(map(torch.equal, line.parameters(), unstopped.parameters()))


def test_a_run_of_another_kind_is_not_gone_on_with(tmp_path: Path) -> None:
    trained(tmp_path, fingerprint="one")
    with pytest.raises(InvalidRequest, match="another plan or other pairs"):
        trained(tmp_path, fingerprint="other")


@pytest.mark.parametrize(
    ("at", "spent"),
    [
        (Progress(step=30), True),
        (Progress(step=29, best_step=20), False),
        (Progress(step=29), True),
    ],
)
def test_a_budget_is_spent_by_steps_or_by_patience(at: Progress, *, spent: bool) -> None:
    assert Budget(steps=30, check_every=2, patience=6).is_spent(at) is spent
