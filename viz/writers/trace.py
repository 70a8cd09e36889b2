"""The evaluation trace: a table with one row for every recorded value."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph.node import Node
from autograd_core.wording.notation import ATOM, SUM, Written, write
from viz.detail.view import Shown
from viz.scene.backward_pass import Sweep
from viz.scene.contents import NOT_COMPUTED
from viz.scene.labels import number, shape, shortened, summary
from viz.scene.record import Record
from viz.style.markup import plain

__all__ = ["Row", "can_be_printed", "computed", "in_ascii", "recorded", "table"]

_LONGEST = 48
_ASCII = str.maketrans(
    {
        "–": "-", "−": "-", "·": ".", "⊙": "*", "∂": "d", "Σ": "sum", "∏": "prod", "σ": "sigmoid",
        "ᵀ": ".T", "‖": "||", "√": "sqrt", "∛": "cbrt", "∇": "grad ", "…": "...", "⋯": "...", "⋮": "...",
        "≥": ">=", "≤": "<=", "≠": "!=", "×": "x", "′": "'", "δ": "delta", "λ": "lambda", "→": "->",
        "←": "<-", "²": "^2", "⁻": "^-", "⁺": "^+", "⟨": "<", "⟩": ">", "⌈": "ceil(", "⌉": ")", "⌊": "floor(",
        "⌋": ")", "∗": "(*)", "\N{COMBINING TILDE}": "~", "│": "|", "─": "-", "┼": "+",
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


def recorded(record: Record, shown: Shown | None = None) -> list[Row]:
    """List the graph, or what is shown of it, with the gradients that its tensors hold already."""
    return _rows(record, record.gradients, shown or Shown(record))


def computed(record: Record, done: Sweep, shown: Shown | None = None) -> list[Row]:
    """List the graph, or what is shown of it, with the adjoints of a sweep."""
    return _rows(record, done.adjoints, shown or Shown(record))


def _rows(record: Record, adjoints: Mapping[Node, Any], shown: Shown) -> list[Row]:
    """Give a row to each value that is drawn, to each box, and to the result."""
    called = {node: plain(record.labels.get(node, record.ids[node])) for node in record.nodes}
    boxes = {block.nodes[0]: block for block in shown.blocks}
    rows = []
    for node in record.nodes:
        if record.ids[node] not in shown.homes or node is record.root:
            rows.append(_row(node, record.ids[node], _equation(node, record, called), record, adjoints))
        elif node in boxes:
            inside = boxes[node].nodes
            steps = "–".join(dict.fromkeys((record.ids[inside[0]], record.ids[inside[-1]])))
            rows.append(_row(inside[-1], steps, f"({boxes[node].title})", record, adjoints))
    return rows


def _row(node: Node, steps: str, equation: str, record: Record, adjoints: Mapping[Node, Any]) -> Row:
    name = plain(record.labels.get(node, ""))
    return Row(steps, name, equation, shape(node.value), summary(node.value), _adjoint(adjoints.get(node)))


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
    return NOT_COMPUTED if value is None else summary(value)


def table(rows: Sequence[Row], ascii: bool = False, below: Iterable[str] = ()) -> str:
    """Lay rows out below their headings.

    Parameters
    ----------
    rows : sequence of Row
        The last one is the result.
    ascii : bool
        Use no other characters.
    below : iterable of str
        Further lines, in markup.

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
    written += (plain(line) for line in below if line)
    text = "\n".join(written)
    return in_ascii(text) if ascii else text


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = (cell.ljust(n) for cell, n in zip(cells, widths, strict=True))
    return " │ ".join(padded).rstrip()


def in_ascii(text: str) -> str:
    """Write with nothing beyond ASCII.

    >>> in_ascii("· ⊙ Wᵀ │ −1 │ –"), in_ascii("log₁₀(Ã[1])"), in_ascii("A⁻¹")
    ('. * W.T | -1 | -', 'log10(A~[1])', 'A^-1')
    """
    parted = unicodedata.normalize("NFKD", text.translate(_ASCII)).translate(_ASCII)
    return parted.encode("ascii", "replace").decode("ascii")


def can_be_printed(text: str) -> bool:
    """Say whether the standard output has every character of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
