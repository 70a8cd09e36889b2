"""The Fisher metric of a network, and conjugate gradients: g v = gradients without forming g."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.differentiation.recorded import array_of, record
from autograd_core.graph.node import Array
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import OptionError, unknown_option
from nn.given import network
from nn.optimizers.options import Options
from nn.optimizers.vector import Layout

__all__ = ["Fisher", "conjugate_gradients"]


def _ratio(T: Array, H: Array) -> Array:
    """T / H, and 0 where H has underflown to 0: there T has as well."""
    return np.divide(T, H, out=np.zeros_like(T), where=H > 0)


def _softmax_logits(Z: Array, T: Array) -> Array:
    A = ag.softmax(Z, axis=0)
    return np.asarray(A * (T - (A * T).sum(axis=0, keepdims=True)))


def _sigmoid_logits(Z: Array, T: Array) -> Array:
    A = ag.sigmoid(Z)
    return np.asarray(A * (1 - A) * T)


# By output and whether it is logits: the Fisher matrix H of one prediction, times a tangent T of it.
_OUTPUTS: dict[tuple[str, bool], Callable[[Array, Array], Array]] = {
    ("softmax", False): lambda A, T: _ratio(T, A),  # H = diag(1/a)
    ("sigmoid", False): lambda A, T: _ratio(T, A * (1 - A)),  # H = diag(1/(a(1−a)))
    ("identity", False): lambda _A, T: T,  # H = 1
    ("softmax", True): _softmax_logits,  # H = diag(a) − a aᵀ
    ("sigmoid", True): _sigmoid_logits,  # H = diag(a(1−a))
}


@dataclass(frozen=True)
class Fisher(Options):
    """The Fisher metric F of a network's output distribution: a metric for `GradientFlow`.

    F = (1/m) Σ_i J_iᵀ H_i J_i, where J_i is the Jacobian of the i-th prediction by all parameters and H_i the
    Fisher matrix of its distribution: categorical for softmax, independent Bernoulli for sigmoid, normal
    with variance 1 for any other output. With the matching cost g = F makes the natural gradient, which
    does not depend on how the parameters are chosen; Amari, "Natural gradient works efficiently in
    learning" (1998). F is never formed: it is multiplied by a forward and a reverse sweep, and
    (F + damping) v = gradients is solved by conjugate gradients.

    Parameters
    ----------
    output : {"softmax", "sigmoid", "identity"}, optional
        By default the activation of the last layer.
    logits : bool
        The network ends in logits Z, and the softmax or sigmoid is in the cost; `output` says which.
    damping : float
        Added to the diagonal: F is singular where several parameters give the same network.
    tolerance : float
        Stop when the residual is this much smaller than the gradient.
    iterations : int
        Stop after so many at the latest; what is found until then descends as well.

    Raises
    ------
    OptionError
        An option is out of its range; or, when called, the predictions are not what `output` says.

    Examples
    --------
    >>> import nn
    >>> X, Y = nn.datasets.iris()
    >>> net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0))
    >>> gradients = ag.grad(lambda P: nn.costs.cross_entropy(net.apply(P, X), Y))(net.params())
    >>> v = Fisher()(net, X, gradients)
    >>> v[0]["W"].shape
    (3, 4)
    """

    output: str | None = None
    logits: bool = False
    damping: float = 1e-3
    tolerance: float = 1e-8
    iterations: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "logits", truth(self.logits, "Fisher: logits"))
        outputs = sorted({output for output, logits in _OUTPUTS if logits or not self.logits})
        if self.output is None and not self.logits:
            return
        if not isinstance(self.output, str) or self.output not in outputs:
            raise unknown_option(f"output of Fisher(logits={self.logits})", self.output, outputs)

    def __call__(self, net: Any, X: Any, gradients: Any) -> Any:
        """Solve (F + damping) v = gradients for v."""
        multiply, layout = self.product(net, X), Layout(gradients)

        def damped(v: Array) -> Array:
            return layout.vector(multiply(layout.tree(v))) + self.damping * v

        b = layout.vector(gradients)
        return layout.tree(conjugate_gradients(damped, b, self.tolerance, self.iterations))

    def product(self, net: Any, X: Any) -> Callable[[Any], Any]:
        """Make the function v ↦ F v, without damping, on trees like ``net.params()``.

        The network is evaluated once; each product takes one forward and one reverse sweep.

        Parameters
        ----------
        net : Sequential
        X : (n[0], m)

        Examples
        --------
        >>> import nn
        >>> net, X = nn.Sequential(nn.Dense(1, 1, rng=0)), np.array([[1.0, 2.0]])
        >>> Fisher().product(net, X)([{"W": np.array([[1.0]]), "b": np.array([[0.0]])}])
        [{'W': array([[2.5]]), 'b': array([[1.5]])}]
        """
        output = self.output or _activation(network(net, "Fisher"))
        recorded = record(lambda params: net.apply(params, X), (net.params(),), {}, 0)
        A = array_of(recorded.results[0])
        self._refuse(A, output)
        H = _OUTPUTS[output, self.logits]

        def multiply(v: Any) -> Any:
            [T] = recorded.push(recorded.structure.leaves_of(v, "v"), nested=False)
            return recorded.structure.unflatten(recorded.pull([H(A, T) / A.shape[1]], nested=False))

        return multiply

    def _refuse(self, A: Array, output: str) -> None:
        """Tell logits, and other outputs, from probabilities."""
        if self.logits or output == "identity":
            return
        inside = bool(((A >= 0) & (A <= 1)).all())
        if not inside or (output == "softmax" and not np.allclose(A.sum(axis=0), 1, atol=1e-3)):
            raise OptionError(
                f"Fisher(output={output!r}): the predictions are not the probabilities of a {output}; if "
                "the network ends in logits, say logits=True"
            )


def _activation(net: Any) -> str:
    """What the network's output is by the name of its last activation."""
    activation = net.numbered[-1].activation
    return activation if (activation, False) in _OUTPUTS else "identity"


def conjugate_gradients(
    product: Callable[[Array], Array], b: Array, tolerance: float, iterations: int
) -> Array:
    """Solve M x = b for a symmetric positive semidefinite M, given as v ↦ M v; Hestenes & Stiefel (1952).

    Stops when ‖b − M x‖ ≤ tolerance ‖b‖, after `iterations` at the latest, or where M has no more to tell.

    Examples
    --------
    >>> conjugate_gradients(lambda v: np.array([2.0, 4.0]) * v, np.array([2.0, 8.0]), 1e-12, 10)
    array([1., 2.])
    """
    x, r, p = np.zeros_like(b), b, b
    rr = r @ r
    enough = tolerance**2 * rr
    for _ in range(iterations):
        if rr <= enough:
            break
        q = product(p)
        curvature = p @ q
        if curvature <= 0:
            break
        alpha = rr / curvature
        x, r = x + alpha * p, r - alpha * q
        rr, before = r @ r, rr
        p = r + rr / before * p
    return x
