"""The loss by hand, and what augmentation does to pictures."""

import math
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler

from samespace.learn.training import losses, views
from samespace.learn.training.pictures import load_square
from samespace.learn.training.schedule import warm_up_cosine

SIDE = 24


def rows(*angles: float) -> Tensor:
    turned = torch.tensor(angles).deg2rad()
    return torch.stack([turned.cos(), turned.sin()], dim=1)


# the loss


def test_equal_captions_are_both_right() -> None:
    pictures, texts = rows(0, 0, 90), rows(0, 0, 90)
    got = losses.contrastive(pictures, texts, torch.tensor(2.0).log(), soft=0.0)
    # logits 2, 2, 0: both twins have half of the truth
    twin = math.log(2 * math.exp(2) + 1) - 2
    alone = math.log(2 + math.exp(2)) - 2
    torch.testing.assert_close(got, torch.tensor([2 * twin, 2 * twin, 2 * alone]))


def test_soft_targets_by_hand() -> None:
    pictures, texts = rows(0, 60), rows(0, 60)
    got = losses.contrastive(pictures, texts, torch.tensor(4.0).log(), soft=0.25)
    right = 1 / (1 + math.exp((0.5 - 1) / 0.25))
    surprise = math.log(math.exp(4) + math.exp(2))
    one_way = -(right * (4 - surprise) + (1 - right) * (2 - surprise))
    torch.testing.assert_close(got, torch.tensor([2 * one_way] * 2))


@pytest.mark.parametrize("soft", [0.0, 0.05, 1.0])
def test_shares_of_the_truth_sum_to_one(soft: float) -> None:
    shares = losses.same_meaning(rows(0, 0, 10, 90, 200), soft)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(5))
    torch.testing.assert_close(shares[0, 0], shares[0, 1])
    assert shares[0, 1] > shares[0, 3]


def test_the_scale_is_bounded() -> None:
    pictures, texts = rows(0, 90), rows(90, 0)
    capped = losses.contrastive(pictures, texts, torch.tensor(math.log(1e6)), soft=0.0)
    torch.testing.assert_close(capped, torch.full((2,), 2 * losses.LARGEST_SCALE))


def test_divergence_from_what_was_known_by_hand() -> None:
    now, before = torch.tensor([[0.0, 0.0]]), torch.tensor([[math.log(3), 0.0]])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    torch.testing.assert_close(losses.distillation(now, before), torch.tensor([expected]))
    torch.testing.assert_close(losses.distillation(before + 5, before), torch.zeros(1))


def test_the_total_leaves_out_what_weighs_nothing_or_is_not_there() -> None:
    parts = [(1.0, torch.tensor([1.0, 3.0])), (0.0, torch.tensor([math.nan])), (2.0, torch.ones(4))]
    assert losses.weighted_sum(parts) == 4
    assert losses.weighted_sum([*parts, (1.0, torch.empty(0))]) == 4


# views


@pytest.fixture
def pictures(tmp_path: Path) -> Tensor:
    """A wide opaque picture, a small square, and a half transparent one."""
    Image.new("RGB", (60, 30), (200, 100, 0)).save(tmp_path / "wide.png")
    square = Image.new("RGBA", (40, 40))
    square.paste((0, 0, 255, 255), (10, 10, 30, 30))
    square.save(tmp_path / "square.png")
    Image.new("RGBA", (SIDE, SIDE), (255, 0, 0, 51)).save(tmp_path / "pale.png")
    return load_square([tmp_path / f"{name}.png" for name in ("wide", "square", "pale")], SIDE)


def augmented(pictures: Tensor, seed: int) -> Tensor:
    return views.augmented(pictures, torch.Generator().manual_seed(seed))


def test_pictures_lie_whole_in_a_transparent_square(pictures: Tensor) -> None:
    assert pictures.shape == (3, 4, SIDE, SIDE)
    wide = pictures[0, 3]
    assert wide.sum(0).eq(SIDE / 2).all()
    assert wide[:6].sum() == wide[18:].sum() == 0
    torch.testing.assert_close(pictures[2, :, 0, 0], torch.tensor([0.2, 0, 0, 0.2]))


def test_on_white_is_exact(pictures: Tensor) -> None:
    seen = views.on_white(pictures)
    torch.testing.assert_close(seen[0, :, 0, 0], torch.ones(3))
    torch.testing.assert_close(seen[0, :, 12, 12], torch.tensor([200, 100, 0]) / 255)
    torch.testing.assert_close(seen[1, :, 12, 12], torch.tensor([0.0, 0, 1]))
    torch.testing.assert_close(seen[2, :, 5, 5], torch.tensor([1.0, 0.8, 0.8]))


def test_views_are_seeded_pictures(pictures: Tensor) -> None:
    many = pictures.repeat(20, 1, 1, 1)
    seen = augmented(many, 1)
    assert seen.shape == (60, 3, SIDE, SIDE)
    assert seen.isfinite().all()
    assert seen.min() >= 0
    assert seen.max() <= 1
    assert torch.equal(seen, augmented(many, 1))
    assert not torch.equal(seen, augmented(many, 2))
    assert (seen[:3] - seen[3:6]).abs().mean() > 0.01


def test_an_opaque_picture_that_is_not_shrunk_hides_its_ground(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All of one colour, it stays of one colour wherever it was moved: no ground shows."""
    monkeypatch.setattr(views, "SMALLEST", 1.6)
    monkeypatch.setattr(views, "STRETCH", 0.0)
    monkeypatch.setattr(views, "TURN", 0.0)
    opaque = torch.ones(40, 4, SIDE, SIDE) * torch.tensor([0.3, 0.5, 0.4, 1.0])[:, None, None]
    seen = augmented(opaque, 3)[:, :, 4:-4, 4:-4]  # blurring takes in the rim
    assert (seen.amax((2, 3)) - seen.amin((2, 3))).max() < 1e-4


def test_grounds_are_of_three_kinds() -> None:
    grounds = views._grounds(400, SIDE, torch.Generator().manual_seed(0))
    white = grounds.eq(1).all(dim=3).all(dim=2).all(dim=1)
    plain = grounds.eq(grounds[:, :, :1, :1]).all(dim=3).all(dim=2).all(dim=1) & ~white
    assert white.float().mean() == pytest.approx(views.ON_WHITE, abs=0.08)
    assert plain.float().mean() == pytest.approx(views.ON_COLOUR, abs=0.08)
    assert grounds.min() >= 0
    assert grounds.max() <= 1


# the learning rate


def test_the_rate_warms_up_and_falls_by_half_a_cosine() -> None:
    optimizer, rates = scheduled()
    seen = [[group["lr"] for group in optimizer.param_groups]]
    for _ in range(10):
        optimizer.step()
        rates.step()
        seen.append([group["lr"] for group in optimizer.param_groups])
    shares = [0.5, 1.0, *((1 + math.cos(math.pi * at / 8)) / 2 for at in range(9))]
    torch.testing.assert_close(torch.tensor(seen), torch.tensor([[s, 10 * s] for s in shares]))


@pytest.mark.parametrize("done", [1, 2, 7])
def test_a_rate_that_is_gone_on_with_is_the_same(done: int) -> None:
    optimizer, rates = scheduled()
    for _ in range(done):
        optimizer.step()
        rates.step()
    again, _ = scheduled(done)
    assert [g["lr"] for g in again.param_groups] == [g["lr"] for g in optimizer.param_groups]


def scheduled(done: int = 0) -> tuple[torch.optim.Optimizer, LRScheduler]:
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"params": [weights[0]], "lr": 1.0}, {"params": [weights[1]], "lr": 10.0}]
    optimizer = torch.optim.SGD(groups)
    return optimizer, warm_up_cosine(optimizer, steps=10, warm_up=0.2, done=done)
