"""A tiny tower learns coloured shapes: it learns, goes on where it stopped, and refuses what does not fit."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from samespace.core.content import of_texts
from samespace.core.errors import InvalidRequest
from samespace.learn.align import cache, run
from samespace.learn.align.captions import embed_captions
from samespace.learn.align.plan import Plan
from samespace.learn.align.prototypes import Prototypes
from samespace.learn.align.run import align
from samespace.learn.pairs import Pair
from samespace.learn.progress import ProgressCallback
from samespace.learn.training import checkpoint, retrieval
from samespace.learn.training.checkpoint import Progress
from samespace.learn.training.loop import BEST, CHECKPOINT
from samespace.learn.training.tower import Tower, start_from
from tests.learn.shapes import DIM, SIDE, Words, draw_pairs

pytestmark = pytest.mark.slow

PLAN = Plan(
    tower="test_efficientnet",
    side=SIDE,
    steps=24,
    head_steps=4,
    batch=40,
    views=2,
    frozen_stages=1,
    tower_rate=3e-3,
    head_rate=3e-3,
    first_caption=0.8,
    dropout=0.1,
    soft=0.05,
    keep=0.5,
    blend=1.0,
    check_every=8,
)
LONGER = replace(PLAN, steps=44, head_steps=0)
EASIER = replace(LONGER, first_caption=1.0, templates=("{}",), soft=0.0)


class Stopped(Exception):
    """Somebody pulled the plug."""


def quiet(_doing: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def stop_at(doing: str, done: int) -> ProgressCallback:
    """Stops the run when it says that."""

    def report(now: str, at: int, _total: int) -> None:
        if now.startswith(doing) and at >= done:
            raise Stopped

    return report


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    return draw_pairs(tmp_path_factory.mktemp("shapes"), train=5, validation=2)


def trained(
    pairs: list[Pair],
    folder: Path,
    plan: Plan = PLAN,
    *,
    report: ProgressCallback = quiet,
    **more: Any,
) -> tuple[Tower, Progress]:
    tower = Tower(plan.architecture, DIM)
    return tower, align(pairs, Words(), tower, plan, folder=folder, report=report, **more)


@pytest.fixture(scope="module")
def unstopped(pairs: list[Pair], tmp_path_factory: pytest.TempPathFactory) -> Tower:
    return trained(pairs, tmp_path_factory.mktemp("unstopped"))[0]


def assert_same(tower: Tower, other: Tower) -> None:
    for name, value in tower.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name


# learning


@pytest.mark.parametrize(
    ("plan", "bar"),
    [
        (LONGER, 0.75),
        (replace(LONGER, frozen_stages=0), 0.75),
        (replace(LONGER, tower="test_resnet", tower_rate=1e-3), 0.75),
        (replace(EASIER, tower="test_vit", tower_rate=1e-3), 0.55),
    ],
    ids=["upper stages", "whole tower", "resnet", "vit"],
)
def test_recall_rises_above_chance(
    pairs: list[Pair], plan: Plan, bar: float, tmp_path: Path
) -> None:
    tower, done = trained(pairs, tmp_path, plan)

    held_back = [pair for pair in pairs if pair.split == "validation"]
    views = cache.plain_views(held_back, tower, cache.CacheFolder(tmp_path / "asked", "", quiet))
    answer = retrieval.validation(held_back, Words()).recall(tower, views.batches())
    # 24 concepts, each in two captions and two drawings: ten guesses of 48 hit one of two with 0.38
    assert answer == done.best > bar
    assert [step for step, _ in done.history] == [8, 16, 24, 32, 40, 44]


def test_only_what_is_above_the_frozen_stages_changes(unstopped: Tower) -> None:
    before = Tower(PLAN.architecture, DIM).state_dict()
    changed = {
        name
        for name, value in unstopped.state_dict().items()
        if not torch.equal(value, before[name])
    }
    frozen = ("visual.trunk.conv_stem", "visual.trunk.bn1", "visual.trunk.blocks.0")
    assert not any(name.startswith(frozen) for name in changed)
    assert not any("running" in name for name in changed)
    assert {"visual.trunk.conv_head.weight", "visual.head.mlp.fc1.weight", "logit_scale"} <= changed


def test_a_run_ends_when_the_answers_stop_rising(pairs: list[Pair], tmp_path: Path) -> None:
    # nothing moves, so no check is better than the first
    plan = replace(PLAN, steps=200, check_every=3, patience=4, tower_rate=0, head_rate=0)
    _, done = trained(pairs, tmp_path, plan)
    assert (done.best_step, done.step) == (3, 15)


def test_the_best_tower_is_the_one_that_stays(pairs: list[Pair], tmp_path: Path) -> None:
    plan = replace(PLAN, steps=40, head_rate=1.0)  # far too fast: it gets worse
    tower, done = trained(pairs, tmp_path, plan)
    best, noted = checkpoint.read_safetensors(tmp_path / BEST)
    assert noted == {"step": done.best_step, "answer": done.best}
    assert done.best == max(answer for _, answer in done.history)
    assert all(torch.equal(value, best[name]) for name, value in tower.state_dict().items())


# stopping and going on


@pytest.mark.parametrize(
    ("doing", "done"),
    [
        ("captions", 1),
        ("train views", 230),
        ("training", 3),
        ("training", 8),
        ("training", 24),
    ],
)
def test_a_stopped_run_ends_as_if_it_had_not_been(
    doing: str, done: int, pairs: list[Pair], unstopped: Tower, tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        trained(pairs, tmp_path, report=stop_at(doing, done))
    assert_same(trained(pairs, tmp_path)[0], unstopped)


def test_a_run_stopped_often_ends_as_if_it_had_not_been(
    pairs: list[Pair], unstopped: Tower, tmp_path: Path
) -> None:
    for doing, done in (
        ("validation views", 1),
        ("train views", 1),
        ("training", 9),
        ("training", 17),
    ):
        with pytest.raises(Stopped):
            trained(pairs, tmp_path, report=stop_at(doing, done))
    assert_same(trained(pairs, tmp_path)[0], unstopped)


def test_a_run_stopped_between_the_best_and_the_checkpoint(
    pairs: list[Pair], unstopped: Tower, tmp_path: Path
) -> None:
    in_the_way = tmp_path / f"{CHECKPOINT}.part"

    def report(doing: str, done: int, _total: int) -> None:
        if doing.startswith("training") and done == 10:
            in_the_way.mkdir()  # the checkpoint of step 16 cannot be written

    with pytest.raises(Exception, match="directory"):
        align(pairs, Words(), Tower(PLAN.architecture, DIM), PLAN, folder=tmp_path, report=report)
    _, noted = checkpoint.read_safetensors(tmp_path / CHECKPOINT)
    assert noted["step"] == 8
    in_the_way.rmdir()
    assert_same(trained(pairs, tmp_path)[0], unstopped)


def test_views_that_were_deleted_are_made_again(
    pairs: list[Pair], unstopped: Tower, tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        trained(pairs, tmp_path, report=stop_at("training", 1))
    (tmp_path / "train" / "maps.npy").unlink()
    assert_same(trained(pairs, tmp_path)[0], unstopped)


# what does not fit


@pytest.fixture(scope="module")
def stopped(pairs: list[Pair], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.raises(Stopped):
        trained(pairs, folder, report=stop_at("training", 9))
    return folder


@pytest.fixture
def started(stopped: Path, tmp_path: Path) -> Path:
    """A folder of a run that was stopped after its first checkpoint."""
    return Path(copytree(stopped, tmp_path, dirs_exist_ok=True))


def load(file: Path, plan: Plan, dim: int, mark: str = "") -> Progress:
    tower = Tower(plan.architecture, dim)
    groups = tower.parameter_groups(tower_rate=1e-3, head_rate=1e-3, weight_decay=0)
    return checkpoint.load(file, tower, torch.optim.AdamW(groups), mark)


@pytest.mark.parametrize(
    ("plan", "dim", "said"),
    [
        (replace(PLAN, tower="test_resnet"), DIM, r"has no visual\.trunk\.conv1.*architecture"),
        (PLAN, 16, r"visual\.head\.mlp\.fc1\.weight of shape \(\d+, 256\).*dimension"),
        (replace(PLAN, steps=99), DIM, "another plan or other pairs"),
    ],
    ids=["architecture", "dimension", "plan"],
)
def test_a_checkpoint_that_does_not_fit_is_refused(
    started: Path, plan: Plan, dim: int, said: str
) -> None:
    with pytest.raises(InvalidRequest, match=f"{CHECKPOINT}.*{said}"):
        load(started / CHECKPOINT, plan, dim)


def test_a_damaged_checkpoint_is_refused(started: Path) -> None:
    file = started / CHECKPOINT
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(InvalidRequest, match=f"{CHECKPOINT} is not a checkpoint"):
        load(file, PLAN, DIM)


@pytest.mark.parametrize(
    "other", [replace(PLAN, seed=1), replace(PLAN, views=3)], ids=["seed", "views"]
)
def test_views_of_another_run_are_refused(pairs: list[Pair], started: Path, other: Plan) -> None:
    with pytest.raises(InvalidRequest, match="holds views of other pictures or another plan"):
        trained(pairs, started, other)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"captions": ("a hole",)}, f"{CHECKPOINT} is of a run with .* other pairs"),
        ({"split": "judged"}, "holds views of other pictures"),
    ],
    ids=["captions", "pictures"],
)
def test_other_pairs_are_refused(
    pairs: list[Pair], started: Path, other: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said):
        trained([replace(pairs[0], **other), *pairs[1:]], started)


def test_runs_of_several_plans_share_their_views(pairs: list[Pair], tmp_path: Path) -> None:
    said: list[str] = []

    def run_of(plan: Plan) -> None:
        trained(
            pairs,
            tmp_path / str(plan.steps),
            plan,
            report=lambda doing, *_: said.append(doing),
            views_folder=tmp_path / "views",
        )

    run_of(replace(PLAN, steps=1))
    assert "train views" in said
    said.clear()
    run_of(replace(PLAN, steps=2, soft=0.0))
    assert "train views" not in said


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_split_without_pairs_is_named(pairs: list[Pair], tmp_path: Path, split: str) -> None:
    with pytest.raises(InvalidRequest, match=f"no pair is of split '{split}'"):
        trained([pair for pair in pairs if pair.split != split], tmp_path)


@pytest.mark.parametrize(
    ("wrong", "said"), [({"views": 0}, "views is 0"), ({"templates": ("a photo",)}, "needs a {}")]
)
def test_a_plan_that_cannot_be_is_named(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        replace(PLAN, **wrong)  # type: ignore[arg-type]


# starting from known weights


def known_weights(seed: int = 7, dim: int = DIM) -> dict[str, Tensor]:
    return {**Tower(replace(PLAN, seed=seed).architecture, dim).visual.state_dict()}


def test_a_tower_starts_from_a_whole_tower() -> None:
    tower, weights = Tower(PLAN.architecture, DIM), known_weights()
    start_from(tower, weights, "other")
    assert all(
        torch.equal(value, weights[name]) for name, value in tower.visual.state_dict().items()
    )


def test_a_trunk_alone_leaves_the_head_as_it_was_drawn() -> None:
    tower, head = (
        Tower(PLAN.architecture, DIM),
        Tower(PLAN.architecture, DIM).visual.head.state_dict(),
    )
    weights = {
        name.removeprefix("trunk."): value
        for name, value in known_weights().items()
        if name.startswith("trunk.")
    }
    weights["classifier.weight"] = torch.zeros(10, 256)
    start_from(tower, weights, "classifier")
    assert torch.equal(tower.visual.trunk.conv_stem.weight, weights["conv_stem.weight"])
    assert all(
        torch.equal(value, head[name]) for name, value in tower.visual.head.state_dict().items()
    )


def test_weights_of_another_tower_are_refused_by_name() -> None:
    tower = Tower(PLAN.architecture, DIM)
    resnet = Tower(replace(PLAN, tower="test_resnet").architecture, DIM).visual.state_dict()
    with pytest.raises(InvalidRequest, match=r"resnet has no trunk\.conv_stem\.weight"):
        start_from(tower, resnet, "resnet")
    with pytest.raises(InvalidRequest, match=r"small has head\.mlp\.fc1\.weight of shape"):
        start_from(tower, known_weights(dim=16), "small")
    with pytest.raises(InvalidRequest, match=r"odd has trunk\.more, which this tower lacks"):
        start_from(tower, {**known_weights(), "trunk.more": torch.zeros(1)}, "odd")


# keeping what was known


def drift(pairs: list[Pair], folder: Path, plan: Plan) -> float:
    """How far a classifier's answers about the held-back pictures moved from what they were."""
    before = Tower(plan.architecture, DIM)
    chance = torch.Generator().manual_seed(1)
    weight = torch.randn(8, 256, generator=chance)
    features = torch.randn(8, 256, generator=chance).abs()
    rows = torch.from_numpy(Words().encode(of_texts([f"thing {number}" for number in range(8)])))
    known = Prototypes(features, rows, weight, torch.zeros(8))
    tower, _ = trained(
        pairs,
        folder,
        plan,
        views_folder=folder.parent / "views",
        prototypes_of=lambda _: known,
    )
    held_back = [pair for pair in pairs if pair.split == "validation"]
    views = cache.plain_views(held_back, before, cache.CacheFolder(folder / "asked", "", quiet))
    with torch.inference_mode():
        maps = cache.as_maps(views.maps[:, 0])
        now, then = (known.logits(each.features(maps)).softmax(1) for each in (tower, before))
    return float((now - then).abs().sum(1).mean())


def test_what_the_classifier_knew_is_kept(pairs: list[Pair], tmp_path: Path) -> None:
    kept = drift(pairs, tmp_path / "kept", replace(PLAN, keep=5.0, patience=99))
    free = drift(pairs, tmp_path / "free", replace(PLAN, keep=0.0, classes=0.0, patience=99))
    alone = drift(pairs, tmp_path / "alone", replace(PLAN, keep=5.0, class_share=0.0, patience=99))
    assert max(kept, alone) < 0.5 * free


def test_a_blend_lies_between_what_the_trunk_was_and_became() -> None:
    began, now = (
        Tower(PLAN.architecture, DIM).state_dict(),
        Tower(replace(PLAN, seed=9).architecture, DIM).state_dict(),
    )
    trunk, head = "visual.trunk.conv_stem.weight", "visual.head.mlp.fc1.weight"
    half = run.interpolated(now, began, 0.5)
    torch.testing.assert_close(half[trunk], (began[trunk] + now[trunk]) / 2)
    assert torch.equal(half[head], now[head])
    assert all(
        torch.equal(value, now[name]) for name, value in run.interpolated(now, began, 1.0).items()
    )


def test_captions_are_drawn_from_their_own_picture(pairs: list[Pair]) -> None:
    captions = embed_captions(pairs, Words(), ("{}", "a drawing of {}"), quiet)
    chance = np.random.default_rng(0)
    own = Words().encode(
        of_texts([t.format(c) for c in pairs[5].captions for t in ("{}", "a drawing of {}")])
    )
    drawn = captions.sample([5] * 400, 0.5, chance).numpy()
    found = (drawn @ own.T).argmax(1)
    assert np.allclose((drawn * own[found]).sum(1), 1, atol=1e-6)
    counts = np.bincount(found, minlength=4)
    assert counts.min() > 0
    assert counts[:2].sum() > 2 * counts[2:].sum()  # half of the draws, and half of the rest
    assert np.allclose(captions.first().numpy()[5], own[0])
