"""A value that is read inside a transform would lose its derivative: an error names the line and ways out."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import re

import numpy as np
import pytest

import autograd_core as ag
from autograd_core import AutogradError, GraphError


def filled(p):
    w = np.zeros(3)
    w[0] = p[0]
    return np.sum(w**2)


def filled_with_whole_numbers(p):
    w = np.zeros(3, int)
    w[1] = p[0]
    return np.sum(w)


def iterated(p):
    return np.sum(np.fromiter((value for value in p), float))


READERS = {
    "item assignment": filled,
    "item assignment, integers": filled_with_whole_numbers,
    "a slice": lambda p: np.sum(np.put(w := np.zeros(3), [0], p[:1]) or w),
    "float": lambda p: float(p[0]) ** 2,
    "float times a tensor": lambda p: float(p[0]) * p[1],
    "item": lambda p: p[0].item() ** 2,
    "int": lambda p: int(p[0]) * p[1],
    "complex": lambda p: complex(p[0]).real,
    "tolist": lambda p: sum(p.tolist()),
    "numpy": lambda p: p.numpy().sum(),
    "math.exp": lambda p: math.exp(p[0]),
    "math.floor": lambda p: math.floor(p[0]) * p[1],
    "math.hypot": lambda p: math.hypot(p[0], p[1]),
    "math.fsum": lambda p: math.fsum(p),
    "np.float64": lambda p: np.float64(p[0]) * 2,
    "np.float32": lambda p: np.float32(p[0]) * 2,
    "np.full": lambda p: np.sum(np.full(3, p[0])),
    "np.array of a list": lambda p: np.sum(np.array([p[0], p[1]])),
    "np.asarray": lambda p: np.sum(np.asarray(p)),
    "np.fromiter": iterated,
    "np.arange": lambda p: np.arange(0, p[0]).sum(),
    "np.random": lambda p: np.random.default_rng(0).normal(p[0], 1),
    "Tensor": lambda p: np.sum(ag.tensor(p) * 2),
    "Tensor of a list": lambda p: np.sum(ag.tensor([p[0], p[1]]) * 2),
    "copy": lambda p: copy.copy(p).sum(),
    "deepcopy": lambda p: copy.deepcopy(p).sum(),
    "pickle": lambda p: pickle.loads(pickle.dumps(p)).sum(),
    "percent": lambda p: float("%.3f" % p[0]) * p[1],  # noqa: UP031
    "the variable of a transform outside": lambda p: ag.grad(lambda q: q * float(p[0]))(2.0),
    "computed of it": lambda p: float(np.tanh(p * 2).sum()),
    "in a checkpoint": lambda p: ag.checkpoint(lambda p: float(p[0]) * p[1])(p),
}
P = np.array([1.5, 2.5, 3.5])
TRANSFORMS = {
    "grad": lambda f: ag.grad(f)(P),
    "value_and_grad": lambda f: ag.value_and_grad(f)(P),
    "vjp": lambda f: ag.vjp(f, P),
    "jvp": lambda f: ag.jvp(f, [P], [P]),
    "jacobian": lambda f: ag.jacobian(f)(P),
    "hessian": lambda f: ag.hessian(f)(P),
    "hvp": lambda f: ag.hvp(f, [P], [P]),
    "per_example_grad": lambda f: ag.per_example_grad(lambda p, x: f(p * x))(P, P[:, None].T),
    "compare_functions": lambda f: ag.comparisons.compare_functions(f, lambda p: p, P),
    "grad of grad": lambda f: ag.grad(lambda p: ag.grad(f)(p).sum())(P),
    "grad of a dict": lambda f: ag.grad(lambda d: f(d["p"]))({"p": P}),
    "compiled grad": lambda f: ag.compile(ag.grad(f))(P),
    "compile": lambda f: ag.compile(f)(P),
}


@pytest.mark.parametrize("f", READERS.values(), ids=READERS)
def test_whoever_reads_a_value_is_told_so(f):
    with pytest.raises(AutogradError) as error:
        ag.grad(f)(P)
    text = str(error.value)
    assert "derivative" in text or "being compiled" in text
    assert re.search(r"\.stack|\.detach\(\)|\.data|record", text)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("name", ["item assignment", "float", "item", "np.float64", "math.exp"])
def test_so_it_is_in_every_transform_and_the_line_is_named(name, transform):
    f = READERS[name]
    with pytest.raises(AutogradError) as error:
        transform(f)
    lines, first = inspect.getsourcelines(f)
    found = re.search(rf"  {re.escape(__file__)}:(\d+) in ", str(error.value))
    assert found, error.value
    assert first <= int(found[1]) < first + len(lines)


def test_what_is_said_names_the_tensor_and_the_ways_out():
    with pytest.raises(GraphError) as error:
        ag.grad(lambda d: float(d["rate"]) ** 2)({"rate": 3.0})
    for part in (
        "float() reads the value of rate",
        ".stack",
        ".where",
        ".stop_gradient",
        ".detach()",
        ".data",
    ):
        assert part in str(error.value)


W = ag.tensor([2.0, 3.0, 4.0], requires_grad=True, name="W")
ALLOWED = {
    "bool": (lambda p: p[0] * 2 if p[0] > 0 else p[1], [2, 0, 0]),
    "the truth of the value": (lambda p: p[0] * 2 if p[0] else p[1], [2, 0, 0]),
    "max of a list": (max, [0, 0, 1]),
    "sum of a list": (sum, [1, 1, 1]),
    "format": (lambda p: (f"{p[0]:.3f} {p}", p[0])[1], [1, 0, 0]),
    "print": (lambda p: (str(p), repr(p), p[0])[2], [1, 0, 0]),
    "data": (lambda p: (p.data * p).sum(), P),
    "detach": (lambda p: (p.detach() * p).sum(), P),
    "float of what is detached": (lambda p: float(p[0].detach()) * p[1], [0, 1.5, 0]),
    "float of a comparison": (lambda p: float((p > 2).sum()) * p[1], [0, 2, 0]),
    "int of a position": (lambda p: p[int(ag.argmax(p))], [0, 0, 1]),
    "float of another tensor": (lambda p: float(W[0]) * p[0], [2, 0, 0]),
    "an array of tensors": (lambda p: np.sum(objects(p)), [1, 1, 0]),
    "len and shape": (lambda p: p.sum() * len(p) * p.shape[0] / p.size, [3, 3, 3]),
}


def objects(p):
    w = np.zeros(2, object)
    w[0], w[1] = p[0], p[1]
    return w


@pytest.mark.parametrize(("f", "gradient"), ALLOWED.values(), ids=ALLOWED)
def test_branches_printing_and_what_is_said_to_be_constant_stay_allowed(f, gradient):
    np.testing.assert_allclose(ag.grad(f)(P), gradient)


def test_under_no_grad_a_value_may_be_read():
    def f(p):
        with ag.no_grad():
            scale = float(p.sum())
        return scale * p[0]

    np.testing.assert_allclose(ag.grad(f)(P), [7.5, 0, 0])


def test_outside_of_a_transform_a_value_may_be_read():
    x = ag.tensor(3.0, requires_grad=True)
    J = x * x
    assert (float(J), J.item(), int(J), J.numpy(), copy.copy(x).item()) == (9.0, 9.0, 9, 9.0, 3.0)
    assert ag.grad(lambda p: float(J) * p[0])(P)[0] == 9.0


def test_an_error_of_numpys_own_stays_what_it_is():
    with pytest.raises(ValueError, match="broadcast"):
        ag.grad(lambda p: np.zeros(2) + np.zeros(3) + p)(P)


@pytest.mark.parametrize("call", [lambda J: ag.compare(J, {"x": 1.0}), ag.derive], ids=["compare", "derive"])
def test_compare_and_derive_want_the_cost_itself(call):
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(
        ag.DtypeError, match=r"this is float; pass the cost itself, as in ag\.\w+\(J.*not its number"
    ):
        call(float((x * x).sum()))
