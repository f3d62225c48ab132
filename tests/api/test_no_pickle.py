"""Nothing that runs what it reads: what comes from outside is never unpickled or evaluated."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "app").rglob("*.py")) + sorted((ROOT / "engine").rglob("*.py"))

MODULES = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "jsonpickle",
    "marshal",
    "shelve",
    "yaml",
    "xml",
}
CALLS = {"eval", "exec", "compile", "__import__"}
LOADERS = {"load", "fromfile", "loadtxt", "genfromtxt", "fromregex", "read_array"}


def findings(source: str) -> Iterator[str]:
    """What stands in a module that could run what it reads."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in MODULES:
                yield module
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "numpy":
                yield from (f"{module}.{one.name}" for one in names if one.name in LOADERS)
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name)) if (
                name in LOADERS
            ):
                yield f"numpy.{name}"
            case ast.Attribute(value=ast.Attribute(), attr="read_array"):
                yield "numpy.lib.format.read_array"
            case ast.keyword(arg="allow_pickle", value=value) if ast.unparse(value) != "False":
                yield "allow_pickle"


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_nothing_runs_what_it_reads(path: Path) -> None:
    # The engine's own data lie beside it.
    allowed = {"numpy.load"} if path.parent == ROOT / "engine" / "datasets" else set()
    assert set(findings(path.read_text(encoding="utf-8"))) <= allowed


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import a, marshal",
        "import numpy as np\nnp.load(file)",
        "from numpy import load as get",
        "from numpy.lib.format import read_array",
        "import numpy as np\nnp.lib.format.read_array(file)",
        "eval(text)",
        "f(file, allow_pickle=True)",
        "f(file, allow_pickle=flag)",
    ],
)
def test_the_test_finds_what_does(source: str) -> None:
    assert list(findings(source))
