"""Numbers that every line of a derivation is held against: those recorded, and others."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.derivations.term import Term, computed, walk
from autograd_core.node import Array, Node

__all__ = ["agree", "replayed"]


def replayed(nodes: Sequence[Node], moving: Container[Node], seed: int = 0) -> dict[int, Any] | None:
    """Compute a recorded graph again from other leaves.

    Parameters
    ----------
    nodes : sequence of Node
        Operands before results.
    moving : container of Node
        The leaves that are given other values.
    seed : int
        Of the generator.

    Returns
    -------
    dict of int to array, or None
        The value of each node by its order stamp; None where an operation refuses them.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from autograd_core.node import topological_order
    >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
    >>> y = x * 2
    >>> values = replayed(topological_order([y]), [x])
    >>> bool(np.all(values[y.order] == 2 * values[x.order])), bool(np.any(values[y.order] == y.value))
    (True, False)
    """
    rng = np.random.default_rng(seed)
    values: dict[int, Any] = {}
    try:
        with np.errstate(all="ignore"):
            for x in nodes:
                if x.primitive is None:
                    values[x.order] = _moved(x.value, rng) if x in moving else x.value
                else:
                    args = [values[y.order] if isinstance(y, Node) else y for y in x.inputs]
                    values[x.order] = np.asarray(x.primitive.forward(*args, **x.params))
    except (
        ArithmeticError,
        ValueError,
        IndexError,
    ):  # such as a matrix that is not positive definite any more
        return None
    return values


def _moved(value: Array, rng: np.random.Generator) -> Array:
    """Other numbers of the same signs; small ones in the place of zeros."""
    if value.dtype.kind != "f" or not value.ndim:
        return value
    noise = rng.uniform(-0.2, 0.2, value.shape)
    small = np.abs(noise) if np.all(value >= 0) else noise
    return np.where(value == 0, small, value * (1 + noise)).astype(value.dtype)


def agree(term: Term, given: Mapping[Term, Any], wanted: Array, recorded: Term | None = None) -> bool:
    """Whether a term comes to the numbers wanted, as far as rounding lets one tell.

    Parameters
    ----------
    term : Term
    given : mapping of Term to array
        The values of its symbols.
    wanted : array
    recorded : Term, optional
        How the numbers were computed: what cancelled there has left its rounding in them.

    Examples
    --------
    >>> from autograd_core.derivations.terms import Algebra
    >>> algebra = Algebra()
    >>> x = algebra.symbol("x", ())
    >>> given = {x: np.float64(0.1)}
    >>> agree(algebra.multiply(algebra.number(3.0), x), given, np.float64(0.3))
    True
    >>> agree(algebra.multiply(algebra.number(3.0), x), given, np.float64(0.3001))
    False
    """
    known: dict[int, Any] = {}
    bound: dict[int, float] = {}
    with np.errstate(all="ignore"):
        for part in walk(term, recorded or term):
            args = [known[id(arg)] for arg in part.args]
            known[id(part)] = given[part] if part in given else computed(part, args)
            bound[id(part)] = _bound(part, known[id(part)], [bound[id(arg)] for arg in part.args])
        found = np.asarray(known[id(term)])
        if found.shape != wanted.shape:
            return False
        same = (found == wanted) | ~np.isfinite(wanted)
        rounding = float(np.finfo(wanted.dtype).eps) if wanted.dtype.kind == "f" else 2.0**-52
        largest = float(np.max(np.abs(wanted), initial=0.0, where=np.isfinite(wanted)))
        added_up = max(bound[id(term)], bound[id(recorded or term)])
        allowed = rounding**0.55 * largest + 100 * rounding * added_up
        return bool(np.all(same | (np.abs(found - wanted) <= allowed)))


def _bound(part: Term, value: Any, args: list[float]) -> float:
    """How large the numbers are that were added up on the way: what rounding is relative to."""
    match part.head:
        case "add":
            return sum(args)
        case "sum":
            return args[0] * float(math.prod(part.args[0].shape[a] for a in part.params["axis"]))
        case "matmul":
            return math.prod(args) * float(math.prod(arg.shape[-1] for arg in part.args[:-1]))
        case "multiply":
            return float(math.prod(args))
    return float(np.max(np.abs(np.asarray(value, float)), initial=0.0))
