"""`make audit` never calls clean what nobody could be asked about."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

UNREACHABLE = "http://127.0.0.1:9"


@pytest.mark.slow
def test_an_audit_that_asks_nobody_fails_and_says_so() -> None:
    environment = Path(sys.executable).parent.parent
    command = ["make", "-o", "install", "audit", f"VENV={environment}"]
    variables = os.environ | {"HTTPS_PROXY": UNREACHABLE, "HTTP_PROXY": UNREACHABLE, "NO_PROXY": ""}
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode != 0
    assert "nothing here says that it is clean" in done.stderr
    assert "No known vulnerabilities" not in done.stdout + done.stderr
