"""Reads the table of docs/spec.md, and which tests name its lines, without importing a test."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (?P<line>[A-Z]\d+) \| (?P<what>.+) \| (?P<state>done|not yet) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """One numbered line of the specification; `done` is what docs/spec.md claims."""

    number: str
    what: str
    done: bool


def table() -> list[Line]:
    text = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    return [Line(row["line"], row["what"], row["state"] == "done") for row in ROW.finditer(text)]


def naming_tests() -> dict[str, list[str]]:
    """Of each line, the tests that name it, as pytest would call them."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = str(path.relative_to(ROOT))
        for name, numbers in _named_in(ast.parse(path.read_text(encoding="utf-8"))):
            for number in numbers:
                found[number].append(f"{place}::{name}")
    return found


def _named_in(module: ast.Module) -> Iterator[tuple[str, list[str]]]:
    whole_file = [number for node in module.body if _is_pytestmark(node) for number in _numbers(node)]
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test"):
            numbers = [number for decorator in node.decorator_list for number in _numbers(decorator)]
            if numbers or whole_file:
                yield node.name, [*whole_file, *numbers]


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


def _numbers(node: ast.AST) -> list[str]:
    """The arguments of every `pytest.mark.spec(…)` under this node."""
    return [
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "spec"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
