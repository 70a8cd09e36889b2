"""The collector is held back while it looks through a growing graph in vain, and only then."""

import gc
import os
import subprocess
import sys

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.graph.garbage import _MANY, _RAREST


@pytest.fixture
def usual():
    """The program's own setting, whatever a test does to it."""
    gc.collect()
    gc.collect()  # whatever the first made of the tests before, the second found no graph that grew
    before = gc.get_threshold()
    yield before[2]
    gc.set_threshold(*before)
    gc.collect()


def old():
    return gc.get_threshold()[2]


def grown(operations=_MANY + 1):
    y = ag.tensor(1.0, requires_grad=True)
    for _ in range(operations):
        y = +y
    return y


def test_full_collections_come_more_rarely_while_a_graph_grows(usual):
    graph = grown()
    gc.collect()
    assert old() == 8 * usual
    longer = graph + grown()
    gc.collect()
    assert old() == 64 * usual
    del graph, longer


def test_they_never_come_more_rarely_than_a_limit(usual):
    graphs = []
    for _ in range(10):
        graphs.append(grown())
        gc.collect()
    assert old() == _RAREST


def test_when_the_graph_has_stopped_growing_the_usual_pace_is_back(usual):
    graph = grown()
    gc.collect()
    gc.collect()
    assert old() == usual
    del graph


def test_when_cycles_are_found_the_usual_pace_is_back(usual):
    graph = grown()
    gc.disable()
    for _ in range(_MANY):
        cycle = []
        cycle.append(cycle)
    gc.collect()
    gc.enable()
    assert old() == usual
    del graph


def test_younger_generations_and_a_program_without_graphs_keep_their_pace(usual):
    young = gc.get_threshold()[:2]
    graph = grown()
    np.ones(3)
    gc.collect(1)
    assert old() == usual
    gc.collect()
    assert gc.get_threshold()[:2] == young
    del graph


def test_what_the_program_sets_itself_counts_as_usual(usual):
    gc.set_threshold(*gc.get_threshold()[:2], 7)
    gc.collect()
    graph = grown()
    gc.collect()
    assert old() == 56
    gc.collect()
    assert old() == 7
    del graph


@pytest.mark.parametrize(("setting", "added"), [("", [0, 1, 1]), ("1", [0, 1, 1]), ("0", [0, 0, 0])])
def test_nothing_happens_before_the_first_tensor_with_a_derivative_and_then_only_if_wanted(setting, added):
    program = """
import gc
before = len(gc.callbacks), gc.get_threshold()
import autograd_core as ag, nn, viz
ag.tensor(1.0)
print(len(gc.callbacks) - before[0])
for _ in range(2):
    ag.tensor(1.0, requires_grad=True)
    print(len(gc.callbacks) - before[0])
assert gc.get_threshold() == before[1]
"""
    environment = os.environ | {"AUTOGRAD_CORE_TUNE": setting}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert [*map(int, run.stdout.split())] == added
