"""What to write in place of functions of NumPy and SciPy that record nothing: one table, by name.

Where the table has nothing, because no derivative could flow or the engine has nothing like it, the values
alone can be passed, and are then constants.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["instead", "spelt"]

_WRITTEN = "a tensor is not written to; choose with ag.where, or place entries with ag.scatter_add"
_COMPLEX = "there are no complex numbers"
_FOURIER = f"{_COMPLEX}; multiply by the matrices of its real and of its imaginary part, with @"
_KEPT = "with keep = ~np.isnan(x)"

_REASONS = {
    "angle": f"{_COMPLEX}; of x + iy it is ag.arctan2(y, x)",
    "copyto": f"{_WRITTEN}; ag.broadcast_to(x, shape) fills a shape with a number",
    "fill_diagonal": "a tensor is not written to; choose with ag.where(np.eye(n, dtype=bool), value, x)",
    "imag": f"{_COMPLEX}, and of a real one it is 0",
    "place": _WRITTEN,
    "put": _WRITTEN,
    "put_along_axis": "a tensor is not written to; place entries among zeros with ag.scatter_along_axis",
    "putmask": "a tensor is not written to; choose with ag.where(mask, values, x)",
    "real_if_close": f"{_COMPLEX}; +x is a copy",
    "sort_complex": f"{_COMPLEX}; use ag.sort",
}
_TRANSFORMS = frozenset(f"{kind}fft{n}" for kind in ("", "i", "r", "ir") for n in ("", "2", "n")) | {
    "hfft",
    "ihfft",
}

_USE = {
    "apply_along_axis": "ag.stack([f(row) for row in x])",
    "apply_over_axes": "a reduction over several axes, as in ag.sum(x, axis=(0, 1))",
    "bincount": "ag.scatter_add(weights, x, (n,))",
    "block": "ag.concatenate along each axis in turn, or ag.vstack of ag.hstack",
    "choose": "ag.select([a == 0, a == 1], [x, y])",
    "corrcoef": "d = x - ag.mean(x, axis=1, keepdims=True) and r = ag.norm(d, axis=1), "
    "then d @ d.T / ag.outer(r, r)",
    "correlate": "ag.convolve(a, v[::-1], 'valid')",
    "cov": "d = x - ag.mean(x, axis=1, keepdims=True), then d @ d.T / (x.shape[1] - 1)",
    "delete": "ag.concatenate of what is left, or ag.compress",
    "ediff1d": "ag.diff(ag.ravel(x))",
    "einsum_path": "ag.einsum(..., optimize=True)",
    "fftshift": "ag.roll(x, x.size // 2)",
    "fmod": "x - y * ag.trunc(x / y), or ag.mod, which has the sign of the divisor",
    "geomspace": "a * (b / a) ** np.linspace(0, 1, n)",
    "gradient": "ag.diff for differences of entries, ag.grad for the derivative of a function",
    "ifftshift": "ag.roll(x, -(x.size // 2))",
    "insert": "ag.concatenate of the parts",
    "interp": "i = np.clip(np.searchsorted(p, x.data) - 1, 0, len(p) - 2), then "
    "f[i] + (x - p[i]) * (f[i + 1] - f[i]) / (p[i + 1] - p[i])",
    "ldexp": "x * 2.0 ** n",
    "linspace": "a + (b - a) * np.linspace(0, 1, n)",
    "logspace": "10.0 ** (a + (b - a) * np.linspace(0, 1, n))",
    "nancumprod": "ag.cumprod(ag.where(np.isnan(x), 1, x))",
    "nancumsum": "ag.cumsum(ag.where(np.isnan(x), 0, x))",
    "nanmax": "ag.max(ag.where(np.isnan(x), -np.inf, x))",
    "nanmean": f"ag.average(ag.where(keep, x, 0), weights=keep) {_KEPT}",
    "nanmedian": f"ag.median(x[keep]) {_KEPT}",
    "nanmin": "ag.min(ag.where(np.isnan(x), np.inf, x))",
    "nanpercentile": f"ag.percentile(x[keep], q) {_KEPT}",
    "nanprod": "ag.prod(ag.where(np.isnan(x), 1, x))",
    "nanquantile": f"ag.quantile(x[keep], q) {_KEPT}",
    "nanstd": f"ag.std(x[keep]) {_KEPT}",
    "nansum": "ag.sum(ag.where(np.isnan(x), 0, x))",
    "nanvar": f"ag.var(x[keep]) {_KEPT}",
    "partition": "ag.sort, or ag.order_statistic for one entry",
    "piecewise": "ag.select([x < 0], [a], b)",
    "poly": "ag.convolve of the factors",
    "polyadd": "a + b, the shorter one padded in front with ag.pad",
    "polyder": "x[:-1] * np.arange(len(x) - 1, 0, -1)",
    "polyfit": "ag.pinv(x[:, None] ** np.arange(n, -1, -1)) @ y",
    "polyint": "ag.append(x / np.arange(len(x), 0, -1), 0.0)",
    "polymul": "ag.convolve(a, b)",
    "polysub": "a - b, the shorter one padded in front with ag.pad",
    "polyval": "y[..., None] ** np.arange(len(x) - 1, -1, -1) @ x",
    "resize": "ag.reshape(ag.take(x, np.arange(n) % x.size), shape)",
    "rollaxis": "ag.moveaxis",
    "trim_zeros": "a slice, x[a:b]",
    "unique": "i = np.unique(x.data, return_index=True)[1], then x[i]",
    "unique_values": "i = np.unique(x.data, return_index=True)[1], then x[i]",
    "vander": "x[:, None] ** np.arange(len(x) - 1, -1, -1)",
    # numpy.linalg
    "eig": "ag.eigh, if the matrix is symmetric",
    "eigvals": "ag.eigvalsh, if the matrix is symmetric",
    "lstsq": "ag.pinv(a) @ b",
    "tensorinv": "ag.inv of the tensor reshaped to a matrix",
    "tensorsolve": "ag.solve, with the tensor reshaped to a matrix",
    # scipy.special
    "cosdg": "ag.cos(ag.deg2rad(x))",
    "cosm1": "-2 * ag.sin(x / 2) ** 2",
    "entr": "-ag.xlogy(x, x)",
    "erfcx": "ag.exp(x * x) * ag.erfc(x)",
    "exp10": "10.0 ** x",
    "exprel": "ag.expm1(x) / x",
    "huber": "nn.costs.huber, or ag.where",
    "kl_div": "ag.xlogy(x, x / y) - x + y",
    "log_expit": "-ag.softplus(-x)",
    "log_ndtr": "ag.log(ag.erfc(-x / np.sqrt(2)) / 2)",
    "ndtr": "ag.erfc(-x / np.sqrt(2)) / 2",
    "powm1": "ag.expm1(y * ag.log(x))",
    "pseudo_huber": "x**2 * (ag.sqrt(1 + (y / x) ** 2) - 1)",
    "radian": "ag.deg2rad",
    "rel_entr": "ag.xlogy(x, x / y)",
    "sindg": "ag.sin(ag.deg2rad(x))",
    "tandg": "ag.tan(ag.deg2rad(x))",
    "xlog1py": "x * ag.log1p(y)",
}
_METHODS = {
    "accumulate": "a loop of ag.{0}, and ag.stack",
    "at": "ag.{0}, with ag.scatter_add(values, places, shape)",
    "outer": "ag.{0}(x[:, None], y)",
    "reduce": "a loop of ag.{0}",
    "reduceat": "a loop of ag.{0} over slices, and ag.stack",
}


def instead(name: str, method: str = "") -> str:
    """Say what to use in place of a function, or of a method of a ufunc that itself records.

    Examples
    --------
    >>> instead("polymul")
    'use autograd_core.convolve(a, b), or pass .data or .detach() for its values alone'
    """
    values = "pass .data or .detach() for its values alone"
    use = _METHODS[method].format(name) if method in _METHODS else _USE.get(name)
    reason = _FOURIER if name in _TRANSFORMS else _REASONS.get(name)
    said = f"use {use}, or {values}" if use else f"{reason}; or {values}" if reason else values
    return said.replace("ag.", "autograd_core.")


def spelt(function: Callable[..., Any]) -> str:
    """Name a function of NumPy or SciPy as one calls it.

    Examples
    --------
    >>> import numpy as np
    >>> spelt(np.linalg.eig)
    'np.linalg.eig'
    """
    name = function.__name__
    for home in ("numpy", "numpy.linalg", "numpy.fft", "scipy.special"):
        if getattr(sys.modules.get(home), name, None) is function:
            return f"{home.replace('numpy', 'np')}.{name}"
    return f"np.{name}"
