"""A mistake is told before anything is started, by its name and with what may have been meant."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samespace.core.errors import Conflict, Misconfigured, OutOfSpace, SamespaceError, Unavailable
from samespace.core.settings import Settings
from samespace.operations.stack import preflight
from samespace.operations.stack.stack import Stack
from tests.full import filled, no_growth, small_disk
from tests.services import ROOT, free_port

KNOWN = (
    "nown are clip, multilingual, quality, screens, starter, unified, and st:<model or folder>, "
    "open_clip:<architecture>/<pretrained>, open_clip:local-dir:<folder>, onnx:<folder>"
)


def refused(kind: type[SamespaceError], **given: Any) -> str:
    """What a stack says that does not start, at once."""
    began = time.monotonic()
    with pytest.raises(kind) as error, Stack(Settings(**given)):
        pass
    assert time.monotonic() - began < 20
    return str(error.value)


def nothing_was_started(data: Path) -> bool:
    return not list(data.glob("run/*.pid")) and not list(data.glob("logs/*"))


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("startr", f"preset 'startr' is not known; did you mean starter? K{KNOWN}"),
        ("Starter", f"preset 'Starter' is not known; did you mean starter? K{KNOWN}"),
        ("multilingal", f"preset 'multilingal' is not known; did you mean multilingual? K{KNOWN}"),
        ("xyzzy", f"preset 'xyzzy' is not known; k{KNOWN}"),
        ("st:", f"preset 'st:' is not known; k{KNOWN}"),
        ("openclip:a/b", f"preset 'openclip:a/b' is not known; k{KNOWN}"),
        ("st:/no/such/folder", "/no/such/folder is not a folder with a model"),
        ("open_clip:local-dir:/no/such", "/no/such is not a folder with a model"),
        ("onnx:/no/such", "/no/such is not a folder with a model"),
    ],
)
def test_a_preset_that_is_none_is_refused_before_a_folder_is_made(
    tmp_path: Path, preset: str, said: str
) -> None:
    data = tmp_path / "data"
    kind = Unavailable if "not a folder" in said else Misconfigured
    assert refused(kind, data=data, port=0, preset=preset) == f"SAMESPACE_PRESET: {said}"
    assert not data.exists()


def test_what_has_to_be_fetched_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samespace.encoders.hub_cache.cached_models", frozenset[str])
    told: list[str] = []
    preflight.check_models(Settings(preset="clip"), told.append)
    assert told == [
        "model BAAI/bge-small-en-v1.5 is not on this machine and is fetched from its hub first"
    ]
    preflight.check_models(Settings(preset="starter"), told.append)
    assert len(told) == 1


def test_a_starter_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samespace.encoders.starter.TEXT_PACKAGE", "no-such-package")
    with pytest.raises(Unavailable) as error:
        preflight.check_models(Settings(), lambda _: None)
    assert str(error.value) == (
        "the models of preset 'starter' are missing; `samespace doctor` says more"
    )


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_that_is_taken_is_named(tmp_path: Path, taken: int) -> None:
    said = refused(Conflict, data=tmp_path, port=taken)
    assert said == f"port {taken} on 127.0.0.1 is taken; choose another with --port"
    assert nothing_was_started(tmp_path)


def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    said = refused(Misconfigured, data=tmp_path, port=7373, host="192.0.2.1", api_key="k")
    assert said == (
        "nothing can listen on port 7373 of 192.0.2.1 (SAMESPACE_HOST, SAMESPACE_PORT): "
        "Cannot assign requested address"
    )
    assert nothing_was_started(tmp_path)


def test_an_open_address_wants_a_key_first(tmp_path: Path) -> None:
    said = refused(Misconfigured, data=tmp_path, port=0, host="0.0.0.0")
    assert said.startswith(
        "SAMESPACE_HOST is '0.0.0.0', which others can reach, but there is no key"
    )
    assert nothing_was_started(tmp_path)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    said = refused(Misconfigured, data=file, port=0)
    assert said == f"the data folder {file} cannot be used: File exists; --data names another"


def test_a_data_folder_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    said = refused(Misconfigured, data=data, port=0)
    assert said == f"the data folder {data} cannot be used: Not a directory; --data names another"


def test_a_disk_without_room_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, filled(disk):
        said = refused(OutOfSpace, data=disk / "data", port=0)
        assert said.startswith(
            f"the data folder {disk}/data cannot be used: No space left on device"
        )
        assert said.endswith("; --data names another")
        assert nothing_was_started(disk / "data")


def test_room_for_the_first_megabytes_is_wanted(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(OSError, match="File too large"), no_growth():
        preflight.check_room(tmp_path, Settings(data=tmp_path), told.append)
    assert list(tmp_path.iterdir()) == []
    preflight.check_room(tmp_path, Settings(data=tmp_path, min_free_mb=0), told.append)
    assert told == []


def test_too_little_room_for_uploads_is_told_and_it_starts(tmp_path: Path) -> None:
    told: list[str] = []
    preflight.check_room(tmp_path, Settings(data=tmp_path, min_free_mb=10**9), told.append)
    [said] = told
    assert said.startswith(f"warning: the disk of {tmp_path} has ")
    assert said.endswith("nothing is taken in until there is more")


@pytest.mark.parametrize(
    ("setting", "url", "said"),
    [
        ("redis_url", "redis://:hunter2@127.0.0.1:{port}/0", "SAMESPACE_REDIS_URL: queue at "),
        (
            "database_url",
            "postgresql+psycopg://u:hunter2@127.0.0.1:{port}/d",
            "SAMESPACE_DATABASE_URL: records at ",
        ),
    ],
)
def test_a_server_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, setting: str, url: str, said: str
) -> None:
    address = url.format(port=free_port())
    told = refused(Unavailable, data=tmp_path, port=0, **{setting: address})
    assert told.startswith(said)
    assert "hunter2" not in told
    assert nothing_was_started(tmp_path)


@pytest.mark.parametrize("command", ["up", "api", "worker"])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SAMESPACE_PRESET", "startr", "SAMESPACE_PRESET: preset 'startr' is not known; did you"),
        (
            "SAMESPACE_CANDIDATE",
            "50",
            "SAMESPACE_CANDIDATE is not a setting; did you mean SAMESPACE_",
        ),
    ],
)
def test_the_command_ends_at_once_with_one_line(
    tmp_path: Path, command: str, name: str, value: str, said: str
) -> None:
    environment = os.environ | {name: value, "SAMESPACE_DATA": str(tmp_path / "data")}
    ran = subprocess.run(
        [sys.executable, "-m", "samespace.cli.main", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"samespace: {said}")
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
