"""The one place that chooses an adapter, and the encoders of a process."""

import threading
from concurrent.futures import Future

from samespace.core.asker import asker
from samespace.core.errors import InvalidRequest
from samespace.core.settings import Settings
from samespace.core.types import Modality, Space
from samespace.encoders.base import Encoder
from samespace.encoders.batcher import BatchedEncoder, Stats
from samespace.encoders.device import compute_of
from samespace.encoders.paired import PairedEncoder
from samespace.encoders.places import place_of
from samespace.encoders.presets import BUILTIN, OPEN_CLIP, SENTENCES

_turn = threading.Lock()


def load_encoder(space: Space, settings: Settings) -> Encoder:
    """Load the model of a space onto the device, in the precision, that the settings ask for.

    Raises Unavailable if the model cannot be had, Misconfigured if a setting or the space is wrong.
    """
    with _turn:  # libraries do not take it well to be imported and set up by two threads
        return _load(space, settings)


def _load(space: Space, settings: Settings) -> Encoder:
    import torch

    compute = compute_of(settings)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if space.kind == BUILTIN:
        from samespace.encoders import starter

        return starter.load(space, compute, settings.models)
    if space.kind == SENTENCES:
        from samespace.encoders import sentences

        return sentences.load(space, compute)
    if space.kind == OPEN_CLIP:
        from samespace.encoders import clip

        return clip.load(space, compute, allow_unsafe=settings.allow_unsafe_weights)
    raise InvalidRequest(f"space {space.name} is of kind {space.kind!r}, which no adapter loads")


def encoder_for_service(space: Space, settings: Settings) -> Encoder:
    """The encoder of a space as a service wants it: on a CPU its texts exported, and torch only when it is needed.

    Raises what load_encoder raises.
    """
    is_on_cpu = compute_of(settings).device == "cpu"
    place = (
        place_of(space, settings.models)
        if is_on_cpu and Modality.TEXT in space.modalities
        else None
    )
    if place is None:
        return load_encoder(space, settings)
    return PairedEncoder(space, settings, place, lambda: load_encoder(space, settings))


class Encoders:
    """One batched encoder per space and process, loaded when first asked for, so after any fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: dict[Space, BatchedEncoder] = {}
        self._loading: dict[Space, Future[BatchedEncoder]] = {}
        self._lock = threading.Lock()

    def get(self, space: Space) -> BatchedEncoder:
        """The encoder of a space; the first call has it loaded (seconds), and others for it wait.

        Raises what load_encoder raises, and a later call tries again; GivenUp, TooLate as the one who asked
        waits, and then it goes on being loaded for the next.
        """
        if space in self._loaded:
            return self._loaded[space]
        with self._lock:
            loading = self._loading.get(space)
            if loading is None:
                loading = self._loading[space] = Future()
                threading.Thread(target=self._load, args=[space, loading], daemon=True).start()
        return asker().result(loading)

    def _load(self, space: Space, loading: Future[BatchedEncoder]) -> None:
        try:
            if space not in self._loaded:
                encoder = encoder_for_service(space, self._settings)
                self._loaded[space] = BatchedEncoder(encoder, self._settings.batch_size)
            loading.set_result(self._loaded[space])
        except BaseException as error:
            loading.set_exception(error)
        finally:
            self._loading.pop(space, None)

    def stats(self) -> dict[str, Stats]:
        """What each loaded encoder has done so far, by space name and fingerprint."""
        there = [(s, e) for s, e in list(self._loaded.items()) if e.is_there]
        return {f"{s.name}:{e.fingerprint[:12]}": e.stats for s, e in there}

    def close(self) -> None:
        """Finish what is queued and stop the encoding threads."""
        for encoder in self._loaded.values():
            encoder.close()
