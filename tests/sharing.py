"""How the tests are shared out to several processes (`pytest -n 2`); with one process nothing here does anything.

A file stays in one process, and so do the files that use one costly fixture, for each process starts its own. What
is slow comes first and what is quick last, so that all processes are done at about the same time. What is marked
`alone` measures time: it comes at the very end, in one process, when the others have ended with all they started.
"""

import ast
import fcntl
import functools
import gc
import os
from collections.abc import Generator, Set
from pathlib import Path
from tempfile import mkstemp
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
TOGETHER = {
    "tests/page/": "stack",
    "tests/cli/test_demo.py": "stack",
    "tests/cli/test_evaluate.py": "stack",
    "tests/cli/test_live.py": "stack",
    "tests/faults/test_kills.py": "farm",
    "tests/faults/test_kills_of_changes.py": "farm",
    "tests/faults/test_processes.py": "farm",
    "tests/stack/test_servers.py": "milvus",
    "tests/store/test_filters.py": "milvus",
    "tests/store/test_index.py": "milvus",
    "tests/store/test_milvus_server.py": "milvus",
}
ALONE = "alone"
_FIRST = tuple(dict.fromkeys(TOGETHER.values()))
_FILE, _PRESENT = pytest.StashKey[str](), pytest.StashKey[int]()


def group_of(nodeid: str) -> str:
    """What stays in one process: all that is to be alone, all that uses one costly fixture, or a file."""
    path, _, name = nodeid.partition("::")
    if name.partition("[")[0] in alone_in(path):
        return ALONE
    return next((group for start, group in TOGETHER.items() if path.startswith(start)), path)


@functools.cache
def alone_in(path: str) -> Set[str]:
    """The tests of a file that are marked so; read from its text, for who hands out the tests imports none."""
    source = (ROOT / path).read_text()
    if f"mark.{ALONE}" not in source:
        return frozenset()
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    whole = any(_says_alone(node) for node in tree.body if isinstance(node, ast.Assign))
    return {each.name for each in functions if whole or any(map(_says_alone, each.decorator_list))}


def _says_alone(node: ast.AST) -> bool:
    named = (each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute))
    return ALONE in named


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out these groups, in the order in which they were collected."""
    from xdist.scheduler import LoadScopeScheduling

    class Sharing(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Sharing(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Name one file to all processes: who is there holds a lock on it."""
    gc.enable()  # the one that hands out the tests collects none, so tests/conftest.py does not do it
    config: pytest.Config = node.config
    if _FILE not in config.stash:
        descriptor, config.stash[_FILE] = mkstemp(prefix="samespace-tests-")
        os.close(descriptor)
        file = Path(config.stash[_FILE])
        config.add_cleanup(lambda: file.unlink(missing_ok=True))
    node.workerinput["presence"] = config.stash[_FILE]


def pytest_configure(config: pytest.Config) -> None:
    """Be there; the lock goes at the latest with the process, however it ends, and no child of it has one."""
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[_PRESENT] = os.open(given["presence"], os.O_RDWR)
        fcntl.lockf(config.stash[_PRESENT], fcntl.LOCK_SH)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """All that was started is over; the process itself goes when the others have ended too."""
    present = config.stash.get(_PRESENT, None)
    if present is not None:
        os.close(present)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order in which several processes are given them."""
    if _PRESENT in config.stash:
        slow = {group_of(item.nodeid) for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: _rank(group_of(item.nodeid), slow))


def _rank(group: str, slow: Set[str]) -> tuple[bool, bool, int]:
    place = _FIRST.index(group) if group in _FIRST else len(_FIRST)
    return group == ALONE, group not in slow, place


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Before the time of a test begins: what is to be alone waits until it is."""
    if item.get_closest_marker(ALONE):
        _wait_for_the_others(item.config)
    return (yield)


def _wait_for_the_others(config: pytest.Config) -> None:
    present = config.stash.get(_PRESENT, None)
    if present is not None:
        # Let go first, for two that wait for one another would wait for ever.
        fcntl.lockf(present, fcntl.LOCK_UN)
        fcntl.lockf(present, fcntl.LOCK_EX)
