"""The page for contributors is followed to the letter, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parent.parent
NEAR = [
    "tests/test_laws.py",
    "tests/test_laws_written.py",
    "tests/test_peers.py::test_every_operation_with_a_derivative_is_in_the_table",
    "tests/test_architecture.py::test_every_primitive_is_exported_under_its_name",
    "tests/test_architecture.py::test_every_public_name_exists_and_has_a_docstring",
]


def fenced(section, language):
    return dedent(re.search(rf"^ *```{language}\n(.*?)^ *```", section, re.M | re.S)[1])


def put(path, before, new):
    """Write something just before the first place where a text stands."""
    text = path.read_text()
    assert before in text, (path, before)
    path.write_text(text.replace(before, new + before, 1))


def laws(copy):
    """Run what the page says must pass, for the new operation."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *NEAR]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(
        [*command, "-k", "bell or every"],
        cwd=copy,
        env={**kept, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_operation_added_as_the_page_says_passes_the_laws_and_fails_without_its_row(tmp_path):
    page = (ROOT / "CONTRIBUTING.md").read_text()
    section = re.search(r"^## Add an operation .*?(?=^## )", page, re.M | re.S)[0]
    declared, row = fenced(section, "python"), fenced(section, "text")
    for part in ("autograd_core", "nn", "viz", "tests", "benchmarks"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    theme = tmp_path / "autograd_core/ops/entrywise/elementary.py"
    theme.write_text(theme.read_text() + "\n\n" + declared.split("\n\n\n")[-1])
    put(theme, '    "cbrt",\n', '    "bell",\n')
    put(tmp_path / "autograd_core/__init__.py", "    cbrt as cbrt,\n", "    bell as bell,\n")
    peers = tmp_path / "tests/test_peers.py"
    peers.write_text(re.sub(r"^(OWN = [^{]*\{)", r'\1"bell", ', peers.read_text(), flags=re.M))
    assert laws(tmp_path).returncode == 1

    put(tmp_path / "tests/op_rows/elementary.py", '    Row("exp",', f"    {row.strip()}\n")
    found = laws(tmp_path)
    assert found.returncode == 0, found.stdout[-3000:]
