"""`python -m recipes.client`: what of `samespace/client` is made, not written.

`sync.py` comes out of `aio.py`, so that both clients have the same verbs; `views.py` out of the models of the API.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from unasync import Rule, unasync_files

from recipes import client_views

FOLDER = Path(__file__).parent.parent / "samespace" / "client"
_WORDS = {
    "AsyncClient": "Client",
    "async_method": "method",
    "asyncio": "time",
    "aclose": "close",
    "aread": "read",
    "aiter_lines": "iter_lines",
}


def render() -> dict[str, str]:
    """The text of each file, by its name, formatted."""
    made = {"sync.py": _sync(), "views.py": client_views.render()}
    return {name: _formatted(text, name) for name, text in made.items()}


def _sync() -> str:
    with TemporaryDirectory() as folder:
        source, made = Path(folder, "aio", "client.py"), Path(folder, "sync", "client.py")
        source.parent.mkdir()
        source.write_text((FOLDER / "aio.py").read_text())
        unasync_files([str(source)], [Rule("/aio/", "/sync/", _WORDS)])
        return made.read_text()


def _formatted(text: str, name: str) -> str:
    for tool in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *tool, "--stdin-filename", str(FOLDER / name), "-"]
        text = subprocess.run(
            command, input=text, capture_output=True, check=True, text=True
        ).stdout
    return text


if __name__ == "__main__":
    for name, text in render().items():
        (FOLDER / name).write_text(text)
