"""The libraries that run a program, each with NumPy's names for its functions.

A library is made when it is first asked for, so a missing one hurts nobody.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

Arrays = list[np.ndarray]
Function = Callable[[Sequence[Any]], tuple[Any, list[Any]]]


class Library:
    """A library whose functions are looked up in several of its modules.

    Parameters
    ----------
    name : str
        Also the attribute of an operation that spells it for this library.
    modules : modules
        Where functions are looked up, first one first.
    array : function
        Makes a constant of an array or a list.
    differentiate : function
        Calls a function ``leaves -> (cost, values)`` and returns values and gradients as NumPy arrays.
    """

    def __init__(
        self,
        name: str,
        modules: Sequence[ModuleType],
        array: Callable[[Any], Any],
        differentiate: Callable[[Function, Arrays], tuple[Arrays, Arrays]],
    ) -> None:
        self.name, self.modules, self.array, self.differentiate = name, modules, array, differentiate

    def __getattr__(self, function: str) -> Any:
        for module in self.modules:
            if hasattr(module, function):
                return getattr(module, function)
        raise AttributeError(f"{self.name} has no {function}")


def apply(
    library: Library, name: str, operation: Any, operands: Sequence[Any], params: Mapping[str, Any]
) -> Any:
    """Run one step."""
    operands = [fix(library, x) if fix else x for x, fix in itertools.zip_longest(operands, operation.fix)]
    spelling = getattr(operation, library.name, None) or operation.call
    return spelling(library, *operands, **params) if spelling else getattr(library, name)(*operands, **params)


def run(program: Any, library: Library, table: Mapping[str, Any]) -> tuple[Arrays, Arrays]:
    """Run a program: every value, and the gradient of the weighted sum of its ends by every leaf."""

    def f(leaves: Sequence[Any]) -> tuple[Any, list[Any]]:
        values = list(leaves)
        for name, operands, params in program.steps:
            values.append(apply(library, name, table[name], [values[i] for i in operands], params))
        ends = [(values[i], program.weights(i, tuple(values[i].shape))) for i in program.ends()]
        return sum(library.sum(value * library.array(weights)) for value, weights in ends), values

    return library.differentiate(f, program.leaves)


@functools.cache
def ours() -> Library:
    """Make the engine of this project."""
    import autograd_core as ag

    def differentiate(f: Function, arrays: Arrays) -> tuple[Arrays, Arrays]:
        leaves = [ag.Tensor(x, requires_grad=True) for x in arrays]
        cost, values = f(leaves)
        if cost.requires_grad:
            cost.backward()
        gradients = [np.zeros(x.shape) if x.grad is None else x.grad for x in leaves]
        return [x.numpy() for x in values], gradients

    return Library("ours", (ag,), np.asarray, differentiate)


@functools.cache
def torch() -> Library:
    """Make PyTorch, run eagerly."""
    import torch
    import torch.nn.functional

    def differentiate(f: Function, arrays: Arrays) -> tuple[Arrays, Arrays]:
        leaves = [torch.tensor(x, requires_grad=True) for x in arrays]
        cost, values = f(leaves)
        if cost.requires_grad:
            cost.backward()
        gradients = [np.zeros(x.shape) if x.grad is None else x.grad.numpy() for x in leaves]
        return [x.detach().numpy() for x in values], gradients

    torch.set_num_threads(1)
    return Library("torch", (torch.linalg, torch, torch.nn.functional), torch.tensor, differentiate)


@functools.cache
def jax() -> Library:
    """Make JAX: each program is compiled as a whole, with little effort spent on speed, for it runs once."""
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_backend_optimization_level=1 --xla_cpu_use_fusion_emitters=false"  # level 0 loses digits
        " --xla_cpu_parallel_codegen_split_count=1",
    )
    import jax
    import jax.numpy
    import jax.scipy

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    calls = itertools.count(1)

    def differentiate(f: Function, arrays: Arrays) -> tuple[Arrays, Arrays]:
        gradients, values = jax.jit(jax.grad(f, has_aux=True))(arrays)
        if next(calls) % 100 == 0:
            jax.clear_caches()
        return [np.asarray(x) for x in values], [np.asarray(x) for x in gradients]

    modules = (jax.numpy, jax.numpy.linalg, jax.nn, jax.scipy.special)
    return Library("jax", modules, np.asarray, differentiate)


LIBRARIES: dict[str, Callable[[], Library]] = {"ours": ours, "torch": torch, "jax": jax}
