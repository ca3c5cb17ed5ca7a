"""What of the client is generated is as it would be generated now."""

import subprocess
import sys
from pathlib import Path

from recipes import client
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


def test_the_client_that_waits_is_made_of_the_one_that_is_awaited() -> None:
    assert (FILE.parent / "sync.py").read_text() == client.render(), (
        "make it again: python -m recipes.client"
    )
