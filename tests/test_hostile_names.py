"""Names that nobody should give go through every writer: none is executed, none breaks or forges anything.

Give every writer many more by ``PYTHONPATH=tests python tests/test_hostile_names.py 10000``.
"""

import contextlib
import enum
import io
import json
import sys
import tempfile
import time
import warnings
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import hostile_case as hostile
import hostile_writers as writers
import numpy as np
import pytest
from hostile_case import Sly, check_dot, check_latex, check_page, check_text, check_xml

import autograd_core as ag
from autograd_core.derivations.derivation import derive
from autograd_core.wording.errors import OptionError
from autograd_core.wording.notation import source
from nn.datasets.cells import read_text, written_text

MANY = 400
WRITERS = {  # and which groups of names each gets here: all, every second, ...
    writers.equations: 6, writers.comparisons: 20, writers.pictures: 9, writers.errors: 2,
    writers.functions: 25, writers.primitives: 12, writers.containers: 2, writers.activations: 8,
    writers.files: 3, writers.curves: 16, writers.commands: 7,
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_executed():
    yield
    hostile.check_untouched()


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_every_writer_survives_every_name(writer, tmp_path):
    for given in hostile.groups(MANY, 8)[:: WRITERS[writer]]:
        writer(given, tmp_path)


def test_machine_code_survives_names(tmp_path, monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    writers.machine_code([*hostile.names(MANY)][:: MANY // 40], tmp_path)


# What a name is


class Key(enum.StrEnum):
    W = "W"


@pytest.mark.parametrize("name", [Sly("W"), Key.W, np.str_("W"), "W"])
def test_a_name_is_exact_text_whatever_it_was(name):
    x = ag.tensor(1.0, name=name)
    y = x * x
    y.name = name
    assert [(type(z.name), z.name) for z in (x, y)] == [(str, "W")] * 2


@pytest.mark.parametrize("name", [1, 1.5, b"W", ["W"], object()])
def test_a_name_that_is_no_text_is_refused(name):
    x = ag.tensor(1.0)
    with pytest.raises(OptionError, match="wanted text such as"):
        ag.tensor(1.0, name=name)
    with pytest.raises(OptionError, match="wanted text such as"):
        x.name = name
    assert x.name is None


def test_two_names_that_look_alike_in_print_are_told_apart():
    for names in [
        ("λ", "lambda"),
        ("W\n", "W\\n"),
        ("W", "dW"),
        ("dZ", "Z"),
        ("x", "x", "x"),
        ("d", "dd", "ddd"),
    ]:
        tensors = [ag.tensor([1.0, 2.0 + i], requires_grad=True, name=x) for i, x in enumerate(names)]
        found = derive(ag.sum(ag.exp(sum(x * x * i for i, x in enumerate(tensors, start=1)))))
        for lines in (str(found).splitlines(), found.latex().splitlines()[1:-1]):
            lefts = [line.split("=")[0] for line in lines]
            assert len({*lefts}) == len(lefts) >= len(names)


def test_a_function_of_the_name_of_an_operation_is_not_taken_for_it():
    def exp(x):
        return x * x * 3

    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(ag.GraphError, match="came out of exp, which is not the operation of that name"):
        derive(ag.sum(ag.checkpoint(exp)(x)))


def test_an_operation_of_ones_own_is_not_taken_for_numpys(registry):
    @ag.pointwise(lambda y, x: 3.0 * x * x)
    def trapezoid(x):
        return x**3

    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(OptionError, match="nothing says how trapezoid is written in NumPy"):
        derive(ag.sum(trapezoid(x))).source()


class Setting:
    def __repr__(self):
        return hostile.FRAGMENTS[-1]


@pytest.mark.parametrize(
    "value", [Setting(), (1, Setting()), slice(Setting()), np.array([Setting()]), print, 1j]
)
def test_only_data_becomes_source(value):
    with pytest.raises(OptionError, match="has no spelling in NumPy"):
        source(value)


@pytest.mark.parametrize(
    "value", [Sly("a'\n"), enum.IntEnum("E", "A").A, np.float64(0.5), True, ..., None, [1, (2,)]]
)
def test_data_is_written_by_its_own_type(value):
    assert eval(source(value)) == value


@pytest.mark.parametrize("text", [*hostile.FRAGMENTS, "'=x", "''-1", "-1", "+1", "-1e5", "＝1"])
def test_text_comes_back_from_a_table_and_is_no_formula(text):
    text = text.strip()
    assert read_text(written_text(text)) == text
    written = written_text(text)
    with contextlib.suppress(ValueError):
        float(text)
        assert written == text
        return
    assert written[:1] not in [*"=+-@\t\r\n＝＋－＠"]


# The checks themselves


NAIVE = {
    "a message": lambda name: check_text(f"{name} of shape (2, 3)", line=True),
    "LaTeX": lambda name: check_latex(rf"\text{{{name}}}"),
    "an operation in LaTeX": lambda name: check_latex(rf"\mathrm{{{name}}}(x)"),
    "SVG": lambda name: check_xml(f"<svg><title>{name}</title></svg>"),
    "an attribute": lambda name: check_xml(f'<svg><g data-id="{name}"/></svg>'),
    "a page": lambda name: check_page(f"<p>{name}</p>"),
    "a script": lambda name: check_page(f"<script>const name = {json.dumps(name)};</script>"),
    "DOT": lambda name: check_dot(f'digraph {{ v0 [label="{name}"] }}'),
    "DOT, unquoted": lambda name: check_dot(f"digraph {{ v0 [label={name}] }}"),
    "a comment": lambda name: check_code(f"def f():\n    x = 1  # {name}\n    return x\nf()\n"),
    "a docstring": lambda name: check_code(f'def f():\n    """{name}"""\nf()\n'),
    "a call": lambda name: check_code(f"import numpy as np\nnp.{name}(x)"),
    "a key": lambda name: check_code(f"gradients = {{'{name}': 1}}"),
    "a key by its own hand": lambda name: check_code(f"gradients = {{{Sly(name)!r}: 1}}"),
}


def check_code(text):
    """Run code, of which no part may once have been a name."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        exec(compile(text, "<naive>", "exec"), {"x": 1.0})
    touched = len(hostile.TOUCHED)
    hostile.TOUCHED.clear()
    assert not touched, "executed"


@pytest.mark.parametrize("naive", NAIVE)
def test_a_naive_writer_is_caught(naive):
    caught = []
    for name in hostile.FRAGMENTS:
        try:
            NAIVE[naive](name)
        except (AssertionError, ET.ParseError) as error:
            caught.append(error)
    assert caught


@pytest.mark.parametrize(
    ("writer", "place", "careless"),
    [
        (
            writers.equations,
            "autograd_core.wording.notation._SPELL",
            {"text": str, "latex": str, "numpy": str},
        ),
        (writers.pictures, "viz.scene.labels.printable", str),
        (writers.errors, "autograd_core.wording.errors.printable", str),
        (writers.comparisons, "autograd_core.comparisons.comparison.printable", str),
        (writers.activations, "nn.layers.summary.printable", str),
    ],
)
def test_a_careless_project_is_caught(writer, place, careless, monkeypatch, tmp_path):
    monkeypatch.setattr(place, careless)
    caught = 0
    for given in hostile.groups(176, 8)[3:8]:
        try:
            writer(given, tmp_path)
        except (AssertionError, ET.ParseError, SyntaxError):
            caught += 1
    assert caught


def run_many(count):
    """Give every writer so many names, and tell how long it took and what was found."""
    warnings.simplefilter("error")
    for writer in WRITERS:
        found, start = Counter(), time.perf_counter()
        for given in hostile.groups(count, 8):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    writer(given, Path(folder))
                    hostile.check_untouched()
                except Exception as error:
                    found[f"{type(error).__name__}: {error!s:.200}"] += 1
                    hostile.TOUCHED.clear()
        seconds = time.perf_counter() - start
        sys.stdout.write(
            f"{writer.__name__}: {count} names, {seconds:.0f} s, {sum(found.values())} findings\n"
        )
        sys.stdout.writelines(f"    {times} times {what!a}\n" for what, times in found.items())
        sys.stdout.flush()


if __name__ == "__main__":
    run_many(int(sys.argv[1]))
