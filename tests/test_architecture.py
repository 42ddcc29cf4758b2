"""The layers of the house: imports point down, rooms on one floor do not import each other."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

import toolkit

DRAWING = [line for line in (toolkit.__doc__ or "").splitlines() if line.startswith("    ")]
"""The floors as the package draws them, the only place where they are told."""
FLOORS = [{room.strip() for room in re.split(r"\s{2,}", line.strip())[0].split("|")} for line in DRAWING]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
PACKAGE = Path(__file__).resolve().parents[1] / "toolkit"
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "torch",
    "transformers",
    "mlflow",
    "matplotlib",
    "sklearn",
    "pandas",
    "datasets",
    "pyarrow",
    "scipy",
    "safetensors",
}
HEAVY |= {"trafilatura", "sqlalchemy", "psutil", "optuna", "sentence_transformers", "setfit", "peft", "model2vec"}
HEAVY |= {
    "accelerate",
    "huggingface_hub",
    "spacy",
    "ahocorasick",
    "openpyxl",
    "ray",
    "pyspark",
    "textual",
    "statsmodels",
}
LATE = {"labeling/people/page.py"}
"""Modules that are themselves imported in functions alone, and so may import what takes long."""


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            module = node.module or ""
            found += [
                (f"{module}.{alias.name}" if module == "toolkit" else module, node.lineno) for alias in node.names
            ]
    return found


def rooms_imported(tree: ast.AST) -> list[tuple[str, int]]:
    return [(name.split(".")[1], line) for name, line in imports(tree) if name.startswith("toolkit.")]


def test_files_are_found() -> None:
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    assert room in FLOOR_OF, f"{room} stands on no floor: give it one here and in the documentation"
    for other, line in rooms_imported(tree_of(path)):
        if other in FLOOR_OF and other != room:
            assert FLOOR_OF[other] > FLOOR_OF[room], f"{path}:{line}: {room} imports {other}, which is not below it"


def test_every_room_stands_on_a_floor_and_every_floor_has_its_rooms() -> None:
    rooms = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    data = {"own_models", "__pycache__", "__init__", "__main__"}
    assert rooms - data == set(FLOOR_OF) and len(FLOOR_OF) == sum(map(len, FLOORS))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_drawing_is_quoted_as_it_is(page: str) -> None:
    text = (PACKAGE.parent / page).read_text(encoding="utf-8")
    assert all(line.strip() in text for line in DRAWING), page


def test_an_import_upward_would_be_caught() -> None:
    tree = ast.parse("def f():\n    from toolkit.cli.main import app\n")
    assert rooms_imported(tree) == [("cli", 2)]
    assert FLOOR_OF["cli"] < FLOOR_OF["records"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_tracking_imports_mlflow(path: Path) -> None:
    if room_of(path) != "tracking":
        names = {name.split(".")[0] for name, _ in imports(tree_of(path))}
        assert "mlflow" not in names


def module_level(tree: ast.Module) -> list[tuple[str, int]]:
    """Imports that run when the module is imported: not in a function, not under TYPE_CHECKING."""
    found = []
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += imports(ast.Module(body=[node], type_ignores=[]))
        stack += list(ast.iter_child_nodes(node))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_imports_are_late(path: Path) -> None:
    late = {f"toolkit.{one.removesuffix('.py').replace('/', '.')}" for one in LATE}
    for name, line in module_level(tree_of(path)):
        assert name not in late, f"{path}:{line}: import {name} where it is used"
        if path.relative_to(PACKAGE).as_posix() in LATE:
            continue
        assert name.split(".")[0] not in HEAVY, f"{path}:{line}: import {name} where it is used"


FORBIDDEN_IMPORTS = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "torch.load", "os.system"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_pickle_and_no_evaluated_text(path: Path) -> None:
    tree = tree_of(path)
    for name, line in imports(tree):
        assert name.split(".")[0] not in FORBIDDEN_IMPORTS, f"{path}:{line}: {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in FORBIDDEN_CALLS, f"{path}:{node.lineno}"
            for keyword in node.keywords:
                assert keyword.arg != "shell", f"{path}:{node.lineno}: shell"
                if keyword.arg == "trust_remote_code":
                    # Only ever what the configuration, the command or the environment says.
                    assert not isinstance(keyword.value, ast.Constant), f"{path}:{node.lineno}: remote code"


def test_public_names_exist() -> None:
    import importlib

    for path in FILES:
        if path.name == "__main__.py":
            continue
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", []):
            assert hasattr(module, public), f"{name}.{public}"
