"""Losses fused with the output's sigmoid or softmax: one operation each, finite however large Z is."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.wording.notation import ATOM, COMPARISON, PREFIX, Notation, applied

__all__ = ["logistic_loss", "mean_surprise"]


@ag.pointwise(
    lambda _out, Z, Y: ag.sigmoid(Z) - Y,
    lambda _out, Z, _Y: -Z,
    notation=applied("logistic_loss", latex=r"\ell_{\sigma}")._replace(
        numpy="(np.maximum({0}, 0) - {0} * {1} + np.log1p(np.exp(-np.abs({0}))))", numpy_operands=(ATOM,)
    ),
    flops=6,
)
def logistic_loss(Z: Any, Y: Any) -> Any:
    """Take −Y log σ(Z) − (1−Y) log(1−σ(Z)) entry by entry, as max(Z, 0) − Z Y + log(1 + exp(−|Z|)).

    Examples
    --------
    >>> logistic_loss(np.array([1e4, -1e4]), np.array([1.0, 1.0]))
    array([    0., 10000.])
    """
    return np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))


@ag.bilinear(
    lambda ct, Y, L: ct * (-1 / Y.shape[1]) * L,
    lambda ct, Y, L: ct * (-1 / Y.shape[1]) * Y,
    notation=Notation(
        "−⟨·,·⟩/m",
        "−⟨{0}, {1}⟩/m",
        r"-\frac{{1}}{{m}} \langle {0}, {1} \rangle",
        "-np.vdot({0}, {1}) / {0}.shape[1]",
        PREFIX,
        numpy_operands=(ATOM, COMPARISON),
    ),
    flops=lambda _out, Y, _L: 2 * Y.size,
)
def mean_surprise(Y: Any, L: Any) -> Any:
    """Take −(1/m) Σ Y ⊙ L for targets Y and log-probabilities L, both (n, m).

    Examples
    --------
    >>> mean_surprise(np.array([[1.0], [0.0]]), np.log(np.array([[0.5], [0.5]])))
    np.float64(0.6931471805599453)
    """
    return -np.vdot(Y, L) / Y.shape[1]
