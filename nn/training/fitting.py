"""Fit a network to examples: forward, cost, backward, update, again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd_core.graph.node import Array
from autograd_core.system.files import as_path
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import OptionError
from nn.datasets import split
from nn.given import network
from nn.layers.dropout import Dropout
from nn.layers.sequential import Sequential
from nn.layers.states import Params, fixed
from nn.optimizers import LBFGS, GradientDescent, Optimizer
from nn.targets import targets
from nn.training.checkpoints import Checkpoint, alone, settings
from nn.training.history import History
from nn.training.monitor import Callback, Metric, Monitor, Stop
from nn.training.progress import bar
from nn.training.run import Run
from nn.training.step import Compile, looks_on, step

__all__ = ["fit"]

Cost = Callable[[Any, Any], Any]
Data = tuple[Any, Any]


def fit(
    net: Sequential,
    cost: Cost,
    data: Data,
    optimizer: Optimizer | LBFGS | None = None,
    *,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: int = 0,
    lam: float = 0.0,
    validation: float | Data | None = None,
    metrics: Iterable[Metric] | Mapping[str, Metric] = (),
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 1,
    resume: bool = False,
    progress: bool = True,
    compile: Compile = None,
) -> History:
    """Train a network in place.

    With `patience`, and when a callback or Ctrl-C ends it, the network is left with the weights of the epoch
    with the lowest cost; otherwise with the last ones. Ctrl-C before the first epoch has begun is raised.

    Parameters whose ``requires_grad`` is False are frozen: they keep their bits whatever the optimiser.

    Parameters
    ----------
    net : Sequential
    cost : function (A, Y) -> scalar
        One of `nn.costs`, or any function written with tensors.
    data : (X, Y)
        (n[0], m) and (n[L], m), one column per example; for `nn.costs` Y may also be class numbers (m,).
    optimizer : one of nn.optimizers, optional
        `GradientDescent` by default.
    epochs : int
        How often to go through the examples, all told.
    batch_size : int, optional
        Examples an update, drawn without replacement; all by default. The last batch may be smaller.
    seed : int
        For the order of the examples.
    lam : float
        Weight penalty: lam/(2m) Σ_l ‖W[l]‖² is added to the cost, with m the number of all examples.
    validation : float or (X, Y), optional
        Examples to judge by, never trained on: a share of the data to hold back, or others.
    metrics : functions (net, X, Y) -> float, or a mapping of names to them
        Evaluated after each epoch, such as `nn.accuracy`.
    patience : int, optional
        Stop when the cost of the examples held back (without any: of those trained on) has not fallen below
        its lowest for so many epochs.
    callbacks : functions (net, history) -> bool or None
        Called after each epoch; one that returns True ends the training. They look on: what they
        assign to the weights is lost.
    checkpoint : path of a .safetensors or .npz file, optional
        Where to keep everything that is needed to go on; replaced as a whole after every
        `checkpoint_every` epochs and at the end. `nn.load` reads the network from it.
    resume : bool
        Go on from `checkpoint` if it exists, with the same bits as if there had been no break.
    progress : bool
        Show a bar, if tqdm is installed.
    compile : bool, "numba" or None
        Record a step once and replay it as a program (see `autograd_core.compile`): True as NumPy, "numba" as
        machine code, both to rounding. None does so, without changing a bit, when cost, activations and rule
        are all from `nn` and there are enough steps to make good the time to record one.

    Returns
    -------
    History

    Raises
    ------
    ShapeError, DataError, NonFiniteError, OptionError
        The data do not suit the network or one another, hold a NaN or infinity, a setting makes no sense, or
        the checkpoint is damaged, from another training, or in use by one: nothing was changed.
    NonFiniteError
        The cost or a parameter became NaN or infinite. The message names the step and the first operation
        that went wrong; the parameters are those of the last good step.

    Examples
    --------
    >>> import nn
    >>> X, Y = nn.datasets.iris()
    >>> net = nn.Sequential(nn.Dense(4, 3, "softmax", rng=0))
    >>> history = fit(net, nn.costs.cross_entropy, (X, Y), epochs=20, progress=False)
    >>> history.costs[-1] < history.costs[0]
    True
    """
    rule = GradientDescent() if optimizer is None else optimizer
    counts = {
        "epochs": epochs,
        "batch_size": batch_size,
        "patience": patience,
        "checkpoint_every": checkpoint_every,
    }
    _check_options(cost, rule, counts, seed, lam, validation, checkpoint, resume)
    if isinstance(rule, LBFGS):
        _check_whole(net, batch_size, checkpoint)
    _check_frozen(network(net, "fit"), rule)
    X, Y = _checked(net, cost, data)
    held_back: tuple[Array, Array] | None = None
    if isinstance(validation, float):
        (X, Y), held_back = split(X, Y, held_back=validation, seed=seed)
    elif validation is not None:
        held_back = _checked(net, cost, validation)
    monitor = Monitor(net, cost, (X, Y), held_back, metrics, patience, callbacks)
    run = Run(net, cost, X, Y, batch_size=batch_size, seed=seed, lam=lam)
    run.step = step(net, cost, rule, lam, X.shape[1], compile, epochs * run.batches)
    file = None
    with alone(checkpoint):
        if checkpoint is not None:
            options = {"batch_size": batch_size, "seed": seed, "lam": lam, "metrics": [*monitor.metrics]}
            said = settings(net, cost, rule, (X, Y), held_back, **options)
            file = Checkpoint(checkpoint, said, checkpoint_every)
        if not isinstance(rule, LBFGS):
            run.state = rule.start(run.params)
            if file is not None and resume and file.path.exists():
                file.restore(run, monitor, rule)
            elif file is not None:
                file.keep(run, monitor)  # so that a place that cannot be written is known at once
        _train(run, monitor, file, rule, epochs, progress)
    return monitor.history


def _train(
    run: Run,
    monitor: Monitor,
    file: Checkpoint | None,
    rule: Optimizer | LBFGS,
    epochs: int,
    progress: bool,
) -> None:
    """Go through the epochs that are left, and leave the network with the right weights."""
    history, net, training = monitor.history, run.net, run.net.training
    started = time.perf_counter() - history.seconds

    def after_epoch(cost: float, params: Params) -> None:
        monitor.after_epoch(cost, params)
        history.seconds = time.perf_counter() - started
        if file is not None:
            file.keep(run, monitor)
        monitor.decide()

    def train() -> str:
        done = len(history.costs)
        net.train()
        try:
            with bar(epochs * run.batches, done * run.batches, progress) as tick:
                monitor.out_of_patience()
                if isinstance(rule, LBFGS):
                    run.minimise(rule, epochs, tick, after_epoch)
                else:
                    for number in range(done + 1, epochs + 1):
                        after_epoch(*run.epoch(rule, number, tick))
        except Stop as stop:
            return str(stop)
        return "epochs" if len(history.costs) >= epochs else "converged"

    def finish(stopped: str) -> None:
        history.stopped = stopped
        monitor.settle()
        choose = stopped not in ("", "epochs") or (stopped and monitor.patience is not None)
        net.assign(monitor.best if choose and monitor.best is not None else run.params)
        net.zero_grad()
        net.training = training
        if file is not None:
            file.write()

    try:
        try:
            stopped = train()
        except KeyboardInterrupt:
            raise
        except BaseException:
            finish("")
            raise
        finish(stopped)
    except KeyboardInterrupt:  # also one that comes while it finishes: then that is done again
        finish("interrupted")


def _check_options(
    cost: Any,
    rule: Any,
    counts: dict[str, int | None],
    seed: Any,
    lam: float,
    validation: Any,
    checkpoint: Any,
    resume: bool,
) -> None:
    """Refuse settings that make no sense."""
    if not callable(cost):
        raise OptionError(f"fit: cost={cost!r}; wanted a function (A, Y), such as nn.costs.cross_entropy")
    if not isinstance(rule, Optimizer | LBFGS):
        raise OptionError(
            f"fit: optimizer={rule!r}; wanted one of nn.optimizers, such as nn.optimizers.Adam()"
        )
    for name, value in counts.items():
        if value is not None and (not isinstance(value, int | np.integer) or value < 1):
            raise OptionError(f"fit: {name}={value!r}; it must be a whole number of at least 1")
    if not (validation is None or (isinstance(validation, float) and 0 < validation < 1)) and (
        not isinstance(validation, tuple | list) or len(validation) != 2
    ):
        raise OptionError(f"fit: validation={validation!r:.60}; wanted a share such as 0.2, or a pair (X, Y)")
    if seed is not None and (not isinstance(seed, int | np.integer) or seed < 0):
        raise OptionError(f"fit: seed={seed!r}; it must be a whole number of at least 0")
    if checkpoint is not None:
        as_path(checkpoint, "fit: checkpoint")
    if not isinstance(lam, Real) or not 0 <= lam < np.inf:
        raise OptionError(f"fit: lam={lam!r}; a weight penalty is a number, 0 or more")
    if truth(resume, "fit: resume") and checkpoint is None:
        raise OptionError("fit: resume=True needs a checkpoint: the path of the file to go on from")


def _check_whole(net: Sequential, batch_size: int | None, checkpoint: Any) -> None:
    """Refuse what does not go with a rule that searches by itself, on one and the same function."""
    if checkpoint is not None or batch_size is not None:
        raise OptionError(
            "fit: LBFGS takes all examples at once and keeps what it knows to itself, so it goes with "
            "neither batch_size nor checkpoint; take Adam, or nn.save the network afterwards"
        )
    if any(isinstance(layer, Dropout) and layer.keep < 1 for layer in net.layers):
        raise OptionError(
            "fit: LBFGS compares costs along its way, and dropout makes another cost of each; take Adam, or "
            "leave the Dropout layers out"
        )


def _check_frozen(net: Sequential, rule: Optimizer | LBFGS) -> None:
    """Refuse what cannot go on where parameters are frozen."""
    frozen = fixed(net.named_parameters())
    if frozen and len(frozen) == len(net.parameters()):
        raise OptionError(
            f"fit: every parameter is frozen, {', '.join(frozen)}, so there is nothing to train; set "
            "requires_grad to True for those that training may change"
        )
    if frozen and not isinstance(rule, LBFGS) and looks_on(rule):
        raise OptionError(
            f"fit: {', '.join(frozen)} frozen (requires_grad is False), but {type(rule).__name__} turns "
            "the gradient by the curvature in all parameters together; take another rule, such as Adam, or "
            "freeze none"
        )


def _checked(net: Sequential, cost: Cost, data: Any) -> tuple[Array, Array]:
    """Refuse data that do not fit, before anything is changed; take them in the dtype of the network."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        found = f"{len(data)} parts" if isinstance(data, tuple | list) else type(data).__name__
        raise OptionError(f"fit: found {found} for the data; wanted a pair (X, Y)")
    dtype = net.dtype
    with np.errstate(over="ignore"):  # an infinity that comes of it is refused
        X = net.finite(net.examples(data[0]).data.astype(dtype, copy=False)).data
        Y = targets(cost, data[1], net.widths[-1], X.shape[1], dtype)
    return X, Y
