"""The one place that loads models, and the encoders of a process."""

import threading
from functools import partial

from samespace.core.settings import Settings
from samespace.core.types import TEXT, Space
from samespace.encoders.adapters import adapter_of
from samespace.encoders.base import Encoder
from samespace.encoders.batcher import BatchedEncoder, Stats
from samespace.encoders.device import compute_of
from samespace.encoders.dual_backend import DualBackendEncoder
from samespace.encoders.lazy import Lazy
from samespace.encoders.packed import PackedModels
from samespace.encoders.places import place_of
from samespace.encoders.presets import BUILTIN
from samespace.encoders.trial import check_encoder

_one_at_a_time = threading.Lock()


def load_encoder(space: Space, settings: Settings) -> Encoder:
    """Load the model of a space onto the device, in the precision, that the settings ask for.

    Raises Unavailable if the model cannot be had, Misconfigured if a setting or the space is wrong.
    """
    with _one_at_a_time:  # libraries do not take it well to be imported and set up by two threads
        return _load(space, settings)


def _load(space: Space, settings: Settings) -> Encoder:
    adapter = adapter_of(space)
    if adapter.torch and settings.threads:
        import torch

        torch.set_num_threads(settings.threads)
    encoder = adapter.code.open_model(space, compute_of(settings), settings)
    if space.kind != BUILTIN:  # its files are pinned
        check_encoder(encoder)
    return encoder


def encoder_for_service(space: Space, settings: Settings) -> Encoder:
    """The encoder of a space as a service wants it: on a CPU its texts exported, and torch only when it is needed.

    Raises what load_encoder raises.
    """
    is_on_cpu = compute_of(settings).device == "cpu"
    place = place_of(space, settings.models) if is_on_cpu and TEXT in space.modalities else None
    if place is None:
        return load_encoder(space, settings)
    return DualBackendEncoder(space, settings, place, lambda: load_encoder(space, settings))


class Encoders:
    """One batched encoder per space and process, loaded when first asked for, so after any fork; `packed`: where
    models whose files are blobs are had from."""

    def __init__(self, settings: Settings, packed: PackedModels | None = None) -> None:
        self._settings = settings
        self._packed = packed
        self._encoders: dict[Space, Lazy[BatchedEncoder]] = {}
        self._lock = threading.Lock()

    def get(self, space: Space) -> BatchedEncoder:
        """The encoder of a space; the first call has it loaded (seconds), and others for it wait.

        Raises what load_encoder raises, and a later call tries again; GivenUp, TooLate as the one who asked
        waits, and then it goes on being loaded for the next.
        """
        with self._lock:
            if space not in self._encoders:
                self._encoders[space] = Lazy(partial(self.load, space))
            encoder = self._encoders[space]
        return encoder.get()

    def load(self, space: Space) -> BatchedEncoder:
        """Load an encoder, whether or not there is one of its space already."""
        if self._packed is not None:
            space = self._packed.at_home(space)
        encoder = encoder_for_service(space, self._settings)
        return BatchedEncoder(encoder, self._settings.batch_size)

    def stats(self) -> dict[str, Stats]:
        """What each loaded encoder has done so far, by space name and fingerprint."""
        loaded = [encoder for encoder in self._loaded() if encoder.is_loaded]
        return {f"{e.space.name}:{e.fingerprint[:12]}": e.stats for e in loaded}

    def close(self) -> None:
        """Finish what is queued and stop the encoding threads."""
        for encoder in self._loaded():
            encoder.close()

    def _loaded(self) -> list[BatchedEncoder]:
        return [each.get() for each in list(self._encoders.values()) if each.is_loaded]
