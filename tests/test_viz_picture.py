"""How a picture is drawn, saved and printed."""

from __future__ import annotations

import importlib
import itertools
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from test_viz_scene import branching_cost, dense_cost, graphs

import autograd_core as ag
import viz
from autograd_core.errors import OptionError
from viz.collapse import LIMIT, readable_part
from viz.glyphs import label_size
from viz.layout import laid_out
from viz.places import Box
from viz.theme import LIGHT

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
        for suffix in ("svg", "png", "pdf", "dot", "txt"):
            assert picture.save(tmp_path / f"picture.{suffix}").stat().st_size < 200_000
        root = ET.fromstring(picture.svg())
        assert not root.findall(f".//{SVG}script")
        assert all(len(line) < 400 for line in picture.text().splitlines())
        picture.text(ascii=True).encode("ascii")


@given(st.text(max_size=40))
def test_any_name_at_all(name):
    x = ag.tensor(2.0, requires_grad=True, name=name)
    picture = viz.both(x * x)
    ET.fromstring(picture.svg())
    assert picture.dot.encode()


def test_files_begin_as_they_should(tmp_path):
    picture = viz.both(branching_cost())
    begins = {"svg": b"<svg ", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "dot": b"// "}
    for suffix, start in begins.items():
        assert picture.save(tmp_path / f"graph.{suffix}").read_bytes().startswith(start)
    assert picture.save(str(tmp_path / "graph.TXT")).read_text().startswith("step")
    assert (tmp_path / "graph.pdf").read_bytes().endswith(b"%%EOF\n")


def test_pdf_offsets_point_at_objects(tmp_path):
    data = viz.both(branching_cost()).save(tmp_path / "graph.pdf").read_bytes()
    table = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    lines = data[table:].splitlines()
    count = int(lines[1].split()[1])
    for number in range(1, count):
        start = int(lines[2 + number].split()[0])
        assert data[start:].startswith(b"%d 0 obj" % number)


def test_unknown_format_says_what_there_is(tmp_path):
    with pytest.raises(OptionError, match=r"\.svg"):
        viz.forward(branching_cost()).save(tmp_path / "graph.jpg")
    assert list(tmp_path.iterdir()) == []


def test_failed_save_leaves_no_file_and_keeps_the_old_one(tmp_path, monkeypatch):
    picture = viz.forward(branching_cost())
    with pytest.raises(FileNotFoundError, match="missing"):
        picture.save(tmp_path / "missing" / "graph.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(OSError, match=r"folder\.svg"):
        picture.save(tmp_path / "folder.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.svg"]

    old = tmp_path / "graph.png"
    old.write_bytes(b"old")
    monkeypatch.setattr("viz.png.importlib.import_module", _missing)
    with pytest.raises(viz.RenderError, match=r"autograd-core\[render\]"):
        picture.save(old)
    assert old.read_bytes() == b"old"


def _missing(name):
    raise ModuleNotFoundError(name)


def test_only_png_needs_another_package(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib, "import_module", _missing)
    picture = viz.both(branching_cost())
    for suffix in ("svg", "pdf", "dot", "txt"):
        picture.save(tmp_path / f"graph.{suffix}")


def test_notebook_gets_picture_and_table():
    bundle = viz.both(branching_cost())._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"].startswith("step")


def test_notebook_never_raises(monkeypatch):
    def fail(*_):
        raise ValueError("no such luck")

    monkeypatch.setattr("viz.picture.laid_out", fail)
    bundle = viz.both(branching_cost())._repr_mimebundle_()
    assert "image/svg+xml" not in bundle
    assert "no such luck" in bundle["text/plain"]


def test_long_chain_is_collapsed_and_says_so():
    x = y = ag.tensor(1.0, requires_grad=True, name="x")
    for _ in range(20_000):
        y = y * 1.0001
    picture = viz.both(y)
    small = readable_part(picture.scene)
    assert len(small.vertices) <= LIMIT
    assert "20000 steps without a name are left out" in picture.svg()
    assert len(picture.text().splitlines()) == 20_003
    assert x.grad is None


def test_too_many_names_is_one_clear_error():
    y = ag.tensor(1.0, requires_grad=True, name="x")
    for i in range(LIMIT + 1):
        y = ag.tanh(y)
        y.name = f"h{i}"
    for draw in DRAW:
        picture = draw(y)
        with pytest.raises(viz.RenderError, match=r"\.text\(\)"):
            picture.svg()
        assert f"h{LIMIT}" in picture.text()
        assert f"h{LIMIT}" in picture.dot


def test_values_of_small_arrays():
    x = ag.tensor(np.array([[1.0, 2.0], [3.0, 4.5]]), requires_grad=True, name="x")
    assert "3  4.5" in viz.forward(ag.sum(x), values=True).scene.vertices[0].details
    assert viz.forward(ag.sum(x)).scene.vertices[0].details == ("(2, 2)",)


def test_dot_is_never_strict_and_has_labels():
    dot = viz.both(dense_cost(4, 5, 3)).dot
    assert "strict" not in dot
    assert "A[1] = tanh(Z[1])" in dot
    assert "W[2]ᵀ ·" in dot
