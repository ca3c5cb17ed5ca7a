"""`samespace train` with a tiny tower on coloured shapes; what it refuses, and going on after Ctrl-C."""

import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from samespace.cli.main import run
from samespace.learn.pairs import write_pairs
from samespace.registry.card import read_card
from tests.learn.shapes import draw_pairs

TINY = ("--tower", "test_efficientnet", "--frozen-stages", "1", "--batch", "40", "--views", "1")


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """120 pictures of 24 shapes, 48 of them held back, and a row without a picture."""
    file = tmp_path / "pairs.jsonl"
    write_pairs(file, draw_pairs(tmp_path, train=3, validation=2))
    with file.open("a") as lines:
        lines.write('{"path": "gone.png", "caption": "Gone"}\n')
    return file


@pytest.fixture
def undivided(pairs: Path) -> Path:
    """The same rows, which say nothing of splits."""
    file = pairs.with_name("undivided.jsonl")
    file.write_text(re.sub(r',"split":"\w+"', "", pairs.read_text()))
    return file


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A tiny tower as timm would give it away."""
    torch.manual_seed(0)
    network = timm.create_model("test_efficientnet", pretrained=False)
    save_file(network.state_dict(), tmp_path / "tiny.safetensors")
    return tmp_path / "tiny.safetensors"


def command(pairs: Path, weights: Path, out: str, steps: int) -> list[str]:
    start = ["--start", str(weights), *TINY, "--steps", str(steps)]
    return ["train", str(pairs), "--out", str(pairs.with_name(out)), *start]


@pytest.mark.slow
def test_a_model_is_trained_and_judged_and_answers(
    pairs: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command(pairs, weights, "model", 30)) == 0

    said = capsys.readouterr()
    found = re.search(r"recall@10 on 48 held-back pictures: (\S+) before, (\S+) after", said.out)
    assert found, said.out
    before, after = map(float, found.groups())
    assert after > before
    assert "1 bad rows were skipped:\nline 121: gone.png: there is no such file" in said.err
    assert "learning from 72 pictures, 48 are held back" in said.err
    assert "left" in said.err
    model = pairs.with_name("model")
    assert f"collections create NAME --preset open_clip:local-dir:{model}" in said.out
    assert f"samespace models add {model}" in said.out
    card = read_card(model)
    assert card is not None
    assert (card.data.items, card.data.held_back) == (72, 48)
    assert f"{card.figures['recall@10']:.3f} after" in said.out
    assert run(["eval", str(pairs), "--encoder", f"open_clip:local-dir:{model}"]) == 0
    assert "text->image\trecall@10" in capsys.readouterr().out


def run_alone(arguments: Sequence[str]) -> "subprocess.Popen[str]":
    """The command in a process of its own, which Ctrl-C reaches even where the tests run in the background."""
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from samespace.cli.main import main; main()"
    )
    line = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


@pytest.mark.slow
def test_after_ctrl_c_the_same_command_goes_on(pairs: Path, weights: Path) -> None:
    with run_alone(command(pairs, weights, "stopped", 20)) as process:
        assert process.stderr is not None
        while not (line := process.stderr.readline()).startswith("training"):
            assert line, "it ended before it was stopped"
        process.send_signal(signal.SIGINT)
        assert "stopped; run the same command again to go on" in process.stderr.read()
    assert process.returncode == 130

    for name in ("stopped", "unstopped"):
        assert run(command(pairs, weights, name, 20)) == 0
    one, other = (
        load_file(pairs.with_name(name) / "open_clip_model.safetensors")
        for name in ("stopped", "unstopped")
    )
    assert all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.slow
def test_starter_is_trained_further(undivided: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = undivided.with_name("model")
    small = ["--steps", "2", "--batch", "8", "--views", "1"]
    assert run(["train", str(undivided), "--out", str(out), *small]) == 0
    assert "learning from 110 pictures, 10 are held back" in capsys.readouterr().err
    assert (out / "open_clip_model.safetensors").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (
            ["--tower", "test_eficientnet", "--start", "tiny.safetensors"],
            1,
            "timm has no tower 'test_eficientnet'; near are test_efficientnet",
        ),
        (
            ["--tower", "test_resnet"],
            1,
            "start starter is a tf_efficientnet_lite0, not a test_resnet",
        ),
        (["--tower", "test_resnet", "--start", "imagenet"], 1, "start imagenet is a tf_eff"),
        (["--start", "tiny.safetensors"], 1, "tiny.safetensors has "),
        (
            ["--tower", "test_resnet", "--start", "tiny.safetensors"],
            1,
            "tiny.safetensors has no trunk.conv1.0.weight: it is another architecture",
        ),
        (["--start", "gone.safetensors"], 1, "gone.safetensors is not a checkpoint"),
        (["--max-bad", "0.001"], 1, "1 of 121 rows of"),
        (["--steps", "0"], 2, "--steps"),
        (["--validation-share", "1"], 1, "split train has 0 of 120 pairs, must have at least 2"),
    ],
)
def test_what_cannot_be_trained_is_named(
    undivided: Path,
    weights: Path,
    arguments: Sequence[str],
    status: int,
    said: str,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(weights.parent)
    assert run(["train", str(undivided), "--out", "model", *arguments]) == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "has no rows"),
        ("a.png,gone\n", "1 of 1 rows of"),
        ("train-red-bar-0.png,red bar\n", "split train has 0 of 1 pairs"),
    ],
)
def test_too_few_pairs_are_named(
    pairs: Path, rows: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = pairs.with_name("few.csv")
    file.write_text(f"path,caption\n{rows}")
    assert run(["train", str(file), "--out", str(pairs.with_name("model"))]) == 1
    assert said in capsys.readouterr().err


def test_a_folder_that_holds_something_else_stays(
    pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", str(pairs), "--out", str(pairs.parent)]) == 1
    assert "holds something else" in capsys.readouterr().err
    assert run(["train", str(pairs), "--out", str(pairs)]) == 1
    assert "pairs.jsonl cannot be made: File exists" in capsys.readouterr().err
