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


class FormatView(Model):
    """A format that is taken in: what people call it, its media types and the suffixes of its files."""

    name: str
    media_types: list[str]
    suffixes: list[str]


class ModalityView(Model):
    """A kind of item: the words for one and for several, how media types begin of what is one by itself, what people
    see of one (its text, a thumbnail or none of it), and whether that is a thumbnail."""

    name: str
    called: str
    plural: str
    media_types: list[str]
    preview: str
    has_preview: bool


class LimitsView(Model):
    """What an upload may come to, in bytes and files; `media_types` are those that are taken in, `formats` the same by
    name, texts and documents before pictures; `modalities` are what items of them are."""

    max_file_bytes: int
    max_request_bytes: int
    max_json_bytes: int
    max_files: int
    media_types: list[str]
    formats: list[FormatView]
    modalities: list[ModalityView]


class Health(Model):
    """The process lives."""

    status: Literal["ok"]


class Readiness(Model):
    """Whether everything answers, and what does not."""

    status: Literal["ok", "out_of_space", "no_worker", "unavailable"]
    checks: dict[str, str]
