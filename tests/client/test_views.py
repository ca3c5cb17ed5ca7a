"""The client's types of what the API answers are those of the API's own models."""

import subprocess
import sys
from pathlib import Path

from samespace.api.client_types import render

FILE = Path(__file__).parents[2] / "samespace" / "client" / "views.py"


def test_the_file_is_what_the_models_say() -> None:
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", FILE, "-"],
        input=render(),
        capture_output=True,
        check=True,
        text=True,
    ).stdout

    assert FILE.read_text() == formatted, (
        "make it again: python -m samespace.api.client_types > samespace/client/views.py, and ruff format"
    )
