"""An array on a page: its shape and range, a heat map, and its first entries as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from viz.scene.labels import norm, number, shape
from viz.writers.heat_map import heat_map

__all__ = ["entries"]

ROWS, COLUMNS = 6, 8  # of a table
_PIXELS = 32, 150  # most rows and columns of a heat map


def entries(value: Any) -> Iterator[str]:
    """Write an array as HTML, in a few kilobytes however large it is.

    Parameters
    ----------
    value : ndarray
        One with more than two axes is shown as a matrix, its first axes run together.

    Examples
    --------
    >>> list(entries(2.0))
    ['<figure class="numbers"><p class="number">2</p></figure>']
    """
    if np.ndim(value) == 0:
        yield f'<figure class="numbers"><p class="number">{number(value)}</p></figure>'
        return
    said = f"shape {shape(value)}"
    if np.size(value) == 0:
        yield f'<figure class="numbers"><figcaption>{said}, empty</figcaption></figure>'
        return
    matrix = np.reshape(value, (-1, np.shape(value)[-1]))
    yield f'<figure class="numbers"><figcaption>{said}; {_range(matrix)}</figcaption>'
    down, across = (-(-size // most) for size, most in zip(matrix.shape, _PIXELS, strict=True))
    if matrix.size > 1:
        yield _heat_map(matrix[::down, ::across], said)
    if max(down, across) > 1:
        yield f"<p>one in {down * across} entries, evenly spread</p>"
    yield f'<div class="scroll"><table class="entries"><tbody>{"".join(_rows(matrix))}</tbody></table></div>'
    yield f"{_cut(matrix)}</figure>"


def _range(matrix: np.ndarray[Any, Any]) -> str:
    with np.errstate(all="ignore"):
        least, mean, most = (number(f(matrix)) for f in (np.min, np.mean, np.max))
    return f"smallest {least}, mean {mean}, largest {most}, {norm(matrix)}"


def _heat_map(matrix: np.ndarray[Any, Any], said: str) -> str:
    rows, columns = matrix.shape
    high, wide = rows * _side(rows, 96), columns * _side(columns, 300)
    alt = f"heat map, {said}: blue above zero, vermillion below"
    return f'<img src="{heat_map(matrix)}" width="{wide}" height="{high}" alt="{alt}">'


def _side(count: int, room: int) -> int:
    """Choose how many pixels an entry gets along one axis."""
    return min(max(room // count, 1), 16)


def _rows(matrix: np.ndarray[Any, Any]) -> Iterator[str]:
    rows, columns = matrix.shape
    more = '<td class="more">…</td>' if columns > COLUMNS else ""
    for row in matrix[:ROWS, :COLUMNS]:
        yield f"<tr>{''.join(f'<td>{number(x)}</td>' for x in row)}{more}</tr>"
    if rows > ROWS:
        yield f'<tr><td class="more" colspan="{min(columns, COLUMNS)}">⋮</td></tr>'


def _cut(matrix: np.ndarray[Any, Any]) -> str:
    """Say how much of a matrix the table leaves out."""
    left = [
        f"{shown} of {size} {what}"
        for size, shown, what in zip(matrix.shape, (ROWS, COLUMNS), ("rows", "columns"), strict=True)
        if size > shown
    ]
    return f"<p>the first {' and '.join(left)}</p>" if left else ""
