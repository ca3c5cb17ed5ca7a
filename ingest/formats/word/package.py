"""Office Open XML packages: their parts, and which belongs to which."""

import posixpath
import zipfile
import zlib
from io import BytesIO

from lxml import etree

from ingest.parsed import Limits
from samespace.core.errors import Unreadable

_STEP = 64 * 1024
_MOST_PARTS = 10_000
_ENCRYPTED = 0x1
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a way of packing that nobody uses
    RuntimeError,
    OSError,
    ValueError,
)
"""What the standard library raises over a part that is damaged."""


class Package:
    """The XML parts of a package, unpacked when they are asked for and never past the limit.

    A part that is damaged gives what can be read of it, and a line in `warnings`.
    """

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self.name = name
        self.warnings: list[str] = []
        self._left = limits.max_unpacked_bytes
        self._links: dict[str, dict[str, tuple[str, str]]] = {}
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except _DAMAGE as error:
            raise Unreadable(f"{name} is damaged: its list of parts cannot be read") from error
        self._parts = {part.filename: part for part in self._zip.infolist()}
        self._sums = {path: part.CRC for path, part in self._parts.items()}
        for part in self._parts.values():
            del (
                part.CRC
            )  # compared here: the library would give nothing of a part with one wrong byte
        self._check(limits)

    def _check(self, limits: Limits) -> None:
        parts = self._zip.infolist()
        if len(parts) > _MOST_PARTS:
            raise Unreadable(
                f"{self.name} has {len(parts)} parts, more than the limit of {_MOST_PARTS}"
            )
        if any(part.flag_bits & _ENCRYPTED for part in parts):
            raise Unreadable(f"{self.name} is protected by a password")
        size = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
        if size > limits.max_unpacked_bytes:
            raise Unreadable(
                f"{self.name} would unpack to {size} bytes, "
                f"more than the limit of {limits.max_unpacked_bytes}"
            )

    def root(self, path: str, words: str) -> etree._Element | None:
        """The root of a part, None if nothing of it can be read; `words` is what people call it."""
        if path not in self._parts:
            self.warnings.append(f"{words} of {self.name} is missing")
            return None
        content, is_whole = self._unpack(path)
        parser = etree.XMLParser(
            recover=True,
            resolve_entities=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError:
            root = None
        if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
            self.warnings.append(
                f"{words} of {self.name} nests too deeply or grows too large to be read whole"
            )
        elif root is None or not is_whole or len(parser.error_log):
            self.warnings.append(f"{words} of {self.name} is damaged, not all of it could be read")
        return root

    def linked(self, path: str, link: str) -> str | None:
        """The part that a link of another part leads to, by the id of the link."""
        return self._links_of(path).get(link, ("", None))[1]

    def kind(self, path: str, kind: str) -> str | None:
        """The part of a kind ("styles", "footnotes") that belongs to another one.

        Where the list of links is lost, the name that every program gives such a part.
        """
        for found, target in self._links_of(path).values():
            if found == kind and target in self._parts:
                return target
        usual = "word/document.xml" if kind == "officeDocument" else f"word/{kind}.xml"
        return usual if usual in self._parts else None

    def _links_of(self, path: str) -> dict[str, tuple[str, str]]:
        """By id: the kind (the last word of its type, the same in the strict and the usual form) and the target."""
        if path not in self._links:
            self._links[path] = self._read_links(path)
        return self._links[path]

    def _read_links(self, path: str) -> dict[str, tuple[str, str]]:
        folder, file = posixpath.split(path)
        list_of_links = posixpath.join(folder, "_rels", f"{file}.rels")
        if list_of_links not in self._parts:
            return {}
        root = self.root(list_of_links, "the list of parts")
        if root is None:
            return {}
        return {
            link.get("Id", ""): (
                link.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, link.get("Target", "")))[1:],
            )
            for link in root.iterchildren("{*}Relationship")
            if link.get("TargetMode") != "External"
        }

    def _unpack(self, path: str) -> tuple[bytes, bool]:
        """The bytes of a part, as far as they can be unpacked, and whether these are all and sound."""
        part = self._parts[path]
        steps: list[bytes] = []
        try:
            with self._zip.open(part) as stream:
                while step := stream.read(_STEP):
                    self._left -= len(step)  # the list of parts may lie about sizes
                    if self._left < 0:
                        raise Unreadable(f"{self.name} unpacks to more than it says")
                    steps.append(step)
        except _DAMAGE:
            return b"".join(steps), False
        content = b"".join(steps)
        return content, zlib.crc32(content) == self._sums[path]
