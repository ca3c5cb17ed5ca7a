"""What is checked before a part of the stack is started, so that a mistake is told at once and by its name."""

import errno
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from samespace.core.disks import check_space
from samespace.core.errors import (
    Conflict,
    InvalidRequest,
    Misconfigured,
    OutOfSpace,
    Unavailable,
)
from samespace.core.hosts import is_loopback
from samespace.core.settings import MB, Settings
from samespace.core.types import Space
from samespace.encoders.adapters import adapter_of, custom_model
from samespace.encoders.presets import PRESETS
from samespace.encoders.spaces import check_name
from samespace.operations import checks
from samespace.operations.models import models_of

Report = Callable[[str], None]

# What is written in the first seconds: databases, logs, marks.
_FIRST_BYTES = 4 * MB


def check_models(settings: Settings, report: Report) -> None:
    """Misconfigured for a preset that is not known, Unavailable for one whose models cannot be had here.

    What has to be fetched from a hub first is reported; open_clip's models are not looked for, which would mean to
    load torch.
    """
    if is_registered(settings):
        return
    try:
        check_name(settings.preset)
    except InvalidRequest as error:
        raise Misconfigured(f"SAMESPACE_PRESET: {error}") from error
    _check_folder(settings.preset)
    absent = [space for space in PRESETS.get(settings.preset, ()) if not _is_at_hand(space)]
    for space in absent:
        if not adapter_of(space).fetches:
            raise Unavailable(
                f"the models of preset {settings.preset!r} are missing; `samespace doctor` says more"
            )
        report(f"model {space.model} is not on this machine and is fetched from its hub first")


def is_registered(settings: Settings) -> bool:
    """Whether the preset is the name of a model in the registry; not, where the records are not of this release."""
    if settings.preset in PRESETS or ":" in settings.preset:
        return False
    return any(one.name == settings.preset for one in models_of(settings))


def _check_folder(preset: str) -> None:
    """Unavailable for a model that is named as a folder which is not there."""
    custom = custom_model(preset)
    folder = custom and custom[0].code.folder_of(custom[1])
    if folder and not folder.is_dir():
        raise Unavailable(f"SAMESPACE_PRESET: {folder} is not a folder with a model")


def _is_at_hand(space: Space) -> bool:
    from samespace.encoders.hub_cache import cached_models

    adapter = adapter_of(space)
    if not adapter.quickly:
        return True
    return adapter.code.is_here(space, cached_models() if adapter.fetches else frozenset())


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Misconfigured where a data folder cannot be made or written within the block, OutOfSpace without room."""
    try:
        yield
    except OSError as error:
        said = f"the data folder {folder} cannot be used: {error.strerror or error}"
        where = f" ({error.filename})" if error.filename not in {None, str(folder)} else ""
        kind = OutOfSpace if error.errno in {errno.ENOSPC, errno.EDQUOT} else Misconfigured
        raise kind(f"{said}{where}; --data names another") from error


def check_room(folder: Path, settings: Settings, report: Report) -> None:
    """OSError unless the first few megabytes can be written there; too little for uploads is only reported."""
    probe = folder / "room"
    try:
        with probe.open("wb") as file:
            file.write(bytes(_FIRST_BYTES))
    finally:
        probe.unlink(missing_ok=True)
    try:
        check_space(settings)
    except OutOfSpace as error:
        report(f"warning: {error}")


def check_port(settings: Settings) -> None:
    """Conflict if the port is taken, Misconfigured if nobody can listen there."""
    host, port = settings.host, settings.port
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Conflict(f"port {port} on {host} is taken; choose another with --port") from error
        raise Misconfigured(
            f"nothing can listen on port {port} of {host} (SAMESPACE_HOST, SAMESPACE_PORT): {error.strerror}"
        ) from error


def check_servers(settings: Settings, embedded: Collection[str]) -> None:
    """Unavailable if a server that a setting names, instead of an embedded part, does not answer."""
    parts = {
        "records": ("database_url", checks.ping_sql),
        "index": ("milvus_uri", checks.ping_index),
        "queue": ("redis_url", checks.ping_queue),
    }
    for part, (setting, ping) in parts.items():
        url = None if setting in embedded else getattr(settings, setting)
        check = checks.check_url(part, setting, url, partial(ping, settings))
        if check.finding is checks.Finding.MISSING:
            raise Unavailable(
                f"SAMESPACE_{setting.upper()}: {part} at {check.name}: {check.detail}"
            )


def check_key(settings: Settings) -> None:
    """Misconfigured if others could reach the API without a key; the records are of this release by then."""
    if not is_loopback(settings.host):
        from samespace.api.server import check_address

        check_address(settings)
