"""Whether it works."""

from typing import Any, Literal

from samespace.core.wire import Model


class WorkerView(Model):
    """A worker process as it last reported."""

    id: str
    host: str
    pid: int
    seen_at: str
    about: dict[str, Any]


class StatusView(Model):
    """The whole installation at a glance; `paused` names the collections whose documents wait."""

    version: str
    queue: int | None
    documents: dict[str, int]
    paused: list[str]
    workers: list[WorkerView]
    device: str | None
    precision: str | None
    checks: dict[str, str]


class LimitsView(Model):
    """What an upload may come to, in bytes and files; `media_types` are those that are taken in."""

    max_file_bytes: int
    max_request_bytes: int
    max_json_bytes: int
    max_files: int
    media_types: list[str]


class Health(Model):
    """The process lives."""

    status: Literal["ok"]


class Readiness(Model):
    """Whether everything answers, and what does not."""

    status: Literal["ok", "out_of_space", "no_worker", "unavailable"]
    checks: dict[str, str]
