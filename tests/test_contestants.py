"""The contestants of the benchmarks compute the same; no time is looked at here."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from speed import written
from steps.contestants import CONTESTANTS, MEASURES
from steps.problem import draw, draw_links
from steps.race import agree

HERE = [
    name for name, entry in CONTESTANTS.items() if set(entry.packages) == {"numpy"} or entry.module == "eager"
]
HERE = [name for name in HERE if CONTESTANTS[name].module != "products"] + ["engine, compiled"]


def made(name, measure, problem):
    entry = CONTESTANTS[name]
    return getattr(import_module(f"steps.{entry.module}"), measure.replace(" ", "_"))(
        problem, **entry.options
    )


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("measure", MEASURES)
def test_contestants_agree_after_twenty_calls(measure, dtype):
    found = {}
    for name in HERE:
        step = made(name, measure, draw((5, 4, 3), 6, dtype))
        found[name] = [step() for _ in range(20)][-1]
    agree(found, dtype, measure)


def test_the_cost_falls_so_that_a_step_that_forgets_to_update_is_noticed():
    problem = draw((5, 4, 3), 6, "f4")
    step = made("hand-written NumPy", "training step", problem)
    first, last = step(), [step() for _ in range(19)][-1]
    with pytest.raises(SystemExit, match="forgetful"):
        agree({"a": last, "b": last, "forgetful": first}, "f4", "training step")


def test_a_chain_by_hand_is_what_the_engine_finds():
    links = draw_links((10,), 5, "f8")
    values = [
        made(name, "chain", links)() for name in ("hand-written NumPy", "engine, eager", "engine, compiled")
    ]
    np.testing.assert_allclose(values, values[0], rtol=1e-12)


def test_a_page_without_a_place_for_a_table_is_refused():
    page = "<!-- a -->\nold\n<!-- end of a -->\n"
    assert written(page, {"a": "new"}) == "<!-- a -->\nnew\n<!-- end of a -->\n"
    with pytest.raises(SystemExit, match="b"):
        written(page, {"b": "new"})
