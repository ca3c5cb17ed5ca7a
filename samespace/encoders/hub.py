"""Models that cannot be had, said in our words: which, for what, why, what to do; those of libraries go to the log."""

import errno
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from samespace.core.errors import OutOfSpace, SamespaceError, Unavailable
from samespace.encoders.presets import presets_with

log = logging.getLogger(__name__)

# Before gigabytes are asked for, by a library that tries for a minute where there is no network.
_PROBE_SECONDS = 10.0
_FOLDERS = "st:<folder>, open_clip:local-dir:<folder>, onnx:<folder>"


def require(model: str, repository: str) -> None:
    """Unavailable at once if a model is not in this machine's cache and no hub says that it has it."""
    from huggingface_hub import HfApi

    from samespace.encoders.hub_cache import cached_models

    if not repository or repository in cached_models():
        return
    with having(model, "huggingface_hub"):
        HfApi().model_info(repository, timeout=_PROBE_SECONDS)


@contextmanager
def having(model: str, library: str) -> Iterator[None]:
    """Unavailable for whatever a hub or a library fails with over a model; OutOfSpace where the disk is full."""
    try:
        yield
    except SamespaceError:
        raise
    except (
        Exception
    ) as error:  # network, offline, gone, gated, no such name, damaged, of another kind
        log.info("model %s cannot be had", model, exc_info=error)
        raise _plainly(model, library, error) from error


def _plainly(model: str, library: str, error: Exception) -> Unavailable:
    found = list(_chain(error))
    if any(getattr(each, "errno", None) == errno.ENOSPC for each in found):
        return OutOfSpace(f"the disk has no room for {named(model)}")
    if any(type(each).__name__ == "HFValidationError" for each in found):
        return Unavailable(f"{model!r} is neither a folder nor the name of a model on a hub")
    if reason := _reason(found):
        return Unavailable(
            f"{named(model)} is not on this machine, and {reason}: use it once where a model hub can be reached, "
            f"copy the folder {_cache()} of a machine that has it, or name a folder that holds a model ({_FOLDERS}); "
            "preset starter needs no hub"
        )
    if isinstance(error, MemoryError):
        return Unavailable(f"there is too little memory to load {named(model)}")
    return Unavailable(
        f"{named(model)} cannot be loaded: files of it are missing or damaged, or of another kind than {library} "
        "reads; the log says which"
    )


def named(model: str) -> str:
    """A model as messages call it, with the presets that need it."""
    presets = " and ".join(repr(name) for name in presets_with(model))
    return f"model {model} of preset {presets}" if presets else f"model {model}"


def _reason(found: Sequence[BaseException]) -> str | None:
    """What a hub did; None if none was asked."""
    from huggingface_hub import errors as hub

    reasons: list[tuple[type[BaseException], str]] = [
        (hub.OfflineModeIsEnabled, "HF_HUB_OFFLINE forbids to ask a model hub"),
        (hub.GatedRepoError, "the model hub gives it only to those it knows (HF_TOKEN)"),
        (hub.RepositoryNotFoundError, "the model hub knows no such model, or does not show it"),
        (hub.RevisionNotFoundError, "the model hub does not have this revision of it"),
        (hub.HfHubHTTPError, "the model hub does not give it"),
        (hub.LocalEntryNotFoundError, "no model hub can be reached"),
        (socket.gaierror, "no model hub can be reached"),
        (ConnectionError, "no model hub can be reached"),
        (TimeoutError, "no model hub answers"),
    ]
    for kind, reason in reasons:
        if any(isinstance(each, kind) for each in found):
            return reason
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cache() -> str:
    from huggingface_hub import constants

    return str(constants.HF_HUB_CACHE)
