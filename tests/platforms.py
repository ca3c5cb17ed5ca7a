"""Which platforms the pinned packages have wheels for: `python -m tests.platforms [INDEX]` prints the table.

Asked are those packages of constraints.txt that the installed application needs and that hold compiled code.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import httpx
from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "Linux x86-64": r"(many)?linux(_\d+_\d+|\d+)?_x86_64",
    "Linux aarch64": r"(many)?linux(_\d+_\d+|\d+)?_aarch64",
    "macOS arm64": r"macosx_\d+_\d+_(arm64|universal2)",
    "macOS x86-64": r"macosx_\d+_\d+_(x86_64|universal2|intel)",
    "Windows x86-64": r"win_amd64",
}


def pinned() -> dict[str, str]:
    """Name and version of each line of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.partition(";")[0].strip().split("==") for line in lines if "==" in line)
    return {canonicalize_name(name): version for name, version in pairs}


def needed(name: str = "samespace", known: set[str] | None = None) -> set[str]:
    """What the application needs, without its extras, as far as it is installed here."""
    known = set() if known is None else known
    for text in distribution(name).requires or []:
        requirement = Requirement(text)
        found = canonicalize_name(requirement.name)
        environments = [{"extra": extra} for extra in ("", *_extras_of(name))]
        if found in known or not _applies(requirement, environments):
            continue
        known.add(found)
        needed(found, known)
    return known


def _extras_of(name: str) -> tuple[str, ...]:
    wanted = {"pymilvus": ("milvus-lite",), "psycopg": ("binary",), "celery": ("redis",)}
    return wanted.get(name, ())


def _applies(requirement: Requirement, environments: list[dict[str, str]]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate(one) for one in environments)


def is_compiled(found: Distribution) -> bool:
    """Whether its wheel is one for a platform."""
    return re.search(r"^Tag: (?!.*-any$)", found.read_text("WHEEL") or "", re.MULTILINE) is not None


def wheels(index: str, name: str, version: str) -> Iterator[str]:
    """The file names of the wheels of a release."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.5"}
    page = httpx.get(f"{index.rstrip('/')}/{name}/", headers=accept, follow_redirects=True)
    page.raise_for_status()
    for file in sorted(set(re.findall(r"[\w.+-]+\.whl(?!\.)", page.text))):
        try:
            if str(parse_wheel_filename(file)[1]) == version:
                yield file
        except InvalidWheelFilename:
            continue


def fits(file: str, platform: str, python: str) -> bool:
    """Whether a wheel installs on this platform and Python."""
    number = python.replace(".", "")
    tags = parse_wheel_filename(file)[3]
    return any(
        (tag.platform == "any" or re.fullmatch(PLATFORMS[platform], tag.platform))
        and (
            tag.interpreter in {f"cp{number}", "py3", "py2"}
            or (tag.abi == "abi3" and int(tag.interpreter[3:] or 0) <= int(number[1:]))
        )
        and not tag.abi.endswith("t")
        for tag in tags
    )


def lacking(index: str) -> dict[tuple[str, str], list[str]]:
    """For each platform and Python the packages without a wheel."""
    versions = pinned()
    compiled = [
        name
        for name in sorted(needed() & versions.keys())
        if is_compiled(distribution(name)) and not name.startswith(("nvidia-", "cuda-", "triton"))
    ]
    files = {name: list(wheels(index, name, versions[name])) for name in compiled}
    print(f"{len(compiled)} packages with compiled code: {', '.join(compiled)}\n")
    return {
        (platform, python): [
            name for name in compiled if not any(fits(one, platform, python) for one in files[name])
        ]
        for platform in PLATFORMS
        for python in PYTHONS
    }


def main() -> None:
    """Print the table."""
    found = lacking(sys.argv[1] if len(sys.argv) > 1 else "https://pypi.org/simple")
    print(f"| platform | {' | '.join(PYTHONS)} |\n|---|{'---|' * len(PYTHONS)}")
    for platform in PLATFORMS:
        cells = [", ".join(found[platform, python]) or "all" for python in PYTHONS]
        print(f"| {platform} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
