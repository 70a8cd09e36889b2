"""A network's layers as a table."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.wording.identifiers import printable
from nn.layers.architecture import Layer
from nn.layers.dense import Dense

__all__ = ["summary", "tabulated"]


def summary(layers: Sequence[Layer]) -> str:
    """Tabulate layers with their shapes and numbers of parameters."""
    rows, l = [("layer", "activation", "A", "W", "b", "parameters")], 0
    for layer in layers:
        if isinstance(layer, Dense):
            l += 1
            count = sum(parameter.size for parameter in layer.parameters())
            b = "" if layer.b is None else str(layer.b.shape)
            A = f"({layer.n_out}, m)"
            rows.append((str(l), layer.activation, A, str(layer.W.shape), b, f"{count:,}"))
        else:
            rows.append(("", f"dropout, keep {layer.keep:g}", "", "", "", ""))
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    total = sum(parameter.size for layer in dense for parameter in layer.parameters())
    return "\n".join(
        [
            tabulated(rows, right=(5,)),
            f"{dense[0].n_in} inputs, {dense[-1].n_out} outputs, {total:,} parameters of {dense[0].W.dtype}",
        ]
    )


def tabulated(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Write rows with their columns aligned: to the left, or to the right where numbers stand.

    Examples
    --------
    >>> print(tabulated([("name", "size"), ("W[1]", "20")], right=(1,)))
    name  size
    W[1]    20
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
