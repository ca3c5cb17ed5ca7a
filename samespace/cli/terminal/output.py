"""Answers on the screen: good to read on a terminal, tab-separated and complete in a pipe."""

import io
import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import typer

from samespace.cli.terminal.formats import fitted, near

if TYPE_CHECKING:
    from samespace.client.views import Answer, Classified, Hit

SNIPPET_LINES = 3
INDENT = " " * 15
WIDEST = 110
NARROWEST = 10
GAP = 2


def on_terminal() -> bool:
    """Whether a person looks at the output."""
    return sys.stdout.isatty()


def print_json(value: Any, to: TextIO | None = None) -> None:
    """JSON, indented for a person."""
    print(json.dumps(value, ensure_ascii=False, indent=2 if on_terminal() else None), file=to)


def note(text: str) -> None:
    """A remark that is no part of the answer: it goes to stderr."""
    print(clean(text), file=sys.stderr)


def clean(text: object) -> str:
    """The text on one line, without what could steer a terminal or break a column."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns under headers, the last one wrapped; in a pipe tab-separated rows alone."""
    cells = [["-" if cell is None else clean(cell) for cell in row] for row in rows]
    if not on_terminal():
        for row in cells:
            print("\t".join(row))
        return
    room = max(NARROWEST, *map(len, headers[-1:]))
    header, *lines = aligned([headers, *cells], shutil.get_terminal_size().columns, room)
    print(typer.style(header, bold=True), *lines, sep="\n")


def aligned(rows: Sequence[Sequence[str]], columns: int, least_room: int = NARROWEST) -> list[str]:
    """The lines of a table: columns as wide as their cells on a screen, the last one wrapped in what is left.

    Where less than `least_room` is left nothing is wrapped or shortened, so that ids can be copied whole.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, GAP, 0, 0))
    for place in range(1, len(rows[0]) + 1):
        table.add_column(no_wrap=place < len(rows[0]), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(
        file=io.StringIO(), width=_width(rows, columns, least_room), color_system=None
    )
    with console.capture() as printed:
        console.print(table)
    return [line.rstrip() for line in printed.get().splitlines()]


def _width(rows: Sequence[Sequence[str]], columns: int, least_room: int) -> int:
    """That of the screen, or what the table takes where its last column has no room."""
    from rich.cells import cell_len

    *others, last = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    before = sum(width + GAP for width in others)
    return columns if columns - before >= least_room else before + max(last, 1)


def print_fields(fields: Mapping[str, object], to: TextIO | None = None) -> None:
    """Names and values, one a line; on a terminal long values are wrapped."""
    if not on_terminal():
        for name, value in fields.items():
            print(f"{name}\t{clean(value)}", file=to)
        return
    rows = [[name, clean(value)] for name, value in fields.items()]
    if rows:
        print("\n".join(aligned(rows, shutil.get_terminal_size().columns)), file=to)


def place_of(hit: "Hit") -> str:
    """Where a hit comes from: the path or id its owner gave, else its name."""
    return clean(hit["document"]["external_id"] or hit["document"]["name"])


def print_answer(answer: "Answer", *, paths_only: bool = False) -> None:
    """The hits, best first; what there is to say about them goes to stderr."""
    if paths_only:
        print_paths(answer["hits"])
    elif on_terminal():
        print_for_people(answer["hits"])
    else:
        print_for_pipes(answer["hits"])
    if not answer["hits"]:
        note("nothing was found")
    elif answer["no_good_match"]:
        note("nothing fits well: these are only the nearest")
    if pending := answer.get("pending"):
        note(coming_in(pending))
    if answer["truncated"] and answer["cursor"] is None:
        note("more may fit: the server ranks no deeper than this (SAMESPACE_CANDIDATES)")
    for warning in answer["warnings"]:
        note(f"warning: {warning}")
    for missing in answer["missing"]:
        note(f"warning: without space {missing['space']}: {missing['reason']}")


def coming_in(pending: int) -> str:
    """That so many documents may not be found yet."""
    if pending == 1:
        return "1 document is still coming in; it may not be found yet"
    return f"{pending} documents are still coming in; they may not be found yet"


def print_paths(hits: "Sequence[Hit]") -> None:
    """Each document once, in the order of its best hit."""
    for path in dict.fromkeys(map(place_of, hits)):
        print(path)


def print_for_pipes(hits: "Sequence[Hit]") -> None:
    """Columns: score, modality, path, page, item, passage."""
    for hit in hits:
        page = "" if hit["page"] is None else hit["page"]
        passage = clean(hit["text"] or "")
        columns = [f"{hit['score']:.4f}", hit["modality"], place_of(hit), page, hit["id"], passage]
        print("\t".join(map(str, columns)))


def print_for_people(hits: "Sequence[Hit]") -> None:
    """Score, kind and path on one line, a few lines of the passage below; the item where there is room."""
    columns = shutil.get_terminal_size().columns
    for hit in hits:
        page = "" if hit["page"] is None else f", page {hit['page']}"
        path = fitted(near(place_of(hit)), columns - len(INDENT) - len(page))
        item = f"  [{hit['id']}]"
        on_one_line = len(INDENT + path + page + item) <= columns
        shown = typer.style(item, dim=True) if on_one_line else ""
        print(
            f"{hit['score']:6.2f}  {hit['modality']:5}  {typer.style(path, bold=True)}{page}{shown}"
        )
        for line in snippet(hit["text"] or "", min(columns, WIDEST) - len(INDENT)):
            print(INDENT + line)
        if not on_one_line:
            print(INDENT + typer.style(item.strip(), dim=True))


def snippet(text: str, width: int) -> list[str]:
    """The beginning of a passage on a few lines."""
    return textwrap.wrap(clean(text), max(width, 20), max_lines=SNIPPET_LINES, placeholder=" …")


def print_classes(results: "Sequence[Classified]", names: Sequence[str]) -> None:
    """Each input under its name with its label, and the likeliest labels with their probabilities."""
    rows = []
    for name, result in zip(names, results, strict=True):
        best = ", ".join(f"{each['label']} {each['p']:.2f}" for each in result["probabilities"][:3])
        rows.append([name, result["label"] or "none", best])
    print_table(["input", "label", "probabilities"], rows)
    for warning in dict.fromkeys(w for result in results for w in result["warnings"]):
        note(f"warning: {warning}")
