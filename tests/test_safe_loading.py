"""Nothing that the product loads can run code: no pickle, no eval, weights only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOPS = ("ingest", "search", "workers", "samespace")
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


# What a call of this name has to say, word for word.
WANTED = {("torch", "load"): ("weights_only", True), ("np", "load"): ("allow_pickle", False)}
FORBIDDEN_ARGUMENTS = ("allow_pickle", "trust_remote_code", "shell")


def unsafe(source: str) -> Iterator[str]:
    """What in a module loads or runs code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if is_forbidden(name.name))
        elif isinstance(node, ast.ImportFrom) and is_forbidden(node.module or ""):
            yield str(node.module)
        elif isinstance(node, ast.Call):
            yield from unsafe_call(node)


def is_forbidden(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in FORBIDDEN_MODULES


def unsafe_call(call: ast.Call) -> Iterator[str]:
    match call.func:
        case ast.Name(id=name) if name in FORBIDDEN_CALLS:
            yield name
        case ast.Attribute(value=ast.Name(id="yaml"), attr="load"):
            yield "yaml.load"
        case ast.Attribute(value=ast.Name(id=module), attr=name) if (module, name) in WANTED:
            argument, value = WANTED[module, name]
            if constant(call, argument) is not value:
                yield f"{module}.{name}"
    yield from (name for name in FORBIDDEN_ARGUMENTS if constant(call, name) is True)


def constant(call: ast.Call, name: str) -> object:
    """The value a keyword is given as it stands, None without one."""
    values = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return values[0].value if values and isinstance(values[0], ast.Constant) else None


def test_no_module_loads_or_runs_code() -> None:
    files = [path for top in TOPS for path in (ROOT / top).rglob("*.py")]
    assert len(files) > 100
    found = {str(path.relative_to(ROOT)): [*unsafe(path.read_text())] for path in files}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle as p",
        "def f():\n    from joblib import load",
        "eval('1')",
        "torch.load(file)",
        "torch.load(file, weights_only=False)",
        "np.load(file)",
        "numpy.load(file, allow_pickle=True)",
        "yaml.load(text)",
        "AutoModel.from_pretrained('x', trust_remote_code=True)",
        "subprocess.run(line, shell=True)",
    ],
)
def test_it_would_be_seen(source: str) -> None:
    assert len([*unsafe(source)]) == 1


def test_tasks_travel_as_json_only() -> None:
    from samespace.core.settings import Settings
    from workers.app import make_app

    conf = make_app(Settings(redis_url="redis://127.0.0.1:1")).conf
    assert (conf.task_serializer, list(conf.accept_content)) == ("json", ["json"])
    assert list(conf.result_accept_content or conf.accept_content) == ["json"]
