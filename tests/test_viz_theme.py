"""Themes: what can be read in them, and that they change nothing but colours."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd_core as ag
import nn
import viz
from autograd_core.wording.errors import OptionError
from viz.style import theme

SVG = "{http://www.w3.org/2000/svg}"
LEAST = 4.5  # what the Web Content Accessibility Guidelines ask of small text at level AA


def luminance(colour):
    """The guidelines' relative luminance of a colour."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    ]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(first, second):
    light, dark = sorted([luminance(first), luminance(second)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def texts_on_grounds(look):
    """Every pair of a colour of text and what it may stand on."""
    grounds = [look.ground, look.frames["layer"].fill]
    grounds = [ground for ground in grounds if ground.startswith("#")]
    for ground in grounds:
        yield from ((text, ground) for text in (look.ink, look.muted))
        yield from ((line.text, ground) for line in look.lines.values())
        yield from ((frame.text, ground) for frame in look.frames.values())
    yield from ((text, shape.fill) for shape in look.looks.values() for text in (look.ink, look.muted))


@pytest.mark.parametrize("name", theme.THEMES)
def test_all_text_can_be_read(name):
    for text, ground in texts_on_grounds(theme.named(name)):
        assert contrast(text, ground) >= LEAST, (text, ground)


@pytest.mark.parametrize("name", theme.THEMES)
def test_all_lines_can_be_seen(name):
    look = theme.named(name)
    lines = [look.accent, look.negative, look.faint, *(line.stroke for line in look.lines.values())]
    lines += [shape.stroke for shape in look.looks.values() if shape.shape != "bare"]
    assert min(contrast(line, look.ground) for line in lines) >= 3


def test_the_measure_of_contrast_is_that_of_the_guidelines_and_finds_pale_text():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#B4BAC2", "#FFFFFF") < 3


def test_paper_is_grey():
    drawn = small_network().svg("paper")
    for colour in re.findall(r"#[0-9A-Fa-f]{6}", drawn):
        assert colour[1:3] == colour[3:5] == colour[5:7], colour


def small_network():
    net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, "sigmoid", rng=1))
    return viz.network(net, weights=True, cost=True)


def ladder():
    x = ag.tensor(2.0, requires_grad=True, name="x")
    return viz.both(x * ag.exp(x))


@pytest.mark.parametrize("draw", [small_network, ladder])
def test_a_theme_changes_colours_and_nothing_else(draw):
    picture = draw()
    drawn = [picture.svg(name) for name in theme.THEMES]
    bare = {re.sub(r' (fill|stroke)="[^"]*"', "", svg) for svg in drawn}
    assert len(set(drawn)) == len(theme.THEMES)
    assert len(bare) == 1


@pytest.mark.parametrize("draw", [small_network, ladder])
def test_every_picture_says_in_words_what_it_shows(draw):
    root = ET.fromstring(draw().svg())
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    assert root.get("role") == "img"


def test_a_number_below_zero_is_dashed_in_every_theme():
    net = nn.Sequential(nn.Dense(2, 1))
    net.dense[0].W.data[:] = [[1.0, -0.5]]
    for name in theme.THEMES:
        above, below = ET.fromstring(viz.network(net, weights=True).svg(name)).iter(f"{SVG}path")
        assert "stroke-dasharray" not in above.attrib
        assert "stroke-dasharray" in below.attrib
        assert float(above.get("stroke-width")) > float(below.get("stroke-width"))


def test_a_picture_is_drawn_in_its_own_theme_unless_told_otherwise(tmp_path):
    net = nn.Sequential(nn.Dense(2, 1))
    dark = viz.network(net, theme="dark")
    assert theme.DARK.ground in dark.svg()
    assert theme.DARK.ground not in dark.svg("paper")
    assert theme.DARK.ground in dark._repr_mimebundle_()["image/svg+xml"]
    assert dark.save(tmp_path / "own.svg").read_text() == dark.svg("dark")
    assert dark.save(tmp_path / "told.svg", theme="light").read_text() == dark.svg("light")
    assert theme.LIGHT.looks["unit"].fill in dark.save(tmp_path / "told.dot", theme="light").read_text()


def test_an_unknown_theme_is_one_clear_error_and_writes_nothing(tmp_path):
    net = nn.Sequential(nn.Dense(2, 1))
    with pytest.raises(OptionError, match="did you mean 'dark'"):
        viz.network(net, theme="darc")
    for suffix in ("svg", "png", "pdf", "dot", "txt"):
        with pytest.raises(OptionError, match="light"):
            viz.network(net).save(tmp_path / f"net.{suffix}", theme="bright")
    assert list(tmp_path.iterdir()) == []
