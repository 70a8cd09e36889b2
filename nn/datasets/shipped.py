"""Real data that ships with the package.

Iris (R. A. Fisher, 1936; 150 flowers, 4 measurements in cm, 3 species) and Optical Recognition of
Handwritten Digits (E. Alpaydin and C. Kaynak, 1998; the test set: 1797 images of 8 x 8 pixels with grey
levels 0 to 16, 10 digits). Both come from the UCI Machine Learning Repository under the licence
CC BY 4.0; see ``nn/data/README.md``.
"""

from __future__ import annotations

from pathlib import Path

from autograd_core.wording.errors import DataError
from nn.datasets.examples import Dataset
from nn.datasets.tables import read_csv

__all__ = ["digits", "iris"]

_DATA = Path(__file__).parent.parent / "data"


def iris() -> Dataset:
    """Load Iris: X (4, 150) in cm, Y (3, 150) for setosa, versicolor, virginica.

    Raises
    ------
    DataError
        The data file is damaged.

    Examples
    --------
    >>> X, Y = iris()
    >>> X.shape, Y.shape, Y.sum(axis=1)
    ((4, 150), (3, 150), array([50., 50., 50.]))
    """
    return _complete("iris.csv", (4, 150), 3)


def digits() -> Dataset:
    """Load the handwritten digits: X (64, 1797) with grey levels 0 to 16, Y (10, 1797).

    Raises
    ------
    DataError
        The data file is damaged.

    Examples
    --------
    >>> X, Y = digits()
    >>> X.shape, Y.shape, X.max()
    ((64, 1797), (10, 1797), np.float64(16.0))
    """
    return _complete("digits.csv", (64, 1797), 10)


def _complete(name: str, shape: tuple[int, int], classes: int) -> Dataset:
    try:
        data = Dataset(*read_csv(_DATA / name, task="classify"))
        if (data.X.shape, len(data.Y)) != (shape, classes):
            raise DataError(f"{name}: X {data.X.shape} in {len(data.Y)} classes, wanted {shape} in {classes}")
    except DataError as error:
        raise DataError(f"{error}; the file is truncated or changed: install the package again") from None
    return data
