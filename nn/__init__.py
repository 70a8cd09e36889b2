"""Dense networks in the notes' notation, on `autograd_core` alone.

One column per example: X (n[0], m), Y (n[L], m), W[l] (n[l], n[l-1]), b[l] (n[l], 1).
"""

import importlib
from typing import TYPE_CHECKING, Any

from autograd_core.system.extras import required
from nn import activations, closed_form, costs, datasets, elementary, initializers, optimizers, targets
from nn.datasets import columns
from nn.files.onnx_export import to_onnx
from nn.files.saving import load, save
from nn.files.torch_weights import from_torch, load_torch, save_torch, to_torch
from nn.layers.dense import Dense
from nn.layers.dropout import Dropout
from nn.layers.layer import Layer
from nn.layers.layer_norm import LayerNorm
from nn.layers.scalars import units
from nn.layers.sequential import Sequential
from nn.layers.trace import Trace
from nn.metrics import accuracy, confusion, r2
from nn.training.fitting import fit
from nn.training.history import History

if TYPE_CHECKING:
    from nn.notes import NOTES

__all__ = [
    "NOTES",
    "Dense",
    "Dropout",
    "History",
    "Layer",
    "LayerNorm",
    "Sequential",
    "Trace",
    "accuracy",
    "activations",
    "closed_form",
    "columns",
    "confusion",
    "costs",
    "datasets",
    "elementary",
    "fit",
    "from_torch",
    "initializers",
    "load",
    "load_torch",
    "optimizers",
    "r2",
    "save",
    "save_torch",
    "targets",
    "to_onnx",
    "to_torch",
    "units",
]


_ESTIMATORS = ("DenseClassifier", "DenseRegressor")  # not in __all__: they need scikit-learn


def __dir__() -> list[str]:
    """List what is public, loaded or not."""
    return sorted([*__all__, *_ESTIMATORS])


def __getattr__(name: str) -> Any:
    """Import the notes and the estimators when they are asked for."""
    if name == "NOTES":
        return importlib.import_module("nn.notes").NOTES
    if name not in _ESTIMATORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    required("sklearn", "sklearn", f"nn.{name}")
    return getattr(importlib.import_module("nn.training.estimators"), name)
