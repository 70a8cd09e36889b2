"""What the documentation says is run: each Python block, in order, page by page."""

import pkgutil
import re
import runpy
from pathlib import Path

import pytest

import viz

ROOT = Path(__file__).parent.parent
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/guide.md",
    "docs/compile.md",
    "docs/training.md",
    "docs/layers.md",
    "docs/gallery.md",
    "docs/kinks.md",
    "docs/pitfalls.md",
    "docs/proof_reading.md",
]


def blocks(page, language):
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(page, tmp_path, monkeypatch, registry):
    monkeypatch.chdir(tmp_path)
    names = {}
    found = blocks(page, "python")
    assert found
    for block in found:
        indent = len(block) - len(block.lstrip(" "))
        code = "\n".join(line[indent:] for line in block.splitlines())
        exec(compile(code, page, "exec"), names)


@pytest.mark.parametrize("heading", ["Run", "Test"])
def test_each_command_is_one_block_of_one_line(heading):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}\n(.*?)^## ", text, flags=re.MULTILINE | re.DOTALL)[1]
    fenced = re.findall(r"^```\w*\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
    assert len(fenced) == 1
    assert len(fenced[0].splitlines()) == 1


@pytest.mark.parametrize(
    "page", [*PAGES, "docs/accuracy.md", "docs/equations.md", "nn/data/README.md", "CHANGELOG.md"]
)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("http") or ((ROOT / page).parent / target).exists(), target


def test_the_program_that_is_shown_is_the_one_that_runs():
    drawing = runpy.run_path(str(ROOT / "docs/draw.py"))
    step = drawing["compiled_step"]()
    page = (ROOT / "docs/compile.md").read_text(encoding="utf-8")
    assert drawing["with_program"](page, step.source) == page, "run docs/draw.py"
    picture = (ROOT / "docs/program.svg").read_text(encoding="utf-8")
    assert viz.program(step).svg() == picture, "run docs/draw.py"


def known_tests():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py")]
    return set(re.findall(r"^def (test_\w+)\(", "\n".join(sources), flags=re.MULTILINE))


def test_every_test_and_function_that_the_equations_page_names_exists():
    """A name that ends in … stands for every test that begins with it."""
    page = (ROOT / "docs/equations.md").read_text(encoding="utf-8")
    known = known_tests()
    for name, more in re.findall(r"`(test_\w+)(…?)`", page):
        assert any(test.startswith(name) for test in known) if more else name in known, name
    for dotted in re.findall(r"`((?:nn|viz|autograd_core)\.[\w.]+)`", page):
        pkgutil.resolve_name(dotted)


def test_every_row_of_the_equations_page_names_a_test():
    page = (ROOT / "docs/equations.md").read_text(encoding="utf-8")
    rows = [row for row in re.findall(r"^\|.+\|$", page, flags=re.MULTILINE) if not row.startswith("|---")]
    heads = [row for row in rows if " test |" in row]
    assert len(heads) > 10
    for row in rows:
        assert row in heads or re.search(r"`test_\w+…?`", row), row


def test_every_row_of_the_pitfalls_names_tests_that_exist():
    table = re.findall(
        r"^\| (.+) \|$", (ROOT / "docs/pitfalls.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    rows = [row.split(" | ")[-1] for row in table[1:] if not row.startswith("**")]
    known = known_tests()
    assert len(rows) > 30
    for row in rows:
        names = re.findall(r"`(\w+)`", row)
        assert names, row
        assert set(names) <= known, set(names) - known


@pytest.mark.parametrize("number", range(1, 23))
def test_every_equation_has_a_test_named_after_it(number):
    source = (ROOT / "tests/test_equations.py").read_text(encoding="utf-8")
    assert re.search(rf"def test_equations?_(\d+_)*(and_)?{number}_", source)
