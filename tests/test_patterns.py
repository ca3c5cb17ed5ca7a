"""Every pattern of the project is known here, and those that meet what others wrote take time in proportion to it.

A pattern that is new fails the first test until it is listed: as one that meets the words of strangers, and then
the second test grows texts against it, or as one that meets the project's own files and names alone.
"""

import ast
import contextlib
import re
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ingest.detect import HEAD_BYTES, detect
from samespace.core.errors import SamespaceError

ROOT = Path(__file__).parent.parent
TOPS = ("ingest", "search", "workers", "samespace", "recipes")
USES = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}

UNTRUSTED = {
    "ingest.formats.mail.head": {"_FIELD": "match", "_SEPARATOR": "match"},
    "ingest.formats.html.read": {"_WBR": "sub"},
    "ingest.formats.mail.read": {"_QUOTED_SEPARATOR": "sub", "_SEPARATOR": "finditer"},
    "ingest.formats.word.numbering": {"_PLACE": "sub"},
    "ingest.formats.pdf.plausible": {"_RUN": "sub"},
    "ingest.formats.text.read": {"_CONTROL": "sub", "_DECLARED": "search", "_NEWLINES": "sub"},
    "ingest.formats.text.guess": {"_BEYOND": "search"},
    "ingest.formats.text.prologue": {"_NAME": "match", "_WHITE": "match"},
    "ingest.split": {
        "_FENCE": "findall",
        "_RUN": "finditer",
        "_UNIT": "findall",
        "_WITHIN": "match",
    },
    "search.syntax": {
        "_SURELY_WEIGHTED": "fullmatch",
        "_WEIGHTED": "fullmatch",
        "_WEIGHTED_PICTURE": "fullmatch",
    },
    "search.verdict": {"_WORDS": "findall"},
    "samespace.api.responses.downloads": {"_ODD": "sub", "_RANGE": "fullmatch"},
    "samespace.api.requests.json_size": {"_PIECE": "finditer"},
    "samespace.operations.backup.archive": {"_BLOB": "fullmatch"},
    "samespace.cli.terminal.amounts": {"_FORM": "fullmatch"},
    "samespace.core.content": {"_SHA256": "fullmatch"},
    "samespace.core.names": {"_CONTROL": "sub"},
    "samespace.registry.source": {"_HUB_NAME": "fullmatch", "_UNFIT": "sub"},
    "samespace.store.blobs": {"_KEY": "fullmatch"},
    "samespace.store.facets": {"_ODD": "sub"},
    "samespace.store.filters": {"UNPRINTABLE": "search"},
    "samespace.store.milvus_errors": {"EXISTS": "search"},
    "samespace.store.moments": {"_DATE": "fullmatch"},
    "samespace.store.records.collections": {"_NAME": "fullmatch"},
    "samespace.store.records.registry": {"_NAME": "fullmatch"},
    "samespace.store.records.keys": {"_FORM": "fullmatch"},
    "samespace.learn.pairs": {"_FURTHER": "fullmatch"},
}
"""Patterns that meet bytes, names and words of anybody, by the module that has them, and how they are asked: what
is linear from the start of a text may be quadratic where it is looked for from every place."""

IN_PLACE = {
    "ingest/formats/mail/mime.py": [
        r"(?m)^--deadbeef(--)?[ \t]*+$"
    ],  # of a boundary that a mail names
    "search/verdict.py": [  # of words that a question holds
        r"語",
        r"(?<!\w)a\.a(?!\w)",
        r"\bcat(?:s|es)?\b",
        r"\btelescop",
    ],
    "samespace/api/responses/downloads.py": [r'[/\\:*?"<>|]'],
}
"""The same, of patterns that are written where they are used."""

OWN = {
    "samespace/core/faults.py",  # a setting for tests
    "samespace/core/settings.py",  # the environment that it is started in
    "recipes/starter/captions.py",  # these read pinned packages when the starter is trained
    "recipes/starter/clipart.py",
    "recipes/starter/emoji.py",
    "recipes/starter/splits.py",
    "samespace/page/modules.py",  # reads the page's own scripts
    "samespace/store/index_milvus.py",  # reads the names this made itself
    "samespace/store/migrations/__init__.py",  # reads its own migrations
}
"""Modules whose patterns meet what the project itself wrote."""

# What makes a bad pattern try again and again: runs of one thing, of alternatives, nearly an end.
PUMPS = [
    *(
        " ",
        "\n",
        "\t",
        "\r\n",
        "a",
        "A",
        "0",
        "1",
        ".",
        ":",
        "-",
        "_",
        "/",
        "=",
        '"',
        "'",
        "\\",
        "é",
        "語",
        "ー",
    ),
    *(
        "<!---->",
        "<!-- -->",
        "<?xml ?>",
        "<",
        "<a ",
        "<!doctype ",
        "a a",
        "a ",
        "1.",
        "1:",
        "1.1",
        " 1",
        "a.",
        "。",
    ),
    *(
        "bytes=",
        "0-",
        "blobs/",
        "originals/",
        "ss_",
        "already exist",
        "caption1",
        "deadbeef",
        "--deadbeef\n",
        "From a 1:11 ",
        ">From ",
        "%1",
        "<wbr>",
        "2001-01-01",
        "charset=",
        "coding:a",
        "\x00",
        "\x80",
        "\ud800",
    ),
]
ENDS = ("", "!")
STEPS = (*range(8, 48, 4), 100, 1000)
"""So close that what doubles with each is stopped before it takes a minute."""
LARGE = 20_000
TIMES = 4
MOST_RATIO = 9.0  # 4 where the time is linear, 16 where it is quadratic
TOO_SHORT = 2e-2
"""Seconds below which a ratio says more of the machine than of the pattern; what is quadratic takes longer."""
LONGEST = 1.0
LONGEST_SMALL = 0.2


def modules() -> list[Path]:
    return [path for top in TOPS for path in sorted((ROOT / top).rglob("*.py"))]


def uses(path: Path) -> Iterator[ast.Call]:
    """The calls of `re` in a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re" | "regex"), attr=name)) if (
                name in USES
            ):
                yield node


def test_every_pattern_is_known() -> None:
    found: dict[str, int] = {}
    for path in modules():
        place = str(path.relative_to(ROOT))
        calls = list(uses(path))
        if calls and place not in OWN:
            found[place] = len(calls)
    known = {f"{module.replace('.', '/')}.py": len(names) for module, names in UNTRUSTED.items()}
    for place, patterns in IN_PLACE.items():
        known[place] = known.get(place, 0) + len(patterns)
    assert found == known


def test_no_module_takes_its_patterns_from_elsewhere() -> None:
    for path in modules():
        named = {"import re2", "import regex", "from re import", "from regex import"}
        lines = path.read_text().splitlines()
        assert not [
            line for line in lines if any(line.strip().startswith(each) for each in named)
        ], path


def asked(path: Path, name: str) -> set[str]:
    """How a module asks the pattern that it calls by this name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Attribute(value=ast.Name(id=known), attr=how) if known == name and how in USES:
                found.add(how)
    return found


@pytest.mark.parametrize("module", UNTRUSTED)
def test_a_pattern_is_asked_as_it_is_said_here(module: str) -> None:
    home = ROOT / f"{module.replace('.', '/')}.py"
    for name, ways in UNTRUSTED[module].items():
        users = [path for path in modules() if f"from {module} import" in path.read_text()]
        assert set().union(*(asked(path, name) for path in [home, *users])) == set(ways.split())


def patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    for module, held in UNTRUSTED.items():
        for name, ways in held.items():
            for way in ways.split():
                yield f"{module}.{name}", vars(import_module(module))[name], way
    for place, written in IN_PLACE.items():
        for pattern in written:
            yield f"{place}: {pattern}", re.compile(pattern), "sub"


def ask(pattern: re.Pattern[Any], way: str, text: str) -> None:
    is_bytes = isinstance(pattern.pattern, bytes)
    about: Any = text.encode("utf-8", "surrogatepass") if is_bytes else text
    if way == "finditer":
        for _ in pattern.finditer(about):
            pass
    elif way == "sub":
        pattern.sub(b"_" if is_bytes else "_", about)
    else:
        getattr(pattern, way)(about)


def asking(pattern: re.Pattern[Any], way: str, pump: str, end: str = "") -> Callable[[int], object]:
    """What asks the pattern about a text of so many pumps."""
    return lambda size: ask(pattern, way, pump * size + end)


def seconds(use: Callable[[int], object], size: int) -> float:
    """The processor time of this process alone, so that a busy machine does not count."""
    began = time.process_time()
    use(size)
    return time.process_time() - began


def grow(
    use: Callable[[int], object], what: str, large: int = LARGE, too_short: float = TOO_SHORT
) -> None:
    """Fails where four times as much takes much more than four times as long, or anything takes very long."""
    for size in STEPS:
        assert seconds(use, size) < LONGEST_SMALL, f"{what}: {size} take very long"
    first = seconds(use, large)
    if first < too_short:
        return
    least = min(first, seconds(use, large))
    assert least < LONGEST, f"{what}: {large} take {least:.1f} s"
    most = min(seconds(use, large * TIMES) for _ in range(2))
    assert most / least < MOST_RATIO, f"{what}: {most / least:.1f} times as long"


@pytest.mark.alone
@pytest.mark.parametrize(("name", "pattern", "way"), list(patterns()))
def test_a_pattern_takes_time_in_proportion(name: str, pattern: re.Pattern[Any], way: str) -> None:
    for pump in PUMPS:
        for end in ENDS:
            grow(asking(pattern, way, pump, end), f"{name} {pump!r}")


@pytest.mark.alone
@pytest.mark.parametrize("bad", [r"(\s*<!--.*?-->)*<x", r"\s+x", r"(a|aa)+!"])
def test_what_is_not_linear_is_caught(bad: str) -> None:
    pattern = re.compile(bad, re.DOTALL)
    with pytest.raises(AssertionError, match=r"take|times as long"):
        for pump in ("<!---->", " ", "a"):
            # What is quadratic takes a fiftieth of a second here, and what is linear no thousandth.
            grow(asking(pattern, "search", pump), bad, 4_000, too_short=2e-3)


HEADS = {
    "empty comments": (b"<!---->", b"x"),
    "comments": (b"<!-- a -->\n", b"x"),
    "comments that are not closed": (b"<!--", b""),
    "declarations": (b"<?xml ?>", b"x"),
    "declarations that are not closed": (b"<?xml ", b""),
    "leading blanks": (b" ", b"x"),
    "leading blanks of all kinds": (b" \t\n\f", b"<x"),
    "doctypes": (b"<!doctype svg [", b"]"),
    "tags": (b"<a", b">"),
    "brands": (b"abcd", b""),
    "ZIP headers": (b"PK\x03\x04", b""),
    "marks of PDF": (b"%PDF-1.4\n", b""),
    "braces": (b"{\\rtf1", b"}"),
    "NULs": (b"\0", b"words"),
    "pairs": (b"a\0", b""),
    "bytes of no encoding": (b"\x81\xfe\xff", b""),
    "letters of two bytes": ("é".encode(), b"\xff"),
    "ideographs in UTF-16": ("語".encode("utf-16-le"), b""),
}
STARTS = (b"", b"{\\rtf1", b"%!PS\n", b"\0\0\x10\0ftypmif1", b"PK\x03\x04", b"<?xml ?>")


@pytest.mark.alone
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("what", HEADS)
@pytest.mark.parametrize("name", ["x", "x.md", "x.html"])
def test_telling_the_type_takes_time_in_proportion(what: str, start: bytes, name: str) -> None:
    pump, end = HEADS[what]

    def tell(size: int) -> None:
        with contextlib.suppress(SamespaceError):
            detect((start + pump * (size // len(pump) + 1) + end)[:HEAD_BYTES], name)

    grow(tell, f"{start!r} and {what}")
