"""Who takes part: a name, the file with its step, what must be installed for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

HAND, PRODUCTS = "hand-written NumPy", "matrix products alone"
OURS = ("engine, eager", "engine, compiled", "engine, compiled by Numba")


class Contestant(NamedTuple):
    """A file of this folder, the packages it needs, and what its functions are told besides the problem."""

    module: str
    packages: tuple[str, ...]
    options: Mapping[str, Any] = MappingProxyType({})


CONTESTANTS = {
    PRODUCTS: Contestant("products", ("numpy",)),
    HAND: Contestant("by_hand", ("numpy",)),
    "hand-written with buffers": Contestant("by_hand_buffers", ("numpy",)),
    OURS[0]: Contestant("eager", ("autograd_core",)),
    OURS[1]: Contestant("compiled", ("autograd_core",), {"backend": "numpy"}),
    OURS[2]: Contestant("compiled", ("autograd_core", "numba", "scipy"), {"backend": "numba"}),
    "PyTorch": Contestant("pytorch", ("torch",), {"compiled": False}),
    "PyTorch, compiled": Contestant("pytorch", ("torch",), {"compiled": True}),
    "JAX, jitted": Contestant("jax_jit", ("jax",)),
    "PyTensor": Contestant("pytensor_function", ("pytensor", "numba")),
    "autograd": Contestant("hips_autograd", ("autograd",)),
    "MyGrad": Contestant("mygrad_tensors", ("mygrad",)),
    "tinygrad, jitted": Contestant("tinygrad_jit", ("tinygrad",)),
}
MEASURES = ("training step", "gradient", "prediction")


def everyone(figures: Iterable[Iterable[str]]) -> list[str]:
    """List who takes part in any of several figures, in the order of `CONTESTANTS`."""
    found = {name for names in figures for name in names}
    return [name for name in CONTESTANTS if name in found]
