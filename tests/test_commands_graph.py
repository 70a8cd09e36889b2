"""The command graph, as its user calls it."""

import os

import pytest

from autograd_core.__main__ import main
from viz.theme import DARK


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run `graph` in an empty folder; return its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*options):
        try:
            code = main(["graph", *options])
        except SystemExit as stop:
            code = stop.code
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def flats(tmp_path):
    """Write a table of flats; return its path."""
    path = tmp_path / "flats.csv"
    path.write_text("area,year,rent\n" + "".join(f"{a},{1900 + a},{10.5 * a}\n" for a in range(30, 80)))
    return path


@pytest.mark.parametrize("view", ["forward", "backward", "both", "network"])
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "txt"])
def test_each_view_is_written_in_each_format(call, view, suffix, tmp_path):
    code, out, err = call("--view", view, "-o", f"picture.{suffix}")
    assert (code, err) == (0, "")
    assert out == f"wrote picture.{suffix}\n"
    assert os.listdir(tmp_path) == [f"picture.{suffix}"]


def test_a_ladder_is_drawn_unless_the_file_is_a_page(call, tmp_path):
    call("-o", "ladder.svg")
    assert "<title>forward and backward pass of J</title>" in (tmp_path / "ladder.svg").read_text()
    call("-o", "steps.html")
    assert (tmp_path / "steps.html").read_text().startswith("<!DOCTYPE html>")


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


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "picture.jpg"], ".svg"),
        (["--view", "page", "-o", "page.svg"], "a page is an .html file"),
        (["--view", "both", "-o", "page.html"], "a page is an .html file"),
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
