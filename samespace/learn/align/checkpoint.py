"""A run of the trainer as one safetensors file, to go on from: weights, optimizer, best answer so far."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from samespace.core.errors import InvalidRequest

if TYPE_CHECKING:
    from samespace.learn.align.tower import Tower

MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass
class Progress:
    """How far a run is: steps done, the best validation answer, its step, and every answer so far."""

    step: int = 0
    best: float = -1.0
    best_step: int = 0
    history: tuple[tuple[int, float], ...] = ()


def save(
    file: Path, tower: "Tower", optimizer: torch.optim.Optimizer, at: Progress, mark: str
) -> None:
    """Write everything that decides how the run goes on; a reader sees the old file or the new one."""
    tensors = {f"tower.{name}": value for name, value in tower.state_dict().items()}
    for number, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{name}": state[name] for name in MOMENTS}
    noted = {"mark": mark, "step": at.step, "best": at.best, "best_step": at.best_step}
    write_safetensors(file, tensors, noted | {"history": at.history})


def load(file: Path, tower: "Tower", optimizer: torch.optim.Optimizer, mark: str) -> Progress:
    """Go on from a checkpoint: fills tower and optimizer, returns how far it was.

    Raises InvalidRequest if it is of another plan or other pairs, or of another architecture or
    dimension (the first tensor that does not fit is named).
    """
    tensors, noted = read_safetensors(file)
    _refuse_misfits(file, tower, tensors)
    if noted["mark"] != mark:
        raise InvalidRequest(
            f"{file} is of a run with another plan or other pairs: delete it, or name another folder"
        )
    own = {name: tensors[f"tower.{name}"] for name in tower.state_dict()}
    tower.load_state_dict(own)
    state = optimizer.state_dict()
    numbers = sorted({int(name.split(".")[1]) for name in tensors if name.startswith("optimizer.")})
    state["state"] = {
        number: {name: tensors[f"optimizer.{number}.{name}"] for name in MOMENTS}
        for number in numbers
    }
    optimizer.load_state_dict(state)
    history = tuple((step, value) for step, value in noted["history"])
    return Progress(noted["step"], noted["best"], noted["best_step"], history)


def _refuse_misfits(file: Path, tower: "Tower", tensors: dict[str, Tensor]) -> None:
    for name, value in tower.state_dict().items():
        found = tensors.get(f"tower.{name}")
        if found is None:
            raise InvalidRequest(f"{file} has no {name}: it is of another architecture")
        if found.shape != value.shape:
            raise InvalidRequest(
                f"{file} has {name} of shape {tuple(found.shape)}, this tower {tuple(value.shape)}: "
                "it is of another architecture or dimension"
            )


def write_safetensors(file: Path, tensors: dict[str, Tensor], noted: dict[str, Any]) -> None:
    """Tensors and what is noted of them (JSON), replaced in one step."""
    from safetensors.torch import save_file

    partial = file.with_name(f"{file.name}.part")
    ordered = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    save_file(ordered, partial, {"noted": json.dumps(noted, sort_keys=True)})
    partial.replace(file)


def read_safetensors(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `write_safetensors` wrote; raises InvalidRequest if the file is none of these."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as opened:
            noted = json.loads((opened.metadata() or {}).get("noted", "{}"))
            return {name: opened.get_tensor(name) for name in opened.keys()}, noted  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise InvalidRequest(f"{file} is no checkpoint: {error}") from error
