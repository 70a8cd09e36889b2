"""A network's layers as a table."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.wording.identifiers import printable
from nn.layers.layer import Layer

__all__ = ["summary", "tabulated"]


def summary(layers: Sequence[Layer]) -> str:
    """Tabulate layers with their shapes and numbers of parameters."""
    numbered = [layer for layer in layers if layer.numbered]
    names = [*dict.fromkeys(name for layer in numbered for name in layer.named_parameters())]
    rows = [("layer", "activation", "A", *names, "parameters")]
    for layer in layers:
        if not layer.numbered:
            rows.append(("", layer.title, *[""] * (len(names) + 2)))
            continue
        own = layer.named_parameters()
        shapes = [str(own[name].shape) if name in own else "" for name in names]
        count = f"{sum(parameter.size for parameter in own.values()):,}"
        rows.append((str(numbered.index(layer) + 1), layer.title, f"({layer.n_out}, m)", *shapes, count))
    parameters = [parameter for layer in numbered for parameter in layer.parameters()]
    total = f"{sum(parameter.size for parameter in parameters):,} parameters"
    of = f" of {parameters[0].dtype}" if parameters else ""
    sizes = f"{numbered[0].n_in} inputs, {numbered[-1].n_out} outputs"
    return f"{tabulated(rows, right=(len(names) + 3,))}\n{sizes}, {total}{of}"


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
