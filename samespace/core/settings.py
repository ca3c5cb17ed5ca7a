"""The one place where the environment is read: a frozen `Settings`, passed as an argument from the entry points."""

import os
import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path, user_state_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from samespace.core.encodings import known_encoding
from samespace.core.errors import Misconfigured
from samespace.core.nearest import nearest

MB = 1024 * 1024
PREFIX = "SAMESPACE_"
DEFAULT_URL = "http://127.0.0.1:7373"

# In the environment by right, and no setting of ours: docker-compose.yml fills in its ports with the first, and
# Kubernetes tells of services that are called samespace, or samespace-something, with the others.
_OF_OTHERS = re.compile(
    r"BIND|PUBLISH|(\w+_)?SERVICE_(HOST|PORT)(_\w+)?|(\w+_)?PORT_\d+_(TCP|UDP|SCTP)(_\w+)?"
)
_ADDRESS_OF_A_SERVICE = re.compile(r"(tcp|udp|sctp)://")

Names = Annotated[tuple[str, ...], NoDecode]
Ports = Annotated[tuple[int, ...], NoDecode]


class Settings(BaseSettings):
    """Every setting, each read from `SAMESPACE_<NAME>`; README and docs/configuration.md are generated from here."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="forbid",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    # where things are
    data: Path = Field(
        user_data_path("samespace"), description="The data folder of the embedded stack."
    )
    host: str = Field(
        "127.0.0.1", description="Address the API binds to; beyond loopback a key is required."
    )
    port: int = Field(7373, ge=0, le=65535, description="Port of the API.")
    url: str = Field(
        DEFAULT_URL,
        description="Where the command line and the Python client find the API.",
        repr=False,
    )
    state: Path = Field(
        user_state_path("samespace"),
        description="Where the command line remembers the folders it keeps in sync.",
    )
    sync_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of a folder's documents that `add --sync` removes without asking; 1: all.",
    )
    milvus_uri: str | None = Field(
        None, description="Milvus server; unset: the embedded Milvus Lite.", repr=False
    )
    milvus_token: SecretStr | None = Field(None, description="Token or user:password for Milvus.")
    redis_url: str | None = Field(
        None, description="Redis server; unset: the embedded Valkey.", repr=False
    )
    database_url: str | None = Field(
        None,
        description="Records, an SQLAlchemy URL; unset: SQLite in the data folder.",
        repr=False,
    )
    blobs_url: str | None = Field(
        None,
        description="Originals: a folder, or s3://bucket/prefix; unset: the data folder.",
        repr=False,
    )
    vectors_url: str | None = Field(
        None,
        description="Vector cache, an SQLAlchemy URL; unset: SQLite in the data folder.",
        repr=False,
    )
    s3_endpoint: str | None = Field(
        None, description="Endpoint of an S3-compatible store, such as MinIO.", repr=False
    )
    api_key: SecretStr | None = Field(
        None, description="A key that is always accepted; more are made with `samespace keys`."
    )
    rate: int | None = Field(
        None,
        ge=1,
        description="Most requests a minute of a key that has no rate of its own; unset: no limit.",
    )
    audit_days: float = Field(90.0, gt=0, description="How long audit lines are kept, in days.")
    session_days: float = Field(
        7.0, gt=0, le=365, description="How long a browser stays signed in at most, in days."
    )
    https_only: bool = Field(
        default=False,
        description="Browsers reach this server over TLS alone, through a proxy: cookies are for TLS.",
    )
    allowed_hosts: Names = Field(
        (), description="Further Host names this server answers to, comma-separated."
    )

    # models
    models: Path = Field(
        user_cache_path("samespace") / "models",
        description="Where the model of preset starter is put together on first use, about 100 MB, and where the "
        "texts of models are exported for questions on a CPU, another 90 MB for starter; models that were added are "
        "fetched into it.",
    )
    preset: str = Field("starter", description="Preset of collections that name none.")
    allow_unsafe_weights: bool = Field(
        default=False,
        description="Load open_clip weights that are not safetensors; a hostile file may run code.",
    )
    device: str = Field(
        "auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, or cuda:N."
    )
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="auto, float32, bfloat16 or float16."
    )
    threads: int | None = Field(
        None, ge=1, description="CPU threads of an encoder; unset: every core."
    )
    batch_size: int = Field(32, ge=1, description="Most items in one device batch.")

    # workers
    workers: int = Field(1, ge=1, description="Worker processes that `samespace up` starts.")
    concurrency: int = Field(4, ge=1, description="Tasks in flight in one worker process.")
    worker_nice: int = Field(
        5,
        ge=0,
        le=19,
        description="Niceness of workers, which stand back behind queries; 0: not at all. At 5 one gets a third of "
        "what another process gets that wants the same processor, at 10 a tenth.",
    )
    parsers: int = Field(
        2, ge=1, description="Child processes of a worker that open untrusted files."
    )
    lease_seconds: float = Field(
        30.0, gt=0, description="A worker silent for this long has lost its documents."
    )
    max_attempts: int = Field(3, ge=1, description="Starts of a document before it is failed.")
    reconcile_seconds: float = Field(5.0, gt=0, description="How often lost work is looked for.")
    parse_seconds: float = Field(60.0, gt=0, description="Longest time to open one file.")
    parse_memory_mb: int = Field(
        2048, ge=64, description="Most memory of a process that opens files."
    )
    parse_output_mb: int = Field(
        1024, ge=32, description="Most texts and pixels that one opened file may come to."
    )
    encoding: str | None = Field(
        None,
        description="Encoding of texts that name none and are not Unicode, such as cp1251; unset: it is guessed.",
    )
    slice_items: int = Field(
        256, ge=1, description="Most items embedded and written at a time; fewer of long ones."
    )

    # limits at the door
    max_file_bytes: int = Field(100 * MB, ge=1, description="Largest single file.")
    max_request_bytes: int = Field(1024 * MB, ge=1, description="Largest request.")
    max_json_bytes: int = Field(
        32 * MB, ge=1, description="Largest request without files, and text fields beside files."
    )
    max_files: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="Most files or texts in one request; our clients send 256 at most.",
    )
    max_pixels: int = Field(100_000_000, ge=1, description="Most pixels of a picture.")
    max_pages: int = Field(2000, ge=1, description="Most pages of a document.")
    max_characters: int = Field(
        20_000_000, ge=1, description="Most characters of a document's text."
    )
    max_metadata_bytes: int = Field(
        16 * 1024, ge=2, description="Largest metadata object, as JSON."
    )
    max_queue: int = Field(
        100_000, ge=1, description="Most documents waiting; past it uploads get 429."
    )
    queue_share: float = Field(
        0.5, gt=0, le=1, description="Share of max_queue that one collection may take."
    )
    max_uploads: int = Field(
        16, ge=1, description="Uploads received at once; past it and the next ones: 429."
    )
    max_uploads_bytes: int = Field(
        4096 * MB, ge=1, description="Bytes of the forms received at once, which go to disk."
    )
    max_bodies_bytes: int = Field(
        128 * MB, ge=1, description="Bytes of other requests received at once, held in memory."
    )
    max_searches: int = Field(
        64, ge=1, description="Searches, classifications and embeddings at once."
    )
    search_seconds: float = Field(
        30.0,
        gt=0,
        description="Longest time for a search, a classification or embeddings; past it: 503.",
    )
    max_streams: int = Field(100, ge=1, description="Streams of events at once.")
    body_seconds: float = Field(
        30.0, gt=0, description="Longest silence of a client that is sending."
    )
    body_rate: int = Field(
        1024,
        ge=0,
        description="Least bytes a second of a client that is sending, after body_seconds; 0: any.",
    )
    body_total_seconds: float = Field(
        4 * 3600.0, gt=0, description="Longest time that a client may take to send one request."
    )
    header_seconds: float = Field(
        30.0, gt=0, description="Longest time that a client may take to send the head of a request."
    )
    max_connections: int = Field(
        512, ge=2, description="Most open connections; past it new ones get 503."
    )
    client_share: float = Field(
        0.75,
        gt=0,
        le=1,
        description="Share of max_uploads, max_uploads_bytes, max_bodies_bytes, max_searches, max_streams "
        "and max_connections that one client (a key at an address) may take.",
    )
    trusted_proxies: Names = Field(
        (),
        description="Addresses and networks of proxies whose X-Forwarded-For says who the client is, "
        "comma-separated.",
    )
    min_free_mb: int = Field(
        500, ge=0, description="Disk space that is to stay free; below it uploads get 503."
    )
    max_query_parts: int = Field(16, ge=1, le=1000, description="Most parts of one query.")
    max_labels: int = Field(1000, ge=2, le=10_000, description="Most labels of one classification.")

    max_prompts: int = Field(
        10_000, ge=2, description="Most prompts of one classification: labels times templates."
    )

    # documents by URL
    fetch_urls: bool = Field(
        default=False, description="Whether documents may be added by their URL."
    )
    fetch_allow: Names = Field(
        (),
        description="Names and networks of an intranet that may be fetched from, comma-separated; "
        "public addresses always may.",
    )
    fetch_ports: Ports = Field((80, 443), description="Ports that may be fetched from.")
    fetch_seconds: float = Field(30.0, gt=0, description="Longest time to fetch one document.")

    # answers
    candidates: int = Field(
        200, ge=1, le=16384, description="Depth of each list a query ranks; paging ends there."
    )
    background_items: int = Field(1000, ge=30, description="Most items of the calibration sample.")
    good_match: float = Field(
        -0.5,
        description="How far the best hit has to stand above the best that as many unrelated items would "
        "have by chance, in spreads; less is no good match. Higher says so more often.",
    )
    cursor_seconds: float = Field(300.0, gt=0, description="How long a cursor can be continued.")
    query_log: int = Field(
        0,
        ge=0,
        le=100_000,
        description="How many of the newest queries of each collection are kept, without who asked, to compare models "
        "by; 0: none, and what was kept is forgotten when the API starts.",
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_mb: int = Field(
        10, ge=1, description="Size at which a log of the embedded stack is renamed."
    )
    hang_seconds: float = Field(
        120.0,
        gt=0,
        description="A part of the embedded stack that does not answer for so long is started again.",
    )
    log_files: int = Field(5, ge=1, description="Renamed logs that are kept of each part.")
    faults: str = Field("", description="For tests: where processes are to die or fail.")

    @field_validator("encoding")
    @classmethod
    def _know_encoding(cls, value: str | None) -> str | None:
        if value is not None and known_encoding(value) is None:
            raise ValueError(f"there is no encoding {value[:40]!r}")
        return value if value is None else known_encoding(value)

    @field_validator(
        "allowed_hosts", "fetch_allow", "fetch_ports", "trusted_proxies", mode="before"
    )
    @classmethod
    def _split_names(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(f"{each!r} is not an address or network: {error}") from error
        return value


class Server(BaseSettings):
    """Where a client finds the API, and its key: the two settings that are of interest away from the server."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    url: str = DEFAULT_URL
    api_key: SecretStr | None = None


def read_settings(**given: Any) -> Settings:
    """The settings of the environment, with what is given instead; Misconfigured for what is wrong or not known."""
    unknown = sorted(_unknown())
    if unknown:
        raise Misconfigured("; ".join(map(_refused, unknown)))
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(each) for each in first["loc"]).upper()
        raise Misconfigured(f"{PREFIX}{name}: {first['msg']}") from error


def _unknown() -> Iterator[str]:
    """Variables that look like a setting and are none; an empty one is as good as none."""
    for name, value in os.environ.items():
        prefix, rest = name[: len(PREFIX)].upper(), name[len(PREFIX) :].upper()
        if prefix != PREFIX or not value or rest.lower() in Settings.model_fields:
            continue
        if not _OF_OTHERS.fullmatch(rest) and not _ADDRESS_OF_A_SERVICE.match(value):
            yield name


def _refused(name: str) -> str:
    meant = nearest(name[len(PREFIX) :], Settings.model_fields)
    if meant is None:
        return f"{name} is not a setting; docs/configuration.md lists those there are"
    return f"{name} is not a setting; did you mean {PREFIX}{meant.upper()}?"


def as_environment(settings: Settings) -> dict[str, str]:
    """The environment of a child process that is to read these settings."""
    return os.environ | {
        f"SAMESPACE_{name.upper()}": _as_text(value)
        for name in settings.model_fields_set
        if (value := getattr(settings, name)) is not None
    }


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
