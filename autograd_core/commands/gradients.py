"""Every gradient of a network by three methods: autodiff, the notes' formulas, and finite differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import nn
from autograd_core.graph.node import Array, topological_order
from autograd_core.wording.errors import NonFiniteError
from nn import closed_form
from nn.layers.sequential import dense
from nn.layers.summary import tabulated

__all__ = ["HEAD", "READING", "Check", "cells", "checks", "table", "verdict"]

CLOSED_FORM_TOLERANCE = 1e-11
DIFFERENCE_TOLERANCE = 1e-6
SAMPLED = 24  # entries of each quantity that are held against finite differences

HEAD = ("gradient", "equation", "formula", "shape", "closed form", "differences", "verdict")
READING = (
    f"Largest difference from autodiff, relative to the largest entry; at most {CLOSED_FORM_TOLERANCE:g} and "
    f"{DIFFERENCE_TOLERANCE:g} pass. Finite differences of up to {SAMPLED} entries each."
)


@dataclass(frozen=True)
class Check:
    """One gradient by three roads.

    Attributes
    ----------
    name : str
        ``dW[1]``.
    equation : str
        The notes' number of the formula.
    formula : str
    shape : tuple of int
    closed_form : float
        Largest difference of autodiff and closed form, relative to the largest entry.
    difference : float
        The same for autodiff and finite differences, over the entries sampled that are no kinks, less
        what a difference can resolve.
    """

    name: str
    equation: str
    formula: str
    shape: tuple[int, ...]
    closed_form: float
    difference: float

    @property
    def ok(self) -> bool:
        """Whether all three agree."""
        return self.closed_form <= CLOSED_FORM_TOLERANCE and self.difference <= DIFFERENCE_TOLERANCE


def checks(net: nn.Sequential, X: Array, Y: Array, cost: str, seed: int = 0) -> list[Check]:
    """Hold every gradient of one pass against the closed form and finite differences.

    Parameters
    ----------
    net : Sequential
        In float64, with activations that `nn.closed_form` knows, and no dropout at work.
    X, Y : (n[0], m), (n[L], m)
    cost : str
        A name in `nn.closed_form.COSTS`, which is also that of the function in `nn.costs`.
    seed : int
        Which entries are held against finite differences.

    Returns
    -------
    list of Check
        From the last layer to the first, in each dA, dZ, dW, db.

    Raises
    ------
    OptionError
        `nn.closed_form` does not know an activation or the cost.
    NonFiniteError
        A formula divides by 0.

    Examples
    --------
    >>> net = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, "sigmoid", rng=1))
    >>> X, Y = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[1.0, 0.0]])
    >>> [check.name for check in checks(net, X, Y, "binary_cross_entropy") if check.ok]
    ['dA[2]', 'dZ[2]', 'dW[2]', 'db[2]', 'dA[1]', 'dZ[1]', 'dW[1]', 'db[1]']
    """
    layers = [
        closed_form.Layer(layer.W.data, _bias(layer), layer.activation) for layer in dense(net, "gradients")
    ]
    J = nn.costs.COSTS[cost](net(X), Y)
    J.backward(retain_grads=True)
    by_autodiff = {f"d{node.name}": node.grad for node in topological_order([J]) if node.name}
    net.zero_grad()
    rng = np.random.default_rng(seed)
    result = []
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        by_hand = closed_form.backward(closed_form.forward(X, layers), Y, layers, cost)
        for name, claimed in by_hand.items():
            found = by_autodiff.get(name)
            if found is None:  # dA[0], the gradient by the data; db of a layer without b
                continue
            _refuse_gap(name, claimed)
            scale = max(float(np.abs(found).max()), np.finfo(float).tiny)
            worst = 0.0
            for flat in rng.choice(found.size, min(SAMPLED, found.size), replace=False):
                index = tuple(int(i) for i in np.unravel_index(flat, found.shape))
                slope = closed_form.difference_quotient(X, Y, layers, cost, name[1:], index)
                if not np.isnan(slope):  # at a kink there is nothing to compare with
                    off = abs(slope - float(found[index]))
                    worst = max(worst, max(0.0, off - 2 * closed_form.RESOLUTION) / scale)
            equation, formula = _equation(name[1], int(name[3:-1]), len(layers))
            closed = float(np.abs(found - claimed).max()) / scale
            result.append(Check(name, equation, formula, found.shape, closed, worst))
    return result


def _refuse_gap(name: str, claimed: Array) -> None:
    """Refuse to compare with a formula where it divides by 0."""
    if not np.isfinite(claimed).all():
        raise NonFiniteError(
            f"the notes' formula for {name} is not finite, as where a prediction is exactly 0 or 1; "
            "sigmoid_cross_entropy and softmax_cross_entropy, on logits, have no such gap"
        )


def _bias(layer: nn.Dense) -> Array:
    return np.zeros((layer.n_out, 1)) if layer.b is None else layer.b.data


def _equation(kind: str, l: int, last: int) -> tuple[str, str]:
    """Number and text of the formula behind a gradient of layer l."""
    if kind == "W":
        return "(15)", f"dZ[{l}] A[{l - 1}]ᵀ"
    if kind == "b":
        return "(16)", f"Σ_axis=1 dZ[{l}]"
    if kind == "Z":
        return "(17)", f"Jacobian of A[{l}] by Z[{l}], times dA[{l}]"
    return ("(9)", "seed: f′(A, Y)") if l == last else ("(22)", f"W[{l + 1}]ᵀ dZ[{l + 1}]")


def cells(check: Check) -> tuple[str, ...]:
    """Write a check as a row under `HEAD`."""
    return (
        check.name,
        check.equation,
        check.formula,
        str(check.shape),
        f"{check.closed_form:.1e}",
        f"{check.difference:.1e}",
        "agrees" if check.ok else "DISAGREES",
    )


def table(found: Sequence[Check]) -> str:
    """Tabulate checks."""
    return tabulated([HEAD, *map(cells, found)])


def verdict(found: Sequence[Check]) -> str:
    """Say in a line whether all agree, or which do not."""
    wrong = [check.name for check in found if not check.ok]
    return f"DISAGREES: {', '.join(wrong)}" if wrong else f"all {len(found)} gradients agree"
