"""`make starter`: the picture tower of preset starter from nothing, judged against ConSE."""

import argparse
import logging
import sys
import time
from dataclasses import replace
from pathlib import Path

from recipes.starter import card, conse, judging, manifest, packages, recipe
from recipes.starter.splits import JUDGED
from samespace.core.settings import Settings
from samespace.encoders import sentences
from samespace.encoders.device import compute_of
from samespace.encoders.presets import STARTER
from samespace.encoders.starter import TOWER_FILE, load, text_folder
from samespace.learn.pairs import Pair, read_pairs
from samespace.learn.progress import Tell

EVERY_SECONDS = 10.0


def main() -> int:
    """Make the tower, judge it, write the card; the exit status."""
    wanted = _arguments()
    settings = Settings(device="cpu", precision="float32")
    compute = compute_of(settings)
    tell = _teller()
    made: dict[str, object] = {}
    if not wanted.judge_only:
        texts = sentences.load(STARTER, compute, text_folder())
        made = recipe.make(wanted.cache, TOWER_FILE, texts, recipe.PLAN, tell).as_dict()
    encoder = load(STARTER, compute, settings.models)
    sets = _sets(wanted.cache, wanted.samples)
    compared = judging.compare(sets, encoder, conse.teacher(), tell)
    data = (wanted.cache / manifest.NOTES_FILE).read_text()
    card.write(wanted.card, data, made, compared)
    sys.stdout.write(judging.table(compared, "recall@10"))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make starter", description=__doc__)
    parser.add_argument("--cache", type=Path, default=packages.default_cache())
    parser.add_argument("--samples", type=Path, default=Path("samples"))
    parser.add_argument("--card", type=Path, default=Path("docs/models/starter.md"))
    parser.add_argument("--judge-only", action="store_true", help="judge the tower that is there")
    return parser.parse_args()


def _sets(cache: Path, samples: Path) -> dict[str, list[Pair]]:
    """The three judged splits, and the photographs and drawings of the samples."""
    pairs = recipe.pairs_of(cache)
    sets = {name: [pair for pair in pairs if pair.split == name] for name in JUDGED}
    ours = read_pairs(samples / "captions.csv").good
    for name, kind in (("photographs", "photo"), ("sample drawings", "drawing")):
        # the kind is no group: a giraffe is not the answer to a castle
        sets[name] = [replace(pair, group="") for pair in ours if pair.group == kind]
    return sets


def _teller() -> Tell:
    """A line now and then: what is done, how far, how long it will take."""
    started: dict[str, float] = {}
    said = 0.0

    def tell(doing: str, done: int, total: int) -> None:
        nonlocal said
        now, task = time.monotonic(), doing.split(",", maxsplit=1)[0]
        begun = started.setdefault(task, now)
        if now - said < EVERY_SECONDS and done < total:
            return
        said = now
        left = (now - begun) / max(1, done) * (total - done)
        sys.stderr.write(
            f"{time.strftime('%H:%M:%S')} {doing}: {done} of {total}, {left:.0f} s left\n"
        )
        sys.stderr.flush()

    return tell


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main())
