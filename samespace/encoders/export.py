"""Export the texts of a model for ONNX Runtime, in a child process: it takes seconds, a gigabyte, and torch's whole
attention, while the process that wants it answers questions."""

import fcntl
import json
import os
import shutil
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from samespace.core.content import of_texts
from samespace.core.errors import SamespaceError, Unavailable
from samespace.core.settings import Settings, read_settings
from samespace.core.types import Space, Vectors
from samespace.core.yielding import yield_to_others
from samespace.encoders.backend_timings import needs_timing, time_backends, write_timings
from samespace.encoders.base import Encoder
from samespace.encoders.device import threads_of
from samespace.encoders.exported import (
    ABOUT,
    CLOSE,
    EVERYDAY,
    EXPECTED,
    MODEL,
    TOKENIZER,
    About,
    ExportedTexts,
    lowest_cosine,
    require_runtime,
)
from samespace.encoders.exporting import read_space
from samespace.encoders.load import load_encoder
from samespace.encoders.places import place_of, refusal_of
from samespace.encoders.written import is_whole, write_folder

# As workers: bulk work goes first of neither.
_NICE = 10
_LONG = "The keeper of the lighthouse wrote down each ship that passed. " * 200
# Everyday texts are checked at each opening, these when the export is made: cut, and of no words.
_CHECKED = (*EVERYDAY, _LONG, "")


def export(space: Space, settings: Settings) -> None:
    """Write the export if it is not there and whole, and measure bulk where that decides something.

    Any number of processes may call at once; one does it. Raises Unavailable where the model cannot be exported, or
    not closely enough, OSError if the disk does not take it.
    """
    place = place_of(space, settings.models)
    if place is None:
        raise Unavailable(f"texts of {space.model} need more than a tokenizer")
    require_runtime()
    with _alone(place):
        is_untimed = needs_timing(place, settings)
        if is_whole(place) and not is_untimed:
            return
        encoder = load_encoder(space, _exact(settings))
        if not is_whole(place):
            _clear_away(place)
            _write(place, encoder, space)
        if is_untimed:
            threads = threads_of(settings)
            exported = ExportedTexts(place, space, threads)
            write_timings(place, threads, time_backends(exported.encode, partial(_encode, encoder)))


def main() -> None:
    """On stdin a space as JSON; on stdout what went wrong, in words, or nothing."""
    yield_to_others(_NICE)
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)  # libraries print
        space = read_space(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()
        try:
            export(space, read_settings())
        except SamespaceError as error:
            answer.write(str(error))
        except Exception as error:
            answer.write(f"{type(error).__name__}: {error}")
    os._exit(
        0
    )  # the thread that waits for the parent holds stdin, which an orderly end would wait for


def _write(place: Path, encoder: Any, space: Space) -> None:
    try:
        write_folder(place, partial(_fill, encoder=encoder, space=space))
    except (OSError, MemoryError):  # another time it may go
        raise
    except Exception as error:
        refusal_of(place).write_text(f"{error}\n")
        raise


def _fill(made: Path, encoder: Any, space: Space) -> None:
    tower = encoder.text_tower()
    if tower is None:
        raise Unavailable(f"texts of {space.model} need more than a tokenizer")
    about = About(encoder.fingerprint, encoder.scale, encoder.bias)
    (made / ABOUT).write_text(json.dumps(asdict(about)))
    (made / TOKENIZER).write_text(tower.tokenizer_json)
    _export(tower.module, made / MODEL)
    expected = np.concatenate([_encode(encoder, [text]) for text in _CHECKED])
    np.save(made / EXPECTED, expected[: len(EVERYDAY)])
    exported = ExportedTexts(made, space, 1)
    alone = np.concatenate([exported.encode_query([text]) for text in _CHECKED])
    cosine = min(lowest_cosine(rows, expected) for rows in (alone, exported.encode(_CHECKED)))
    if cosine < CLOSE:
        raise Unavailable(
            f"exported texts of {space.model} are at cosine {cosine:.5f} to torch, at least {CLOSE} is wanted"
        )


def _export(module: Any, file: Path) -> None:
    import torch

    ids = torch.tensor([[101, 102, 103, 104], [101, 102, 0, 0]])
    free = {0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO}
    with torch.no_grad():
        torch.onnx.export(
            module.eval(),
            (ids, (ids != 0).long()),
            file,
            dynamo=True,
            verbose=False,
            external_data=False,
            input_names=["ids", "mask"],
            output_names=["rows"],
            dynamic_shapes={"ids": free, "mask": free},
        )


def _encode(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    return encoder.encode(of_texts(texts))


def _exact(settings: Settings) -> Settings:
    return settings.model_copy(update={"device": "cpu", "precision": "float32"})


def _clear_away(place: Path) -> None:
    """What is left of exports whose process was killed."""
    for left in place.parent.glob(f".{place.name}-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One process at a time; the lock of one that was killed is gone with it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)
