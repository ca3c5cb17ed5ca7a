"""A machine that may ask a model hub and reaches none."""

from pathlib import Path

import pytest
from huggingface_hub import constants


def reach_no_hub(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """Asking is allowed, nobody answers, and this empty folder is what is on the machine."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
