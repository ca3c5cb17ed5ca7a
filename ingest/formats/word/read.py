"""Word documents: headers, the text with its tables and text boxes, notes, comments, footers."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from lxml import etree

from ingest.formats.text.read import check_length, clean
from ingest.formats.word.numbering import Numbering
from ingest.formats.word.ooxml import child, is_on, name_of, value
from ingest.formats.word.package import Package
from ingest.formats.word.story import Story, mark_of
from ingest.parsed import File, Found
from samespace.core.content import Content
from samespace.core.errors import Unreadable

_WORDS = {
    "header": "a header",
    "footer": "a footer",
    "footnote": "the part with the footnotes",
    "endnote": "the part with the endnotes",
    "comment": "the part with the comments",
    "numbering": "the part with the automatic numbers",
    "styles": "the part with the styles",
    "settings": "the part with the settings",
}


def read(file: File) -> Iterator[Found]:
    """A .docx, .docm, .dotx or .dotm, strict or not, without macros and pictures: these a warning counts.

    A part that is damaged costs what cannot be read of it, and a warning. Unreadable if the main part is, or
    if the whole would unpack past the limit (nothing is unpacked then).
    """
    name = file.name
    package = Package(file.data, name, file.limits)
    main = package.kind("", "officeDocument")
    root = None if main is None else package.root(main, "the text")
    if main is None or root is None or name_of(root) != "w:document":
        raise Unreadable(f"{name} is damaged or not a Word document: it has no text part")
    document = _Document(package, main, root)
    try:
        texts = document.texts()
    except RecursionError as error:
        raise Unreadable(f"{name} nests too deeply to be read") from error
    text = clean("\n".join(texts)).strip("\n")
    check_length(len(text), name, file.limits)
    warnings = document.warnings()
    if not text.strip() and warnings:
        raise Unreadable(f"{name} holds no text that could be read: {'; '.join(warnings)}")
    yield Content.of_text(text)
    yield from warnings


class _Document:
    """The parts of one document, read in their order."""

    def __init__(self, package: Package, main: str, root: etree._Element) -> None:
        self._package = package
        self._main = main
        self._root = root
        self.story = Story(Numbering(self._part("numbering"), self._part("styles")))

    def texts(self) -> list[str]:
        """Headers, the text, notes, comments, footers; those that are empty are left out."""
        texts = [
            *self._frames("header"),
            self._read(self._root, self._main),
            *self._notes("footnote"),
            *self._notes("endnote"),
            *self._comments(),
            *self._frames("footer"),
        ]
        return [text.strip("\n") for text in texts if text.strip()]

    def warnings(self) -> tuple[str, ...]:
        """What was lost, in words."""
        lost = self.story.lost
        more = [f"{_lost(lost)} in {self._package.name} {_were(lost)} not read"] if lost else []
        return (*dict.fromkeys(self._package.warnings), *more)

    def _part(self, kind: str) -> etree._Element | None:
        plural = f"{kind}s" if kind in {"footnote", "endnote", "comment"} else kind
        path = self._package.kind(self._main, plural)
        return None if path is None else self._package.root(path, _WORDS[kind])

    def _read(self, root: etree._Element, path: str) -> str:
        """The text of a part and of the diagrams in it."""
        text = self.story.read(root)
        links, self.story.diagrams = self.story.diagrams, []
        for link in dict.fromkeys(links):
            target = self._package.linked(path, link)
            diagram = None if target is None else self._package.root(target, "a diagram")
            text += "" if diagram is None else self.story.read(diagram)
        return text

    def _frames(self, kind: str) -> list[str]:
        """The headers or footers that some page shows, each once."""
        paths = dict.fromkeys(
            self._package.linked(self._main, value(reference, "id"))
            for section in self._root.iter("{*}sectPr")
            for reference in section
            if name_of(reference) == f"w:{kind}Reference" and self._is_shown(reference, section)
        )
        texts: dict[str, None] = {}
        for path in paths:
            root = None if path is None else self._package.root(path, _WORDS[kind])
            if path is not None and root is not None:
                texts[self._read(root, path)] = None
        return list(texts)

    def _is_shown(self, reference: etree._Element, section: etree._Element) -> bool:
        match value(reference, "type"):
            case "first":
                return is_on(child(section, "w:titlePg"))
            case "even":
                return self._has_even_pages
        return True

    @cached_property
    def _has_even_pages(self) -> bool:
        settings = self._part("settings")
        return is_on(child(settings, "w:evenAndOddHeaders"))

    def _notes(self, kind: str) -> list[str]:
        """The notes that the text refers to, in its order, after the marks that stand there."""
        wanted = self.story.notes[kind]
        root = self._part(kind) if wanted else None
        if root is None:
            return []
        notes = {value(each, "id"): each for each in root if name_of(each) == f"w:{kind}"}
        texts = []
        for count, note in enumerate(wanted, start=1):
            if note in notes:
                text = self._read(notes.pop(note), self._main)
                texts.append(f"{mark_of(kind, count)} {text.strip()}")
        return texts

    def _comments(self) -> list[str]:
        root = self._part("comment")
        comments = [] if root is None else [each for each in root if name_of(each) == "w:comment"]
        return [_comment(value(each, "author"), self.story.read(each)) for each in comments]


def _comment(author: str, text: str) -> str:
    by = f" by {author}" if author.strip() else ""
    return f"Comment{by}: {text.strip()}" if text.strip() else ""


def _lost(lost: Counter[str]) -> str:
    """`3 pictures and 1 chart`."""
    counted = [f"{count} {what}{'s' if count > 1 else ''}" for what, count in lost.items()]
    return " and ".join([", ".join(counted[:-1]), counted[-1]] if counted[1:] else counted)


def _were(lost: Counter[str]) -> str:
    return "was" if lost.total() == 1 else "were"
