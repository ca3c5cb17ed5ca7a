"""A run of a trainer as one safetensors file, to go on from: weights, optimizer, best answer so far."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from samespace.core.errors import InvalidRequest


@dataclass(frozen=True)
class Progress:
    """How far a run is: steps done, the best validation answer, its step, and every answer so far."""

    step: int = 0
    best: float = -1.0
    best_step: int = 0
    history: tuple[tuple[int, float], ...] = ()


def save(
    file: Path, model: nn.Module, optimizer: Optimizer, at: Progress, fingerprint: str
) -> None:
    """Write everything that decides how the run goes on; a reader sees the old file or the new one."""
    tensors = {f"tower.{name}": value for name, value in model.state_dict().items()}
    for number, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{name}": value for name, value in state.items()}
    noted = {"mark": fingerprint, "step": at.step, "best": at.best, "best_step": at.best_step}
    write_safetensors(file, tensors, noted | {"history": at.history})


def load(file: Path, model: nn.Module, optimizer: Optimizer, fingerprint: str) -> Progress:
    """Go on from a checkpoint: fills model and optimizer, returns how far it was.

    Raises InvalidRequest if it is of another plan or other pairs, or of another architecture or
    dimension (the first tensor that does not fit is named).
    """
    tensors, noted = read_safetensors(file)
    own = {f"tower.{name}": value for name, value in model.state_dict().items()}
    _refuse_misfits(file, own, tensors)
    if noted["mark"] != fingerprint:
        raise InvalidRequest(
            f"{file} is of a run with another plan or other pairs: delete it, or name another folder"
        )
    model.load_state_dict({name.removeprefix("tower."): tensors[name] for name in own})
    optimizer.load_state_dict({**optimizer.state_dict(), "state": _optimizer_state(tensors)})
    history = tuple((step, value) for step, value in noted["history"])
    return Progress(noted["step"], noted["best"], noted["best_step"], history)


def _optimizer_state(tensors: Mapping[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    state: defaultdict[int, dict[str, Tensor]] = defaultdict(dict)
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            state[int(number)][name] = value
    return dict(state)


def _refuse_misfits(file: Path, own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    for key, value in own.items():
        found, name = tensors.get(key), key.removeprefix("tower.")
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
        raise InvalidRequest(f"{file} is not a checkpoint: {error}") from error
