"""What the engine promises, and what it may not know."""

import ast
import sys
from pathlib import Path

import engine
import engine.layers
import engine.losses

SOURCES = sorted(Path(next(iter(engine.__path__))).rglob("*.py"))


def test_the_engine_imports_numpy_and_the_standard_library_only() -> None:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                root = name.partition(".")[0]
                assert root in {"engine", "numpy"} | sys.stdlib_module_names, f"{source.name} imports {name}"


def test_exported_names() -> None:
    assert engine.layers.__all__ == ["Dense", "Layer", "ReLU", "Sigmoid", "Softmax"]
    assert engine.losses.__all__ == [
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "FusedHead",
        "Loss",
        "SigmoidBinaryCrossentropy",
        "SoftmaxCategoricalCrossentropy",
    ]


def test_a_class_is_abstract_or_final() -> None:
    for package in (engine.layers, engine.losses):
        classes = [getattr(package, name) for name in package.__all__]
        for concrete in classes:
            if not getattr(concrete, "__abstractmethods__", None):
                assert not any(other is not concrete and issubclass(other, concrete) for other in classes)
