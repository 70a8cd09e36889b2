"""Data in columns: sets that ship, sets to generate, files to read, and what brings arrays into shape.

One column per example: X (n, m) and Y (k, m), floating, where k counts the classes or the outputs.
"""

from nn.datasets.archives import read_npz
from nn.datasets.examples import Dataset, columns, labels, one_hot, rows, split
from nn.datasets.generated import circles, moons, sine, spirals, xor
from nn.datasets.scaling import Scaling, standardized
from nn.datasets.shipped import digits, iris
from nn.datasets.tables import Table, read_csv, read_features

__all__ = [
    "Dataset",
    "Scaling",
    "Table",
    "circles",
    "columns",
    "digits",
    "iris",
    "labels",
    "moons",
    "one_hot",
    "read_csv",
    "read_features",
    "read_npz",
    "rows",
    "sine",
    "spirals",
    "split",
    "standardized",
    "xor",
]
