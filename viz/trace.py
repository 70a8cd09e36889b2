"""The evaluation trace: a table with one row for every recorded value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.node import Node
from autograd_core.notation import ATOM, SUM, Written, write
from viz.backward_pass import Sweep
from viz.labels import number, shape, shortened, summary
from viz.markup import plain
from viz.record import Record

__all__ = ["NOT_COMPUTED", "Row", "computed", "in_ascii", "recorded", "table"]

NOT_COMPUTED = "–"
_LONGEST = 48
_ASCII = str.maketrans(
    {
        "–": "-", "−": "-", "·": ".", "⊙": "*", "∂": "d", "Σ": "sum", "σ": "sigmoid", "ᵀ": ".T",
        "‖": "||", "√": "sqrt", "∇": "grad ", "…": "...", "≥": ">=", "≤": "<=", "≠": "!=",
        "×": "x", "′": "'", "δ": "delta", "→": "->", "⋮": "...", "│": "|", "─": "-", "┼": "+",
    }
)  # fmt: skip


class Row(NamedTuple):
    """One recorded value."""

    step: str
    name: str
    equation: str
    shape: str
    value: str
    adjoint: str


def recorded(record: Record) -> list[Row]:
    """List the graph, with the gradients that its tensors hold already."""
    return _rows(record, {node: node.grad for node in record.nodes if node.grad is not None})


def computed(record: Record, done: Sweep) -> list[Row]:
    """List the graph, with the adjoints of a sweep."""
    return _rows(record, done.adjoints)


def _rows(record: Record, adjoints: Mapping[Node, Any]) -> list[Row]:
    called = {node: plain(record.labels.get(node, record.ids[node])) for node in record.nodes}
    return [
        Row(
            record.ids[node],
            plain(record.labels.get(node, "")),
            _equation(node, record, called),
            shape(node.value),
            summary(node.value),
            _adjoint(adjoints.get(node)),
        )
        for node in record.nodes
    ]


def _equation(node: Node, record: Record, called: Mapping[Node, str]) -> str:
    if node.primitive is None:
        known = node in record.labels
        return "constant" if not known else "parameter" if node.requires_grad else "input"
    operands = [_operand(x, record, called) for x in node.inputs]
    return shortened(write(node.primitive.notation, "text", operands, node.params).text, _LONGEST)


def _operand(x: Any, record: Record, called: Mapping[Node, str]) -> Written:
    """Write an operand: its name or step, the number that it is, or the shape of a constant."""
    if isinstance(x, Node) and (x in record.labels or not x.is_leaf):
        return Written(called[x])
    value = x.value if isinstance(x, Node) else x
    if np.ndim(value):
        return Written(f"[{'×'.join(map(str, np.shape(value)))}]")
    text = number(value)
    return Written(text, SUM if text.startswith("−") else ATOM)


def _adjoint(value: Any) -> str:
    return NOT_COMPUTED if value is None else summary(getattr(value, "value", value))


def table(rows: Sequence[Row], ascii: bool = False) -> str:
    """Lay rows out below their headings.

    Parameters
    ----------
    rows : sequence of Row
        The last one is the result.
    ascii : bool
        Use no other characters.

    Examples
    --------
    >>> x = Row("v0", "x", "parameter", "()", "3", "6")
    >>> rows = [x, Row("v1", "J", "x ⊙ x", "()", "9", "1")]
    >>> print(table(rows))
    step │ name │ operation │ shape │ value │ ∂J/∂·
    ─────┼──────┼───────────┼───────┼───────┼──────
    v0   │ x    │ parameter │ ()    │ 3     │ 6
    v1   │ J    │ x ⊙ x     │ ()    │ 9     │ 1
    """
    heads = Row("step", "name", "operation", "shape", "value", f"∂{rows[-1].name}/∂·")
    lines: list[Sequence[str]] = [heads, *rows]
    if ascii:  # before the columns are measured: some signs become words
        lines = [[in_ascii(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    written = [_line(line, widths) for line in lines]
    written.insert(1, "─┼─".join("─" * n for n in widths))
    if any(" / " in row.value for row in rows):
        written.append("arrays: smallest / mean / largest entry")
    text = "\n".join(written)
    return in_ascii(text) if ascii else text


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = (cell.ljust(n) for cell, n in zip(cells, widths, strict=True))
    return " │ ".join(padded).rstrip()


def in_ascii(text: str) -> str:
    """Write with nothing beyond ASCII.

    >>> in_ascii("· ⊙ Wᵀ │ −1 │ –")
    '. * W.T | -1 | -'
    """
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
