"""Checkpoints: all that a training needs to go on bit for bit, in one file that `nn.load` reads too."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd_core.differentiation.tree import flatten
from autograd_core.graph.node import Array
from autograd_core.system.files import as_path, held
from autograd_core.wording.errors import DataError, OptionError
from autograd_core.wording.identifiers import printable
from nn import storage
from nn.files import saving
from nn.layers.sequential import Sequential
from nn.layers.states import Params, fixed
from nn.optimizers import Optimizer
from nn.training.history import History
from nn.training.monitor import Monitor
from nn.training.run import Run

__all__ = ["Checkpoint", "alone", "settings"]

_OPTIMIZER, _BEST, _HISTORY = "training/optimizer/", "training/best/", "training/history/"


def settings(
    net: Sequential, cost: Callable[..., Any], rule: object, train: Any, held_back: Any, **others: Any
) -> dict[str, Any]:
    """Describe a training by all that its bits depend on, in values that JSON knows."""
    said = {
        "layers": net.config(),
        **others,
        "cost": _written(cost),
        "optimizer": _written(rule),
        "examples": _digest(train),
        "examples held back": None if held_back is None else _digest(held_back),
    }
    if frozen := fixed(net.named_parameters()):  # else nothing is said of it, as in files from before
        said["frozen"] = [*frozen]
    return {what: _plain(value) for what, value in said.items()}


def _written(thing: object) -> str:
    """Write a function or a rule with its options, but not where it lies in memory."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(thing))


def _digest(data: tuple[Array, Array]) -> str:
    digest = hashlib.sha256()
    for part in data:
        digest.update(f"{part.dtype} {part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def alone(path: str | os.PathLike[str] | None) -> Iterator[None]:
    """See that no other training keeps its checkpoints in the same file.

    Raises
    ------
    OptionError
        One does, at this moment.
    """
    with contextlib.nullcontext(True) if path is None else held(as_path(path, "fit: checkpoint")) as free:
        if not free:
            raise OptionError(
                f"fit: another training keeps its checkpoints in {printable(path)} just now; give each a "
                "file of its own, or wait until it has ended"
            )
        yield


class Checkpoint:
    """The file that a training is kept in.

    Parameters
    ----------
    path : path of a .safetensors or .npz file
    settings : dict
        What the training is, from `settings`; a file with others is not gone on from.
    every : int
        Epochs from one writing to the next.
    """

    def __init__(self, path: str | os.PathLike[str], settings: dict[str, Any], every: int) -> None:
        self.path, self._settings, self._every = as_path(path, "checkpoint"), settings, every
        self._latest: tuple[dict[str, Array], dict[str, Any]] | None = None

    def keep(self, run: Run, monitor: Monitor) -> None:
        """Take in where a training stands after an epoch, and write it if it is time to."""
        self._latest = _contents(run, monitor, self._settings)
        if len(monitor.history.costs) % self._every == 0:
            self.write()

    def write(self) -> None:
        """Write what was taken in last, if it has not been written."""
        if self._latest is not None:
            storage.write(self.path, *self._latest)
            self._latest = None

    def restore(self, run: Run, monitor: Monitor, rule: Optimizer) -> None:
        """Put a training where the file says it stood.

        Raises
        ------
        DataError
            The file is damaged or no checkpoint of this training; nothing was changed.
        OptionError
            The training had other settings; nothing was changed.
        """
        bundle = storage.read(self.path)
        try:
            about = bundle.about["training"]
            self._same(about["settings"])
            params = _params(run.net, bundle.arrays, "")
            state = _state(rule.start(run.params), bundle.arrays)
            history = _history(bundle.arrays, about)
            best = None if history.best_epoch is None else _params(run.net, bundle.arrays, _BEST)
            _set_generators([type(g.bit_generator)() for g in run.generators], about["generators"])
        except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
            if isinstance(error, OptionError):
                raise
            raise DataError(
                f"{printable(self.path.name)}: no checkpoint of this training, or a damaged one: "
                f"{type(error).__name__}: {error}; start afresh, and it is replaced"
            ) from None
        _set_generators([g.bit_generator for g in run.generators], about["generators"])
        run.continue_from(params, state)
        monitor.history, monitor.best = history, best

    def _same(self, found: dict[str, Any]) -> None:
        for what in self._settings | found:
            before, now = found.get(what), self._settings.get(what)
            if before != now:
                file, what = printable(self.path.name), printable(what)
                raise OptionError(
                    f"{file}: the training before had {what} {_short(before)}, this one has {_short(now)}; "
                    "use the same, or start afresh instead of resuming"
                )


def _contents(
    run: Run, monitor: Monitor, settings: dict[str, Any]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Take out everything that the rest of a training depends on."""
    arrays, about = saving.packed(saving.Model(run.net))
    history = monitor.history
    if monitor.best is not None:
        names = [_BEST + name for name in run.net.named_parameters()]
        arrays |= dict(zip(names, flatten(monitor.best)[0], strict=True))
    arrays |= {f"{_OPTIMIZER}{i}": np.asarray(leaf) for i, leaf in enumerate(flatten(run.state)[0])}
    arrays[f"{_HISTORY}costs"] = np.array(history.costs)
    arrays[f"{_HISTORY}validation_costs"] = np.array(history.validation_costs)
    arrays |= {f"{_HISTORY}metrics/{name}": np.array(values) for name, values in history.metrics.items()}
    about["training"] = {
        "settings": settings,
        "generators": [_plain(generator.bit_generator.state) for generator in run.generators],
        "metrics": [*history.metrics],
        "best_epoch": history.best_epoch,
        "seconds": history.seconds,
    }
    return arrays, about


def _params(net: Sequential, arrays: Mapping[str, Array], prefix: str) -> Params:
    """Read parameters in the form of `Sequential.params`."""
    names = [*net.named_parameters()]
    leaves, structure = flatten(net.params())
    return structure.unflatten(  # type: ignore[no-any-return]
        _like(value, arrays[prefix + name], prefix + name) for value, name in zip(leaves, names, strict=True)
    )


def _state(fresh: Any, arrays: Mapping[str, Array]) -> Any:
    """Read an optimiser's state, in the form of a fresh one."""
    leaves, structure = flatten(fresh)
    names = [f"{_OPTIMIZER}{i}" for i in range(len(leaves))]
    return structure.unflatten(
        _like(leaf, arrays[name], name) for leaf, name in zip(leaves, names, strict=True)
    )


def _like(wanted: Any, found: Array, name: str) -> Array:
    wanted = np.asarray(wanted)
    if (found.shape, found.dtype) != (wanted.shape, wanted.dtype):
        raise ValueError(f"{name} is {found.dtype} {found.shape}, wanted {wanted.dtype} {wanted.shape}")
    return found


def _history(arrays: Mapping[str, Array], about: Mapping[str, Any]) -> History:
    """Read a history, and refuse one that contradicts itself."""
    epochs = arrays[f"{_HISTORY}costs"].size

    def series(name: str, *lengths: int) -> list[float]:
        values = arrays[_HISTORY + name]
        if values.shape not in [(length,) for length in lengths] or values.dtype != np.float64:
            raise ValueError(f"{name} is {values.dtype} {values.shape}, wanted float64 ({epochs},)")
        return values.tolist()  # type: ignore[no-any-return]

    history = History(
        costs=series("costs", epochs),
        validation_costs=series("validation_costs", 0, epochs),
        metrics={name: series(f"metrics/{name}", epochs) for name in about["metrics"]},
        best_epoch=about["best_epoch"],
        seconds=float(about["seconds"]),
    )
    if history.best_epoch is not None and not 1 <= history.best_epoch <= epochs:
        raise ValueError(f"epoch {history.best_epoch} of {epochs} is the best")
    return history


def _set_generators(generators: list[Any], states: list[dict[str, Any]]) -> None:
    for generator, state in zip(generators, states, strict=True):
        generator.state = state


def _plain(state: Any) -> Any:
    """Turn NumPy's numbers and arrays into values that JSON knows."""
    if isinstance(state, dict):
        return {name: _plain(value) for name, value in state.items()}
    return state.tolist() if isinstance(state, np.ndarray | np.generic) else state


def _short(value: Any) -> str:
    text = printable(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
