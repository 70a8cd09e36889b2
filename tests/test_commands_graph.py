"""The command graph, as its user calls it."""

import functools
import os

import pytest

import nn
import viz
from autograd_core.__main__ import main
from viz.style.theme import DARK


@pytest.fixture
def call(call):
    """Run `graph` in an empty folder; return its exit code, output and errors."""
    return functools.partial(call, "graph")


@pytest.fixture
def flats(tmp_path):
    """Write a table of flats; return its path."""
    path = tmp_path / "flats.csv"
    path.write_text("area,year,rent\n" + "".join(f"{a},{1900 + a},{10.5 * a}\n" for a in range(30, 80)))
    return path


@pytest.mark.parametrize("view", ["forward", "backward", "both", "network"])
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "html", "dot", "txt"])
def test_each_view_is_written_in_each_format(call, view, suffix, tmp_path):
    code, out, err = call("--view", view, "-o", f"picture.{suffix}")
    assert (code, err) == (0, "")
    assert out == f"wrote picture.{suffix}\n"
    assert os.listdir(tmp_path) == [f"picture.{suffix}"]


def test_a_ladder_is_drawn_unless_the_file_is_a_page(call, tmp_path):
    call("-o", "ladder.svg")
    assert "<title>forward and backward pass of J</title>" in (tmp_path / "ladder.svg").read_text()
    call("-o", "steps.html")
    assert 'id="slider"' in (tmp_path / "steps.html").read_text()
    call("--view", "both", "-o", "picture.html")
    assert 'id="slider"' not in (tmp_path / "picture.html").read_text()


def test_the_options_describe_the_network(call, flats, tmp_path):
    code, *_ = call("--data", "iris", "--layers", "4,6,3", "--activation", "relu", "-o", "a.txt")
    assert code == 0
    text = (tmp_path / "a.txt").read_text()
    assert "relu(Z[1])" in text
    assert "(6, 150)" in text
    code, *_ = call("--data", "flats.csv", "--target", "rent", "--cost", "huber", "-o", "b.txt")
    assert code == 0
    assert "(1, 50)" in (tmp_path / "b.txt").read_text()


def test_the_theme_colours_the_picture(call, tmp_path):
    call("--theme", "dark", "-o", "dark.svg")
    assert DARK.ground in (tmp_path / "dark.svg").read_text()


def test_detail_and_focus_choose_a_part_of_a_pass(call, tmp_path):
    deep = ["--layers", "4,6,6,3"]
    sizes = []
    for name, options in {"all": [], "layers": ["--detail", "layers"], "close": ["--focus", "Z[2]"]}.items():
        assert call(*deep, *options, "-o", f"{name}.svg")[0] == 0
        sizes.append((tmp_path / f"{name}.svg").stat().st_size)
    assert sizes[0] > max(sizes[1:])
    assert call(*deep, "--detail", "layers", "-o", "layers.html")[0] == 0
    assert 'id="slider"' not in (tmp_path / "layers.html").read_text()


def test_hops_between_and_expand_choose_a_part_too(call, tmp_path):
    for name, options, told in [
        ("hops", ["--focus", "Z[1]", "--hops", "1"], "within 1 step of Z[1]"),
        ("between", ["--between", "Z[1]", "A[2]"], "between Z[1] and A[2]"),
        ("expand", ["--detail", "layers", "--expand", "layer 1"], 'expand="layer 2" takes one out'),
    ]:
        assert call(*options, "-o", f"{name}.txt")[0] == 0
        assert told in (tmp_path / f"{name}.txt").read_text()


def test_boxes_say_what_is_asked_for(call, tmp_path):
    written = {}
    for option in ("shapes", "values", "norms", "statistics"):
        options = [f"--{option}"] if option != "shapes" else []  # the usual ones
        assert call("--layers", "4,2,3", *options, "-o", f"{option}.dot")[0] == 0
        written[option] = (tmp_path / f"{option}.dot").read_text()
    for option, told in (("values", r"(2, 1)\n0\n0"), ("norms", "‖grad‖"), ("statistics", "std")):
        assert told in written[option]
        assert told not in written["shapes"]


@pytest.fixture
def model(tmp_path):
    """Train a network on Iris for an epoch; return the path of its file."""
    path = tmp_path / "iris.npz"
    main(["train", "--data", "iris", "--layers", "4,7,3", "--epochs", "1", "--save", str(path), "--quiet"])
    return path


@pytest.mark.parametrize("view", ["forward", "backward", "both", "page"])
def test_a_saved_network_is_drawn_as_it_predicts(call, model, view, tmp_path):
    out = "pass.html" if view == "page" else "pass.txt"
    options = ["--model", model.name, "--data", "iris", "--view", view, "-o", out]
    assert call(*options) == (0, f"wrote {out}\n", "")
    assert "(7, 150)" in (tmp_path / out).read_text()


def test_a_saved_network_alone_needs_no_data(call, model, tmp_path):
    assert call("--model", model.name, "--view", "network", "-o", "net.svg")[0] == 0
    net = nn.load(model)
    assert (tmp_path / "net.svg").read_text() == viz.network(net).svg()


def test_what_does_not_suit_a_saved_network_is_refused(call, model, flats, tmp_path):
    before = sorted(os.listdir(tmp_path))
    for options, told in [
        (["-o", "a.svg"], "give --data too"),
        (["--data", "iris", "--layers", "4,5,3", "-o", "a.svg"], "has its own"),
        (["--data", "flats.csv", "-o", "a.svg"], "flats.csv"),
        (["--data", "iris", "-o", model.name], "would be overwritten"),
    ]:
        code, out, err = call("--model", model.name, *options)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert told in err
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "picture.jpg"], ".svg"),
        (["--view", "page", "-o", "page.svg"], "a page is an .html file"),
        (["--view", "page", "--detail", "layers", "-o", "page.html"], "not for page"),
        (["--view", "network", "--focus", "Z[1]", "-o", "net.svg"], "not for network"),
        (["--view", "network", "--norms", "-o", "net.svg"], "--norms is for the views forward"),
        (["--focus", "Z[1]", "--hops", "0", "-o", "a.svg"], "1 or more"),
        (["--between", "A[2]", "Z[1]", "-o", "a.svg"], "turn them round"),
        (["--focus", "Z[9]", "-o", "a.svg"], "Z[1]"),
        (["--model", "missing.npz", "--data", "iris", "-o", "a.svg"], "missing.npz"),
        (["--layers", "5,3", "-o", "a.svg"], "must start with 4"),
        (["--data", "irs", "-o", "a.svg"], "did you mean 'iris'?"),
        (["-o", "missing/a.svg"], "missing"),
        ([], "-o"),
    ],
)
def test_bad_options_are_one_line_and_leave_nothing(call, options, told, tmp_path):
    code, out, err = call(*options)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert told in err
    assert os.listdir(tmp_path) == []


def test_data_are_not_written_over(call, flats):
    before = flats.read_bytes()
    code, _, err = call("--data", "flats.csv", "-o", "flats.csv")
    assert code == 2
    assert "would be overwritten" in err
    assert flats.read_bytes() == before
