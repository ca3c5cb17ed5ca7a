"""Whether it lives, whether it is ready, and how much there is."""

from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from ingest.formats import registry
from samespace.api.context import Context, Here, Reader, ReaderOfAll
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.views import counts_view, moment
from samespace.api.schemas import status as schemas
from samespace.core.disks import check_space
from samespace.core.errors import OutOfSpace, SamespaceError, Unavailable
from samespace.core.modalities import MODALITIES
from samespace.core.types import State

router = APIRouter(tags=["status"], responses=PROBLEMS)

# With these wrong it answers searches all the same, and says so by these words.
_BEARABLE = {"space": OutOfSpace.code, "workers": "no_worker"}


@router.get("/healthz", response_model=schemas.Health)
async def check_health() -> Any:
    """Alive: says nothing about the parts behind it."""
    return {"status": "ok"}


@router.get("/readyz", response_model=schemas.Readiness)
def check_readiness(here: Here) -> Response:
    """Ready: records, index, queue and blobs answer, and the default encoders are loaded.

    A disk that is nearly full, or that no worker lives, is named, but searches are answered all the same: the
    status is 200.
    """
    checks = {**_checks(here), "encoders": _encoders(here)}
    wrong = {name for name, answer in checks.items() if answer != "ok"}
    is_ready = wrong <= _BEARABLE.keys()
    code = next((_BEARABLE[name] for name in _BEARABLE if name in wrong), "ok")
    return JSONResponse(
        {"status": code if is_ready else Unavailable.code, "checks": checks},
        200 if is_ready else 503,
        None if is_ready else {"Retry-After": "1"},
    )


@router.get("/metrics", response_class=Response, dependencies=KEYED)
def read_metrics(here: ReaderOfAll) -> Response:
    """Figures for Prometheus."""
    return Response(here.metrics.page(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/status", response_model=schemas.StatusView, dependencies=KEYED)
def get_status(here: Reader) -> Any:
    """The installation at a glance; for a key limited to collections, these and nothing of the machines."""
    if here.grant.is_limited:
        return _limited_status(here)
    return {
        "version": version("samespace"),
        "queue": _queue_length(here),
        "documents": counts_view(here.services.records.documents.counts()),
        "paused": _paused(here),
        "workers": [
            schemas.WorkerView(
                id=worker.id,
                host=worker.host,
                pid=worker.pid,
                seen_at=moment(worker.seen_at),
                about=dict(worker.about),
            )
            for worker in here.services.records.workers.alive(here.services.settings.lease_seconds)
        ],
        "device": here.warmth.device,
        "precision": here.warmth.precision,
        "checks": {**_checks(here), "encoders": _encoders(here)},
    }


@router.get("/v1/limits", response_model=schemas.LimitsView, dependencies=KEYED)
def get_limits(here: Reader) -> Any:
    """What is taken in; a sender that asks first need not send what would be refused."""
    names = ("max_file_bytes", "max_request_bytes", "max_json_bytes", "max_files")
    limits = {name: getattr(here.services.settings, name) for name in names}
    return {
        **limits,
        "media_types": list(registry.FORMATS.media_types),
        "formats": [
            {"name": row.name, "media_types": list(row.media_types), "suffixes": list(row.suffixes)}
            for row in registry.FORMATS.for_people()
        ],
        "modalities": [
            {
                "name": row.name,
                "called": row.called,
                "plural": row.plural,
                "media_types": list(row.media_types),
                "preview": row.preview,
                "has_preview": row.has_preview,
            }
            for row in MODALITIES.values()
        ],
    }


def _limited_status(here: Context) -> dict[str, Any]:
    documents: Counter[State] = Counter()
    for collection in here.collections():
        documents.update(here.services.records.documents.counts(collection.id))
    checks = _checks(here).items()
    return {
        "version": version("samespace"),
        "queue": None,
        "documents": counts_view(documents),
        "paused": _paused(here),
        "workers": [],
        "device": None,
        "precision": None,
        "checks": {name: said if said == "ok" else "unavailable" for name, said in checks},
    }


def _paused(here: Context) -> list[str]:
    return [collection.name for collection in here.collections() if collection.paused]


def _queue_length(here: Context) -> int | None:
    try:
        return here.queue.length()
    except Unavailable:
        return None


def _checks(here: Context) -> dict[str, str]:
    parts: dict[str, Callable[[], object]] = {
        "records": here.services.records.ping,
        "index": here.services.index.ping,
        "queue": here.queue.ping,
        "blobs": here.services.blobs.ping,
        "space": lambda: check_space(here.services.settings),
    }
    checks = {name: _check(ping) for name, ping in parts.items()}
    # Records that do not answer are waited for once.
    know = checks["records"] == "ok"
    return {**checks, "workers": _check(lambda: _check_workers(here)) if know else "unknown"}


def _check_workers(here: Context) -> None:
    seconds = here.services.settings.lease_seconds
    if not here.services.records.workers.alive(seconds):
        raise Unavailable(
            f"none was heard of for {seconds:.0f} s; what is added is kept and waits for one"
        )


def _check(ping: Callable[[], object]) -> str:
    try:
        ping()
    except SamespaceError as error:
        return str(error)
    return "ok"


def _encoders(here: Context) -> str:
    if not here.warmth.done.is_set():
        return "loading"
    return here.warmth.problem or "ok"
