"""The measured parts of the model card, written between its markers, and all figures as JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from recipes.starter import judging
from recipes.starter.judging import Compared
from samespace.core.errors import Misconfigured

MEASURES = ("recall@1", "recall@10", "mrr")
PARTS = ("data", "training", "figures")


def write(file: Path, data: str, made: Mapping[str, Any], compared: Sequence[Compared]) -> None:
    """Renew the card's tables, and `starter.json` beside it; `made` is empty where nothing was trained anew.

    Raises Misconfigured if the card lacks a marker.
    """
    figures = file.with_suffix(".json")
    known = orjson.loads(figures.read_bytes()) if figures.exists() else {}
    known = {"made": made or known.get("made", {}), "compared": [c.as_dict() for c in compared]}
    text = file.read_text()
    text = _between(file, text, "data", data)
    text = _between(file, text, "training", _training(known["made"]))
    text = _between(file, text, "figures", _figures(compared))
    file.write_text(text)
    figures.write_bytes(orjson.dumps(known, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _between(file: Path, text: str, name: str, part: str) -> str:
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if begin not in text or end not in text:
        raise Misconfigured(f"{file} has no {begin.strip()} ... {end} to write into")
    before, rest = text.split(begin, 1)
    return f"{before}{begin}{part.strip()}\n{end}{rest.split(end, 1)[1]}"


def _training(made: Mapping[str, Any]) -> str:
    progress = made["progress"]
    lines = ["| step | recall@10 on validation |", "| --- | --- |"]
    lines += [f"| {step} | {answer:.3f} |" for step, answer in progress["history"]]
    said = (
        f"Best at step {progress['best_step']} of {made['plan']['steps']}; blended and rounded, as it is "
        f"shipped: {made['shipped']:.3f}. Data "
        f"{made['data_seconds'] / 60:.0f} min, training with its views "
        f"{made['training_seconds'] / 60:.0f} min.\n\n"
    )
    return said + "\n".join(lines)


def _figures(compared: Sequence[Compared]) -> str:
    return "\n".join(f"**{m}**\n\n{judging.table(compared, m)}" for m in MEASURES)
