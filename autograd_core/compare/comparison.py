"""The table of a comparison: each claimed gradient beside the one autodiff finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core.backprop import reverse_sweep
from autograd_core.errors import GraphError, MismatchError, ShapeError, describe, unknown_option
from autograd_core.node import Array, Node, topological_order

__all__ = ["Comparison", "Row", "compare"]

Verdict = Literal["agrees", "differs", "shape"]

_TOLERANCE = {8: 1e-9, 4: 1e-4, 2: 1e-2}  # relative, by the bytes of the coarser of the two


class Row(NamedTuple):
    """One claimed gradient.

    Attributes
    ----------
    name : str
        ``dW[1]`` for the derivative by W[1].
    shape, claimed_shape : tuple of int
    largest_absolute : float
        Largest difference of two entries; NaN if the shapes differ.
    largest_relative : float
        The same, relative to the largest entry of either.
    worst : tuple of int or None
        Where that is.
    verdict : {"agrees", "differs", "shape"}
    """

    name: str
    shape: tuple[int, ...]
    claimed_shape: tuple[int, ...]
    largest_absolute: float
    largest_relative: float
    worst: tuple[int, ...] | None
    verdict: Verdict


class Comparison:
    """Claimed gradients against autodiff, in the order in which the backward pass finds them.

    Attributes
    ----------
    rows : tuple of Row
    """

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows

    @property
    def ok(self) -> bool:
        """Whether every claim agrees."""
        return self.first_wrong is None

    @property
    def first_wrong(self) -> Row | None:
        """The first claim, in backward order, that does not agree: the one to mend first."""
        return next((row for row in self.rows if row.verdict != "agrees"), None)

    def raise_if_wrong(self) -> None:
        """Raise, with the table, unless every claim agrees; for use in tests.

        Raises
        ------
        MismatchError
            An AssertionError.
        """
        if not self.ok:
            raise MismatchError(f"a claimed gradient is not the derivative\n{self}")

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        head = (
            "quantity",
            "shape",
            "largest absolute",
            "largest relative",
            "worst entry",
            "verdict",
        )
        lines = [head, *(_cells(row) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([table[0], "  ".join("-" * width for width in widths), *table[1:]])

    __repr__ = __str__


def _cells(row: Row) -> tuple[str, ...]:
    if row.verdict == "shape":
        return row.name, str(row.shape), "", "", "", f"wrong shape: {row.claimed_shape}"
    where = "" if row.worst is None else str(list(row.worst))
    return (
        row.name,
        str(row.shape),
        f"{row.largest_absolute:.2e}",
        f"{row.largest_relative:.2e}",
        where,
        row.verdict,
    )


def compare(J: Node, claimed: Mapping[Any, Any], *, rtol: float | None = None) -> Comparison:
    """Hold claimed gradients against those of the recorded graph.

    Parameters
    ----------
    J : Tensor
        A recorded scalar.
    claimed : mapping
        From a tensor, or the name of one behind `J`, to the array that is claimed to be the derivative
        of `J` by it. ``"W[1]"`` and ``"dW[1]"`` mean the same.
    rtol : float, optional
        Relative difference allowed; by default 1e-9 in float64 and 1e-4 in float32.

    Returns
    -------
    Comparison
        True if every claim agrees; print it for the table.

    Raises
    ------
    ShapeError
        `J` is not a scalar.
    GraphError
        `J` was not computed from the tensor, or no derivative flows to it.
    OptionError
        No tensor behind `J` has that name.

    Examples
    --------
    >>> import autograd_core as ag
    >>> W = ag.tensor([[1.0, 2.0]], requires_grad=True, name="W")
    >>> J = (W @ np.array([[3.0], [4.0]])).sum()
    >>> print(compare(J, {"dW": np.array([[3.0, -4.0]])}))
    quantity  shape   largest absolute  largest relative  worst entry  verdict
    --------  ------  ----------------  ----------------  -----------  -------
    dW        (1, 2)  8.00e+00          2.00e+00          [0, 1]       differs
    """
    if J.size != 1:
        raise ShapeError(f"compare: {describe(J)} is not a scalar")
    if not J.requires_grad:
        raise GraphError(f"compare: {describe(J)} was not computed from anything with requires_grad=True")
    graph = topological_order([J])
    named = {node.name: node for node in graph if node.name}
    wanted = {_resolved(key, named): np.asarray(value) for key, value in claimed.items()}
    found = reverse_sweep({J: np.ones(J.shape, J.dtype)}, keep=True)
    reader = {x.order: node.order for node in graph for x in node.operands()}
    rows = []
    for node in sorted(wanted, key=lambda x: (-reader.get(x.order, x.order), not x.is_leaf, x.order)):
        if node not in found:
            raise GraphError(
                f"compare: no derivative flows from {describe(J)} to {describe(node)}; "
                "it must be behind J and require a gradient"
            )
        rows.append(_row(f"d{node.name or '(unnamed)'}", np.asarray(found[node]), wanted[node], rtol))
    return Comparison(tuple(rows))


def _resolved(key: Any, named: Mapping[str, Node]) -> Node:
    if isinstance(key, Node):
        return key
    for name in (key, key.removeprefix("d")):
        if name in named:
            return named[name]
    raise unknown_option("tensor", key, named)


def _row(name: str, true: Array, claimed: Array, rtol: float | None) -> Row:
    if true.shape != claimed.shape:
        return Row(name, true.shape, claimed.shape, np.nan, np.nan, None, "shape")
    if true.size == 0:
        return Row(name, true.shape, claimed.shape, 0.0, 0.0, None, "agrees")
    difference = np.abs(true.astype(float) - claimed.astype(float))
    where = np.unravel_index(np.argmax(difference), difference.shape)  # a NaN counts as largest
    largest = float(difference[where])
    scale = float(max(np.abs(true).max(), np.abs(claimed).max()))
    relative = largest / scale if scale else largest
    coarser = min(true.dtype.itemsize, claimed.dtype.itemsize if claimed.dtype.kind == "f" else 8)
    agrees = relative <= (rtol or _TOLERANCE.get(coarser, _TOLERANCE[8]))
    worst = tuple(int(i) for i in where)
    return Row(name, true.shape, claimed.shape, largest, relative, worst, "agrees" if agrees else "differs")
