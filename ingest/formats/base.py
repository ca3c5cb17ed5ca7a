"""What a format is to the rest of the house: a row that says how it is told, called and read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from ingest.glance import SAMPLE, glance
from ingest.signatures import is_data


@dataclass(frozen=True)
class Seen:
    """What a file is told by: its first bytes, and its name where these leave a choice.

    `named` is the media type that the name says, `encoding` that of its text where a person said it.
    """

    head: bytes
    name: str
    named: str | None = None
    encoding: str | None = None

    @property
    def suffix(self) -> str:
        """The last of the name, in small letters, with its dot."""
        return suffix_of(self.name)

    @property
    def is_cut(self) -> bool:
        """Whether the file goes on where `text` ends."""
        return len(self.head) > SAMPLE

    @cached_property
    def text(self) -> str | None:
        """The beginning as text, for looking at its ASCII; None if it is none."""
        return None if is_data(self.head) else glance(self.head, self.encoding)


@dataclass(frozen=True, slots=True)
class Format:
    """One format that is taken in. Its row is light: nothing that opens files is imported with it.

    `name` is what people call it. The first of `media_types` is what its documents have, the others are names for the
    same. `sniff` tells it by its content, `reader` is the `module:function` that opens it, in a child process, `limits`
    name the settings past which a file of it is refused. What `is_text` is read in whatever encoding it is in, and is
    told last; what `is_plain` stands as it is, and small ones are read without a child process.
    """

    name: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    sniff: Callable[[Seen], bool]
    reader: str
    limits: tuple[str, ...] = ()
    is_text: bool = False
    is_plain: bool = False

    @property
    def media_type(self) -> str:
        """What documents of it have."""
        return self.media_types[0]

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture all by itself."""
        return self.media_type.startswith("image/")


def suffix_of(name: str) -> str:
    """The suffix of a file's name, in small letters, with its dot."""
    return PurePath(name).suffix.lower()
