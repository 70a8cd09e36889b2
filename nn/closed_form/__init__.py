"""The notes' formulas, written by hand in plain NumPy: the oracle that the engine is held against.

Nothing here uses the engine. Numbers in parentheses are those of the notes' equations; the sizes are
W (n, n_prev), b (n, 1), A_prev (n_prev, m), Z, A, dZ, dA (n, m), one column per example.
"""

from nn.closed_form.activations import (
    ACTIVATIONS,
    Activation,
    activate_columns,
    activation_gradient,
    activation_gradient_columns,
)
from nn.closed_form.costs import COSTS, Cost
from nn.closed_form.differences import RESOLUTION, difference_quotient
from nn.closed_form.formulas import (
    bias_gradient,
    bias_gradient_loops,
    dropout,
    dropout_gradient,
    linear,
    linear_columns,
    linear_loops,
    penalty_gradient,
    previous_gradient,
    previous_gradient_loops,
    weight_gradient,
    weight_gradient_loops,
)
from nn.closed_form.recurrence import Layer, backward, forward

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "RESOLUTION",
    "Activation",
    "Cost",
    "Layer",
    "activate_columns",
    "activation_gradient",
    "activation_gradient_columns",
    "backward",
    "bias_gradient",
    "bias_gradient_loops",
    "difference_quotient",
    "dropout",
    "dropout_gradient",
    "forward",
    "linear",
    "linear_columns",
    "linear_loops",
    "penalty_gradient",
    "previous_gradient",
    "previous_gradient_loops",
    "weight_gradient",
    "weight_gradient_loops",
]
