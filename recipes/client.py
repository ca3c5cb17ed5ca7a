"""`python -m recipes.client`: `samespace/client/sync.py` out of `aio.py`, so that both clients have the same verbs."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from unasync import Rule, unasync_files

FOLDER = Path(__file__).parent.parent / "samespace" / "client"
_WORDS = {
    "AsyncClient": "Client",
    "async_method": "method",
    "asyncio": "time",
    "aclose": "close",
    "aread": "read",
    "aiter_lines": "iter_lines",
}


def render() -> str:
    """The module as its file has it, formatted."""
    with TemporaryDirectory() as folder:
        source, made = Path(folder, "aio", "client.py"), Path(folder, "sync", "client.py")
        source.parent.mkdir()
        source.write_text((FOLDER / "aio.py").read_text())
        unasync_files([str(source)], [Rule("/aio/", "/sync/", _WORDS)])
        text = made.read_text()
    for tool in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        text = _ruff(*tool, text=text)
    return text


def _ruff(*arguments: str, text: str) -> str:
    command = [
        sys.executable,
        "-m",
        "ruff",
        *arguments,
        "--stdin-filename",
        str(FOLDER / "sync.py"),
        "-",
    ]
    run = subprocess.run(
        command, input=text, capture_output=True, check=True, text=True, cwd=FOLDER
    )
    return run.stdout


if __name__ == "__main__":
    (FOLDER / "sync.py").write_text(render())
