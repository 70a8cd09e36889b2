"""The same program draws the same bytes: in any process, and as they were when they were last looked at."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_core as ag
import viz
from viz.style.theme import THEMES

DOCS = Path(__file__).parent.parent / "docs"
GALLERY = runpy.run_path(str(DOCS / "gallery.py"))

DRAWN_ELSEWHERE = """
import hashlib, sys, tempfile
from pathlib import Path
sys.path.insert(0, {tests!r})
import viz
from viz.style.theme import THEMES
from test_viz_routes import hessian
from test_viz_scene import branching_cost, dense_cost

found = hashlib.sha256()
for J in (branching_cost(), dense_cost(4, 5, 3), hessian(2)):
    for draw in (viz.forward, viz.backward, viz.both):
        picture = draw(J, values=True, norms=True)
        for written in (str(picture.scene), picture.dot, picture.text(), *map(picture.svg, THEMES)):
            found.update(written.encode())
    with tempfile.TemporaryDirectory() as folder:
        found.update(viz.page(J, Path(folder) / "page.html").read_bytes())
        found.update(viz.both(J).save(Path(folder) / "picture.pdf").read_bytes())
print(found.hexdigest())
"""


def test_two_processes_that_hash_differently_draw_the_same_bytes():
    program = DRAWN_ELSEWHERE.format(tests=str(Path(__file__).parent))
    drawn = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 65


@pytest.mark.parametrize("name", ["joined", "hessian", "not-finite", "layer", "network", "fan-in", "deep"])
def test_pictures_without_random_numbers_are_those_of_the_gallery(name):
    (figure,) = (figure for figure in GALLERY["FIGURES"] if figure.name == name)
    picture = GALLERY["drawn"](figure)
    for theme in THEMES:
        kept = (DOCS / "gallery" / f"{name}-{theme}.svg").read_text(encoding="utf-8")
        assert picture.svg(theme) == kept


def test_a_ladder_in_words_and_in_dot():
    x = ag.tensor(3.0, requires_grad=True, name="x")
    picture = viz.both(x * x)
    assert str(picture.scene) == (
        "forward and backward pass of J\n"
        "backward backward: backward\n"
        "forward forward: forward\n"
        "v0 parameter: x | 3 in forward\n"
        "v1op operation: ⊙ in forward\n"
        "v1 cost: J | 9 in forward\n"
        "d1 adjoint: ∂J/∂J | 1 in backward\n"
        "d0sum sum: + in backward\n"
        "d0 parameter adjoint: ∂J/∂x | 6 in backward\n"
        "f0 forward: v0 -> v1op\n"
        "f1 forward: v0 -> v1op\n"
        "f2 forward: v1op -> v1\n"
        "b0 backward: d1 -> d0sum ⊙ x\n"
        "b1 backward: d1 -> d0sum ⊙ x\n"
        "b2 backward: d0sum -> d0\n"
        "c0 cache: v0 -> d0"
    )
    edges = re.findall(r"^\s*(\w+ -> \w+)", picture.dot, re.MULTILINE)
    assert edges == [
        "v0 -> v1op",
        "v0 -> v1op",
        "v1op -> v1",
        "d0sum -> d1",
        "d0sum -> d1",
        "d0 -> d0sum",
        "v0 -> d0",
    ]
