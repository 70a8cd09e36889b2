"""The operation table's cases as functions, the two sweeps over them, and the two checks of a derivative.

A `Function` here takes a list of tensors and returns a list of them. `pulled_back` makes the
derivative of a function a function of the same kind, so that the laws of the first order, applied
to it, are the laws of the second and third.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from in_turn import each
from op_case import Case
from op_table import PRIMITIVE_CASES

import autograd_core as ag
from autograd_core.differentiation.backprop import forward_sweep, reverse_sweep
from autograd_core.graph.node import Node, ancestors

Function = Callable[[list[ag.Tensor]], list[ag.Tensor]]

every_primitive_case = each("case", PRIMITIVE_CASES)


def recorded(case: Case, rng) -> Node:
    """The node of the case's primitive behind its result."""
    result = case.call(*case.tensors(case.draw(rng)))
    nodes = [node for node in ancestors([result]).values() if node.primitive]
    made_by_it = [node for node in nodes if node.primitive.name == case.row.op]
    assert made_by_it, f"{case} recorded only {nodes}"
    return made_by_it[0]


# Functions, and the two sweeps over them.


def function_of(case: Case, operands) -> Function:
    """The case as a function of its differentiable operands, the others held fixed."""

    def f(xs):
        args = list(operands)
        for i, x in zip(case.wrt, xs, strict=True):
            args[i] = x
        return [case.call(*args)]

    return f


def pulled_back(f: Function, inputs: int) -> Function:
    """Make (x, ct) -> Jᵀ(x) ct, itself recorded."""

    def g(args):
        xs, cts = args[:inputs], args[inputs:]
        outs = [ag.positive(out) for out in f(xs)]
        found = reverse_sweep(dict(zip(outs, cts, strict=True)), xs, create_graph=True)
        return [found[x] if x in found else ag.Tensor(np.zeros(x.shape, x.dtype)) for x in xs]

    return g


def at_order(case: Case, order: int, rng) -> tuple[Function, list[np.ndarray]]:
    """The case, differentiated order - 1 times, and inputs for it."""
    operands = case.draw(rng)
    f, xs = function_of(case, operands), [operands[i] for i in case.wrt]
    for _ in range(order - 1):
        cts = random_like(evaluate(f, xs), rng)
        f, xs = pulled_back(f, len(xs)), xs + cts
    return f, xs


def variables(arrays):
    return [ag.Tensor(x, requires_grad=True, name="ABCDEFGH"[i]) for i, x in enumerate(arrays)]


def evaluate(f: Function, arrays):
    return [out.value for out in f(variables(arrays))]


def push(f: Function, arrays, tangents, create_graph=False):
    """J t, by the forward sweep."""
    xs = variables(arrays)
    ts = map(ag.Tensor, tangents) if create_graph else tangents
    outs = f(xs)
    found = forward_sweep(outs, dict(zip(xs, ts, strict=True)), create_graph=create_graph)
    return [zeros_if_none(t, out) for t, out in zip(found, outs, strict=True)]


def pull(f: Function, arrays, cotangents, create_graph=False):
    """Jᵀ ct, by the reverse sweep."""
    xs = variables(arrays)
    cts = map(ag.Tensor, cotangents) if create_graph else cotangents
    outs = [ag.positive(out) for out in f(xs)]
    found = reverse_sweep(dict(zip(outs, cts, strict=True)), xs, create_graph=create_graph)
    return [zeros_if_none(found.get(x), x) for x in xs]


def zeros_if_none(derivative, like):
    if derivative is None:
        return np.zeros(like.shape, like.dtype)
    return np.asarray(derivative.value if isinstance(derivative, Node) else derivative)


def random_like(arrays, rng):
    return [np.asarray(rng.standard_normal(np.shape(x)), np.asarray(x).dtype) for x in arrays]


def inner(us, vs):
    """<u, v> over all arrays, and the size of its terms."""
    terms = np.concatenate([np.ravel(u * v) for u, v in zip(us, vs, strict=True)])
    return terms.sum(), np.abs(terms).sum()


def said(case: Case, xs) -> str:
    return f"{case} on shapes {', '.join(str(np.shape(x)) for x in xs)}"


def assert_close(case, xs, found, wanted, *, rtol, atol):
    for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
        np.testing.assert_allclose(a, b, rtol, atol, err_msg=f"{said(case, xs)}, number {i}", strict=True)


def assert_same_bits(case, xs, found, wanted):
    for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
        same = (a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes())
        assert same, f"{said(case, xs)}, number {i}: {a!r} and {b!r}"


# The two checks of a derivative. They are themselves tested: see the wrong rules in `test_laws.py`.


def check_difference(case: Case, f: Function, xs, rng):
    """J t = d/ds f(x + s t) at s = 0, by a difference quotient of fourth order."""
    ts = random_like(xs, rng)
    step = 1e-3

    def along(s):
        return evaluate(f, [x + s * step * t for x, t in zip(xs, ts, strict=True)])

    quotients = [
        (8 * (right - left) - (far_right - far_left)) / (12 * step)
        for far_left, left, right, far_right in zip(*map(along, (-2, -1, 1, 2)), strict=True)
    ]
    scale = max([1.0, *(np.abs(q).max(initial=0.0) for q in quotients)])
    assert_close(case, xs, push(f, xs, ts), quotients, rtol=1e-7, atol=1e-9 * scale)


def check_adjoint(case: Case, f: Function, xs, rng):
    """<ct, J t> = <Jᵀ ct, t>: exact, so no step size to tune."""
    ts, cts = random_like(xs, rng), random_like(evaluate(f, xs), rng)
    forward, size = inner(cts, push(f, xs, ts))
    backward, _ = inner(pull(f, xs, cts), ts)
    assert abs(forward - backward) <= 1e-12 * size, (
        f"{said(case, xs)}: <ct, J t> = {forward!r}, <Jᵀ ct, t> = {backward!r}"
    )
