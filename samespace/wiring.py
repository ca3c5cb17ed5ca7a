"""The one wiring: settings in, services out; used by the API, the worker and the tests."""

from pathlib import Path
from urllib.parse import urlsplit

from ingest.sandbox import Sandbox
from samespace.core import faults
from samespace.core.disks import blob_folder
from samespace.core.errors import Misconfigured
from samespace.core.secrets import without_secrets
from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.encoders.packed import PackedModels
from samespace.services import Services
from samespace.store.blobs import Blobs
from samespace.store.index import Index
from samespace.store.records import Records, open_records
from samespace.store.vectors import VectorCache


def open_services(settings: Settings, children: int | None = None) -> Services:
    """Open every store the settings name, embedded ones in the data folder; nothing is loaded or started yet.
    `children` may open files at the same time, as many as the settings say where it is left out.

    Misconfigured for a URL that is missing or of no known kind, Unavailable for a server that is not there.
    """
    faults.arm(settings.faults)
    records, blobs = open_records_of(settings), open_blobs(settings)
    return Services(
        settings=settings,
        records=records,
        blobs=blobs,
        vectors=VectorCache(vectors_url(settings)),
        index=open_index(settings),
        encoders=Encoders(settings, PackedModels(settings.models, blobs.open)),
        sandbox=open_sandbox(settings, children or settings.parsers),
    )


def open_records_of(settings: Settings) -> Records:
    """The records alone; Unavailable if their server is not there."""
    settings.data.mkdir(parents=True, exist_ok=True)
    return open_records(records_url(settings))


def records_url(settings: Settings) -> str:
    """Where the records are, as an SQLAlchemy URL."""
    return settings.database_url or _sqlite(settings.data / "records.db")


def vectors_url(settings: Settings) -> str:
    """Where the vector cache is, as an SQLAlchemy URL."""
    return settings.vectors_url or _sqlite(settings.data / "vectors.db")


def open_blobs(settings: Settings) -> Blobs:
    """The originals in a folder or a bucket."""
    from samespace.store.blobs_disk import DiskBlobs

    folder = blob_folder(settings)
    if folder is not None:
        return DiskBlobs(folder)
    url = str(settings.blobs_url)
    parts = urlsplit(url)
    if parts.scheme == "s3":
        from samespace.store.blobs_s3 import S3Blobs

        return S3Blobs(parts.netloc, parts.path, settings.s3_endpoint)
    shown = without_secrets(url)
    raise Misconfigured(
        f"SAMESPACE_BLOBS_URL is {shown!r}: a folder or s3://bucket/prefix is wanted"
    )


def open_index(settings: Settings) -> Index:
    """The index on the Milvus server of the settings."""
    from samespace.store.index_milvus import MilvusIndex

    if settings.milvus_uri is None:
        raise Misconfigured(
            "SAMESPACE_MILVUS_URI is not set; `samespace up` starts a Milvus Lite server of its own"
        )
    token = settings.milvus_token.get_secret_value() if settings.milvus_token else ""
    return MilvusIndex(settings.milvus_uri, token)


def open_sandbox(settings: Settings, children: int) -> Sandbox:
    """Child processes for files that are not trusted; each is started when it is first needed."""
    return Sandbox(
        children,
        settings.parse_seconds,
        settings.parse_memory_mb,
        settings.parse_output_mb,
    )


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path}"
