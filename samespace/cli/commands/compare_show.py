"""A comparison on the screen: tables for people, one figure a line for pipes."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from samespace.cli.commands.evaluate_show import headline
from samespace.cli.terminal.output import clean, on_terminal, print_table

if TYPE_CHECKING:
    from samespace.client.views import (
        ComparedJudged,
        ComparedSide,
        Comparison,
        Estimate,
        Tally,
    )

SOURCES = {
    "kept": "kept queries",
    "log": "query log",
    "file": "judged queries",
    "passages": "passages, for their like",
    "pictures": "pictures, for their like",
}
JUDGES = {"file": "judged queries of the file", "marks": "marked answers"}
CALLED = {"text": "passages", "image": "pictures"}


def show_comparison(name: str, made: "Comparison", tally: "Tally") -> None:
    """What both sides answer, which is better, and what each costs."""
    if not on_terminal():
        print_table([], pipe_rows(made, tally))
        return
    live, other = made["live"]["name"], made["other"]["name"]
    print(f"collection {clean(name)}: {clean(other)} against {clean(live)}, 95% intervals")
    for side in (made["live"], made["other"]):
        print(f"{clean(side['name'])}: {models_of(side)}")
    show_agreement(made)
    for judged in made["judged"]:
        show_judged(judged)
    headline("what each costs")
    print_table(["", made["live"]["role"], made["other"]["role"]], cost_rows(made))
    if made["moved"]:
        headline("kept queries whose answers moved most")
        rows = [
            [f"{one['overlap']:.2f}", f"{one['rbo']:.2f}", one["words"]] for one in made["moved"]
        ]
        print_table(["overlap@10", "rbo", "query"], rows)
    headline("so")
    for sentence in sentences(made, tally):
        print(sentence)


def show_agreement(made: "Comparison") -> None:
    """How alike the answers are to queries of each kind."""
    headline(f"how alike the answers are (rank-biased overlap with p = {made['p']:g})")
    rows = [
        [
            SOURCES.get(one["source"], one["source"]),
            one["queries"],
            figure(one["overlap"]),
            figure(one["rbo"]),
        ]
        for one in made["agreement"]
    ]
    print_table(["", "queries", "overlap@10", "rank-biased overlap"], rows)


def show_judged(judged: "ComparedJudged") -> None:
    """Each measure of both sides, and the difference."""
    headline(f"{JUDGES.get(judged['source'], judged['source'])}: {judged['queries']}")
    rows = [
        [name, f"{each['live']:.3f}", f"{each['other']:.3f}", signed(each["better_by"])]
        for name, each in judged["measures"].items()
    ]
    print_table(["", "live", "other", "the other is better by"], rows)


def cost_rows(made: "Comparison") -> list[list[object]]:
    """Time, pace and room of both."""
    live, other = made["live"], made["other"]
    rows: list[list[object]] = [
        ["answer, p50", *(milliseconds(side["p50_ms"]) for side in (live, other))],
        ["answer, p95", *(milliseconds(side["p95_ms"]) for side in (live, other))],
    ]
    for modality in dict.fromkeys([*live["vectors_per_second"], *other["vectors_per_second"]]):
        paces = (side["vectors_per_second"].get(modality) for side in (live, other))
        called = CALLED.get(modality, modality)
        rows.append([f"vectors of {called} a second", *(pace and f"{pace:.0f}" for pace in paces)])
    rows.append(["items in the index", *(items_of(side) for side in (live, other))])
    rows.append(["size of the vectors", *(megabytes(side) for side in (live, other))])
    return rows


def sentences(made: "Comparison", tally: "Tally") -> list[str]:
    """What helps a person decide."""
    found = [*made["verdicts"], *([tally["verdict"]] if tally["verdict"] else [])]
    return [clean(one) for one in found] or [
        "nothing was judged: how alike the answers are does not say which are better; give --judged FILE, mark answers "
        "of kept queries (`samespace queries mark`), or mark sides on the page"
    ]


def pipe_rows(made: "Comparison", tally: "Tally") -> Iterator[Sequence[object]]:
    """Columns: what, of which queries or side, measure, live, other, value, low, high, queries."""
    for one in made["agreement"]:
        for name in ("overlap@10", "rbo"):
            found = one["overlap"] if name == "overlap@10" else one["rbo"]
            yield ["alike", one["source"], name, "", "", *numbers(found), one["queries"]]
    for judged in made["judged"]:
        for name, each in judged["measures"].items():
            values = [f"{each['live']:.4f}", f"{each['other']:.4f}", *numbers(each["better_by"])]
            yield ["judged", judged["source"], name, *values, judged["queries"]]
    for what, live, other in cost_rows(made):
        yield ["cost", "", what, live, other, "", "", "", ""]
    marks = [tally["live"], tally["other"], f"{tally['chance']:.4f}"]
    yield ["marks", "", "better", *marks, "", "", sum(tally[k] for k in ("live", "other", "same"))]
    for sentence in sentences(made, tally):
        yield ["so", sentence]


def figure(found: "Estimate") -> str:
    """A mean and its interval: 0.42 [0.38, 0.47]."""
    return f"{found['value']:.2f} [{found['low']:.2f}, {found['high']:.2f}]"


def signed(found: "Estimate") -> str:
    """A difference and its interval."""
    return f"{found['value']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}]"


def numbers(found: "Estimate") -> list[str]:
    """Value, low and high."""
    return [f"{found[key]:.4f}" for key in ("value", "low", "high")]


def milliseconds(value: float | None) -> str | None:
    """As people read them."""
    return None if value is None else f"{value:.1f} ms"


def models_of(side: "ComparedSide") -> str:
    """Its models, with the beginnings of their fingerprints: names may be the same."""
    return ", ".join(f"{clean(one['model'])} {one['fingerprint'][:12]}" for one in side["indexes"])


def items_of(side: "ComparedSide") -> int:
    """The vectors of all its indexes."""
    return sum(one["items"] for one in side["indexes"])


def megabytes(side: "ComparedSide") -> str:
    """What the vectors of all its indexes take."""
    return f"{sum(one['bytes'] for one in side['indexes']) / 10**6:.1f} MB"
