"""Programs of compiled functions as pictures: what is written where, and that all of it can be read."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from test_viz_network_drawn import overlaps, written

import autograd_core as ag
import viz
from autograd_core.compilation.program import Storage
from autograd_core.wording.errors import DtypeError, GraphError, OptionError
from viz.figures.listing import Slot, listed
from viz.style.theme import THEMES


def cost(W1, b1, W2, b2, X, Y):
    return -ag.sum(Y * ag.log_softmax(W2 @ ag.tanh(W1 @ X + b1) + b2, axis=0)) / X.shape[1]


def step(W1, b1, W2, b2, X, Y):
    """One step of gradient descent of a 2-4-2 network."""
    J, slopes = ag.value_and_grad(cost, argnums=(0, 1, 2, 3))(W1, b1, W2, b2, X, Y)
    return J, *(x - 0.5 * slope for x, slope in zip((W1, b1, W2, b2), slopes, strict=True))


def arguments():
    rng = np.random.default_rng(0)
    shapes = [(4, 2), (4, 1), (2, 4), (2, 1), (2, 4), (2, 4)]
    return [rng.normal(size=shape) for shape in shapes]


def called(f, *args, **options):
    compiled = ag.compile(f, **options)
    compiled(*args)
    return compiled


@pytest.fixture(scope="module")
def training():
    return called(step, *arguments(), donate=("W1", "b1", "W2", "b2"))


def long(x):
    y = ag.exp(x)
    kept = y * 2.0
    for _ in range(200):
        y = ag.sin(y) + x
    return y + kept


def check_reads(program, lines):
    """Follow the lines, and see that each operand is still where a line says it reads it."""
    names = program.names()
    holds = {Slot("input", i): {names[x]} for i, x in enumerate(program.inputs)}
    for instruction, line in zip(program.instructions, lines, strict=False):
        operands = [names[x] for x in instruction.reads]
        for operand, slot in zip(operands, line.reads, strict=True):
            assert operand in holds[slot], f"{line.equation}: {operand} is gone from {slot}"
        for made in line.writes:
            holds[made.slot] = {made.name} | (holds[made.slot] if made.view else set())
    return holds


def test_each_instruction_is_a_line_with_its_sign_and_shape(training):
    program = training.program
    lines = listed(program, training.storage).lines
    assert len(lines) == len(program.instructions) + 1
    for instruction, line in zip(program.instructions, lines, strict=False):
        assert line.equation.startswith(f"{program.names()[instruction.out]} = ")
        assert line.shape == str(instruction.out.shape)
    assert lines[0].equation == "t0 = W1 @ X"
    assert lines[-1].equation.startswith("return ")


@pytest.mark.parametrize("fuse", [False, True])
@pytest.mark.parametrize("donate", [(), ("W1", "b1", "W2", "b2")])
def test_whatever_a_line_reads_is_still_there(fuse, donate):
    compiled = called(step, *arguments(), donate=donate, fuse=fuse)
    program, lines = compiled.program, listed(compiled.program, compiled.storage).lines
    holds = check_reads(program, lines)
    for result, slot in zip(program.results, lines[-1].reads, strict=True):
        assert program.names()[result] in holds[slot]


def test_a_value_written_over_too_early_is_noticed(training):
    one = dict.fromkeys(training.storage.block, 0)
    wrong = Storage([max(training.storage.blocks)], one, training.storage.given)
    with pytest.raises(AssertionError, match="is gone from"):
        check_reads(training.program, listed(training.program, wrong).lines)


def test_what_is_donated_gets_its_result(training):
    lines = listed(training.program, training.storage).lines
    into = {line.memory: line.writes[0].slot for line in lines if line.memory.startswith("into")}
    assert into == {f"into {name}": Slot("input", i) for i, name in enumerate(("W1", "b1", "W2", "b2"))}
    heads = {v.label: v.role for v in viz.program(training).scene.vertices if v.id.startswith("input")}
    assert heads["W1"] == "parameter"
    assert heads["X"] == "input"


def test_a_result_that_cannot_be_written_in_place_is_copied_at_the_end():
    compiled = called(lambda W, X: W.T @ X, np.ones((2, 2)), np.ones((2, 2)), donate="W")
    product, last = listed(compiled.program, compiled.storage).lines[-2:]
    assert product.memory == "new"
    assert last.memory == f"{product.writes[0].name} into W"
    assert [made.slot for made in last.writes] == [Slot("input", 0)]


def test_views_are_dashed_boxes_on_what_they_look_at():
    x = np.ones((2, 3))
    compiled = called(lambda x: (x[0], x[np.array([1, 0])], x.T.reshape(-1), x.reshape(3, 2)), x)
    lines = {
        line.equation.partition(" = ")[2]: line for line in listed(compiled.program, compiled.storage).lines
    }
    assert (
        lines["x[0]"].memory == lines["xᵀ"].memory == lines["reshape(x, shape=(3, 2))"].memory == "view of x"
    )
    copies = [line for line in lines.values() if line.memory == "new"]
    assert [line.shape for line in copies] == ["(2, 3)", "(6,)"]
    roles = {v.label: v.role for v in viz.program(compiled).scene.vertices}
    for line in lines.values():
        for made in line.writes:
            assert roles[made.name] == ("constant" if made.view else "intermediate")


def test_a_bar_ends_where_its_value_is_read_for_the_last_time():
    compiled = called(lambda x, y: (ag.exp(x) + y).sum(), np.ones(3), np.ones(3))
    found = listed(compiled.program, compiled.storage)
    x, y = Slot("input", 0), Slot("input", 1)
    assert [(wire.start, wire.end) for wire in found.wires() if wire.slot == x] == [(-1, 0)]
    assert [(wire.start, wire.end) for wire in found.wires() if wire.slot == y] == [(-1, 1)]
    buffer = [(wire.start, wire.end) for wire in found.wires() if wire.slot == Slot("buffer", 0)]
    assert buffer == [(0, 1), (1, 2)]  # exp, over it the sum with y, and both read by Σ


def test_dtypes_are_said_where_they_differ():
    compiled = called(lambda x: ag.where(x > 0, x, 0.0), np.ones((2, 2), np.float32))
    shapes = [line.shape for line in listed(compiled.program, compiled.storage).lines]
    assert shapes == ["(2, 2) bool", "(2, 2)", ""]
    assert "float32 unless said otherwise" in viz.program(compiled).scene.caption


def square(W, X):
    J, slope = ag.value_and_grad(lambda W: ag.sum(ag.tanh(W @ X) ** 2))(W)
    return J, W - 0.1 * slope


def test_loop_nests_and_products_are_lines_of_their_own():
    program = called(square, np.ones((20, 30)), np.ones((30, 40)), donate="W").program
    found = listed(program, None)
    texts = [line.equation for line in found.lines]
    assert texts[0] == "t0 = W @ X"
    assert any(" @ Xᵀ" in text and text.split(" = ")[1].startswith("W − ") for text in texts), texts
    assert sum("tanh" in text for text in texts) == 1
    [into] = [line for line in found.lines if line.memory == "into W"]
    assert [made.slot for made in into.writes] == [Slot("input", 0)]
    assert len(found.lines) < len(program.instructions)


def test_a_compiled_function_is_drawn_as_its_backend_runs_it():
    pytest.importorskip("numba")
    compiled = called(square, np.ones((2, 3)), np.ones((3, 4)), backend="numba")
    picture = viz.program(compiled)
    assert picture.scene.caption.startswith("numba: ")
    assert picture.text().splitlines()[1].split()[:5] == ["t0", "=", "W", "@", "X"]


def test_of_a_long_program_the_first_and_last_lines_are_drawn():
    compiled = called(long, np.ones((2, 3)))
    picture = viz.program(compiled)
    count = len(compiled.program.instructions) + 1
    drawn = [v for v in picture.scene.vertices if v.id.endswith(".0")]
    assert len(drawn) == 150
    assert picture.scene.caption.startswith(f"not drawn: {count - 150} of {count} lines")
    assert len(picture.text().splitlines()) == count + 1  # and the heading


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_overlaps_and_nothing_is_cut_off(training, theme):
    for compiled in (training, called(long, np.ones((2, 3)))):
        svg = viz.program(compiled, theme=theme).svg()
        assert not overlaps(svg)
        left, top, across, high = map(float, ET.fromstring(svg).get("viewBox").split())
        for text, (start, end, upper, lower) in written(svg):
            assert left <= start < end <= left + across, text
            assert top <= upper < lower <= top + high, text


@pytest.mark.parametrize("suffix", ["svg", "html", "dot", "txt", "pdf"])
def test_it_is_saved_like_any_picture(training, suffix, tmp_path):
    assert viz.program(training).save(tmp_path / f"step.{suffix}").stat().st_size > 500


def test_the_same_program_is_drawn_by_the_same_bytes():
    pictures = [viz.program(called(step, *arguments())).svg() for _ in range(2)]
    assert pictures[0] == pictures[1]


def test_the_text_can_be_had_in_ascii(training):
    assert viz.program(training).text(ascii=True).isascii()


def test_programs_without_instructions_are_drawn():
    for f, args in ((lambda x: x, [np.ones(2)]), (lambda: np.ones(2), [])):
        assert "return" in viz.program(called(f, *args)).text()


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(GraphError, match="has not been called yet"):
        viz.program(ag.compile(step))
    with pytest.raises(DtypeError, match="found a function, wanted a compiled function"):
        viz.program(step)
    with pytest.raises(OptionError, match="theme"):
        viz.program(called(long, np.ones(2)), theme="drak")


def test_importing_viz_does_not_import_the_compiler():
    ask = "import sys, viz; print([m for m in sys.modules if m.startswith('autograd_core.compilation')])"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
