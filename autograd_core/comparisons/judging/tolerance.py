"""How exactly a claim is meant: its dtype, or the digits that it was printed with."""

from __future__ import annotations

import numpy as np

from autograd_core.graph.node import Array

__all__ = ["digits", "tolerance"]

_BY_BYTES = {8: 1e-9, 4: 1e-4, 2: 1e-2}  # relative, by the bytes of the coarser of the two
_ENOUGH = 3  # digits: fewer are a person's round number, not a rounded one
_MOST = 9
_SAMPLE = 64  # entries that are looked at before all are


def tolerance(true: Array, claimed: Array) -> float:
    """Relative difference that the dtypes of the two allow.

    Examples
    --------
    >>> tolerance(np.ones(2), np.ones(2)), tolerance(np.ones(2), np.ones(2, np.float32))
    (1e-09, 0.0001)
    """
    coarser = min(true.dtype.itemsize, claimed.dtype.itemsize if claimed.dtype.kind == "f" else 8)
    return _BY_BYTES.get(coarser, _BY_BYTES[8])


def digits(claimed: Array) -> float | None:
    """Half a unit of the last digit that a claim was rounded to, relative to its largest entry.

    None if it was not rounded, or so far that it may be exact.

    Examples
    --------
    >>> digits(np.array([0.1234, -1.5678])), digits(np.array([1 / 3, 0.25]))
    (3.189182293659906e-05, None)
    """
    if claimed.dtype.kind != "f" or claimed.size < 2 or not np.isfinite(claimed).all():
        return None
    numbers = claimed.astype(float).ravel()
    largest = float(np.abs(numbers).max())
    if not largest:
        return None
    exponent = int(np.floor(np.log10(largest)))
    for n in range(_ENOUGH - 1, _MOST + 1):
        if _rounded(numbers[:_SAMPLE], n, exponent) and _rounded(numbers, n, exponent):
            return None if n < _ENOUGH else 0.5 * 10.0 ** (exponent - n + 1) / largest
    return None


def _rounded(numbers: Array, n: int, exponent: int) -> bool:
    """Whether all numbers have the places of n digits of the largest, or n digits of their own."""
    places = np.round(numbers, n - 1 - exponent)
    figures = np.array([float(f"{x:.{n - 1}e}") for x in numbers])
    small = 1e-13 * 10.0**exponent
    return any(bool(np.abs(numbers - rounded).max() <= small) for rounded in (places, figures))
