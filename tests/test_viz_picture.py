"""How a picture is drawn, saved and printed."""

from __future__ import annotations

import importlib
import io
import itertools
import re
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from test_viz_scene import branching_cost, dense_cost, graphs

import autograd_core as ag
import nn
import viz
from autograd_core.graph.primitive import PRIMITIVES
from autograd_core.wording.errors import OptionError
from viz.layout.glyphs import label_size
from viz.layout.layout import laid_out
from viz.layout.places import Box
from viz.style.theme import LIGHT
from viz.writers.trace import in_ascii

SVG = "{http://www.w3.org/2000/svg}"
DRAW = [viz.forward, viz.backward, viz.both]
WIDTHS = [(3, 1), (4, 5, 3), (3, 4, 4, 2), (4, 6, 5, 5, 4, 1), (2, 3, 3, 3, 3, 3)]


def boxes_and_labels(picture):
    layout = laid_out(picture.scene, LIGHT)
    found = dict(layout.vertices)
    for e in picture.scene.edges:
        if e.label:
            across, high = label_size(e, LIGHT)
            found[f"label of {e.id}"] = Box(*layout.edges[e.id].label, across - 10, high - 8)
    return found


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize("widths", WIDTHS)
def test_nothing_overlaps_in_a_dense_net(draw, widths):
    found = boxes_and_labels(draw(dense_cost(*widths)))
    for (a, first), (b, second) in itertools.combinations(found.items(), 2):
        assert not first.touches(second), (a, b)


@pytest.mark.parametrize("widths", WIDTHS)
def test_ladder_is_straight_and_aligned(widths):
    scene = viz.both(dense_cost(*widths)).scene
    at = laid_out(scene, LIGHT).vertices
    for lane in (True, False):
        main = [v for v in scene.vertices if (v.of is None) is lane and v.track == "spine"]
        assert len({at[v.id].y for v in main}) == 1
    for v in scene.vertices:
        if v.of and v.role != "sum":
            assert at[v.id].x == at[v.of].x
            assert at[v.id].y > at[v.of].y


@settings(deadline=None)
@given(graphs())
def test_boxes_of_any_graph_keep_apart_and_inside(J):
    for draw in DRAW:
        layout = laid_out(draw(J).scene, LIGHT)
        for first, second in itertools.combinations(layout.vertices.values(), 2):
            assert not first.touches(second)
        for box in (*layout.vertices.values(), *layout.clusters.values()):
            assert box.left >= layout.bounds.left
            assert box.right <= layout.bounds.right
            assert box.top >= layout.bounds.top
            assert box.bottom <= layout.bounds.bottom


@settings(deadline=None)
@given(graphs())
def test_svg_is_well_formed_and_self_contained(J):
    for draw in DRAW:
        root = ET.fromstring(draw(J).svg())
        assert root.get("role") == "img"
        assert root.findtext(f"{SVG}title")
        assert root.findtext(f"{SVG}desc")
        allowed = {"svg", "title", "desc", "g", "rect", "circle", "path", "polygon", "text"}
        assert {e.tag.removeprefix(SVG) for e in root.iter()} <= allowed
        assert not {key for e in root.iter() for key in e.attrib} & {"href", "style", "id", "class"}


HOSTILE = [
    "<script>alert(1)</script>",
    "]]>",
    "&amp;\"'",
    'a" onload="x',
    "line\nbreak\ttab\x00nul\ud800",
    "^{x}_{y}^{",
    "}{",
    "%s {0}",
    "\\N \\n \\",
    "<b>",
    "x" * 10_000,
    "\u202eright to left",
    "漢字",
    "W[1][2]",
    "[1]",
    " ",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_neither_break_nor_inject(name, tmp_path):
    x = ag.tensor([1.0, 2.0], requires_grad=True, name=name)
    h = ag.tanh(x)
    h.name = name
    J = ag.sum(h * x)
    J.name = name
    for draw in DRAW:
        picture = draw(J)
        for suffix in ("svg", "png", "pdf", "html", "dot", "txt"):
            assert picture.save(tmp_path / f"picture.{suffix}").stat().st_size < 200_000
        root = ET.fromstring(picture.svg())
        assert not root.findall(f".//{SVG}script")
        assert "<script" not in (tmp_path / "picture.html").read_text()
        assert all(len(line) < 400 for line in picture.text().splitlines())
        picture.text(ascii=True).encode("ascii")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("draw", DRAW)
def test_dot_keeps_hostile_names_within_quotes(name, draw):
    x = ag.tensor([1.0, np.inf], requires_grad=True, name=name)
    comment, _, source = draw(ag.sum(x * 2.0), norms=True).dot.partition("\n")
    assert comment.startswith("// ")
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "text", source)
    assert re.fullmatch(r"[\w\s{}\[\]=>#.,-]*", bare), bare
    depths = list(itertools.accumulate({"{": 1, "}": -1}.get(c, 0) for c in bare))
    assert (min(depths), depths[-1]) == (0, 0)


@given(st.text(max_size=40))
def test_any_name_at_all(name):
    x = ag.tensor(2.0, requires_grad=True, name=name)
    picture = viz.both(x * x)
    ET.fromstring(picture.svg())
    assert picture.dot.encode()


def test_files_begin_as_they_should(tmp_path):
    picture = viz.both(branching_cost())
    begins = {
        "svg": b"<svg ",
        "png": b"\x89PNG\r\n\x1a\n",
        "pdf": b"%PDF-",
        "html": b"<!DOCTYPE html>",
        "dot": b"// ",
    }
    for suffix, start in begins.items():
        assert picture.save(tmp_path / f"graph.{suffix}").read_bytes().startswith(start)
    assert picture.save(str(tmp_path / "graph.TXT")).read_text().startswith("step")
    assert (tmp_path / "graph.pdf").read_bytes().endswith(b"%%EOF\n")
    assert (tmp_path / "graph.TXT").read_text() == f"{picture.text()}\n"


def test_a_page_holds_the_picture_in_both_themes_and_asks_nobody_for_anything(tmp_path):
    picture = viz.both(branching_cost())
    page = picture.save(tmp_path / "graph.html").read_text()
    assert picture.svg("light") in page
    assert picture.svg("dark") in page
    assert f"<h1>{picture.scene.title}</h1>" in page
    assert picture.scene.description in page
    assert not re.search(r"href=|src=|<script|url\(|@import", page)
    own = picture.save(tmp_path / "own.html", theme="paper").read_text()
    assert [picture.svg(theme) in own for theme in ("light", "dark", "paper")] == [False, False, True]


def test_pdf_offsets_point_at_objects(tmp_path):
    data = viz.both(branching_cost()).save(tmp_path / "graph.pdf").read_bytes()
    table = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    lines = data[table:].splitlines()
    count = int(lines[1].split()[1])
    for number in range(1, count):
        start = int(lines[2 + number].split()[0])
        assert data[start:].startswith(b"%d 0 obj" % number)


def test_unknown_format_says_what_there_is(tmp_path):
    for name in ("graph.jpg", "graph", ".svg"):
        with pytest.raises(OptionError, match=r"\.html.*\.svg"):
            viz.forward(branching_cost()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_failed_save_leaves_no_file_and_keeps_the_old_one(tmp_path, monkeypatch):
    picture = viz.forward(branching_cost())
    for suffix in ("svg", "png", "pdf", "html", "dot", "txt"):
        with pytest.raises(FileNotFoundError, match="missing"):
            picture.save(tmp_path / "missing" / f"graph.{suffix}")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(OSError, match=r"folder\.svg"):
        picture.save(tmp_path / "folder.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.svg"]

    old = tmp_path / "graph.png"
    old.write_bytes(b"old")
    monkeypatch.setattr("viz.writers.png.importlib.import_module", _missing)
    with pytest.raises(viz.RenderError, match=r"autograd-core\[render\]"):
        picture.save(old)
    assert old.read_bytes() == b"old"


def _missing(name):
    raise ModuleNotFoundError(name)


def test_only_png_needs_another_package(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib, "import_module", _missing)
    picture = viz.both(branching_cost())
    for suffix in ("svg", "pdf", "html", "dot", "txt"):
        picture.save(tmp_path / f"graph.{suffix}")


def test_text_has_an_ascii_form_for_every_operation():
    for operation in PRIMITIVES.values():
        for written in (operation.notation.symbol, operation.notation.text):
            if isinstance(written, str):
                assert in_ascii(written).count("?") == written.count("?"), written


def test_text_turns_to_ascii_where_the_output_has_nothing_else(monkeypatch):
    net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, "sigmoid", rng=1))
    for picture in (viz.both(branching_cost()), viz.neuron(net, 2, 1, x=[1.0, 2.0])):
        usual = picture.text()
        assert not usual.isascii()
        for encoding in ("ascii", "latin-1", "cp1252"):
            monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
            assert picture.text() == picture.text(ascii=True)
            assert picture.text().isascii()
            assert picture.text(ascii=False) == usual
        monkeypatch.undo()


def test_columns_line_up_in_ascii_too():
    for ascii in (False, True):
        lines = viz.both(branching_cost()).text(ascii=ascii).splitlines()
        bar = "|" if ascii else "│"
        places = {tuple(i for i, c in enumerate(line) if c == bar) for line in lines if bar in line}
        assert len({ends[:5] for ends in places if len(ends) == 5}) == 1


def test_a_file_of_text_is_the_same_on_every_terminal(monkeypatch, tmp_path):
    picture = viz.both(branching_cost())
    usual = picture.save(tmp_path / "a.txt").read_bytes()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert picture.save(tmp_path / "b.txt").read_bytes() == usual


def test_notebook_gets_picture_and_table():
    bundle = viz.both(branching_cost())._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"].startswith("step")


def test_notebook_never_raises(monkeypatch):
    def fail(*_):
        raise ValueError("no such luck")

    monkeypatch.setattr("viz.writers.picture.laid_out", fail)
    bundle = viz.both(branching_cost())._repr_mimebundle_()
    assert "image/svg+xml" not in bundle
    assert "no such luck" in bundle["text/plain"]


def test_values_of_small_arrays():
    x = ag.tensor(np.array([[1.0, 2.0], [3.0, 4.5]]), requires_grad=True, name="x")
    assert "3  4.5" in viz.forward(ag.sum(x), values=True).scene.vertices[0].details
    assert viz.forward(ag.sum(x)).scene.vertices[0].details == ("(2, 2)",)


def test_dot_is_never_strict_and_has_labels():
    dot = viz.both(dense_cost(4, 5, 3)).dot
    assert "strict" not in dot
    assert "A[1] = tanh(Z[1])" in dot
    assert "W[2]ᵀ ·" in dot


def test_a_leaf_that_several_operations_of_a_column_use_stands_before_them_all():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    J = ag.sum(ag.sin(x) * ag.cos(x))
    columns = {v.label: v.column for v in viz.forward(J).scene.vertices}
    assert columns["x"] < columns["sin"] == columns["cos"]
