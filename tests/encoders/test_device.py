"""Device and precision follow the settings and the machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings
from samespace.encoders import device
from samespace.encoders.device import Compute, compute_of


@pytest.mark.parametrize(("native", "expected"), [(True, "bfloat16"), (False, "float32")])
def test_auto_on_a_cpu_takes_what_it_has_natively(
    monkeypatch: pytest.MonkeyPatch, *, native: bool, expected: str
) -> None:
    monkeypatch.setattr(device, "has_native_bfloat16", lambda: native)
    assert compute_of(Settings(device="cpu")) == Compute("cpu", expected)


def test_auto_on_a_gpu_takes_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert compute_of(Settings()) == Compute("cuda:0", "float16")
    assert compute_of(Settings(device="cuda:1")) == Compute("cuda:1", "float16")
    with pytest.raises(Misconfigured, match="cuda:2"):
        compute_of(Settings(device="cuda:2"))


@pytest.mark.parametrize(
    ("name", "precision"),
    [("cpu", "float16"), ("cuda:99", "auto")],
)
def test_what_is_not_there_is_refused(name: str, precision: str) -> None:
    settings = Settings.model_validate({"device": name, "precision": precision})
    with pytest.raises(Misconfigured):
        compute_of(settings)


@pytest.mark.parametrize(
    "setting", [{"device": "tpu"}, {"device": "cuda:x"}, {"precision": "int8"}]
)
def test_what_nobody_knows_is_no_setting(setting: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(setting)


def test_choosing_a_cpu_leaves_cuda_alone() -> None:
    compute_of(Settings(device="cpu"))
    assert not torch.cuda.is_initialized()  # type: ignore[no-untyped-call]


def test_bfloat16_is_native_where_torch_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    said = device.has_native_bfloat16()
    monkeypatch.setattr(device, "_CPUS", Path("/nowhere"))
    assert device.has_native_bfloat16() == said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch has to be asked")
def test_without_a_driver_of_gpus_torch_is_not_imported() -> None:
    program = (
        "import sys, ctypes\n"
        "def missing(*_): raise OSError\n"
        "ctypes.CDLL = missing\n"
        "from samespace.core.settings import Settings\n"
        "from samespace.encoders.device import compute_of\n"
        "assert compute_of(Settings()).device == 'cpu'\n"
        "print('torch' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "False", ran.stderr


@pytest.mark.parametrize("threads", [3, None])
def test_bulk_has_the_threads_of_the_settings(threads: int | None) -> None:
    expected = threads or len(os.sched_getaffinity(0))
    assert device.threads_of(Settings(threads=threads)) == expected
