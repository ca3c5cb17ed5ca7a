"""An exported tower answers as the one that was trained, through the code that loads any model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ingest.formats.picture.read import read_picture
from samespace.core.content import of_images, of_texts
from samespace.core.settings import Settings
from samespace.encoders import clip, sentences, starter
from samespace.encoders.device import Compute
from samespace.encoders.folding import round_weights
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import STARTER
from samespace.encoders.spaces import spaces_of
from samespace.learn.align.plan import Plan
from samespace.learn.training.export import export
from samespace.learn.training.pictures import load_square
from samespace.learn.training.tower import Tower
from samespace.learn.training.views import on_white
from tests.learn.shapes import draw_pairs

pytestmark = pytest.mark.slow
CPU = Compute("cpu", "float32")


@pytest.mark.parametrize("name", ["test_efficientnet", "test_vit"])
def test_an_exported_tower_answers_as_it_did(name: str, tmp_path: Path) -> None:
    plan = Plan(tower=name, side=64, mean=(0.4, 0.5, 0.6), std=(0.2, 0.25, 0.3), scale=1e4)
    tower = Tower(plan.architecture, STARTER.dim)
    tower.visual = round_weights(tower.visual)
    export(tmp_path / "model", tower, starter.texts())

    [space] = spaces_of(f"open_clip:local-dir:{tmp_path / 'model'}")
    encoder = load_encoder(space, Settings(device="cpu", precision="float32"))
    assert isinstance(encoder, clip.ClipEncoder)
    assert encoder.scale == pytest.approx(100)

    files = [pair.path for pair in draw_pairs(tmp_path, train=1, validation=1)]
    with torch.inference_mode():
        seen = on_white(load_square(files, plan.side))
        ours = tower.rows(tower.features(tower.lower(seen))).numpy()
    theirs = encoder.encode(of_images([read_picture(file.read_bytes(), 10**6) for file in files]))
    assert (ours * theirs).sum(axis=1).min() > 0.999  # on white before scaling, and after

    own = sentences.load(STARTER, CPU, starter.text_folder())
    texts = ["a frog", "It\u2019s \u201cquoted\u201d", "words " * 50]
    np.testing.assert_allclose(
        encoder.encode(of_texts(texts)), own.encode(of_texts(texts)), atol=1e-4
    )


def test_a_folder_is_replaced_by_the_next_tower(tmp_path: Path) -> None:
    plan = Plan(tower="test_efficientnet", side=64)
    marks = set()
    for seed in (0, 1):
        export(tmp_path, Tower(replace(plan, seed=seed).architecture, STARTER.dim), starter.texts())
        [space] = spaces_of(f"open_clip:local-dir:{tmp_path}")
        marks.add(load_encoder(space, Settings(device="cpu", precision="float32")).fingerprint)
    assert len(marks) == 2
