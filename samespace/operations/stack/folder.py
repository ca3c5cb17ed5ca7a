"""The data folder of the embedded stack: its layout, its version, and who holds it."""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from samespace.core.errors import Conflict, Misconfigured
from samespace.core.files import replace_text
from samespace.core.settings import Settings

VERSION = 2
"""1: release 0.1.0. 2: 0.2.0, whose records know pausing, quotas, scopes and audit lines."""


@dataclass(frozen=True, slots=True)
class Folder:
    """`<data>/{records.db,vectors.db,blobs,milvus,valkey,logs,run}`."""

    root: Path

    @property
    def milvus(self) -> Path:
        """Milvus Lite's files."""
        return self.root / "milvus"

    @property
    def valkey(self) -> Path:
        """The queue's append-only file."""
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        """A log for each part."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Lock and pid files of the running stack."""
        return self.root / "run"

    def prepare(self) -> None:
        """Make what is missing; Misconfigured if a newer release wrote this folder.

        A folder of an older release keeps its version until `moved_on`.
        """
        for path in (self.root, self.milvus, self.valkey, self.logs, self.run):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._version_file.exists():
            self.moved_on()
        self.check_version()

    def check_version(self) -> None:
        """Misconfigured if a newer release wrote this folder."""
        found = self.version
        if found > VERSION:
            raise Misconfigured(
                f"{self.root} was written by a newer release (data version {found}, this one knows {VERSION}): "
                "start that release, or restore a backup from before"
            )

    @property
    def is_there(self) -> bool:
        """Whether a release had this folder."""
        return self._version_file.exists()

    @property
    def version(self) -> int:
        """Of the release that last had this folder."""
        return int(self._version_file.read_text())

    def moved_on(self) -> None:
        """Say that the folder is of this release now."""
        replace_text(self._version_file, f"{VERSION}\n")

    @property
    def has_lost_its_index(self) -> bool:
        """Whether there are records, and the embedded index is not there any more."""
        return (self.root / "records.db").exists() and not any(self.milvus.iterdir())

    @property
    def _version_file(self) -> Path:
        return self.root / "version"

    def lock(self, url: str, index: str) -> TextIO:
        """Hold the folder as long as the file is open; the lock of a killed process is gone with it.

        The addresses of API and embedded index are left in it for `holder`.
        Conflict, naming pid and address, if another stack runs on it.
        """
        file = (self.run / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = json.loads(file.read() or "{}")
            raise Conflict(
                f"samespace runs on {self.root} already: pid {holder.get('pid')}, {holder.get('url')}"
            ) from error
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "url": url, "index": index}))
        file.flush()
        return file

    def holder(self) -> dict[str, str]:
        """`url` of the API and `index`, that of the embedded index, of the stack that runs on this folder."""
        try:
            with (self.run / "lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return {}
        except BlockingIOError:
            said = json.loads((self.run / "lock").read_text() or "{}")
            return {name: said[name] for name in ("url", "index") if name in said}
        return {}


def index_address(settings: Settings, *, of_url: str | None = None) -> str | None:
    """The index of the settings, or the embedded one of the stack that runs on the data folder; None where there is
    none, or that stack is not the server at `of_url`."""
    if settings.milvus_uri:
        return settings.milvus_uri
    holder = Folder(settings.data.resolve()).holder()
    is_of_another = of_url is not None and holder.get("url") != of_url.rstrip("/")
    return None if is_of_another else holder.get("index") or None
