"""`samespace up --open` and the browser of the machine."""

import os
import subprocess
import sys
from pathlib import Path

from tests.services import ROOT


def test_the_page_is_opened_in_the_browser_that_is_set(tmp_path: Path) -> None:
    said = tmp_path / "said"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {said}\n')
    browser.chmod(0o755)
    code = (
        "from samespace.cli.commands.up import open_page; print(open_page('http://127.0.0.1:7373'))"
    )
    environment = {**os.environ, "BROWSER": f"{browser} %s"}
    out = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment)
    assert out.decode().strip() == "True"
    assert said.read_text().strip() == "http://127.0.0.1:7373"
