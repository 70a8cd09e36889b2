"""A trained network as an ONNX model, which other runtimes read."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core import __version__
from autograd_core.graph.node import Array
from autograd_core.system.extras import required
from autograd_core.system.files import as_path, replace
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import DtypeError, OptionError
from nn.activations import ACTIVATIONS
from nn.given import network, precision
from nn.layers.dense import Dense
from nn.layers.layer import Layer
from nn.layers.layer_norm import LayerNorm
from nn.layers.sequential import Sequential

__all__ = ["to_onnx"]

_OPSET, _IR_VERSION = 13, 7  # of 2020, so that old runtimes read the file too


def to_onnx(
    net: Sequential, path: str | os.PathLike[str], *, columns: bool = False, dtype: Any = None
) -> Path:
    """Write a network to an .onnx file; dropout is left out.

    The input ``X`` and the output ``A`` have one row per example, (m, n[0]) and (m, n[L]), as users of other
    tools expect. The weights keep their names, ``W[1]``, ``b[1]``, ... The file appears whole or not at all.

    Parameters
    ----------
    net : Sequential
        Every activation one of `nn.activations.ACTIVATIONS`.
    path : path of the file
    columns : bool
        Take and give one column per example instead, (n[0], m) and (n[L], m).
    dtype : float32 or float64, optional
        Of input, weights and output; the network's own by default. onnxruntime has no float64 kernel for what
        ``gelu`` needs.

    Raises
    ------
    OptionError
        An activation or layer is of one's own, `dtype` is another one, or the package onnx is missing.
    OSError
        The file cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> net = Sequential(Dense(4, 5, "tanh", rng=0), Dense(5, 3, "softmax", rng=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     to_onnx(net, Path(folder) / "net.onnx").name
    'net.onnx'
    """
    onnx = required("onnx", "onnx", "an .onnx file")
    path = as_path(path, "to_onnx")
    graph = _Graph(onnx, truth(columns, "to_onnx: columns"), _checked(network(net, "to_onnx"), dtype))
    A = "X"
    for l, layer in enumerate(net.numbered, start=1):
        A = graph.layer(l, layer, A, "A" if layer is net.numbered[-1] else f"A[{l}]")
    model = graph.model(net)
    onnx.checker.check_model(model, full_check=True)
    return replace(path, model.SerializeToString(deterministic=True))


def _checked(net: Sequential, dtype: Any) -> np.dtype[Any]:
    """Refuse what the format cannot say, before anything is built; the dtype of the model."""
    for l, layer in enumerate(net.numbered, start=1):
        if not isinstance(layer, Dense | LayerNorm):
            raise OptionError(f"layer {l}, {layer}, is of a class that to_onnx has no operations for")
        if layer.g is not ACTIVATIONS.get(layer.activation):
            raise OptionError(
                f"the activation of W[{l}] is a function, {layer.activation!r}; "
                f"ONNX can say only the named ones: {', '.join(_ACTIVATIONS)}"
            )
    if dtype is None:
        return np.result_type(*(parameter.dtype for parameter in net.parameters()))
    try:
        return precision(dtype, "to_onnx")
    except DtypeError:
        raise OptionError(f"to_onnx: dtype={dtype!r:.60}: wanted float32 or float64") from None


class _Graph:
    """Nodes and constants, as they come about."""

    def __init__(self, onnx: Any, columns: bool, dtype: np.dtype[Any]) -> None:
        self.onnx, self.columns, self.dtype = onnx, columns, dtype
        self.nodes: list[Any] = []
        self.constants: dict[str, Array] = {}

    def __call__(self, operation: str, *operands: str | float, **attributes: Any) -> str:
        """Add a node; return the name of its result."""
        inputs = [x if isinstance(x, str) else self.constant(str(x), np.array(x)) for x in operands]
        result = f"v{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operation, inputs, [result], **attributes))
        return result

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = value.astype(self.dtype)
        return name

    def layer(self, l: int, layer: Layer, A: str, result: str) -> str:
        """Add the operations of a layer, the last of which gives `result`."""
        if isinstance(layer, Dense):
            self.dense(l, layer, A)
        elif isinstance(layer, LayerNorm):
            self.layer_norm(l, layer, A)
        self.nodes[-1].output[0] = result
        return result

    def layer_norm(self, l: int, layer: LayerNorm, A: str) -> None:
        """Normalise, scale and shift the features of each example; LayerNormalization came later."""
        gamma, beta = (
            self.constant(f"{name}[{l}]", parameter.data if self.columns else parameter.data.T)
            for name, parameter in layer.named_parameters().items()
        )
        axes = [0 if self.columns else 1]
        centred = self("Sub", A, self("ReduceMean", A, axes=axes, keepdims=1))
        variance = self("ReduceMean", self("Mul", centred, centred), axes=axes, keepdims=1)
        spread = self("Sqrt", self("Add", variance, layer.eps))
        self("Add", self("Mul", gamma, self("Div", centred, spread)), beta)

    def dense(self, l: int, layer: Dense, A: str) -> None:
        """Z = W A + b and A = g(Z), or Zᵀ = Aᵀ Wᵀ + bᵀ for rows."""
        W = self.constant(f"W[{l}]", layer.W.data)
        operands = [W, A] if self.columns else [A, W]
        if layer.b is not None:
            operands.append(self.constant(f"b[{l}]", layer.b.data if self.columns else layer.b.data.T))
        Z = self("Gemm", *operands, transB=int(not self.columns))
        _ACTIVATIONS[layer.activation](self, Z)

    def model(self, net: Sequential) -> Any:
        helper, kind = self.onnx.helper, self.onnx.helper.np_dtype_to_tensor_dtype(self.dtype)
        X, A = (
            helper.make_tensor_value_info(name, kind, [n, "m"] if self.columns else ["m", n])
            for name, n in (("X", net.widths[0]), ("A", net.widths[-1]))
        )
        constants = [self.onnx.numpy_helper.from_array(array, name) for name, array in self.constants.items()]
        return helper.make_model(
            helper.make_graph(self.nodes, "network", [X], [A], constants),
            producer_name="autograd-core",
            producer_version=__version__,
            doc_string=f"{net!r}, one {'column' if self.columns else 'row'} per example",
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
        )


# In operations that runtimes have in float64 too: they lack LeakyRelu, Elu and Softplus there.
_ACTIVATIONS: dict[str, Callable[[_Graph, str], str]] = {
    "elu": lambda g, Z: g("Add", g("Relu", Z), g("Sub", g("Exp", g("Min", Z, 0.0)), 1.0)),
    "gelu": lambda g, Z: g("Mul", Z, g("Mul", 0.5, g("Add", 1.0, g("Erf", g("Mul", Z, math.sqrt(0.5)))))),
    "identity": lambda g, Z: Z,
    "leaky_relu": lambda g, Z: g("Max", Z, g("Mul", Z, 0.01)),
    "relu": lambda g, Z: g("Relu", Z),
    "sigmoid": lambda g, Z: g("Sigmoid", Z),
    "silu": lambda g, Z: g("Mul", Z, g("Sigmoid", Z)),
    "softmax": lambda g, Z: g("Softmax", Z, axis=0 if g.columns else 1),
    "softplus": lambda g, Z: g("Add", g("Relu", Z), g("Log", g("Add", 1.0, g("Exp", g("Neg", g("Abs", Z)))))),
    "tanh": lambda g, Z: g("Tanh", Z),
}
