"""Pictures of networks and of recorded graphs.

`forward`, `backward` and `both` draw what was recorded; `network`, `neuron`, `unit`, `layer` and
`backpropagation` a network's units and layers; `program` what a compiled function runs. All return a
`Picture`, which shows itself in a notebook and saves itself as SVG, PNG, PDF, HTML, DOT or text. `page`
writes both passes as a page to step through, `training` the curves of a training.
"""

import importlib
from typing import TYPE_CHECKING, Any

from viz.errors import RenderError
from viz.figures.backpropagation import backpropagation
from viz.figures.graph import backward, both, forward
from viz.figures.layer_figure import layer
from viz.figures.network import network
from viz.figures.neuron import neuron
from viz.figures.training_curves import training
from viz.figures.unit import unit
from viz.notebook import register
from viz.stepper.page import page
from viz.writers.picture import Picture

if TYPE_CHECKING:
    from viz.figures.program_figure import program

__all__ = [
    "Picture",
    "RenderError",
    "backpropagation",
    "backward",
    "both",
    "forward",
    "layer",
    "network",
    "neuron",
    "page",
    "program",
    "training",
    "unit",
]

register()


def __dir__() -> list[str]:
    """List what is public, loaded or not."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Import `program`, and with it the compiler, when it is first asked for."""
    if name != "program":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = importlib.import_module("viz.figures.program_figure").program
    return found
