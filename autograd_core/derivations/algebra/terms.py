"""Formulas in a normal form, in which equal formulas are the same object.

A term is a symbol, a number, or an operation on other terms. Sums and products take any number of terms; a
difference is a sum with a factor −1, a quotient a product with a power −1. Broadcasting is implicit, as in
NumPy. Products of matrices are chains without scalar factors, transposes stand at the leaves, and a vector in
a chain is a matrix of one column: x (n,) stands there as ``reshape(x, (n, 1))``, and the chain is reshaped to
(n,) outside, so that a product of vectors follows the same few rules as any other.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from types import EllipsisType
from typing import Any

import numpy as np

from autograd_core.derivations.algebra.entrywise import MOST, Entrywise, scalar_factors
from autograd_core.derivations.algebra.summation import as_products
from autograd_core.derivations.algebra.term import Shape, Term, computed, deep, value, walk
from autograd_core.graph.primitive import Primitive
from autograd_core.wording.notation import source

__all__ = ["Algebra", "Term", "computed", "value", "walk"]

Deep = Generator[list[tuple[Any, ...]], list[Term], Term]


class Algebra(Entrywise):
    """Makes terms, each in normal form.

    Examples
    --------
    >>> algebra = Algebra()
    >>> A, B = algebra.symbol("A", (2, 3)), algebra.symbol("B", (2, 3))
    >>> algebra.add(A, B) is algebra.add(B, A)
    True
    >>> algebra.multiply(A, B, algebra.power(A, -1)) is B
    True
    >>> algebra.transpose(algebra.matmul(A, algebra.transpose(B)))
    matmul(B, transpose(A, axes=None))
    """

    def matmul(self, *factors: Term) -> Term:
        """Multiply matrices and vectors; scalars are pulled out in front."""
        if any(len(x.shape) > 2 for x in factors):
            return self._stacked(*factors)
        rows = factors[0].shape[:-1]
        columns = factors[-1].shape[1:]
        first = self._turned(factors[0]) if not rows else factors[0]
        chain = [first, *(self.column(x) if len(x.shape) == 1 else x for x in factors[1:])]
        return self.reshape(self._chain(chain), (*rows, *columns))

    def _stacked(self, *factors: Term) -> Term:
        """The product of stacks of matrices, two at a time."""
        scalars: list[Term] = []
        product: Term | None = None
        for factor in factors:
            outer, inner = scalar_factors(self, factor)
            scalars += outer
            if product is not None:
                shape = np.matmul(np.empty(product.shape, bool), np.empty(inner.shape, bool)).shape
                inner = self.make("matmul", (product, inner), {}, shape)
            product = inner
        assert product is not None
        return self.multiply(*scalars, product) if scalars else product

    def _chain(self, factors: Iterable[Term]) -> Term:
        """The product of matrices: scalars in front, inverses cancelled, I left out."""
        scalars: list[Term] = []
        chain: list[Term] = []
        for factor in factors:
            outer, inner = scalar_factors(self, factor)
            scalars += outer
            for part in inner.args if inner.head == "matmul" and len(inner.args) <= MOST else (inner,):
                if chain and _is_unit(part):
                    continue
                if chain and _is_unit(chain[-1]):
                    chain.pop()
                if chain and self._inverse(chain[-1]) is part:
                    chain[-1] = self.identity(part.shape[0])
                else:
                    chain.append(part)
        chain = self._without_scalars(chain, scalars)
        shape = (chain[0].shape[0], chain[-1].shape[1])
        product = chain[0] if len(chain) == 1 else self.make("matmul", chain, {}, shape)
        return self.multiply(*scalars, product) if scalars else product

    def _inverse(self, x: Term) -> Term | None:
        """The inverse of a matrix, if it is in the algebra's normal form and known to exist."""
        turned = x.head == "transpose"
        inner = x.args[0] if turned else x
        if inner.head == "inv":
            return self.transpose(inner.args[0]) if turned else inner.args[0]
        found = self._made.get(("inv", (inner,), None, inner.shape, None))
        return self.transpose(found) if found is not None and turned else found

    def _without_scalars(self, chain: list[Term], scalars: list[Term]) -> list[Term]:
        """Take xᵀ A y out of a longer chain: it is a number, and stands in front."""
        rest: list[Term] = []
        begins: list[int] = []  # where in the rest rows stand
        for place, part in enumerate(chain, 1):
            rest.append(part)
            if _is_row(part):
                begins.append(len(rest) - 1)
            elif _is_column(part):
                at = next((at for at in begins if at or place < len(chain)), None)
                if at is not None:
                    scalars.append(self.reshape(self._chain(rest[at:]), ()))
                    rest, begins = rest[:at], [begin for begin in begins if begin < at]
        return rest

    def column(self, x: Term) -> Term:
        """Make a matrix of one column of a vector."""
        return self.reshape(x, (*x.shape, 1))

    def _turned(self, x: Term) -> Term:
        return self.transpose(self.column(x))

    @deep
    def transpose(self, x: Term) -> Deep:
        """Exchange the axes of a matrix; goes through to the leaves."""
        match x.head:
            case "transpose":
                return x.args[0]
            case "matmul":
                return self._chain(reversed((yield [(arg,) for arg in x.args])))
            case "identity":
                return x
            case "broadcast_to" if not x.args[0].shape:
                return self.broadcast(x.args[0], x.shape[::-1])
            case "broadcast_to" if len(x.args[0].shape) == 2:
                return self.broadcast((yield [x.args])[0], x.shape[::-1])
            case "add" | "multiply" | "power" if all(len(arg.shape) in (0, 2) for arg in x.args):
                turned = iter((yield [(arg,) for arg in x.args if arg.shape]))
                return self.again(x, [next(turned) if arg.shape else arg for arg in x.args])
            case "sum" if x.params["keepdims"]:
                axis = tuple(1 - a for a in x.params["axis"])
                return self.sum((yield [x.args])[0], axis, True)
        return self.make("transpose", (x,), {"axes": None}, x.shape[::-1])

    @deep
    def permute(self, x: Term, axes: Shape) -> Deep:
        """Reorder the axes."""
        if axes == tuple(range(len(axes))):
            return x
        if len(axes) == 2:
            return self.transpose(x)
        shape = tuple(x.shape[a] for a in axes)
        outer, inner = scalar_factors(self, x)
        if outer:
            return self.multiply(*outer, *(yield [(inner, axes)]))
        swapped = (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2)
        if x.head == "matmul" and axes == swapped and all(len(arg.shape) == len(axes) for arg in x.args):
            return self._stacked(*reversed((yield [(arg, axes) for arg in x.args])))
        if x.head == "transpose":
            before = x.params["axes"] or tuple(range(len(axes)))[::-1]
            return (yield [(x.args[0], tuple(before[a] for a in axes))])[0]
        if x.head == "broadcast_to" and not x.args[0].shape:
            return self.broadcast(x.args[0], shape)
        return self.make("transpose", (x,), {"axes": axes}, shape)

    @deep
    def reshape(self, x: Term, shape: Shape) -> Deep:
        """Give the entries another shape; a matrix of one row becomes a vector as a column."""
        if x.shape == shape:
            return x
        if x.head == "reshape":
            return (yield [(x.args[0], shape)])[0]
        if x.shape == () or (x.head == "broadcast_to" and x.args[0].shape == ()):
            return self.broadcast(x.args[0] if x.shape else x, shape)
        if diagonal := _is_diagonal(x, shape):
            return self.multiply(diagonal.args[0], self.identity(shape[0]))
        if len(x.shape) == 1 and shape == (1, *x.shape) != (1, 1):
            return self._turned(x)
        if len(x.shape) == 2 and 1 in x.shape and shape == x.shape[::-1]:
            return self.transpose(x)
        if len(shape) == 1 and x.shape == (1, *shape) != (1, 1):
            return (yield [(self.transpose(x), shape)])[0]
        alike = [n for n in x.shape if n != 1] == [n for n in shape if n != 1]
        entrywise = x.operation is not None and x.operation.kind == "pointwise"
        flat = max(len(x.shape), len(shape)) <= 2 and all(arg.shape in ((), x.shape) for arg in x.args)
        if entrywise and alike and flat:
            args = iter((yield [(arg, shape) for arg in x.args if arg.shape]))
            return self.again(x, [next(args) if arg.shape else arg for arg in x.args], shape)
        outer, inner = scalar_factors(self, x)
        if outer:
            return self.multiply(*outer, *(yield [(inner, shape)]))
        if shape == () and x.head == "matmul":  # xᵀ A y is yᵀ Aᵀ x: one of them for both
            x = min(x, self.transpose(x), key=lambda product: [self._serial(arg) for arg in product.args])
        return self.make("reshape", (x,), {"shape": shape}, shape)

    def _serial(self, x: Term) -> tuple[str, bool]:
        """What puts the factors of a product in an order: their names."""
        return self._spelt(x.args[0] if x.head == "transpose" else x), x.head == "transpose"

    @deep
    def _spelt(self, x: Term) -> Generator[list[tuple[Term]], list[str], str]:
        """The first characters of a term as it is represented."""
        inside = yield [(arg,) for arg in x.args]
        return f"{x.head}({', '.join(inside)})"[:_FIRST] if inside else repr(x)[:_FIRST]

    def apply(
        self, operation: Primitive | str, args: Sequence[Term], params: Mapping[str, Any], shape: Shape
    ) -> Term:
        """Apply an operation, or the engine's own of a name, in normal form."""
        head = operation if isinstance(operation, str) else self.head(operation)
        match head:
            case "add":
                return self.add(*args)
            case "subtract":
                return self.add(args[0], self.negative(args[1]))
            case "negative":
                return self.negative(args[0])
            case "positive" | "astype":
                return args[0]
            case "multiply":
                return self.multiply(*args)
            case "divide":
                return self.multiply(args[0], self.power(args[1], -1))
            case "reciprocal":
                return self.power(args[0], -1)
            case "exp" if args[0].head == "log_softmax":
                return self.make("softmax", args[0].args, args[0].params, shape)
            case "square":
                return self.power(args[0], 2)
            case "sqrt":
                return self.power(args[0], 0.5)
            case "power" if args[1].head == "number" and shape == args[0].shape:
                return self.power(args[0], args[1].params["value"])
            case "matmul":
                return self.matmul(*args)
            case "vdot" if len(args[0].shape) == len(args[1].shape) == 1:
                return self.matmul(*args)
            case "einsum" if found := as_products(self, args, params["subscripts"]):
                return found
            case "solve" if len(args[0].shape) == 2 and len(args[1].shape) <= 2:
                return self.matmul(self.apply("inv", args[:1], {}, args[0].shape), args[1])
            case "inv" | "cofactor" if args[0].head == "transpose" and len(shape) == 2:
                return self.transpose(self.make(head, args[0].args, {}, shape))
            case "inv" if args[0].head == "inv":
                return args[0].args[0]
            case "transpose":
                return self.permute(args[0], params["axes"] or tuple(range(len(shape)))[::-1])
            case "reshape":
                return self.reshape(args[0], shape)
            case "broadcast_to":
                return self.broadcast(args[0], shape)
            case "sum":
                axis = params["axis"]
                axis = tuple(range(len(args[0].shape))) if axis is None else axis
                return self.sum(args[0], axis, params.get("keepdims", False))
            case "sum_to":
                return self._sum_to(args[0], shape)
            case "getitem" if _drops_axis(args[0], params["index"]):
                return self.reshape(args[0], shape)
            case "getitem" if args[0].head == "scatter_add" and _same_place(args[0], params):
                return args[0].args[0]
        made = self.make(head, args, params, shape)
        assert made.operation is not None
        if made.operation.notation.numpy == "{0}" and len(args) == 1:  # which says that it is its operand
            return args[0]
        return self._linear(made) if made.operation.kind == "linear" else made

    def _linear(self, made: Term) -> Term:
        """A linear map of a term: scalars are pulled out in front."""
        x, *positions = made.args
        one = self.number(1.0)
        outer, inner = scalar_factors(self, x) if x.shape else ([x] if x is not one else [], one)
        if not outer:
            return made
        return self.multiply(*outer, self.apply(made.head, (inner, *positions), made.params, made.shape))

    @deep
    def sum(self, x: Term, axis: Shape, keepdims: bool) -> Deep:
        """Sum over axes.

        Scalars are pulled out; what does not change along an axis is counted; entries that were put into
        zeros are summed where they come from.
        """
        if x.head == "scatter_add" and len(axis) == len(x.shape):
            every = tuple(range(len(x.args[0].shape)))
            [total] = yield [(x.args[0], every, False)]
            return self.reshape(total, (1,) * len(axis) if keepdims else ())
        axis = tuple(a for a in axis if not (keepdims and x.shape[a] == 1))
        if not axis:
            return x
        if keepdims and len(x.shape) == 1:
            return self.broadcast((yield [(x, axis, False)])[0], (1,))
        outer, inner = self._outside(x, axis, keepdims)
        if outer:
            return self.multiply(*outer, *(yield [(inner, axis, keepdims)]))
        shape = _reduced(x.shape, axis, keepdims)
        if x.head == "add":
            return self.add(*(yield [(self.broadcast(part, x.shape), axis, keepdims) for part in x.args]))
        if x.head == "softmax" and _axes(x) == axis:  # shares of a total
            return self.ones(shape)
        if x.head == "broadcast_to" and (count := self._count(x, axis, keepdims)):
            return count
        return self.make("sum", (x,), {"axis": axis, "keepdims": keepdims}, shape)

    def _outside(self, x: Term, axis: Shape, keepdims: bool) -> tuple[list[Term], Term]:
        """Split a product into the factors that do not vary along the axes of a sum, and the rest."""
        if x.head != "multiply":
            return [], x
        ndim = len(x.shape)

        def constant(arg: Term) -> bool:
            return not arg.shape or (keepdims and all(_padded(arg.shape, ndim)[a] == 1 for a in axis))

        outer = [arg for arg in x.args if constant(arg)]
        if not outer:
            return [], x
        inner = [arg for arg in x.args if not constant(arg)]
        return outer, self.broadcast(self.multiply(*inner) if inner else self.number(1.0), x.shape)

    def _count(self, x: Term, axis: Shape, keepdims: bool) -> Term | None:
        """The sum of what was repeated along all of the axes: so many times the one."""
        alone = _padded(x.args[0].shape, len(x.shape))
        if (not keepdims and x.args[0].shape) or any(alone[a] != 1 for a in axis):
            return None
        times = [self.counts.get(x.shape[a], self.number(x.shape[a])) for a in axis]
        return self.multiply(*times, self.broadcast(x.args[0], _reduced(x.shape, axis, keepdims)))

    def _sum_to(self, x: Term, shape: Shape) -> Term:
        extra = len(x.shape) - len(shape)
        stretched = tuple(a for a, n in enumerate(shape, extra) if n == 1 and x.shape[a] != 1)
        return self.sum(self.sum(x, stretched, True), tuple(range(extra)), False)

    def rebuilt(self, term: Term, given: Mapping[Term, Term]) -> Term:
        """Put terms in the place of others, and bring the whole to normal form again."""
        new = dict(given)
        for part in walk(term, known=given):
            new[part] = self.again(part, [new[arg] for arg in part.args])
        return new[term]

    def again(self, part: Term, args: list[Term], shape: Shape | None = None) -> Term:
        """Make a term like another, of other parts; its shape only changes if that is said."""
        if not args or all(new is old for new, old in zip(args, part.args, strict=True)):
            return part
        if "exponent" in part.params:
            return self.power(args[0], part.params["exponent"])
        return self.apply(part.head, args, part.params, part.shape if shape is None else shape)


_FIRST = 60  # characters by which factors are put in an order


def _is_unit(part: Term) -> bool:
    """Whether a matrix is I, or the number 1."""
    one = part.shape == (1, 1) and part.head == "broadcast_to" and part.args[0].params.get("value") == 1
    return part.head == "identity" or one


def _is_column(part: Term) -> bool:
    return part.head == "reshape" and part.args[0].shape == part.shape[:1]


def _is_row(part: Term) -> bool:
    return part.head == "transpose" and _is_column(part.args[0])


def _drops_axis(x: Term, index: Any) -> bool:
    """Whether x[..., 0] only leaves an axis of size 1 out."""
    return str(index) == "(Ellipsis, 0)" and x.shape[-1:] == (1,)


def _same_place(scattered: Term, params: Mapping[str, Any]) -> bool:
    """Whether entries are picked from where they were put, once each."""
    index = scattered.params["index"]
    parts = index if isinstance(index, tuple) else (index,)
    once = all(isinstance(part, int | slice | EllipsisType) for part in parts)
    return once and source(index) == source(params["index"])


def _is_diagonal(x: Term, shape: Shape) -> Term | None:
    """The term c that was repeated along the diagonal, where that is what the entries are."""
    if x.head != "scatter_add" or len(x.args) > 1 or shape != shape[:1] * 2 or len(x.shape) != 1:
        return None
    positions, repeated = x.params["index"], x.args[0]
    on_diagonal = np.array_equal(np.arange(shape[0] ** 2)[positions], range(0, shape[0] ** 2, shape[0] + 1))
    return (
        repeated if on_diagonal and repeated.head == "broadcast_to" and not repeated.args[0].shape else None
    )


def _reduced(shape: Shape, axis: Shape, keepdims: bool) -> Shape:
    return tuple(1 if a in axis else n for a, n in enumerate(shape) if keepdims or a not in axis)


def _axes(part: Term) -> Shape:
    axis: Shape | None = part.params["axis"]
    return tuple(range(len(part.shape))) if axis is None else axis


def _padded(shape: Shape, ndim: int) -> Shape:
    return (1,) * (ndim - len(shape)) + shape
