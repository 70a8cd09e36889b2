"""The Tensor: a NumPy array that remembers how it was computed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd_core.differentiation.backprop import accumulate, reverse_sweep
from autograd_core.differentiation.protocols import RECORDED, call_function, call_ufunc
from autograd_core.graph.anomaly import calling_lines
from autograd_core.graph.dispatch import as_operand, plain_array
from autograd_core.graph.garbage import TUNED, tune
from autograd_core.graph.node import NO_PARAMS, Array, Node, depends, mark_changed, now
from autograd_core.graph.recording import is_recording, transforms
from autograd_core.ops.entrywise import arithmetic, elementary, logic, powers, rounding, selection
from autograd_core.ops.matrices import contraction, products
from autograd_core.ops.reducing import cumulative, ordering, reduction, spread
from autograd_core.ops.shaping import diagonals, indexing, rearranging, shape
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import DtypeError, GraphError, ShapeError, describe
from autograd_core.wording.identifiers import printable

__all__ = ["Tensor", "tensor"]


def _reflected(operation: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """The operator with its operands the other way round: ``2.0 - t``."""
    return lambda self, other: operation(other, self)


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
        The data is complex, masked or no number at all, or `requires_grad` is set on integers or booleans.
    ShapeError
        A list whose parts have different lengths.
    OptionError
        `name` is no text.

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
        value = data._read("Tensor()") if isinstance(data, Tensor) else plain_array(data)
        kind = value.dtype.kind
        if requires_grad is not True and requires_grad is not False:
            requires_grad = truth(requires_grad, "Tensor: requires_grad")
        if kind != "f":
            _refuse_kind(kind, value, requires_grad, name)
        if requires_grad and not TUNED:
            tune()
        self.value = value
        self.requires_grad = requires_grad
        self._name = self.grad = self.primitive = None
        self.inputs = self.values = ()
        self.params = NO_PARAMS
        self.order = now()
        if name is not None:
            self.name = name

    @property
    def data(self) -> Array:
        """The array of values.

        Assigning to it, as ``W.data -= step`` does, is noticed by a backward pass that still needs the
        old values; it must keep the shape and dtype. Only a leaf can be assigned to.

        Raises
        ------
        GraphError
            Assigned to, and this tensor was computed.
        ShapeError, DtypeError
            What is assigned has another shape or dtype.
        """
        return self.value

    @data.setter
    def data(self, new: Any) -> None:
        if self.primitive is not None:
            mark_changed(new if new is self.value else None)
            raise GraphError(
                f"{describe(self)} was computed, so it takes no other data; change what it was computed "
                "from, or its .detach()"
            )
        if new is self.value:  # W.data -= step has written to it already
            mark_changed(new)
            return
        value = plain_array(new)
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

    @property
    def mT(self) -> Tensor:
        """The transpose of each matrix in a stack: the last two axes swapped."""
        return shape.matrix_transpose(self)  # type: ignore[no-any-return]

    def item(self) -> float:
        """Return the only entry as a Python number.

        Raises
        ------
        GraphError
            A transform, such as `grad`, is taking the derivative by this value, which would be lost.
        """
        return self._read(".item()").item()  # type: ignore[no-any-return]

    def numpy(self) -> Array:
        """Return the array of values, shared.

        Raises
        ------
        GraphError
            As for `item`; ``.data`` gives them all the same.
        """
        return self._read(".numpy()")

    def detach(self) -> Tensor:
        """Return a tensor with the same values, shared, through which no derivative flows.

        Examples
        --------
        >>> x = tensor(2.0, requires_grad=True)
        >>> (x * x.detach()).requires_grad, x.detach().requires_grad
        (True, False)
        """
        return _restored(type(self), self.value, False, self.name)

    def zero_grad(self) -> None:
        """Forget the gradient, so that the next backward pass starts from nothing."""
        self.grad = None

    def backward(self, gradient: Any = None, create_graph: bool = False, retain_grads: bool = False) -> None:
        """Add the derivative of this scalar to the ``grad`` of every leaf that requires one.

        Parameters
        ----------
        gradient : array_like, optional
            Cotangent to start from, in the shape of this tensor; 1 by default, for a scalar. With
            `create_graph` a tensor stays connected to what it was computed from.
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
        DtypeError
            `gradient` is complex or no number at all.

        Examples
        --------
        >>> x = tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        array([2., 4.])
        """
        create_graph = truth(create_graph, "backward: create_graph")
        retain_grads = truth(retain_grads, "backward: retain_grads")
        if not self.requires_grad:
            raise GraphError(
                f"backward: {describe(self)} was not computed from anything with requires_grad=True"
            )
        seeds: dict[Node, Any] = {self: self._seed(gradient, create_graph)}
        found = reverse_sweep(seeds, create_graph=create_graph, keep=retain_grads)
        accumulate(found, create_graph)

    def _seed(self, gradient: Any, create_graph: bool) -> Any:
        value = self.value
        if gradient is None:
            if value.size != 1:
                raise ShapeError(
                    f"backward: {describe(self)} is not a scalar; reduce it, for example with .sum(), or "
                    "pass backward(gradient) of the same shape"
                )
            seed = np.ones_like(value) if value.ndim else value.dtype.type(1)
            return _restored(type(self), seed, False, "1") if create_graph else seed
        given = as_operand(gradient)
        if given.shape != value.shape:
            raise ShapeError(f"backward: gradient of shape {given.shape} for {describe(self)}")
        if isinstance(given, Node):
            if create_graph:
                return given if given.dtype == value.dtype else shape.astype(given, value.dtype)
            given = given.value
        seed = np.array(given, value.dtype)
        return _restored(type(self), seed, False, None) if create_graph else seed

    # Operators, one line each.

    __add__ = arithmetic.add
    __sub__ = arithmetic.subtract
    __mul__ = arithmetic.multiply
    __truediv__ = arithmetic.divide
    __pow__ = powers.power
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

    __radd__ = _reflected(arithmetic.add)
    __rsub__ = _reflected(arithmetic.subtract)
    __rmul__ = _reflected(arithmetic.multiply)
    __rtruediv__ = _reflected(arithmetic.divide)
    __rpow__ = _reflected(powers.power)
    __rmatmul__ = _reflected(products.matmul)
    __mod__ = arithmetic.remainder
    __rmod__ = _reflected(arithmetic.remainder)
    __floordiv__ = arithmetic.floor_divide
    __rfloordiv__ = _reflected(arithmetic.floor_divide)
    __round__ = rounding.round
    __and__ = logic.bitwise_and
    __or__ = logic.bitwise_or
    __xor__ = logic.bitwise_xor
    __invert__ = logic.invert
    __rand__ = _reflected(logic.bitwise_and)
    __ror__ = _reflected(logic.bitwise_or)
    __rxor__ = _reflected(logic.bitwise_xor)
    __divmod__ = RECORDED[np.divmod]
    __rdivmod__ = _reflected(RECORDED[np.divmod])

    # Methods, as NumPy arrays have them.

    all = reduction.all
    any = reduction.any
    argmax = ordering.argmax
    argmin = ordering.argmin
    argsort = ordering.argsort
    astype = shape.astype
    clip = selection.clip
    copy = arithmetic.positive
    cumprod = cumulative.cumprod
    cumsum = cumulative.cumsum
    diagonal = diagonals.diagonal
    dot = contraction.dot
    flatten = shape.ravel
    max = reduction.max
    mean = reduction.mean
    min = reduction.min
    prod = reduction.prod
    ravel = shape.ravel
    repeat = rearranging.repeat
    round = rounding.round
    squeeze = shape.squeeze
    std = spread.std
    sum = reduction.sum
    swapaxes = shape.swapaxes
    take = indexing.take
    trace = diagonals.trace
    var = spread.var

    def reshape(self, *sizes: Any, order: Any = "C") -> Tensor:
        """Give the entries a new shape: ``t.reshape(2, 3)`` or ``t.reshape((2, 3))``."""
        return shape.reshape(self, *sizes, order) if len(sizes) == 1 else shape.reshape(self, sizes, order)  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Tensor:
        """Reorder the axes; reverse them by default."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], Sequence)):
            return shape.transpose(self, axes[0])  # type: ignore[no-any-return]
        return shape.transpose(self, axes or None)  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """Return the entries as nested lists of Python numbers.

        Raises
        ------
        GraphError
            As for `item`.
        """
        return self._read(".tolist()").tolist()

    # Python's and NumPy's protocols.

    def __float__(self) -> float:
        return float(self._read("float()"))

    def __int__(self) -> int:
        return int(self._read("int()"))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        if not self.value.ndim:
            raise DtypeError(f"len() of unsized object: {describe(self)} is one number")
        return len(self.value)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise GraphError(
            f"entries of {describe(self)} cannot be assigned, because what was recorded needs them; "
            "choose between two tensors with ag.where(mask, a, b), join them with ag.concatenate, or "
            "give a leaf a new array with t.data = array"
        )

    def _read(self, reader: str) -> Array:
        """Give the values, unless a transform takes the derivative by them, which would be lost."""
        by = frozenset[int]().union(*[x.variables for x in transforms()])
        if by and self.requires_grad and is_recording() and depends(self, by):
            raise GraphError(
                f"{reader} reads the value of {describe(self)} inside a function that is differentiated, and "
                "its derivative would be lost. Build arrays with autograd_core.stack, choose with "
                "autograd_core.where, call NumPy's functions in place of math's; or, if a constant is meant, "
                f"take .data, .detach() or autograd_core.stop_gradient\n{calling_lines()}"
            )
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self.requires_grad:
            raise DtypeError(
                f"NumPy asked for the values of {describe(self)}, and its derivative would be lost. Use the "
                "function of the same name in autograd_core; autograd_core.stack in place of "
                f"np.array([...]); or .data or .detach() if a constant is meant\n{calling_lines()}"
            )
        return np.array(self.value, dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs and ufunc in RECORDED:
            return RECORDED[ufunc](*args)
        return call_ufunc(ufunc, method, args, kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return call_function(function, args, kwargs)

    def __copy__(self) -> Tensor:
        return self._again(self._read("copy.copy()"))

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        again = self._again(self._read("copy.deepcopy()").copy())
        again.grad = copy.deepcopy(self.grad, memo)
        return again

    def __reduce__(self) -> Any:
        again = self._again(self._read("pickle"))
        return _restored, (type(self), again.value, again.requires_grad, again.name, again.grad)

    def _again(self, value: Array) -> Tensor:
        """Make another leaf like this one; a computed tensor would lose what it was computed from."""
        if self.primitive is not None and self.requires_grad:
            raise GraphError(
                f"{describe(self)} was computed, and a copy would lose how; copy or save its .detach(), or "
                "let the graph go on with +t"
            )
        return _restored(type(self), value, self.requires_grad, self.name, self.grad)

    def __format__(self, spec: str) -> str:
        return format(self.value.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        body = np.array2string(self.value, separator=", ", prefix="Tensor(", threshold=200)
        details = [f"name={self.name!r}"] if self.name else []
        if self.dtype != np.float64:
            details.append(f"dtype={self.dtype}")
        if self.requires_grad:
            details.append("requires_grad=True")
        return f"Tensor({', '.join([body, *details])})"


tensor = Tensor


def _restored(
    kind: type[Tensor], value: Any, requires_grad: bool, name: str | None, grad: Any = None
) -> Tensor:
    """Make a leaf of a class whose ``__init__`` may want other arguments, as operations make results."""
    tensor = kind.__new__(kind)
    Tensor.__init__(tensor, value, requires_grad, name)
    tensor.grad = grad
    return tensor


def _refuse_kind(kind: str, value: Array, requires_grad: bool, name: Any) -> None:
    called = printable(name) if isinstance(name, str) and name else ""
    if kind not in "iub":
        raise DtypeError(
            f"a tensor holds real numbers, and {called or 'this'} has dtype {value.dtype}; "
            "for complex data pass the real and imaginary parts"
        )
    if requires_grad:
        raise DtypeError(
            f"{called or 'a tensor'} with requires_grad=True has dtype {value.dtype}: a derivative "
            "needs floating-point numbers; pass float64 or float32 data, as in Tensor(data.astype(float))"
        )
