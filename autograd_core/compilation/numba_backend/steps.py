"""The instructions of a program as steps on entries and as matrix products.

Transposes, reshapes and repetitions are no work: they are other strides through the same memory. A product
that is scaled and added to an array that nobody reads any more is accumulated by the product itself.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from autograd_core.compilation.numba_backend.nests import REDUCTIONS, Product, Refused, Step
from autograd_core.compilation.numba_backend.views import View, compact, whole
from autograd_core.compilation.passes.scaling import gathered
from autograd_core.compilation.program import Instruction, Program, Value, constant_of, values_in

__all__ = ["Steps"]

_DTYPES = {"f4", "f8", "i4", "i8", "b1"}
_COPIES = {"positive", "stop_gradient"}
_ENTRYWISE = {"divide", "where", "astype"}


class Steps:
    """The instructions of a program as single steps and products, each still on its own."""

    def __init__(self, program: Program, fuse: bool = True) -> None:
        self.fuse = fuse
        self.items: list[Step | Product] = []
        self.views: dict[Value, View] = {x: whole(x) for x in program.inputs}
        self.products: dict[Value, int] = {}
        self.donated = program.donated
        self.uses = Counter(x for step in program.instructions for x in step.reads)
        self.uses.update(values_in(program.results))
        for x in (*program.inputs, *(step.out for step in program.instructions)):
            if x.dtype.str[1:] not in _DTYPES or x.size == 0:
                raise Refused(f"{x.name or 'a value'} has shape {x.shape} and dtype {x.dtype}")
        for step in program.instructions:
            self._take(step)
        self.fresh: list[Value] = []
        self.given: dict[Value, Value] = {}
        made = {item.out for item in self.items if item is not None}
        for x in program.results:
            self._deliver(x, program.donated, made)
        self.items = [item for item in self.items if item is not None]

    def _deliver(self, x: Any, donated: Any, made: set[Value]) -> None:
        """Have a result in memory of its own."""
        target = donated.get(x) if isinstance(x, Value) else None
        if target in self.given.values() or (target and (target.shape, target.dtype) != (x.shape, x.dtype)):
            target = None
        view = self.views[x] if isinstance(x, Value) else None
        if view is None or view.base not in made or view.base in self.fresh or not view.plain:
            source = self._seen(x) if view is None else view
            shape, dtype = (
                (np.shape(x), np.asarray(x).dtype) if view is None else (view.shape, view.base.dtype)
            )
            out = Value(shape, dtype, getattr(x, "name", None))
            self.items.append(Step("positive", (source,), out, compact(shape)))
        else:
            out = view.base
        self.fresh.append(out)
        if target is not None:
            self.given[out] = target

    def _take(self, step: Instruction) -> None:
        name, out = step.operation.name, step.out
        view = self._viewed(step)
        if view is not None:
            self.views[out] = view
            return
        self.views[out] = whole(out)
        if name == "matmul":
            self._multiply(step)
        elif name == "vdot":
            self._vdot(step)
        elif name in REDUCTIONS or name == "sum_to":
            axis = step.params.get("axis")
            x = self._view(self._seen(step.inputs[0]))
            self._reduce("sum" if name == "sum_to" else name, x, axis, out)
        elif step.operation.kind == "pointwise" or name in _ENTRYWISE:
            if not self._accumulates(step):
                if step.params and name != "astype":
                    raise Refused(f"{name} with {dict(step.params)}")
                self._entrywise(name, step.inputs, out)
        else:
            raise Refused(f"{name} has no loop")

    def _seen(self, x: Any) -> Any:
        """An input as a view or a constant number."""
        if isinstance(x, Value):
            return self.views[x]
        if isinstance(x, np.ndarray):
            if x.size != 1:
                raise Refused(f"a constant array of shape {x.shape}")
            return x.reshape(())[()]
        return x

    def _viewed(self, step: Instruction) -> View | None:
        """What an instruction that only looks at its operand otherwise sees."""
        name, params, x = step.operation.name, step.params, self._seen(step.inputs[0])
        if name == "transpose":
            return self._view(x).transposed(params["axes"])
        if name == "broadcast_to":
            return self._view(x).broadcast(tuple(params["shape"]))
        if name == "reshape":
            x = self._view(x)
            return self._reshaped(x, step.out.shape)
        same = name in _COPIES or (
            name == "astype" and isinstance(x, View) and x.base.dtype == step.out.dtype
        )
        return x if same and isinstance(x, View) else None

    def _view(self, x: Any) -> View:
        if isinstance(x, View):
            return x
        out = Value((), np.asarray(x).dtype)
        self.items.append(Step("positive", (x,), out, ()))
        return whole(out)

    def _copied(self, x: View, dtype: Any = None) -> View:
        """Lay the entries of a view row after row."""
        out = Value(x.shape, dtype or x.base.dtype)
        self.items.append(Step("positive", (x,), out, compact(x.shape)))
        return whole(out)

    def _reshaped(self, x: View, shape: tuple[int, ...]) -> View:
        """Give a view another shape, of a copy if it must be."""
        view = x.reshaped(shape) or self._copied(x).reshaped(shape)
        assert view is not None
        return view

    def _entrywise(self, name: str, inputs: tuple[Any, ...], out: Value) -> None:
        seen = (self._seen(x) for x in inputs)
        views = tuple(x.broadcast(out.shape) if isinstance(x, View) else x for x in seen)
        self.items.append(Step(name, views, out, compact(out.shape)))

    def _reduce(self, name: str, x: View, axis: Any, out: Value) -> None:
        axes = range(len(x.shape)) if axis is None else [k % len(x.shape) for k in axis]
        strides = compact([1 if k in axes else n for k, n in enumerate(x.shape)])
        self.items.append(Step(name, (x,), out, strides))

    def _vdot(self, step: Instruction) -> None:
        a, b = (self._view(self._seen(x)) for x in step.inputs)
        if a.shape != b.shape:
            a, b = (self._reshaped(x, (x.size,)) for x in (a, b))
        product = Value(a.shape, step.out.dtype)
        self.items.append(Step("multiply", (a, b), product, compact(a.shape)))
        self._reduce("sum", whole(product), None, step.out)

    def _multiply(self, step: Instruction) -> None:
        a, b = (self._seen(x) for x in step.inputs)
        if step.out.dtype.kind != "f" or not all(isinstance(x, View) for x in (a, b)):
            raise Refused(f"a matrix product of dtype {step.out.dtype}")
        if max(len(a.shape), len(b.shape)) > 2:
            raise Refused(f"matrix products in stacks, {a.shape} by {b.shape}")
        a = a if len(a.shape) == 2 else a._replace(shape=(1, *a.shape), strides=(0, *a.strides))
        b = b if len(b.shape) == 2 else b._replace(shape=(*b.shape, 1), strides=(*b.strides, 0))
        kind = step.out.dtype
        a, b = (x if x.base.dtype == kind and _leading(x) else self._copied(x, kind) for x in (a, b))
        self.products[step.out] = len(self.items)
        self.items.append(Product(step.out, a, b))

    def _accumulates(self, step: Instruction) -> bool:
        """Whether what is done to a product was left to the product itself."""
        name, out = step.operation.name, step.out
        if not self.fuse:
            return False
        if name == "negative":
            return self._absorbed(step.inputs[0], out, lambda p: p._replace(alpha=-p.alpha, beta=-p.beta))
        if name not in ("add", "subtract", "multiply"):
            return False
        x, y = step.inputs
        minus = -1.0 if name == "subtract" else 1.0
        if name == "multiply":
            return any(
                self._absorbed(p, out, lambda p, c=c: _scaled(p, constant_of(c))) for c, p in ((x, y), (y, x))
            )
        return self._absorbed(y, out, lambda p: _added(_scaled(p, minus), self._onto(x, out), 1.0)) or (
            self._absorbed(x, out, lambda p: _added(p, self._onto(y, out), minus))
        )

    def _absorbed(self, x: Any, out: Value, change: Any) -> bool:
        """Let the product that made x, and that nothing else reads, make out."""
        place = self.products.get(x) if isinstance(x, Value) else None
        if place is None or self.uses[x] != 1 or (out.shape, out.dtype) != (x.shape, x.dtype):
            return False
        product = change(self.items[place])
        if product is None:
            return False
        self.items[place] = None  # type: ignore[call-overload]
        self.products[out] = len(self.items)
        self.items.append(product._replace(out=out))
        return True

    def _onto(self, x: Any, out: Value) -> View | None:
        """What a product may be added to in place: the input that it is donated, or another product."""
        if not isinstance(x, Value) or (x.shape, x.dtype) != (out.shape, out.dtype):
            return None
        view = self.views[x]
        given = self.donated.get(out) is view.base
        own = self.uses[x] == 1 and x in self.products
        return view if view.plain and (given or own) else None


def _leading(x: View) -> bool:
    """Whether BLAS can read a matrix as it lies: rows or columns without gaps inside."""
    (m, n), (row, column) = x.shape, x.strides
    by_rows = (n == 1 or column == 1) and (m == 1 or row >= n)
    return by_rows or ((m == 1 or row == 1) and (n == 1 or column >= m))


def _scaled(p: Product, factor: float | None) -> Product | None:
    """Scale a product by a number; not by 0, where BLAS skips NaN, nor what was added to it, but by -1."""
    if factor is not None and abs(factor) == 1:
        return p._replace(alpha=p.alpha * factor, beta=p.beta * factor)
    alpha = gathered(p.alpha, factor, p.out.dtype) if factor and p.onto is None else None
    return None if alpha is None else p._replace(alpha=alpha)


def _added(p: Product | None, onto: View | None, sign: float) -> Product | None:
    if p is None or p.onto is not None or onto is None:
        return None
    return p._replace(onto=onto, beta=sign)
