"""What measures time says so, and so runs when nothing else does; what shares a fixture runs in one process."""

import ast

import pytest

from tests.sharing import ALONE, ROOT, TOGETHER, alone_in, group_of

CLOCKS = {"monotonic", "perf_counter", "process_time"}
WIDE = {
    "tests/api/test_bounds.py::test_fields_of_one_name_count_as_many",
    "tests/api/test_warmth.py::test_models_that_cannot_be_loaded_are_not_waited_for",
    "tests/api/test_warmth.py::test_what_needs_no_model_waits_for_none",
    "tests/cli/test_preflight.py::refused",
    "tests/cli/test_reports.py::test_a_disk_that_stays_full_holds_up_no_end",
    "tests/cli/test_reports.py::test_a_reader_that_does_not_read_keeps_nobody_waiting",
    "tests/cli/test_supervise.py::watched",
    "tests/faults/test_supervision.py::ends_when_told",
    "tests/fuzz/test_parsers.py::test_what_was_damaged_is_read_or_refused",
    "tests/fuzz/test_parsers.py::test_a_hostile_file_ends_soon_and_alone",
    "tests/operations/test_wakeups.py::seconds_of",
}
"""What only tells that something ends at all: its bound is ten times what it takes, and 5 s at least."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_what_measures_time_is_to_be_alone() -> None:
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        path = file.relative_to(ROOT).as_posix()
        tree = ast.parse(file.read_text())
        functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
        measured = {name for name in measuring(functions, path) if name.startswith("test_")}
        assert measured <= alone_in(path), path


def test_what_is_alone_is_told_without_an_import(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        marked = item.get_closest_marker(ALONE) is not None
        assert marked == (group_of(item.nodeid) == ALONE), item.nodeid


def measuring(functions: list[Function], path: str) -> set[str]:
    """The names of those that measure, or use one that does."""
    found: set[str] = set()
    while True:
        more = {
            each.name
            for each in functions
            if f"{path}::{each.name}" not in WIDE
            and (takes_the_time(each) or names_in(each) & found)
        }
        if more == found:
            return found
        found = more


def takes_the_time(function: Function) -> bool:
    """Whether it takes something from what a clock says."""
    return any(
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and is_clock(node.left)
        for node in ast.walk(function)
    )


def is_clock(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    )


def names_in(function: Function) -> set[str]:
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def test_what_is_named_here_is_there() -> None:
    for named in WIDE:
        path, _, name = named.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(), named
    assert all((ROOT / path).exists() for path in TOGETHER)


def test_groups_are_files_or_what_shares_a_fixture() -> None:
    assert group_of("tests/core/test_names.py::test_one[a@b]") == "tests/core/test_names.py"
    assert group_of("tests/page/test_map.py::test_one") == "stack"
    assert group_of("tests/page/test_map.py::test_fifty_thousand_points_move_smoothly") == ALONE
