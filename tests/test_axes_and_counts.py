"""Axes, shapes and counts: NumPy's answer for every whole number, at every edge; else a refusal."""

from __future__ import annotations

import re

import numpy as np
import pytest
from surface_case import PLAIN_WORLD, TWINS, made, wrong_result

import autograd_core as ag

ARRAYS = (
    "np.array(3.0)",
    "np.array([0.5, 2.0, -1.5])",
    "np.array([[1.5, -2.0, 0.5], [0.25, 3.0, -1.0]])",
    "np.zeros(0)",
    "np.zeros((0, 0))",
    "np.zeros((1, 0))",
    "np.zeros((2, 0, 3))",
    "np.array([[2.0]])",
)
WHOLE = {
    "axis": "None|0|-1|1|-3|5|(0,)|(0, 1)|(1, -1)|(0, 0)|()|[0]|[0, 1]|[]|np.int64(0)|np.array(1)|range(1)|"
    "np.array([0])|2**62|10**30|((0,),)|(np.int64(0),)|(0, None)",
    "shape": "(3,)|(2, 3)|(3, 2)|6|-1|(-1, 2)|()|(0,)|(1,)|1|(0, 0)|[3, 2]|np.int64(3)|np.array([3, 2])|"
    "(0, 3)|(2, -1, -1)|(0, -1)|(None,)|(-2, 3)|(2**62, 2)|10**30|(1, 2, 3)|((2, 3),)|range(2, 4)",
    "count": "0|1|2|3|-1|-2|np.int64(2)|np.array(2)|[1]|(1,)|[1, 2]|[1, 0, 2]|(1, 1)|[0, 1]|[]|()|[[1, 2]]|"
    "[-1]|[5]|(1, 2, 1)",
}
NO_NUMBER = {
    "axis": "1.0|1.9|'1'|(1.9,)|('0',)|np.nan|np.float64(1)|[0.5]|(1.0, 0)|'10'|np.zeros((0, 2), int)",
    "shape": "(2.9, 3)|(2.0, 3)|'32'|'6'|6.0|np.array([2.0, 3.0])|('2', 3)|[[2.9]]|np.zeros((0, 2), int)",
    "count": "1.9|'1'|None|2.0|np.float32(2)|[1.9]|['1']|np.nan|(1, 1.5)|'12'|np.zeros((0, 2), int)",
}
FORMS = """
axis: sum prod mean max min all any ptp median count_nonzero var std average norm vector_norm argmax argmin
axis: sort argsort cumsum cumprod cumulative_sum flip squeeze expand_dims unstack diff trapezoid transpose
axis: sum({x}, axis={v}, keepdims=True) | var({x}, axis={v}, ddof=1) | quantile({x}, 0.5, axis={v})
axis: take({x}, [0], axis={v}) | repeat({x}, 2, axis={v}) | roll({x}, 1, axis={v}) | split({x}, 1, axis={v})
axis: array_split({x}, 2, axis={v}) | append({x}, {x}, axis={v}) | moveaxis({x}, {v}, 0)
axis: moveaxis({x}, 0, {v}) | swapaxes({x}, {v}, 0) | rot90({x}, axes={v}) | trace({x}, axis2={v})
axis: tensordot({x}, {x}, axes={v}) | stack([{x}, {x}], axis={v}) | concatenate([{x}, {x}], axis={v})
axis: diagonal({x}, axis1={v}) | compress([True], {x}, axis={v})
shape: reshape({x}, {v}) | broadcast_to({x}, {v})
count: repeat tile roll split array_split hsplit vsplit diff diag diagonal tril triu rot90 pad
count: repeat({x}, {v}, axis=0) | roll({x}, {v}, (0, 0)) | pad({x}, [{v}])
"""


def _forms():
    usual = {"axis": "{}({{x}}, axis={{v}})", "count": "{}({{x}}, {{v}})"}
    for kind, forms in re.findall(r"(\w+): (.*)", FORMS):
        for form in forms.split(" | ") if "(" in forms else map(usual[kind].format, forms.split()):
            yield f"ag.{form}".replace("transpose({x}, axis=", "transpose({x}, axes="), kind


FORMS = dict(_forms())
NARROWER = {  # what NumPy answers by accident, and is refused here
    "unstack": ("(", "[", "range", "np.array(["),
    "transpose": ("2**62",),
    "tensordot": ("-1", "-3", "-("),
    "repeat": ("-1", "-2", "[-1]"),  # of no entry
    "tile": ("-1", "-2", "[-1]"),
}
NOTHING = "no entry"  # of which NumPy says NaN
ACCIDENT = re.compile(f"{NOTHING}|out of bounds for axis 1 with size 0")  # where nothing else is left either


def answers(form, x, v):
    """NumPy's answer, and that of the engine for an array and for a tensor."""
    text = form.format(x=x, v=v)
    target = text.partition("(")[0]
    numpys = made(text.replace(target, TWINS[target], 1), PLAIN_WORLD)
    return numpys, made(text), made(form.format(x=f"T({x})", v=v))


@pytest.mark.parametrize("form", FORMS)
def test_numpy_s_answer_for_whole_numbers(form):
    name = form[3 : form.index("(")]
    for x in ARRAYS:
        for v in WHOLE[FORMS[form]].split("|"):
            numpys, *ours = answers(form, x, v)
            for found in ours:
                told = f"{form.format(x=x, v=v)}: {found.error!r}, NumPy: {numpys}"
                assert found.error is None or isinstance(found.error, ag.AutogradError), told
                if found.error is None:
                    assert (
                        isinstance(numpys.error, ZeroDivisionError | RuntimeError)
                        or numpys.error is None
                        or (
                            "newaxis" in str(numpys.error)  # NumPy's median of no axis of an empty array
                        )
                    ), told
                    if numpys.error is None:
                        assert wrong_result(form, found.result, numpys) is None, told
                elif numpys.error is None:
                    assert v.startswith(NARROWER.get(name, ())) or ACCIDENT.search(str(found.error)), told


@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_whole_number_is_refused_by_name(form):
    name = form[3 : form.index("(")]
    for x in ARRAYS:
        for v in NO_NUMBER[FORMS[form]].split("|"):
            if v == "None" and name in ("pad", "hsplit"):
                continue
            numpys, *ours = answers(form, x, v)
            if v.startswith("np.zeros((0") and (numpys.error is None or name == "pad"):
                continue  # no position to cut at; no pair of widths for no axis
            for found in ours:
                assert isinstance(found.error, ag.AutogradError), (form.format(x=x, v=v), found)
                assert name in str(found.error), found.error


@pytest.mark.parametrize("form", [form for form, kind in FORMS.items() if kind == "axis"])
def test_a_truth_is_an_axis_where_numpy_says_so(form):
    refuses = form.startswith(("ag.norm", "ag.vector_norm"))  # which compute with it, in NumPy, by accident
    for x in ARRAYS:
        for v in ("True", "False"):
            numpys, *ours = answers(form, x, v)
            for found in ours:
                if numpys.error is None and not refuses and NOTHING not in str(found.error):
                    assert found.error is None, (form.format(x=x, v=v), found)
                    assert wrong_result(form, found.result, numpys) is None
                elif not isinstance(numpys.error, ZeroDivisionError):
                    assert isinstance(found.error, ag.AutogradError), (form.format(x=x, v=v), found)


def test_numpys_own_functions_say_the_same():
    x = ag.Tensor(np.ones((2, 3)))
    for call in (
        lambda: np.sum(x, axis=(1.9,)),
        lambda: np.reshape(x, (2.9, 3)),
        lambda: np.hsplit(x, [1.9]),
        lambda: x.reshape("32"),
        lambda: x.sum("1"),
        lambda: np.squeeze(x, "0"),
    ):
        with pytest.raises(ag.DtypeError, match="wanted"):
            call()
