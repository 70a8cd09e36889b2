"""Update rules, their learning rates, and minimisation: pure functions of parameters in any container."""

from nn.optimizers.clipping import Clipped, clip_by_norm, clip_by_value, global_norm
from nn.optimizers.descent import (
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
)
from nn.optimizers.fisher import Fisher
from nn.optimizers.flow import ConstantMetric, GradientFlow
from nn.optimizers.lbfgs import LBFGS
from nn.optimizers.optimizer import Optimizer
from nn.optimizers.schedules import Cosine, Exponential, InverseTime, StepDecay, Warmup

__all__ = [
    "LBFGS",
    "Adagrad",
    "Adam",
    "AdamW",
    "Clipped",
    "ConstantMetric",
    "Cosine",
    "Exponential",
    "Fisher",
    "GradientDescent",
    "GradientFlow",
    "InverseTime",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "StepDecay",
    "Warmup",
    "clip_by_norm",
    "clip_by_value",
    "global_norm",
]
