"""What each part of the recipe brings: `python -m recipes.starter.ablation`.

Every variant trains the projection alone, on the views that `make starter` left in the cache, and is asked
for recall@10 on the validation split, which is what the recipe chooses by. It takes some minutes.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from recipes.starter import packages, recipe
from samespace.core.settings import Settings
from samespace.encoders import sentences
from samespace.encoders.device import compute_of
from samespace.encoders.presets import STARTER
from samespace.encoders.starter import text_folder
from samespace.learn.align.plan import Plan
from samespace.learn.align.run import align
from samespace.learn.imagenet import pretrained
from samespace.learn.progress import ProgressCallback, silent

if TYPE_CHECKING:
    from samespace.encoders.base import Encoder

STEPS = 500
BASE = replace(recipe.PLAN, steps=STEPS, head_steps=STEPS, patience=STEPS)
VARIANTS: Mapping[str, Plan] = {
    "projection alone": BASE,
    "only equal captions are the same (soft 0)": replace(BASE, soft=0.0),
    "softer targets (soft 0.1)": replace(BASE, soft=0.1),
    "dropout 0.1": replace(BASE, dropout=0.1),
    "any caption as likely as the first": replace(BASE, first_caption=0.0),
    "the first caption alone": replace(BASE, first_caption=1.0),
    "no templates": replace(BASE, templates=("{}",)),
    "half as many prototypes of classes": replace(BASE, class_share=0.5),
    "no prototypes of classes": replace(BASE, classes=0.0, class_share=0.0),
}


def main() -> int:
    """Train every variant and print its row; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=packages.default_cache())
    cache = parser.parse_args().cache
    texts = sentences.load(STARTER, compute_of(Settings(precision="float32")), text_folder())
    sys.stdout.write("| variant | recall@10 on validation | at step |\n| --- | --- | --- |\n")
    for name, plan in VARIANTS.items():
        best, step = trained(cache, texts, plan, silent)
        sys.stdout.write(f"| {name} | {best:.3f} | {step} |\n")
        sys.stdout.flush()
    return 0


def trained(
    cache: Path, encoder: "Encoder", plan: Plan, report: ProgressCallback
) -> tuple[float, int]:
    """The best answer on validation of a plan, and its step."""
    pairs = recipe.pairs_of(cache)
    tower, prototypes_of = pretrained(plan)
    with tempfile.TemporaryDirectory() as folder:
        progress = align(
            pairs,
            encoder,
            tower,
            plan,
            folder=Path(folder),
            report=report,
            views_folder=recipe.views_folder(cache),
            prototypes_of=prototypes_of,
        )
    return progress.best, progress.best_step


if __name__ == "__main__":
    sys.exit(main())
