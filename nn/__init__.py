"""Dense networks in the notes' notation, on `autograd_core` alone.

One column per example: X (n[0], m), Y (n[L], m), W[l] (n[l], n[l-1]), b[l] (n[l], 1).
"""

from nn import activations, closed_form, costs, datasets, optimizers
from nn.layers import Dense
from nn.network import Sequential
from nn.training import History, accuracy, fit

__all__ = [
    "Dense",
    "History",
    "Sequential",
    "accuracy",
    "activations",
    "closed_form",
    "costs",
    "datasets",
    "fit",
    "optimizers",
]
