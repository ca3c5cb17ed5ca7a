"""The page docs/configuration.md, made from the settings: `python -m samespace.core.reference` prints it."""

import sys

from pydantic_core import PydanticUndefined

from samespace.core.settings import Settings

# Defaults that are another path for each user.
FOLDERS = {
    "data": "the user's data folder",
    "models": "the user's cache folder",
    "state": "the user's state folder",
}


def configuration_page() -> str:
    """Every setting with its default, as Markdown."""
    rows = [
        f"| `SAMESPACE_{name.upper()}` | {_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = ["# Configuration", "", "Made from `samespace/core/settings.py`; do not edit.", ""]
    return "\n".join([*head, "| variable | default | what it is |", "|---|---|---|", *rows, ""])


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    if value in (None, (), PydanticUndefined):
        return "unset"
    shown = ",".join(map(str, value)) if isinstance(value, tuple) else value
    return FOLDERS.get(name, f"`{shown}`")


if __name__ == "__main__":
    sys.stdout.write(configuration_page())
