"""What is secret in the settings is known, and hidden."""

import io

import pytest
from pydantic import ValidationError

from samespace.core.secrets import Hiding, hide, secrets_of
from samespace.core.settings import Settings

MARKS = {
    "api_key": "mark-key",
    "milvus_token": "root:mark-token",
    "milvus_uri": "https://root:mark-milvus@h:1",
    "redis_url": "redis://:mark%2Fredis@h/0",
    "database_url": "postgresql+psycopg://u:mark-db@h/d?sslpassword=mark-ssl",
    "vectors_url": "postgresql+psycopg://u:mark-vectors@h/d",
    "blobs_url": "s3://key:mark-s3@bucket/prefix",
    "url": "http://u:mark-url@127.0.0.1:7373",
}


def test_the_settings_show_no_secret() -> None:
    settings = Settings(**MARKS)  # type: ignore[arg-type]
    assert "mark" not in repr(settings)
    assert "mark" not in str(settings)


def test_what_is_wrong_is_said_without_the_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**{**MARKS, "port": "mark-port"})  # type: ignore[arg-type]
    assert "mark" not in str(refused.value)


def test_every_secret_is_known() -> None:
    secrets = secrets_of(Settings(**MARKS))  # type: ignore[arg-type]
    said = "mark-key mark-token mark-milvus mark%2Fredis mark/redis mark-db mark-ssl mark-vectors mark-s3 mark-url"
    assert "mark" not in hide(said, secrets)
    assert hide("root and others", secrets) == "root and others"
    assert secrets_of(Settings(api_key="abc", url="http://[::1")) == ()


def test_a_stream_hides_them() -> None:
    behind = io.StringIO()
    stream = Hiding(behind, ("mark-key",))
    print("key=mark-key;", file=stream)
    assert behind.getvalue() == "key=***;\n"
