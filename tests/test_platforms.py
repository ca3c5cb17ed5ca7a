"""The page about platforms, the metadata of the package and the tool that asks the index say the same."""

import re
import tomllib

from tests.platforms import PLATFORMS, PYTHONS, ROOT, fits

PAGE = (ROOT / "docs" / "platforms.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def rows() -> dict[str, list[str]]:
    """The cells after each platform's name."""
    lines = [line.strip("| \n").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines if cells[0] in PLATFORMS}


def test_the_table_has_every_platform_and_python() -> None:
    assert rows().keys() == PLATFORMS.keys()
    assert f"| platform | {' | '.join(PYTHONS)} |" in PAGE


def test_the_metadata_names_what_the_table_supports() -> None:
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    named = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if ":: Python ::" in one]
    assert named == list(PYTHONS)
    systems = {one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Operating" in one}
    runs = set(re.findall(r"^\*\*(\w+)\*\*: runs", PAGE, re.MULTILINE))
    assert systems == {name.replace("macOS", "MacOS") for name in runs}


def test_a_wheel_fits_where_it_says() -> None:
    assert fits("numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl", "Linux x86-64", "3.11")
    assert not fits("numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl", "Linux x86-64", "3.12")
    assert not fits("numpy-2.4.6-cp314-cp314t-win_amd64.whl", "Windows x86-64", "3.14")
    assert fits("tokenizers-1.0-cp39-abi3-macosx_11_0_arm64.whl", "macOS arm64", "3.14")
    assert fits("six-1.17.0-py2.py3-none-any.whl", "Windows x86-64", "3.13")
