"""Terms as SymPy expressions, of arrays with up to two axes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from autograd_core.derivations.algebra.term import Shape, Term, walk
from autograd_core.system.extras import required
from autograd_core.wording.errors import OptionError
from autograd_core.wording.identifiers import printable

__all__ = ["as_sympy"]

_SPELT = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh"}
_SPELT |= {"arctanh": "atanh", "absolute": "Abs", "rint": "round"}


def as_sympy(*terms: Term) -> list[Any]:
    """Write terms as SymPy expressions; a vector is a matrix of one column, a number the entry of a matrix.

    Parameters
    ----------
    *terms : Term

    Returns
    -------
    list of sympy.Expr or sympy.MatrixExpr

    Raises
    ------
    OptionError
        SymPy is not installed, or a term has an operation that SymPy cannot write.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> dZ, A = algebra.symbol("dZ[2]", (3, 7)), algebra.symbol("A[1]", (4, 7))
    >>> as_sympy(algebra.matmul(dZ, algebra.transpose(A)), algebra.sum(dZ, (1,), True))
    [dZ[2]*A[1].T, dZ[2]*1]
    """
    writer = _Writer(required("sympy", "symbolic", "SymPy expressions"))
    for part in walk(*terms):
        writer.done[part] = writer.part(part)
    return [writer.done[term] for term in terms]


class _Writer:
    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy
        self.done: dict[Term, Any] = {}

    def part(self, part: Term) -> Any:
        """The expression of a part whose own parts are done."""
        if len(part.shape) > 2:
            raise OptionError(f"to_sympy: {part!r} has {len(part.shape)} axes; SymPy's matrices have two")
        sympy, args = self.sympy, [self.done[arg] for arg in part.args]
        match part.head:
            case "symbol" if part.shape:
                return sympy.MatrixSymbol(printable(part.params["name"]), *_matrix(part.shape))
            case "symbol":
                return sympy.Symbol(printable(part.params["name"]))
            case "number":
                return self._number(part.params["value"])
            case "identity" if not args:
                return sympy.Identity(part.shape[0])
            case "add":
                return functools.reduce(lambda a, b: a + b, self._spread(part.args, part.shape))
            case "multiply":
                return self._product(part)
            case "power" if part.params:
                return self._raised(args[0], self._number(part.params["exponent"]), part.shape)
            case "matmul":
                return self._matmul(part)
            case "transpose":
                return (
                    args[0].T if len(part.shape) == 2 and part.params["axes"] in (None, (1, 0)) else args[0]
                )
            case "broadcast_to":
                return self._spread(part.args, part.shape)[0]
            case "reshape":
                return self._reshaped(args[0], part.args[0].shape, part)
            case "sum":
                return self._sum(args[0], part)
            case "inv":
                return args[0].I
            case "det":
                return sympy.Determinant(args[0])
            case "cofactor":
                return sympy.Determinant(args[0]) * args[0].I.T
            case "softmax":
                return self._softmax(args[0], part)
        if part.operation is None or (part.operation.kind != "pointwise" and part.head != "where"):
            raise OptionError(f"to_sympy: SymPy cannot write {part!r}")
        return self._pointwise(part)

    def _number(self, value: float) -> Any:
        found = self.sympy.Rational(value).limit_denominator(1000)
        return found if float(found) == value else self.sympy.Float(value)

    def _spread(self, terms: Sequence[Term], shape: Shape) -> list[Any]:
        """Repeat rows, columns and numbers up to a shape, by products with ones."""
        ones, (rows, columns) = self.sympy.OneMatrix, _matrix(shape)
        spread = []
        for term in terms:
            found, own = self.done[term], _matrix(term.shape)
            if len(shape) == 2 and len(term.shape) == 1:
                found, own = found.T, own[::-1]
            if not term.shape:
                found = found * ones(rows, columns) if shape else found
            else:
                found = ones(rows, 1) * found if own[0] != rows else found
                found = found * ones(1, columns) if own[1] != columns else found
            spread.append(found)
        return spread

    def _product(self, part: Term) -> Any:
        scalars = [self.done[arg] for arg in part.args if not arg.shape]
        arrays = self._spread([arg for arg in part.args if arg.shape], part.shape)
        if not arrays:
            return self.sympy.Mul(*scalars)
        product = arrays[0] if len(arrays) == 1 else self.sympy.HadamardProduct(*arrays)
        return self.sympy.Mul(*scalars) * product if scalars else product

    def _raised(self, base: Any, exponent: Any, shape: Shape) -> Any:
        return self.sympy.HadamardPower(base, exponent) if shape else base**exponent

    def _matmul(self, part: Term) -> Any:
        product = functools.reduce(lambda a, b: a * b, [self.done[arg] for arg in part.args[1:]])
        first, last = part.args[0], part.args[-1]
        left = self.done[first].T if len(first.shape) == 1 else self.done[first]
        product = left * product
        if not part.shape:
            return self._entry(product)
        return product.T if len(first.shape) == 1 and len(last.shape) == 2 else product

    def _reshaped(self, x: Any, shape: Shape, part: Term) -> Any:
        found, wanted = _matrix(shape), _matrix(part.shape)
        if not shape:
            return x * self.sympy.OneMatrix(*wanted) if part.shape else x
        if not part.shape:
            return self._entry(x)
        if found == wanted:
            return x
        if found == wanted[::-1] and 1 in found:
            return x.T
        raise OptionError(f"to_sympy: SymPy cannot write {part!r}")

    def _sum(self, x: Any, part: Term) -> Any:
        ones, shape, axis = self.sympy.OneMatrix, part.args[0].shape, part.params["axis"]
        rows, columns = _matrix(shape)
        if 0 in axis:
            x = ones(1, rows) * x
        if 1 in axis:
            x = x * ones(columns, 1)
        if not part.shape:
            return self._entry(x)
        return x.T if axis == (0,) and len(part.shape) < len(shape) else x

    def _entry(self, x: Any) -> Any:
        """The only entry of a matrix, not multiplied out."""
        return self.sympy.matrices.expressions.matexpr.MatrixElement(x, 0, 0)

    def _softmax(self, x: Any, part: Term) -> Any:
        if len(part.shape) != 2 or part.params["axis"] not in ((0,), (1,)):
            raise OptionError(f"to_sympy: SymPy cannot write {part!r}")
        ones, (rows, columns) = self.sympy.OneMatrix, part.shape
        shares = x.applyfunc(self.sympy.exp)
        down = part.params["axis"] == (0,)
        totals = ones(rows, rows) * shares if down else shares * ones(columns, columns)
        return self.sympy.HadamardProduct(shares, self._raised(totals, -1, part.shape))

    def _pointwise(self, part: Term) -> Any:
        """An operation entry by entry; of several arrays, through functions of one."""
        sympy = self.sympy
        spread = self._spread(part.args, part.shape)

        def each(f: Any, x: Any) -> Any:
            return x.applyfunc(f) if part.shape else f(x)

        def times(a: Any, b: Any) -> Any:
            return sympy.HadamardProduct(a, b) if part.shape else a * b

        d = sympy.Dummy("x")
        positive = sympy.Lambda(d, sympy.Piecewise((1, d > 0), (0, True)))
        rectified = sympy.Lambda(d, sympy.Max(d, 0))
        match part.head, spread:
            case "sigmoid", [x]:
                return each(sympy.Lambda(d, 1 / (1 + sympy.exp(-d))), x)
            case "softplus", [x]:
                return each(sympy.Lambda(d, sympy.log(1 + sympy.exp(d))), x)
            case "expm1", [x]:
                return each(sympy.Lambda(d, sympy.exp(d) - 1), x)
            case "log1p", [x]:
                return each(sympy.Lambda(d, sympy.log(1 + d)), x)
            case "relu", [x]:
                return each(rectified, x)
            case "xlogy", [x, y]:
                return times(x, each(sympy.log, y))
            case "xdivy", [x, y]:
                return times(x, self._raised(y, -1, part.shape))
            case "power", [x, y]:
                return each(sympy.exp, times(y, each(sympy.log, x)))
            case "greater", [a, b]:
                return each(positive, a - b)
            case "less", [a, b]:
                return each(positive, b - a)
            case "maximum", [a, b]:
                return b + each(rectified, a - b)
            case "minimum", [a, b]:
                return a - each(rectified, a - b)
            case "where", [condition, a, b]:
                return b + times(condition, a - b)
            case head, [x] if hasattr(sympy, _SPELT.get(head, head)):
                return each(getattr(sympy, _SPELT.get(head, head)), x)
        raise OptionError(f"to_sympy: SymPy cannot write {part!r}")


def _matrix(shape: Shape) -> tuple[int, int]:
    """The shape of the matrix that stands for an array: a vector is a column."""
    rows, columns = (*shape, 1, 1)[:2] if len(shape) < 2 else shape
    return rows, columns
