"""Is a derivative right? Finite differences and the adjoint identity, with a report that says where not.

The adjoint identity ⟨ct, J t⟩ = ⟨Jᵀ ct, t⟩ holds the reverse sweep against the forward sweep to rounding,
without a step size; the difference quotient holds both against the values of the function itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.differentiation.recorded import Function, told
from autograd_core.differentiation.tensor import Tensor
from autograd_core.differentiation.transforms import jvp, vjp
from autograd_core.graph.dispatch import as_operand
from autograd_core.graph.node import Array
from autograd_core.graph.recording import no_grad
from autograd_core.wording.arguments import function, number, whole
from autograd_core.wording.errors import MismatchError, OptionError, ShapeError

__all__ = ["Entry", "GradcheckReport", "gradcheck"]


class Entry(NamedTuple):
    """One entry of one input, and its derivative by two roads.

    Attributes
    ----------
    order : int
        1 for the derivative of the function, 2 for that of its gradient.
    argument : int
        Which input.
    at : tuple of int
        Where in that input.
    autodiff, difference : float
        The derivative of ⟨ct, f⟩ by the reverse sweep and by the central difference.
    step : float
        Half the distance of the two points of the central difference.
    """

    order: int
    argument: int
    at: tuple[int, ...]
    autodiff: float
    difference: float
    step: float

    @property
    def error(self) -> float:
        """Difference of the two, relative to the larger."""
        scale = max(abs(self.autodiff), abs(self.difference), 1e-300)
        return abs(self.autodiff - self.difference) / scale

    def __str__(self) -> str:
        return (
            f"order {self.order}, input {self.argument} at {list(self.at)}: "
            f"autodiff {self.autodiff:.10g}, difference {self.difference:.10g} (step {self.step:.1g}), "
            f"relative error {self.error:.1e}"
        )


class GradcheckReport:
    """What `gradcheck` found; true if nothing is wrong.

    Attributes
    ----------
    failures : list of Entry
    kinks : list of Entry
        Entries where the slopes from the left and from the right differ: no derivative exists, and the
        one that autodiff gives lies between them. They are not failures.
    adjoint_errors : list of float
        |⟨ct, J t⟩ − ⟨Jᵀ ct, t⟩| relative to the size of the terms: for order 1, then, for
        order 2, of the gradient by each input.
    adjoint_tolerance : float
    worst : Entry or None
        The entry with the largest relative error among those that are neither kinks nor rounding.
    checked : int
        Number of entries compared.
    notes : list of str
    """

    def __init__(self, adjoint_tolerance: float) -> None:
        self.adjoint_tolerance = adjoint_tolerance
        self.failures: list[Entry] = []
        self.kinks: list[Entry] = []
        self.adjoint_errors: list[float] = []
        self.worst: Entry | None = None
        self.checked = 0
        self.notes: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether every entry that has a derivative agrees, and both sweeps are adjoint."""
        return not self.failures and all(e <= self.adjoint_tolerance for e in self.adjoint_errors)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = [f"gradcheck: {'passed' if self.ok else 'FAILED'}, {self.checked} entries compared"]
        lines += [f"  wrong  {entry}" for entry in self.failures[:5]]
        if len(self.failures) > 5:
            lines.append(f"  ... and {len(self.failures) - 5} more")
        for i, error in enumerate(self.adjoint_errors):
            verdict = (
                "ok" if error <= self.adjoint_tolerance else "wrong: the VJP is not the adjoint of the JVP"
            )
            lines.append(f"  adjoint identity, order {2 if i else 1}: error {error:.1e}, {verdict}")
        if self.ok and self.worst:
            lines.append(f"  worst  {self.worst}")
        lines += [f"  kink   {entry}" for entry in self.kinks[:5]]
        lines += [f"  note   {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__

    def raise_if_wrong(self) -> None:
        """Raise the report, for use in tests.

        Raises
        ------
        MismatchError
            Something is wrong; it is an AssertionError too.
        """
        if not self:
            raise MismatchError(str(self))


def gradcheck(
    f: Function,
    inputs: Any,
    order: int = 1,
    *,
    rtol: float | None = None,
    entries: int = 100,
    seed: int = 0,
) -> GradcheckReport:
    """Hold the derivatives of f against finite differences and against one another.

    Parameters
    ----------
    f : function of arrays that returns an array
    inputs : array or sequence of arrays
        Where to check; float64 is wanted, float32 is noted in the report.
    order : {1, 2}
        With 2 the gradient is checked in the same way, through both nestings of the sweeps.
    rtol : float, optional
        Relative difference allowed; by default 1e-5 in float64 and 2e-2 in float32.
    entries : int
        How many entries of each input to compare, drawn at random from larger ones.
    seed : int
        For the random cotangent, tangents and entries.

    Returns
    -------
    GradcheckReport
        True if nothing is wrong; print it for the worst entry, the step and both numbers.

    Raises
    ------
    OptionError
        `order` is neither 1 nor 2.
    ShapeError
        f returns a container.
    DtypeError
        An input holds integers, booleans or complex numbers.

    Examples
    --------
    >>> import autograd_core as ag
    >>> bool(gradcheck(lambda x: ag.tanh(x) ** 2, np.array([0.3, -1.0]), order=2))
    True
    >>> wrong = ag.pointwise(lambda y, x: 2.0 * x)(lambda x: x**3)
    >>> print(gradcheck(wrong, np.array([1.0])))  # doctest: +ELLIPSIS
    gradcheck: FAILED, 1 entries compared
      wrong  order 1, input 0 at [0]: autodiff ..., difference ... (step 6e-06), relative error 3.3e-01
      adjoint identity, order 1: error 0.0e+00, ok
    """
    function(f, "gradcheck: f")
    if whole(order, "gradcheck: order") not in (1, 2):
        raise OptionError(f"gradcheck: order={order}; 1 or 2 is meant")
    given = inputs if isinstance(inputs, list | tuple) else [inputs]
    arrays = [np.array(x.data if isinstance(x, Tensor) else as_operand(x)) for x in given]
    rtol = None if rtol is None else number(rtol, "gradcheck: rtol")
    entries, seed = whole(entries, "gradcheck: entries"), whole(seed, "gradcheck: seed")
    if entries < 0 or seed < 0:
        raise OptionError(f"gradcheck: entries={entries} and seed={seed}; neither may be negative")
    single = any(x.dtype.itemsize < 8 for x in arrays)
    report = GradcheckReport(adjoint_tolerance=1e-4 if single else 1e-10)
    if single:
        report.notes.append("an input is less than float64, so differences carry few digits; pass float64")
    rng = np.random.default_rng(seed)
    check = _Check(report, rng, (2e-2 if single else 1e-5) if rtol is None else rtol, entries)
    ct = check.run(f, arrays, 1)
    if order == 2:
        for i in range(len(arrays)):
            check.run(lambda *xs, i=i: vjp(f, *xs)[1](ct)[i], arrays, 2)
    return report


class _Check(NamedTuple):
    """The two tests, with everything that stays the same between their runs."""

    report: GradcheckReport
    rng: np.random.Generator
    rtol: float
    entries: int

    def run(self, f: Function, arrays: Sequence[Array], order: int) -> Array:
        """Check f at the arrays; return the cotangent that was used."""
        out, pullback = vjp(f, *arrays)
        if not isinstance(out, np.ndarray):
            raise ShapeError(f"gradcheck: the function returned {told(out)}; one array is wanted")
        ct: Array = np.asarray(self.rng.normal(size=out.shape), out.dtype)
        gradients = pullback(ct)
        self.report.adjoint_errors.append(self.adjoint_error(f, arrays, ct, gradients))
        for argument, gradient in enumerate(gradients):
            for flat in self.chosen(gradient.size):
                index = tuple(int(i) for i in np.unravel_index(flat, gradient.shape))
                self.compare(f, arrays, ct, order, argument, index, float(gradient[index]))
        return ct

    def adjoint_error(
        self, f: Function, arrays: Sequence[Array], ct: Array, gradients: Sequence[Array]
    ) -> float:
        """Relative error of ⟨ct, J t⟩ = ⟨Jᵀ ct, t⟩ for random t."""
        tangents = [np.asarray(self.rng.normal(size=x.shape), x.dtype) for x in arrays]
        moved = jvp(f, arrays, tangents)[1]
        left = np.multiply(ct, moved, dtype=float)
        right = [np.multiply(g, t, dtype=float) for g, t in zip(gradients, tangents, strict=True)]
        scale = np.abs(left).sum() + sum(np.abs(r).sum() for r in right)
        return float(abs(left.sum() - sum(r.sum() for r in right)) / max(scale, 1e-300))

    def chosen(self, size: int) -> Any:
        """Positions to compare: all of a small input, some of a large one."""
        if size <= self.entries:
            return np.arange(size)
        return np.sort(self.rng.choice(size, self.entries, replace=False))

    def compare(
        self,
        f: Function,
        arrays: Sequence[Array],
        ct: Array,
        order: int,
        argument: int,
        index: tuple[int, ...],
        autodiff: float,
    ) -> None:
        """Compare one entry, and file it."""
        x = arrays[argument]
        eps = float(np.finfo(x.dtype).eps)
        step = eps ** (1 / 3) * max(1.0, abs(float(x[index])))

        def phi(shift: float) -> float:
            moved = x.copy()
            moved[index] += shift
            return _value(f, [*arrays[:argument], moved, *arrays[argument + 1 :]], ct)

        middle, above, below = phi(0.0), phi(step), phi(-step)
        entry = Entry(order, argument, index, autodiff, (above - below) / (2 * step), step)
        rounding = 10 * eps * max(abs(middle), abs(above), abs(below)) / step
        self.report.checked += 1
        if abs(autodiff - entry.difference) <= rounding + self.rtol * max(
            abs(autodiff), abs(entry.difference)
        ):
            if self.report.worst is None or entry.error > self.report.worst.error:
                self.report.worst = entry
            return
        closer = step / 8
        near_above, near_below = phi(closer), phi(-closer)
        remaining = abs(autodiff - (near_above - near_below) / (2 * closer))
        if remaining <= 8 * rounding + abs(autodiff - entry.difference) / 4:
            return  # the two converge: what is left is the error of the difference quotient
        right, left = (above - middle) / step, (middle - below) / step
        jump = abs(right - left)
        still = abs(near_above - 2 * middle + near_below) / closer
        between = min(left, right) - rounding <= autodiff <= max(left, right) + rounding
        if still > 0.5 * jump > rounding and between:  # a smooth function's jump shrinks with the step
            self.report.kinks.append(entry)
        else:
            self.report.failures.append(entry)


@no_grad()
def _value(f: Function, arrays: Sequence[Array], ct: Array) -> float:
    """Evaluate ⟨ct, f⟩."""
    out = f(*map(Tensor, arrays))
    return float(np.multiply(ct, out.data if isinstance(out, Tensor) else out, dtype=float).sum())
