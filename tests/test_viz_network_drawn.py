"""Figures of networks as they are drawn: nothing overlaps, nothing is cut, nothing breaks."""

from __future__ import annotations

import itertools
import re
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from test_viz_network import SVG, X1, dense

import autograd_core as ag
import nn
import viz
from autograd_core.wording.errors import DtypeError, OptionError, ShapeError
from viz.style.theme import THEMES

WIDTHS = [(4, 1), (4, 6, 1), (4, 6, 3, 2), (4, 100, 12, 10), (4, *[5] * 13, 2)]


def figures(net):
    """One figure of every kind."""
    x, y = X1, np.arange(net.widths[-1]) % 2.0
    X, Y = np.tile(np.array(x)[:, None], 3), np.tile(y[:, None], 3)
    yield viz.network(net, cost=True)
    yield viz.network(net, weights=True)
    yield viz.network(net, "layers", cost=True)
    yield viz.neuron(net, 1, 1)
    yield viz.neuron(net, 1, net.widths[1], x=x)
    yield viz.neuron(net, 0, 2, "out", x=x, y=y)
    yield viz.unit(net, 1, 1)
    yield viz.unit(net, len(net.dense), 1, x=x)
    yield viz.layer(net, 1)
    yield viz.layer(net, trace=net.trace(X, Y))
    yield viz.backpropagation(net, x, y)


def written(svg):
    """Where each piece of text stands: left, right, upper, lower end of its capitals."""
    for e in ET.fromstring(svg).iter(f"{SVG}text"):
        x, y, size, length = (float(e.get(key)) for key in ("x", "y", "font-size", "textLength"))
        yield e.text, (x, x + length, y - 0.7 * size, y)


def overlap(a, b, rounding=0.05):
    a, b = np.array(a) + rounding * np.array([1, -1, 1, -1]), np.array(b)
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


def overlaps(svg):
    pairs = itertools.combinations(written(svg), 2)
    return [(first, second) for (first, a), (second, b) in pairs if overlap(a, b)]


@pytest.mark.parametrize("widths", WIDTHS)
def test_no_text_overlaps_another(widths):
    for picture in figures(dense(*widths)):
        assert not overlaps(picture.svg()), picture


def test_the_check_for_overlaps_finds_one():
    attributes = 'font-size="10" textLength="20"'
    texts = f'<text x="0" y="0" {attributes}>a</text><text x="15" y="5" {attributes}>b</text>'
    assert overlaps(f'<svg xmlns="{SVG[1:-1]}">{texts}</svg>') == [("a", "b")]


@pytest.mark.parametrize("widths", WIDTHS)
def test_no_text_is_cut_off(widths):
    for picture in figures(dense(*widths)):
        svg = picture.svg()
        left, top, across, high = map(float, ET.fromstring(svg).get("viewBox").split())
        for text, (start, end, upper, lower) in written(svg):
            inside = left < start and end < left + across and top < upper and lower < top + high
            outside = end < left or start > left + across  # units of the layers around a fan
            assert inside or outside, (picture, text)


@pytest.mark.parametrize("widths", WIDTHS)
def test_text_in_a_unit_keeps_inside_its_circle(widths):
    for picture in figures(dense(*widths)):
        root = ET.fromstring(picture.svg())
        for group in root.iter(f"{SVG}g"):
            circle, halves = group.find(f"{SVG}circle"), group.find(f"{SVG}path")
            if circle is None or halves is not None:
                continue
            x, y, r = (float(circle.get(key)) for key in ("cx", "cy", "r"))
            for e in group.iter(f"{SVG}text"):
                at, length, low = (float(e.get(key)) for key in ("x", "textLength", "y"))
                for corner in (at, at + length):
                    assert np.hypot(corner - x, low - y) < r + 1, (picture, e.text)


def test_units_and_labels_of_lines_keep_apart():
    for picture in figures(dense(4, 6, 3, 2)):
        boxes = picture.layout.vertices
        for first, second in itertools.combinations(boxes.values(), 2):
            assert not first.touches(second)


def test_the_same_network_gives_the_same_bytes():
    first, second = (list(figures(dense(4, 6, 3, 2))) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert str(a.scene) == str(b.scene)
        assert a.dot == b.dot
        assert a.text() == b.text()
        for theme in THEMES:
            assert a.svg(theme) == b.svg(theme)


def test_every_figure_can_be_saved_in_every_format(tmp_path):
    begins = {"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF-", "dot": b"// ", "txt": b""}
    for picture in figures(dense(4, 3, 2)):
        for suffix, start in begins.items():
            assert picture.save(tmp_path / f"net.{suffix}").read_bytes().startswith(start)
        picture.text(ascii=True).encode("ascii")
        assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<svg")


def test_dot_puts_each_layer_in_a_rank_of_its_own_and_reads_as_text():
    net = dense(4, 6, 2)
    ranks = re.findall(r"rank=same\](.*?)\}", viz.network(net).dot, flags=re.DOTALL)
    assert [set(re.findall(r"a\[(\d)\]", rank)) for rank in ranks] == [{"0"}, {"1"}, {"2"}]
    assert not any("^{" in picture.dot for picture in figures(net))


def test_drawing_needs_no_pass_and_leaves_the_network_as_it_was():
    net = dense(4, 6, 2)
    before = net.state_dict()
    for _ in figures(net):
        pass
    assert all(p.grad is None for p in net.parameters())
    assert net.training
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_drawing_works_where_nothing_is_recorded():
    net = dense(4, 6, 2)
    first = [picture.svg() for picture in figures(net)]
    with ag.no_grad():
        assert [picture.svg() for picture in figures(net)] == first


HOSTILE = [
    "<script>alert(1)</script>",
    "]]>&amp;\"'",
    "line\nbreak\ttab\x00nul\ud800",
    "^{x}_{y}^{ | }{",
    "x" * 10_000,
    "\u202eright to left",
    "\\N \\n \\",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_activations_neither_break_nor_inject(name, tmp_path):
    def g(Z):
        return ag.tanh(Z)

    g.__name__ = name
    net = nn.Sequential(nn.Dense(4, 3, g, rng=0), nn.Dense(3, 1, "sigmoid", rng=1))
    for picture in figures(net):
        root = ET.fromstring(picture.svg())
        assert not root.findall(f".//{SVG}script")
        for suffix in ("svg", "pdf", "dot", "txt"):
            assert picture.save(tmp_path / f"net.{suffix}").stat().st_size < 200_000
        assert all(len(line) < 400 for line in picture.text().splitlines())


@pytest.mark.parametrize(
    ("draw", "error", "says"),
    [
        (lambda net: viz.network("net"), DtypeError, "found a str"),
        (lambda net: viz.network(net, "layer"), OptionError, "did you mean 'layers'"),
        (lambda net: viz.neuron(net, 3, 1), OptionError, "from 1 to 2"),
        (lambda net: viz.neuron(net, 2, 1, "out"), OptionError, "from 0 to 1"),
        (lambda net: viz.neuron(net, 1, 7), OptionError, "from 1 to 6"),
        (lambda net: viz.neuron(net, 1, 1.0), OptionError, "1.0"),
        (lambda net: viz.neuron(net, 1, 1, "inn"), OptionError, "did you mean 'in'"),
        (lambda net: viz.neuron(net, 0, 1, "out", y=[1]), OptionError, "needs its example"),
        (lambda net: viz.neuron(net, 1, 1, x=[1, 2]), ShapeError, "one example of 4 numbers"),
        (lambda net: viz.unit(net, 0, 1), OptionError, "from 1 to 2"),
        (lambda net: viz.layer(net, 0), OptionError, "from 1 to 2"),
        (lambda net: viz.layer(net, 3), OptionError, "from 1 to 2"),
        (lambda net: viz.backpropagation(net, X1, [1], path=(1, 2)), OptionError, "3 layers"),
        (lambda net: viz.backpropagation(net, X1, [1], path=(1, 7, 1)), OptionError, "from 1 to 6"),
        (lambda net: viz.backpropagation(net, X1, [1, 2]), ShapeError, "one example of 1 numbers"),
    ],
)
def test_what_is_not_there_is_one_clear_error(draw, error, says):
    with pytest.raises(error, match=says):
        draw(dense(4, 6, 1))


def test_the_gallery_shows_each_figure_in_each_theme():
    folder = Path(__file__).parent.parent / "docs"
    gallery = runpy.run_path(str(folder / "gallery.py"))
    assert (folder / "gallery.md").read_text(encoding="utf-8") == gallery["page"]()
    for figure in gallery["FIGURES"]:
        drawn = ET.fromstring(gallery["drawn"](figure).svg())
        for theme in THEMES:
            root = ET.parse(folder / "gallery" / f"{figure.name}-{theme}.svg").getroot()
            assert root.get("viewBox") == drawn.get("viewBox")
            assert root.findtext(f"{SVG}title") == drawn.findtext(f"{SVG}title")


def test_a_long_chain_of_layers_stands_in_lines_that_begin_with_what_the_last_handed_on():
    def drawn(count):
        return viz.layer(dense(*[3] * (count + 1)))

    widest = float(ET.fromstring(drawn(4).svg()).get("width"))
    for count in (5, 8, 12, 40):
        picture = drawn(count)
        assert float(ET.fromstring(picture.svg()).get("width")) < 1.1 * widest
        labels = {v.id: v.label for v in picture.scene.vertices}
        again = [(at, label) for at, label in labels.items() if at.endswith(" again")]
        assert again, count
        assert all(labels[at.removesuffix(" again")] == label for at, label in again)
