"""The command line as a whole, as far as it needs no server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from samespace.cli.main import run
from tests.services import free_port

HEAVY = ("torch", "pymilvus", "celery", "sqlalchemy", "numpy", "transformers", "httpx", "rich")


@pytest.mark.parametrize("command", ["--help", "search --help", "add --help", "--version"])
def test_help_imports_nothing_heavy(command: str) -> None:
    code = (
        "import sys; from samespace.cli.main import run; "
        f"status = run({command.split()!r}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr); "
        "sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_the_client_imports_no_models_and_no_server() -> None:
    code = (
        "import sys, samespace.client; "
        "print([n for n in ('torch', 'numpy', 'fastapi', 'sqlalchemy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search"], "Missing argument"),
        (["search", "a", "-"], "nothing follows the '-'"),
        (["search", "a", "--filter", "[]"], "not a JSON object"),
        (["search", "a", "--nonsense"], "No such option"),
        (["add"], "give files, folders, - or --sync DIR"),
        (["classify", "a.jpg"], "give at least two"),
        (["classify", "-l", "a,b"], "give PATH..., or --text, or --all"),
        (["classify", "-l", "a,b", "--all", "--text", "x"], "give PATH..., or --text, or --all"),
        (["nonsense"], "No such command"),
    ],
)
def test_what_is_not_understood_ends_with_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_server_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert run(["--url", url, "search", "cat"]) == 1
    assert capsys.readouterr() == (
        "",
        f"samespace: nothing answers at {url}; start it with `samespace up`\n",
    )


def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMESPACE_PORT", "abc")
    assert run(["status"]) == 1
    assert capsys.readouterr().err.startswith("samespace: SAMESPACE_PORT: Input should be a valid")


def test_syncing_with_a_folder_that_is_gone_removes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["add", "--sync", str(tmp_path / "gone")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_keys_are_made_listed_rotated_and_revoked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMESPACE_DATA", str(tmp_path))
    assert run(["keys", "create", "me"]) == 0
    made = capsys.readouterr().out.strip()
    assert run(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    id, name, scopes, *_ = listed.strip().split("\t")
    assert (name, made.split("_")[1], scopes) == ("me", id, "read,write")
    assert made.split("_", 2)[2] not in listed
    for same in (["keys"], ["keys", "list"]):
        assert (run(same), capsys.readouterr().out) == (0, listed)
    for same in (["keys", "--json"], ["keys", "list", "--json"], ["keys", "--json", "list"]):
        assert run(same) == 0
        assert json.loads(capsys.readouterr().out)[0]["id"] == id
    assert run(["keys", "rotate", id, "--grace", "1h"]) == 0
    assert capsys.readouterr().out.startswith(f"ss_{id}_")
    assert run(["keys", "revoke", id]) == 0
    assert run(["keys", "remove", id]) == 1
    assert f"there is no key '{id}'" in capsys.readouterr().err


def test_no_worker_is_alive_where_none_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMESPACE_DATA", str(tmp_path))
    assert run(["worker", "--check"]) == 1


def test_verify_says_where_to_run_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--data", str(tmp_path)]) == 1
    assert f"no index answers for {tmp_path}" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m samespace.cli.main --help | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.slow
def test_the_doctor_names_what_does_not_answer_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    monkeypatch.setenv("SAMESPACE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SAMESPACE_REDIS_URL", f"redis://:hunter2@127.0.0.1:{port}/0")
    monkeypatch.setenv("SAMESPACE_API_KEY", "hunter2")
    assert run(["doctor"]) == 1
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    found = {(part, name): (finding, detail) for part, name, finding, detail in lines}
    assert found["queue", f"redis://127.0.0.1:{port}/0"][0] == "missing"
    assert found["records", "embedded"][0] == "ok"
    assert found["preset", "starter"][0] == "ok"
    assert not any("hunter2" in word for line in lines for word in line)
    assert not (tmp_path / "data").exists()


def test_a_key_that_all_can_see_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert run(["--url", nowhere, "--key", "k", "status"]) == 1
    assert "list of processes" in capsys.readouterr().err


def test_a_key_is_read_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "key"
    file.write_text("a key\n")
    nowhere = ["--url", f"http://127.0.0.1:{free_port()}"]
    assert run([*nowhere, "--key-file", str(file), "status"]) == 1
    assert "list of processes" not in capsys.readouterr().err
    file.write_text("\n")
    assert run([*nowhere, "--key-file", str(file), "status"]) == 2
    assert "holds no key" in capsys.readouterr().err
    assert run([*nowhere, "--key-file", str(tmp_path / "none"), "status"]) == 2
    assert "cannot be read" in capsys.readouterr().err
