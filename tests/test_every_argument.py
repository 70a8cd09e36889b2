"""Law: whichever argument of an operation holds what is differentiated by, that is right or refused.

Every function is called in many ways that make sense for some of them. Where the call gives a number from
plain arrays, the derivative must be its difference quotient, or an error of the engine's own.
"""

import inspect

import numpy as np
import pytest

import autograd_core as ag

X = np.array([[0.31, 0.52, 0.77], [0.84, 0.23, 0.45], [0.66, 0.91, 0.38]])
X.flags.writeable = False  # the second argument of a ufunc may be what it writes to
P = 0.37
BY_POSITION = {
    "p": lambda f, p: f(p),
    "x, p": lambda f, p: f(X, p),
    "p, x": lambda f, p: f(p, X),
    "x, p x": lambda f, p: f(X, p * X),
    "p x, x": lambda f, p: f(p * X, X),
    "x, 1, p": lambda f, p: f(X, 1, p),
    "x, 0.1, p": lambda f, p: f(X, 0.1, p),
    "x, p, 1": lambda f, p: f(X, p, 1.0),
    "mask, x, p": lambda f, p: f(X > 0.5, X, p),
    "row, row, p": lambda f, p: f(X[0], X[1], p),
    "row, row, p row": lambda f, p: f(X[0], np.array([0.1, 0.5, 0.9]), p * X[1]),
    "[p x, x]": lambda f, p: f([p * X, X]),
    "p x": lambda f, p: f(p * X),
    "p x, axis=0": lambda f, p: f(p * X, axis=0),
    "p row": lambda f, p: f(p * X[0]),
}
CONSTANT = {"stop_gradient"}  # by its purpose
SYMMETRIC = {"eigh", "eigvalsh", "cholesky"}  # their derivative is that by a symmetric matrix


def total(out):
    """One number that every entry of a result goes into."""
    if isinstance(out, tuple | list):
        return sum((total(x) for x in out), 0.0)
    if out.dtype.kind != "f":
        return 0.0
    return (out * np.cos(np.arange(out.size) + 0.3).reshape(out.shape)).sum()


def ways(f):
    """Every way to call a function with a number p in one of its places."""
    yield from BY_POSITION.items()
    try:
        parameters = [*inspect.signature(f).parameters.values()][1:]
    except (TypeError, ValueError):
        return
    for q in parameters:
        if q.kind in (q.KEYWORD_ONLY, q.POSITIONAL_OR_KEYWORD):
            yield f"x, {q.name}=p", lambda f, p, name=q.name: f(X, **{name: p})
            yield f"x, {q.name}=p x", lambda f, p, name=q.name: f(X, **{name: p * X})
            yield f"x, x, {q.name}=p", lambda f, p, name=q.name: f(X, X, **{name: p})


def quotient(call, f):
    """The difference quotient of a call from plain numbers; None if the call makes no sense of them."""
    try:
        below, above = (float(total(call(f, P + h))) for h in (-1e-6, 1e-6))
    except Exception:  # whatever NumPy raises about arguments that do not fit
        return None
    slope = (above - below) / 2e-6
    return slope if abs(slope) < 1e4 else None  # false for NaN too


def wrong_ways(name, f):
    for way, call in ways(f):
        wanted = quotient(call, f)
        if wanted is None:
            continue
        try:
            found = ag.grad(lambda p, call=call: total(call(f, p)))(P)
        except ag.AutogradError:
            continue
        if not abs(found - wanted) <= 1e-4 * max(1, abs(wanted)):
            yield f"{name}({way}): {found}, wanted {wanted}"


OURS = {name: getattr(ag, name) for name in ag.ops.OPERATIONS}
LINEAR_ALGEBRA = {f"linalg.{name}": getattr(ag.linalg, name) for name in vars(ag.linalg) if name[0] != "_"}
NUMPYS = {
    f"np.{name}": getattr(np, name)
    for name in sorted({*OURS, "trapezoid", "gradient", "interp", "polyval", "unwrap", "select", "ptp"})
    if hasattr(np, name)
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("functions", [OURS, LINEAR_ALGEBRA, NUMPYS], ids=["operations", "linalg", "numpy"])
def test_the_derivative_by_any_argument_is_right_or_refused(functions):
    wrong = []
    for name, f in functions.items():
        if callable(f) and name.rpartition(".")[2] not in CONSTANT | SYMMETRIC:
            with np.errstate(all="ignore"):
                wrong += wrong_ways(name, f)
    assert wrong == []


@pytest.mark.filterwarnings("ignore")
def test_an_argument_whose_derivative_is_lost_is_found():
    def scaled(x, *, by):
        return x * float(by.data if isinstance(by, ag.Tensor) else by)

    found = [*wrong_ways("scaled", scaled)]
    assert any("by=p" in way for way in found), found


@pytest.mark.parametrize("rcond", [0.5, 0.1, 1e-3])
def test_a_pseudo_inverse_that_leaves_out_more_than_rounding_has_no_derivative(rcond):
    U, V = np.linalg.qr(X)[0], np.linalg.qr(X.T)[0]
    whole, cut = (U @ np.diag([1.0, 0.7, least]) @ V for least in (2 * rcond, rcond / 2))
    of_rank_2 = U @ np.diag([1.0, 0.7, 0.0]) @ V

    def cost(a):
        return (ag.pinv(a, rcond) * X.T).sum()

    for a in (whole, of_rank_2):
        assert np.isfinite(ag.grad(cost)(a)).all()
        assert np.isfinite(ag.compile(ag.grad(cost))(a)).all()
    assert np.isnan(ag.grad(cost)(cut)).all()
    assert np.isnan(ag.jvp(cost, (cut,), (X,))[1])
