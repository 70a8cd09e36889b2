"""Data sets in NumPy's archives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograd_core.system.files import as_path
from autograd_core.wording.errors import DataError, ShapeError
from autograd_core.wording.identifiers import printable
from nn.datasets.examples import Dataset, floats
from nn.storage import read_npz_arrays

__all__ = ["read_npz"]


def read_npz(path: str | Path) -> Dataset:
    """Read a data set as ``numpy.savez(path, X=X, Y=Y)`` writes it, without trusting the file.

    Parameters
    ----------
    path : path of an .npz file
        X (n, m) and Y (k, m), one column per example; other arrays in the file are left alone.

    Returns
    -------
    Dataset
        float32 stays float32, other real numbers become float64.

    Raises
    ------
    DataError
        The file is damaged, compressed or no archive of numbers, X or Y is missing, or holds a NaN or an
        infinity.
    ShapeError
        X and Y are not two matrices with one column per example.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "data.npz"
    ...     np.savez(path, X=np.ones((2, 5)), Y=np.zeros((1, 5)))
    ...     X, Y = read_npz(path)
    >>> X.shape, Y.shape
    ((2, 5), (1, 5))
    """
    path = as_path(path, "read_npz")
    name, arrays = printable(path.name), read_npz_arrays(path)
    if missing := [key for key in Dataset._fields if key not in arrays]:
        held = ", ".join(arrays) or "none"
        raise DataError(
            f"{name}: no array named {' or '.join(missing)}; the file holds {held}; "
            "numpy.savez(path, X=X, Y=Y) writes them"
        )
    data = Dataset(*(floats(arrays[key], f"{name}: {key}") for key in Dataset._fields))
    X, Y = data
    if X.ndim != 2 or Y.ndim != 2 or 0 in X.shape + Y.shape or X.shape[1] != Y.shape[1]:
        hint = "; nn.datasets.one_hot makes columns of class numbers" if Y.ndim == 1 else ""
        if X.ndim == Y.ndim == 2 and len(X) == len(Y):
            hint = "; did you mean X.T and Y.T?"
        raise ShapeError(
            f"{name}: X of shape {X.shape} and Y of shape {Y.shape}; wanted (n, m) and (k, m), "
            f"one column per example{hint}"
        )
    for key, array in data._asdict().items():
        if len(bad := np.argwhere(~np.isfinite(array))):
            row, column = bad[0].tolist()
            raise DataError(f"{name}: {key} holds {array[row, column]} in example (column) {column}")
    return data
