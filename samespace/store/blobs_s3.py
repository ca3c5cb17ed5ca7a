"""Blobs in a bucket of S3 or of a store that speaks its language, such as MinIO."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from samespace.core.errors import NotFound, Unavailable
from samespace.store.blobs import check_key

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_READ_AHEAD = 1 << 18
_UPLOADS_AT_ONCE = 8
_MISSING = {"404", "NoSuchKey", "NoSuchUpload", "NotFound"}


class S3Blobs:
    """Blobs under `s3://bucket/prefix`; credentials come the way every AWS tool finds them."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        config = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=5)
        self._client: S3Client = boto3.client("s3", endpoint_url=endpoint, config=config)

    def put(self, key: str, source: BinaryIO) -> None:
        """Upload, in parts where it is large; visible when whole."""
        if self.exists(key):
            return
        with self._answering(key):
            # boto3 closes what it uploads; the caller's file stays the caller's.
            self._client.upload_fileobj(
                cast("IO[bytes]", _Borrowed(source)), self._bucket, self._name(key)
            )

    def put_all(self, blobs: Sequence[tuple[str, BinaryIO]]) -> list[Unavailable | None]:
        """Upload some at a time."""
        first: list[Unavailable] = []

        def put(key: str, source: BinaryIO) -> Unavailable | None:
            if first:
                return first[0]
            try:
                self.put(key, source)
            except Unavailable as error:
                first.append(error)
                return error
            return None

        sources = dict(blobs)
        with ThreadPoolExecutor(min(_UPLOADS_AT_ONCE, len(sources) or 1)) as pool:
            faults = dict(zip(sources, pool.map(put, sources, sources.values()), strict=True))
        return [faults[key] for key, _ in blobs]

    def get(self, key: str) -> bytes:
        """All bytes; NotFound."""
        body = self._body(key)
        with closing(body), self._answering(key):
            return body.read()

    def open(self, key: str) -> BinaryIO:
        """A readable stream; NotFound."""
        download = _Download(self._body(key), lambda: self._answering(key))
        return io.BufferedReader(download, _READ_AHEAD)

    def exists(self, key: str) -> bool:
        """Whether it is there."""
        try:
            with self._answering(key):
                self._client.head_object(Bucket=self._bucket, Key=self._name(key))
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove; nothing happens if it is not there."""
        with self._answering(key):
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def keys(self, kind: str) -> Iterator[str]:
        """All keys of a kind, in order."""
        with self._answering(kind):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}{kind}/"
            )
            for page in pages:
                for entry in page.get("Contents", []):
                    yield entry["Key"].removeprefix(self._prefix)

    def stored_at(self, key: str) -> float:
        """When it was stored; NotFound."""
        with self._answering(key):
            head = self._client.head_object(Bucket=self._bucket, Key=self._name(key))
        return head["LastModified"].timestamp()

    def leftovers(self, silent_for: float) -> Iterator[str]:
        """Uploads in parts that were begun and not ended, as `<name> <upload id>`."""
        newest = time.time() - silent_for
        with self._answering(self._bucket):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            for page in pages:
                for begun in page.get("Uploads", []):
                    if begun["Initiated"].timestamp() < newest:
                        yield f"{begun['Key']} {begun['UploadId']}"

    def remove_leftover(self, name: str) -> None:
        """Abort an upload in parts."""
        key, upload = name.rsplit(" ", 1)
        with suppress(NotFound), self._answering(key):
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)

    def ping(self) -> None:
        """Unavailable unless the bucket answers."""
        try:
            with self._answering(self._bucket):
                self._client.head_bucket(Bucket=self._bucket)
        except NotFound as error:
            raise Unavailable(f"there is no bucket {self._bucket!r}") from error

    def _body(self, key: str) -> "StreamingBody":
        with self._answering(key):
            return self._client.get_object(Bucket=self._bucket, Key=self._name(key))["Body"]

    def _name(self, key: str) -> str:
        return f"{self._prefix}{check_key(key)}"

    @contextmanager
    def _answering(self, what: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if error.response["Error"].get("Code") in _MISSING:
                raise NotFound(f"there is no blob {what}") from error
            raise Unavailable(f"bucket {self._bucket!r} refused {what}: {error}") from error
        except (BotoCoreError, S3UploadFailedError) as error:
            raise Unavailable(f"bucket {self._bucket!r} does not answer: {error}") from error


class _Download(io.RawIOBase):
    def __init__(
        self, body: "StreamingBody", answering: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._body = body
        self._answering = answering

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        target = memoryview(buffer).cast("B")
        # The connection may break off long after the store has answered.
        with self._answering():
            chunk = self._body.read(len(target))
        target[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._body.close()
        super().close()


class _Borrowed:
    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def read(self, size: int = -1) -> bytes:
        return self._source.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def close(self) -> None:
        """Not ours to close."""
