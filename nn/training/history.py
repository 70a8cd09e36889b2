"""What happened while a network was fitted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from autograd_core.system.extras import required
from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import printable

__all__ = ["History", "as_label"]


@dataclass
class History:
    """What happened while fitting, epoch by epoch.

    Attributes
    ----------
    costs : list of float
        The cost of each epoch, before its updates; averaged over mini-batches by their size.
    validation_costs : list of float
        The cost of the examples held back, after each epoch; empty without any.
    metrics : dict of str to list of float
        After each epoch, on the training examples, and as ``"validation ..."`` on those held back.
    best_epoch : int or None
        The epoch, counted from 1, with the lowest cost: on the examples held back if there are any.
    stopped : str
        Why it ended: ``"epochs"``, ``"patience"``, ``"callback"``, ``"interrupted"``, or ``"converged"``
        where L-BFGS finds no lower cost.
    seconds : float
        How long it took, all told if it was resumed.
    """

    costs: list[float] = field(default_factory=list)
    validation_costs: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    best_epoch: int | None = None
    stopped: str = ""
    seconds: float = 0.0

    @property
    def monitored(self) -> list[float]:
        """The costs that decide which epoch is best."""
        return self.validation_costs or self.costs

    def to_dict(self) -> dict[str, Any]:
        """Copy everything into a dict that JSON knows.

        Examples
        --------
        >>> History([2.0, 1.0]).to_dict()["costs"]
        [2.0, 1.0]
        """
        return asdict(self)

    def plot(self, axes: Any = None) -> Any:
        """Draw the costs, and metrics if there are any, over the epochs.

        Needs matplotlib: ``pip install "autograd-core[plot]"``.

        Parameters
        ----------
        axes : matplotlib Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib Axes
            Of the costs; metrics stand on a second axis at the right.
        """
        if axes is None:
            pyplot = required("matplotlib.pyplot", "plot", "a plot of the history")
            _, axes = pyplot.subplots(layout="constrained")
        if not all(hasattr(axes, name) for name in ("plot", "get_lines", "twinx")):
            raise OptionError(f"plot: axes is {axes!r:.60}, wanted the Axes of matplotlib")
        epochs = range(1, len(self.costs) + 1)
        axes.plot(epochs, self.costs, label="cost J")
        if self.validation_costs:
            axes.plot(epochs, self.validation_costs, label="validation cost")
        axes.set(xlabel="epoch", ylabel="cost J")
        lines = [*axes.get_lines()]
        if self.metrics:
            right = axes.twinx()
            for name, values in self.metrics.items():
                lines += right.plot(epochs, values, "--", color=f"C{len(lines)}", label=as_label(name))
            metrics = (name for name in self.metrics if not name.startswith("validation "))
            right.set_ylabel(", ".join(map(as_label, metrics)))
        axes.legend(handles=lines)
        return axes


def as_label(name: str) -> str:
    r"""Write a name as matplotlib shows it: no formula, and in the legend whatever it starts with.

    >>> print(as_label("cost in $"), as_label("_hits"))
    cost in \$  _hits
    """
    text = printable(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text
