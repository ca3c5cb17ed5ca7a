"""`samespace add --sync`: what it would remove, who has to say yes to that, and whether it is the folder it was."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from samespace.cli.commands.files import absolute, folder_prefix
from samespace.cli.terminal.common import every_document
from samespace.cli.terminal.output import clean, note
from samespace.core.errors import Conflict, NotFound
from samespace.core.files import replace_text

if TYPE_CHECKING:
    from samespace.client import Client, Source
    from samespace.client.views import Document
    from samespace.core.settings import Settings

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Removal:
    """What a folder holds no more, of so many documents that came from it."""

    gone: "Sequence[Document]"
    held: int

    def is_much(self, share: float) -> bool:
        """Whether it is more than this share of them; a single one of several never is."""
        return len(self.gone) > share * self.held and (len(self.gone) > 1 or self.held == 1)


def folder_to_sync(sync: Path) -> Path:
    """The folder, absolute; one that is not there is refused, or everything under it would be removed."""
    folder = absolute(sync)
    if not folder.is_dir():
        raise NotFound(f"there is no folder {str(sync)!r} to keep in sync with")
    return folder


def check_removal(
    client: "Client",
    collection: str,
    folder: Path,
    sources: "Sequence[Source]",
    settings: "Settings",
    *,
    yes: bool,
) -> None:
    """Ask before much is removed, or anything where the folder is on another disk than last time.

    Conflict where nobody can be asked. Called before anything is sent: an answer of no changes nothing.
    """
    removal = find_removal(client, collection, folder, sources)
    is_elsewhere = has_moved(folder, memory_of(settings))
    if is_elsewhere:
        note(
            f"warning: {folder} is on another disk than when it was last kept in sync: is the right one mounted?"
        )
    if not yes and removal.gone and (is_elsewhere or removal.is_much(settings.sync_share)):
        ask(collection, folder, removal)


def find_removal(
    client: "Client", collection: str, folder: Path, sources: "Sequence[Source]"
) -> Removal:
    """The documents that came from this folder and whose files are not among these any more."""
    kept = {each.external_id for each in sources}
    held = list(every_document(client, collection, external_prefix=folder_prefix(folder)))
    return Removal([each for each in held if each["external_id"] not in kept], len(held))


def ask(collection: str, folder: Path, removal: Removal) -> None:
    """Whether to remove them; ends the command on a no, Conflict where nobody is there to answer."""
    names = [clean(each["external_id"] or each["name"]) for each in removal.gone[:SHOWN]]
    more = ", ..." if len(removal.gone) > SHOWN else ""
    what = (
        f"{len(removal.gone)} of the {removal.held} documents of collection {collection!r} that came from {folder}, "
        f"whose files are gone: {', '.join(names)}{more}"
    )
    if not sys.stdin.isatty():
        raise Conflict(
            f"this would remove {what}; nothing was added or removed. Is the disk mounted? "
            "If it is meant, say --yes (SAMESPACE_SYNC_SHARE sets how many go without a question)"
        )
    typer.confirm(f"Remove {what}?", abort=True, err=True)


def memory_of(settings: "Settings") -> Path:
    """The file that remembers which disks the folders were on."""
    return settings.state / "synced.json"


def has_moved(folder: Path, memory: Path) -> bool:
    """Whether the folder was on another disk when it was last remembered."""
    known, now = _remembered(memory).get(str(folder)), _disk_of(folder)
    # A filesystem keeps its id when its device gets another number, and some have no id: one of both is enough.
    return known is not None and not set(known.items()) & set(now.items())


def remember(folder: Path, memory: Path) -> None:
    """Keep in mind which disk the folder is on; without a word where that cannot be written down."""
    known = _remembered(memory) | {str(folder): _disk_of(folder)}
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        replace_text(memory, json.dumps(known, indent=1))


def _disk_of(folder: Path) -> dict[str, int]:
    id = os.statvfs(folder).f_fsid
    return {"device": folder.stat().st_dev} | ({"filesystem": id} if id else {})


def _remembered(memory: Path) -> dict[str, dict[str, int]]:
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
