"""`python -m samespace.encoders.verify`: load every preset on real weights, where a hub is in reach."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.core.settings import Settings
from samespace.core.types import Space
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import PRESETS

_RED = Image.new("RGB", (300, 200), "red")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one space of a preset fared: its fingerprint, or why it did not load or encode."""

    preset: str
    space: Space
    fingerprint: str = ""
    problem: str = ""


def verdicts(settings: Settings) -> Iterator[Verdict]:
    """Load each space of each preset in turn and encode a text and a picture."""
    for preset, spaces in PRESETS.items():
        for space in spaces:
            yield _verdict(preset, space, settings)


def _verdict(preset: str, space: Space, settings: Settings) -> Verdict:
    try:
        return Verdict(preset, space, fingerprint=_encode_once(space, settings))
    except Exception as error:  # whatever it is, the table says it and goes on
        return Verdict(preset, space, problem=f"{type(error).__name__}: {error}")


def _encode_once(space: Space, settings: Settings) -> str:
    encoder = load_encoder(space, settings)
    contents = [*of_texts([space.query_prompt + "a red square"]), *of_images([_RED])]
    encoder.encode([each for each in contents if each.modality in space.modalities])
    return encoder.fingerprint


def main() -> int:
    """Print the table and the reasons; 1 if any space failed."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("preset", "space", "model", "dim", "fingerprint", "ok", title="presets")
    with console.status("loading every preset"):
        done = list(verdicts(Settings()))
    for verdict in done:
        space, mark = verdict.space, verdict.fingerprint[:12]
        ok = "no" if verdict.problem else "yes"
        table.add_row(verdict.preset, space.name, space.model, str(space.dim), mark, ok)
    console.print(table)
    failed = [verdict for verdict in done if verdict.problem]
    for verdict in failed:
        console.print(f"{verdict.preset}/{verdict.space.name}: {verdict.problem}", markup=False)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
