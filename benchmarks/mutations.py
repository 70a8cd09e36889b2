"""Spoil rules of operations and lines elsewhere, one at a time in a copy; say which the tests notice.

    python benchmarks/mutations.py [--rules 50] [--lines 50] [--commit main] [--json caught.json]

The same source gives the same mutants, so that two commits whose tests differ can be laid side by side. A
mutant that changes nothing a caller can see survives every test; what counts is that none that was caught
before survives after.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from op_table import OP_TABLE  # noqa: E402

AREAS = {  # which tests read the lines of which rooms
    "autograd_core/compilation/passes": ["tests/test_compile_passes*.py"],
    "viz/layout": ["tests/test_viz_routes.py", "tests/test_viz_network.py", "tests/test_viz_golden.py"],
    "autograd_core/comparisons": ["tests/test_compare*.py", "tests/test_mistakes_elsewhere.py"],
}
SWAPS = (
    (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot), (ast.In, ast.NotIn), (ast.And, ast.Or),
)  # fmt: skip
OTHER = {ast.MatMult: ast.Mult, **dict(SWAPS), **{b: a for a, b in SWAPS}}  # what takes an operator's place


class Mutant(NamedTuple):
    """A line to spoil, what it becomes, and what pytest is asked to run."""

    path: str
    line: int
    before: str
    after: str
    tests: tuple[str, ...]


def spoilt(node: ast.AST) -> ast.AST | None:
    """The expression, wrong: another operator, the operand without its sign or `not`, a number changed."""
    made = copy.deepcopy(node)
    match made:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.Compare(ops=[op]) if type(op) in OTHER:
            other = OTHER[type(op)]()
            if isinstance(made, ast.Compare):
                made.ops = [other]
            else:
                made.op = other
            return made
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            return operand
        case ast.IfExp(test=test):
            made.test = ast.UnaryOp(ast.Not(), test)
            return made
        case ast.Constant(value=float() as number):
            return ast.Constant(number * 1.001 if number else 0.001)
    return None


def mutants_in(root: Path, path: Path, below: ast.AST, tests: tuple[str, ...]) -> Iterator[Mutant]:
    """Every mutant of expressions that stand in one line below a node."""
    lines = path.read_text().splitlines()
    for node in ast.walk(below):
        wrong = spoilt(node)
        if wrong is None or node.lineno != node.end_lineno:
            continue
        line = lines[node.lineno - 1].encode()
        start, end = line[: node.col_offset].decode(), line[node.end_col_offset :].decode()
        after = f"{start}({ast.unparse(wrong)}){end}"
        yield Mutant(str(path.relative_to(root)), node.lineno, lines[node.lineno - 1], after, tests)


def rules(root: Path, path: Path) -> Iterator[Mutant]:
    """The mutants of what operations are declared with, and of functions that are named there."""
    tree = ast.parse(path.read_text())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name, function in functions.items():
        if name not in {row.op for row in OP_TABLE}:
            continue
        tests = ("tests/test_laws.py", "-k", f"[{name}] or [{name}[ or [{name}-")
        for call in function.decorator_list:
            if not isinstance(call, ast.Call):
                continue
            stated = [*call.args, *(word.value for word in call.keywords if word.arg in ("vjps", "jvps"))]
            nodes = [node for part in stated for node in ast.walk(part)]
            named = {node.id for node in nodes if isinstance(node, ast.Name)}
            parts: list[ast.AST] = [node for node in nodes if isinstance(node, ast.Lambda)]
            helpers = (functions[helper] for helper in sorted(named & set(functions)))
            parts += [line for helper in helpers for line in helper.body]
            for part in parts:
                yield from mutants_in(root, path, part, tests)


def lines_of(root: Path, folder: str) -> Iterator[Mutant]:
    """The mutants of all functions in a folder."""
    patterns = AREAS[folder]
    tests = tuple(str(p.relative_to(root)) for pattern in patterns for p in sorted(root.glob(pattern)))
    for path in sorted((root / folder).rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield from mutants_in(root, path, node, tests)


def drawn(mutants: list[Mutant], count: int) -> list[Mutant]:
    """So many of them, each line once, the same at every call."""
    by_line = {(mutant.path, mutant.line): mutant for mutant in mutants if mutant.after != mutant.before}
    return random.Random(0).sample(list(by_line.values()), min(count, len(by_line)))


def chosen(root: Path, n_rules: int, n_lines: int) -> list[Mutant]:
    """The mutants to try: of rules, then of each area."""
    operations = sorted((root / "autograd_core" / "ops").rglob("*.py"))
    found = drawn([mutant for path in operations for mutant in rules(root, path)], n_rules)
    for folder, share in zip(AREAS, (0.4, 0.3, 0.3), strict=True):
        found += drawn(list(lines_of(root, folder)), round(share * n_lines))
    return found


def outcome(mutant: Mutant, root: Path, limit: float) -> str:
    """What comes of the tests on the mutant: it is caught, it survives, or they do not end in time."""
    path = root / mutant.path
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    lines[mutant.line - 1] = mutant.after + "\n"
    path.write_text("".join(lines))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        answer = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return "no end"
    finally:
        path.write_text(whole)
    if answer.returncode in (4, 5):  # pytest found nothing to run
        raise RuntimeError(f"no tests for {mutant}: {answer.stdout.decode()[-400:]}")
    return "caught" if answer.returncode else "survives"


def main() -> None:
    """Print a row for each mutant, and how many were caught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rules", type=int, default=50)
    parser.add_argument("--lines", type=int, default=50)
    parser.add_argument("--commit", default="HEAD", help="whose tests and source are tried")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each mutant")
    parser.add_argument("--json", type=Path, help="a file for the result")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        archive = subprocess.run(
            ["git", "archive", options.commit], cwd=ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        for mutant in chosen(root, options.rules, options.lines):
            where = f"{mutant.path}:{mutant.line}"
            found[f"{where}: {mutant.after.strip()}"] = said = outcome(mutant, root, options.limit)
            print(f"{said:8}", where, mutant.after.strip(), flush=True)
            if options.json:
                options.json.write_text(json.dumps(found, indent=1))
    print(f"{len(found)} mutants: {dict(Counter(found.values()))}")


if __name__ == "__main__":
    main()
