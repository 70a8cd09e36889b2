"""The Tensor: a NumPy array that remembers how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd_core.backprop import reverse_sweep
from autograd_core.errors import DtypeError, GraphError, ShapeError, describe
from autograd_core.node import NO_PARAMS, Array, Node, mark_changed, now
from autograd_core.ops import (
    OPERATIONS,
    arithmetic,
    elementary,
    indexing,
    products,
    reduction,
    selection,
    shape,
)

__all__ = ["Tensor", "tensor"]


class Tensor(Node):
    """An array that records what is computed from it.

    Parameters
    ----------
    data : array_like
        Shared, not copied, if it is an array already. Python numbers become float64.
    requires_grad : bool
        Record what is computed from this tensor, so that it can be differentiated.
    name : str, optional
        What messages, pictures and equations call it.

    Raises
    ------
    DtypeError
        The data is complex or no number at all, or `requires_grad` is set on integers or booleans.

    Examples
    --------
    >>> W = Tensor([[1.0, 2.0]], requires_grad=True, name="W")
    >>> x = Tensor([[3.0], [4.0]], name="x")
    >>> J = (W @ x).sum()
    >>> J.backward()
    >>> W.grad
    array([[3., 4.]])
    """

    __slots__ = ()
    __hash__ = object.__hash__

    def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None) -> None:
        value = data.value if isinstance(data, Node) else np.asarray(data)
        kind = value.dtype.kind
        if kind != "f":
            _refuse_kind(kind, value, requires_grad, name)
        self.value = value
        self.requires_grad = requires_grad
        self.name = name
        self.grad = self.primitive = None
        self.inputs = self.values = ()
        self.params = NO_PARAMS
        self.order = now()

    @property
    def data(self) -> Array:
        """The array of values.

        Assigning to it, as ``W.data -= step`` does, is noticed by a backward pass that still needs the
        old values; it must keep the shape and dtype. Only a leaf can be assigned to.
        """
        return self.value

    @data.setter
    def data(self, new: Any) -> None:
        if self.primitive is not None:
            raise GraphError(
                f"{describe(self)} was computed, so it takes no other data; change what it was computed "
                "from, or its .detach()"
            )
        if new is self.value:  # W.data -= step has written to it already
            mark_changed(new)
            return
        value = np.asarray(new)
        if value.shape != self.shape:
            raise ShapeError(f"data of shape {value.shape} assigned to {describe(self)}")
        if value.dtype != self.dtype:
            raise DtypeError(
                f"data of dtype {value.dtype} assigned to {describe(self)}, which is {self.dtype}"
            )
        mark_changed(None)
        self.value = value

    @property
    def T(self) -> Tensor:
        """The transpose: axes reversed."""
        return self.transpose()

    def item(self) -> float:
        """Return the only entry as a Python number."""
        return self.value.item()  # type: ignore[no-any-return]

    def numpy(self) -> Array:
        """Return the array of values, shared."""
        return self.value

    def detach(self) -> Tensor:
        """Return a tensor with the same values, shared, through which no derivative flows.

        Examples
        --------
        >>> x = tensor(2.0, requires_grad=True)
        >>> (x * x.detach()).requires_grad, x.detach().requires_grad
        (True, False)
        """
        return type(self)(self.value, name=self.name)

    def zero_grad(self) -> None:
        """Forget the gradient, so that the next backward pass starts from nothing."""
        self.grad = None

    def backward(self, gradient: Any = None, create_graph: bool = False, retain_grads: bool = False) -> None:
        """Add the derivative of this scalar to the ``grad`` of every leaf that requires one.

        Parameters
        ----------
        gradient : array_like, optional
            Cotangent to start from, in the shape of this tensor; 1 by default, for a scalar.
        create_graph : bool
            Record the backward pass, so that gradients can be differentiated; they are then tensors.
        retain_grads : bool
            Also set the ``grad`` of every tensor on the way.

        Raises
        ------
        GraphError
            Nothing this tensor was computed from requires a gradient, or a value has changed since.
        ShapeError
            Not a scalar and no `gradient` given, or one of another shape.

        Examples
        --------
        >>> x = tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        array([2., 4.])
        """
        if not self.requires_grad:
            raise GraphError(
                f"backward: {describe(self)} was not computed from anything with requires_grad=True"
            )
        seed = self._seed(gradient)
        found = reverse_sweep(
            {self: type(self)(seed, name="1") if create_graph else seed},
            create_graph=create_graph,
            keep=retain_grads,
        )
        shared: set[int] = set()
        for node, ct in found.items():
            if node.primitive is None and node.grad is not None:
                node.grad = node.grad + ct
            elif create_graph or (type(ct) is np.ndarray and ct.base is None and id(ct) not in shared):
                node.grad = ct
                shared.add(id(ct))
            else:  # a view, a scalar, or the gradient of another tensor too
                node.grad = np.array(ct)

    def _seed(self, gradient: Any) -> Any:
        value = self.value
        if gradient is None:
            if value.ndim == 0:
                return value.dtype.type(1)
            if value.size != 1:
                raise ShapeError(
                    f"backward: {describe(self)} is not a scalar; reduce it, for example with .sum(), or "
                    "pass backward(gradient) of the same shape"
                )
            return np.ones_like(value)
        seed = np.array(gradient.value if isinstance(gradient, Node) else gradient, value.dtype)
        if seed.shape != value.shape:
            raise ShapeError(f"backward: gradient of shape {seed.shape} for {describe(self)}")
        return seed

    # Operators, one line each.

    __add__ = arithmetic.add
    __sub__ = arithmetic.subtract
    __mul__ = arithmetic.multiply
    __truediv__ = arithmetic.divide
    __pow__ = elementary.power
    __matmul__ = products.matmul
    __neg__ = arithmetic.negative
    __pos__ = arithmetic.positive
    __abs__ = elementary.absolute
    __getitem__ = indexing.getitem
    __gt__ = selection.greater
    __ge__ = selection.greater_equal
    __lt__ = selection.less
    __le__ = selection.less_equal
    __eq__ = selection.equal
    __ne__ = selection.not_equal

    def __radd__(self, other: Any) -> Tensor:
        return arithmetic.add(other, self)  # type: ignore[no-any-return]

    def __rsub__(self, other: Any) -> Tensor:
        return arithmetic.subtract(other, self)  # type: ignore[no-any-return]

    def __rmul__(self, other: Any) -> Tensor:
        return arithmetic.multiply(other, self)  # type: ignore[no-any-return]

    def __rtruediv__(self, other: Any) -> Tensor:
        return arithmetic.divide(other, self)  # type: ignore[no-any-return]

    def __rpow__(self, other: Any) -> Tensor:
        return elementary.power(other, self)  # type: ignore[no-any-return]

    def __rmatmul__(self, other: Any) -> Tensor:
        return products.matmul(other, self)  # type: ignore[no-any-return]

    # Methods, as NumPy arrays have them.

    sum = reduction.sum
    mean = reduction.mean
    max = reduction.max
    min = reduction.min
    astype = shape.astype

    def reshape(self, *sizes: Any) -> Tensor:
        """Give the entries a new shape: ``t.reshape(2, 3)`` or ``t.reshape((2, 3))``."""
        return shape.reshape(self, *sizes) if len(sizes) == 1 else shape.reshape(self, sizes)  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Tensor:
        """Reorder the axes; reverse them by default."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], Sequence)):
            return shape.transpose(self, axes[0])  # type: ignore[no-any-return]
        return shape.transpose(self, axes or None)  # type: ignore[no-any-return]

    # Python's and NumPy's protocols.

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise GraphError(
            f"entries of {describe(self)} cannot be assigned, because what was recorded needs them; "
            "choose between two tensors with ag.where(mask, a, b), join them with ag.concatenate, or "
            "give a leaf a new array with t.data = array"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self.requires_grad:
            raise DtypeError(
                f"NumPy asked for the values of {describe(self)}, and its derivative would be lost; "
                "use .data or .detach() if that is meant, or the function of the same name in autograd_core"
            )
        return np.array(self.value, dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        """Let ``array * tensor`` and ``np.exp(tensor)`` record, or say what does."""
        if method == "__call__" and not kwargs and ufunc in _UFUNCS:
            return _UFUNCS[ufunc](*args)
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        with_options = f" with {', '.join(kwargs)}" if kwargs else ""
        raise DtypeError(
            f"np.{name}{with_options} does not record derivatives; use {_instead(ufunc.__name__)} instead"
        )

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> NoReturn:
        raise DtypeError(
            f"np.{func.__name__} does not record derivatives; use {_instead(func.__name__)} instead"
        )

    def __repr__(self) -> str:
        body = np.array2string(self.value, separator=", ", prefix="Tensor(", threshold=200)
        details = [f"name={self.name!r}"] if self.name else []
        if self.dtype != np.float64:
            details.append(f"dtype={self.dtype}")
        if self.requires_grad:
            details.append("requires_grad=True")
        return f"Tensor({', '.join([body, *details])})"


tensor = Tensor

_UFUNCS = {
    getattr(np, name): operation
    for name, operation in OPERATIONS.items()
    if isinstance(getattr(np, name, None), np.ufunc)
}


def _refuse_kind(kind: str, value: Array, requires_grad: bool, name: str | None) -> None:
    if kind not in "iub":
        raise DtypeError(
            f"a tensor holds real numbers, and {name or 'this'} has dtype {value.dtype}; "
            "for complex data pass the real and imaginary parts"
        )
    if requires_grad:
        raise DtypeError(
            f"{name or 'a tensor'} with requires_grad=True has dtype {value.dtype}: a derivative needs "
            "floating-point numbers; pass float64 or float32 data, as in Tensor(data.astype(float))"
        )


def _instead(name: str) -> str:
    return f"autograd_core.{name}" if name in OPERATIONS else ".data or .detach()"
