"""The operations that programs are made of: how each is drawn, and how it is called in each library.

Most have NumPy's name and parameters everywhere; then nothing more is said. `call` spells an operation for
all libraries, `torch` and `jax` for one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from programs import draw
from programs.domains import (
    Fix,
    beyond,
    definite,
    dominant,
    inside,
    positive,
    share,
    spread,
    tilted,
)
from programs.draw import Draw, axes, both, choose, filled, matrices, nothing, square, taken_by, where
from programs.spellings import (
    Spelling,
    by_position,
    convolved,
    dot,
    every,
    flat,
    in_a_list,
    indexed,
    kron,
    merged,
    over_every,
    padded,
    part_of,
    solved,
    squashed_singular_values,
    squashed_spectrum,
    started,
    taken,
)


class Operation(NamedTuple):
    """One operation of the table.

    Attributes
    ----------
    draw : function
        Draws parameters for operands of given shapes; see `programs.draw`.
    fix : tuple of functions or None
        What brings each operand into the domain; nothing at all for most.
    operands : tuple
        How many there may be.
    call, torch, jax : functions or None
        Spellings.
    """

    draw: Draw = nothing
    fix: tuple[Fix | None, ...] = ()
    operands: tuple[int, ...] = (1,)
    call: Spelling | None = None
    torch: Spelling | None = None
    jax: Spelling | None = None


def functions(names: str, *fix: Fix) -> dict[str, Operation]:
    """Declare functions of one operand without parameters."""
    return {name: Operation(fix=fix) for name in names.split()}


PAIR = Operation(where(taken_by(np.add)), operands=(2,))
DIVISION = PAIR._replace(fix=(None, positive))
SEVERAL = (1, 2, 3)

POINTWISE = {
    **functions(
        "negative positive square sin cos tan tanh arctan sinh cosh arcsinh exp exp2 expm1 reciprocal"
    ),
    **functions(
        "absolute sign floor ceil trunc sigmoid relu softplus silu erf erfc deg2rad rad2deg nan_to_num"
    ),
    **functions("log log2 log10 log1p sqrt", positive),
    **functions("arcsin arccos arctanh", inside),
    **functions("arccosh", beyond),
    **functions("logit sinc", share),  # sinc near 0: the peers' slope has only half of the digits there
    "fix": Operation(jax=lambda m, x: m.trunc(x)),
    "rint": Operation(torch=lambda m, x: m.round(x)),
    "cbrt": Operation(torch=lambda m, x: m.sign(x) * m.abs(x) ** (1 / 3)),
    "gelu": Operation(jax=lambda m, x: m.gelu(x, approximate=False)),
    "round": Operation(choose(decimals=(0, 1))),
    "elu": Operation(choose(alpha=(1.0, 0.5))),
    "leaky_relu": Operation(choose(negative_slope=(0.01, 0.3))),
    "clip": Operation(
        choose(a_min=(None, -1.0, 0.3), a_max=(0.5, 2.0)), torch=by_position("clip"), jax=by_position("clip")
    ),
    "scaled": Operation(choose(by=(-1.5, 0.5, 0.25)), call=lambda _m, x, by: by * x),
    "raised": Operation(choose(to=(0, 1, 2, 3, 2.0)), call=lambda _m, x, to: x**to),
    "subtracted": Operation(choose(start=(-1.0, 2)), call=lambda _m, x, start: start - x),
}

PAIRWISE = {
    **dict.fromkeys(("add", "subtract", "multiply", "maximum", "minimum", "fmax", "fmin"), PAIR),
    **dict.fromkeys(("logaddexp", "logaddexp2", "hypot", "arctan2", "copysign"), PAIR),
    **dict.fromkeys(("divide", "remainder"), DIVISION),
    "floor_divide": DIVISION._replace(torch=lambda m, a, b: m.floor(a / b)),
    "power": PAIR._replace(fix=(positive, None), call=lambda _m, x, p: x**p),
    "float_power": PAIR._replace(fix=(positive, None)),
    "xdivy": DIVISION._replace(torch=lambda _m, a, b: a / b, jax=lambda _m, a, b: a / b),
    "xlogy": PAIR._replace(fix=(None, positive)),
    "where": PAIR._replace(call=lambda m, a, b: m.where(a > b, a * b, b)),
    "chosen": PAIR._replace(operands=(3,), call=lambda m, a, b, c: m.where(a > 0, b, c)),
}

REDUCTIONS = {
    "sum": Operation(draw.over),
    "mean": Operation(draw.over_some),
    "prod": Operation(draw.over, torch=merged(lambda m, x: m.prod(x, -1))),
    **dict.fromkeys(("var", "std"), Operation(both(where(filled, draw.over_two), choose(correction=(0, 1))))),
    "max": Operation(draw.over_some, torch=over_every("amax")),
    "min": Operation(draw.over_some, torch=over_every("amin")),
    "ptp": Operation(
        draw.over_some,
        torch=lambda m, x, axis, keepdims: (
            m.amax(x, every(x, axis), keepdims) - m.amin(x, every(x, axis), keepdims)
        ),
    ),
    "median": Operation(
        where(lambda s: s and filled(s), draw.over),
        torch=merged(lambda m, x: m.quantile(x, 0.5, -1)),
    ),
    "quantile": Operation(
        both(where(lambda s: s and filled(s), draw.over), choose(q=(0.1, 0.5, 0.75))),
        torch=merged(lambda m, x, q: m.quantile(x, q, -1)),
    ),
    "percentile": Operation(
        both(where(lambda s: s and filled(s), draw.over), choose(q=(10, 50, 90))),
        torch=merged(lambda m, x, q: m.quantile(x, q / 100, -1)),
    ),
    "average": Operation(
        draw.alike(axes("one", None, least=1)),
        fix=(None, positive),
        operands=(2,),
        call=lambda m, x, w, axis: m.average(x, axis=axis, weights=w),
        torch=lambda m, x, w, axis: (x * w).sum(axis) / w.sum(axis),
    ),
    "logsumexp": Operation(draw.over_some, torch=over_every("logsumexp")),
    "softmax": Operation(axes("one", least=1)),
    "log_softmax": Operation(axes("one", least=1)),
}

SHAPES = {
    "reshape": Operation(draw.new_shape),
    "ravel": Operation(),
    "transpose": Operation(
        draw.order, torch=lambda m, x, axes: m.permute(x, axes or (*range(x.ndim),)[::-1])
    ),
    "matrix_transpose": Operation(where(lambda s: len(s) > 1), torch=lambda _m, x: x.mT),
    "swapaxes": Operation(draw.two_axes, torch=by_position("swapaxes"), jax=by_position("swapaxes")),
    "moveaxis": Operation(draw.moves),
    "squeeze": Operation(
        draw.narrow_axes, torch=lambda m, x, axis: m.squeeze(x) if axis is None else m.squeeze(x, axis)
    ),
    "expand_dims": Operation(
        draw.new_axes, torch=lambda _m, x, axis: x.reshape(np.expand_dims(np.empty(x.shape), axis).shape)
    ),
    "broadcast_to": Operation(draw.wider_shape, torch=by_position("broadcast_to")),
    "broadcast_arrays": PAIR._replace(
        call=lambda m, a, b: m.broadcast_arrays(a, b)[0], torch=lambda m, a, b: m.broadcast_tensors(a, b)[0]
    ),
    "atleast_1d": Operation(),
    "atleast_2d": Operation(),
    "atleast_3d": Operation(),
    "flip": Operation(
        axes("one", "several", None),
        torch=lambda m, x, axis: m.flip(x, np.atleast_1d(every(x, axis)).tolist()),
    ),
    "fliplr": Operation(where(lambda s: len(s) > 1)),
    "flipud": Operation(where(lambda s: len(s) > 0)),
    "rot90": Operation(draw.turns, torch=by_position("rot90")),
    "roll": Operation(draw.shifts, torch=by_position("roll")),
    "tile": Operation(draw.copies, torch=by_position("tile")),
    "repeat": Operation(
        draw.repeats,
        torch=lambda m, x, repeats, axis: m.repeat_interleave(x, m.array(repeats), axis),
        jax=lambda m, x, repeats, axis: m.repeat(x, m.array(repeats), axis),
    ),
    "pad": Operation(draw.margins, torch=padded),
}

JOINING = {
    "concatenate": Operation(draw.joined, operands=SEVERAL, call=in_a_list("concatenate")),
    "stack": Operation(draw.stacked, operands=SEVERAL, call=in_a_list("stack")),
    **{
        name: Operation(
            where(taken_by(lambda *xs, f=name: getattr(np, f)(xs))), operands=SEVERAL, call=in_a_list(name)
        )
        for name in ("vstack", "hstack", "dstack", "column_stack")
    },
    "array_split": Operation(
        draw.cuts(2, 3),
        call=part_of("array_split"),
        torch=lambda m, x, part, **at: m.tensor_split(x, *at.values())[part],
    ),
    "split": Operation(
        draw.cuts(),
        call=part_of("split"),
        torch=lambda m, x, part, **at: m.tensor_split(x, *at.values())[part],
    ),
    "unstack": Operation(draw.one_of, call=part_of("unstack"), torch=part_of("unbind")),
}

INDEXING = {
    "getitem": Operation(draw.index, call=indexed),
    "getitem_twice": Operation(draw.two_positions, call=indexed),
    "masked": Operation(where(filled), call=lambda m, x: m.where(x > 0.1, x, 0.0)),
    "take": Operation(
        draw.positions,
        call=lambda m, x, picked, axis: m.take(x, m.array(picked), axis=axis),
        torch=taken,
    ),
    "take_along_axis": Operation(
        draw.positions_everywhere,
        call=lambda m, x, indices, axis: m.take_along_axis(x, m.array(indices), axis),
        torch=lambda m, x, indices, axis: m.take_along_dim(x, m.array(indices), axis),
    ),
    "compress": Operation(
        draw.mask,
        call=lambda m, x, picked, axis: m.compress(m.array(picked), x, axis),
        jax=taken,
        torch=taken,
    ),
    "scatter_add": Operation(
        draw.targets,
        call=lambda m, x, index, shape: m.scatter_add(x, m.array(index), shape),
        torch=lambda m, x, index, shape: m.zeros(shape, dtype=x.dtype).index_add(0, m.array(index), x),
        jax=lambda m, x, index, shape: m.zeros(shape).at[m.array(index)].add(x),
    ),
    "diagonal": Operation(
        both(choose(offset=(-1, 0, 1)), draw.two_axes),
        torch=lambda _m, x, **at: x.diagonal(*at.values()),
        jax=by_position("diagonal"),
    ),
    "trace": Operation(
        both(choose(offset=(-1, 0, 1)), draw.two_axes),
        torch=lambda _m, x, **at: x.diagonal(*at.values()).sum(-1),
    ),
    "diag": Operation(where(lambda s: len(s) in (1, 2), choose(k=(-1, 0, 1))), torch=by_position("diag")),
    "tril": Operation(where(lambda s: len(s) > 1, choose(k=(-1, 0, 1))), torch=by_position("tril")),
    "triu": Operation(where(lambda s: len(s) > 1, choose(k=(-1, 0, 1))), torch=by_position("triu")),
    "sort": Operation(draw.along, torch=lambda m, x, axis: m.sort(x, axis).values),
    "cumsum": Operation(draw.along_or_flat, torch=flat("cumsum")),
    "cumprod": Operation(draw.along_or_flat, torch=flat("cumprod")),
    "cumulative_sum": Operation(
        both(axes("one", least=1), choose(include_initial=(False, True))), torch=started("cumsum", 0.0)
    ),
    "cumulative_prod": Operation(
        both(axes("one", least=1), choose(include_initial=(False, True))), torch=started("cumprod", 1.0)
    ),
    "diff": Operation(both(choose(n=(1, 2)), axes("one", least=3))),
}

PRODUCTS = {
    "matmul": Operation(where(taken_by(np.matmul)), operands=(2,), call=lambda _m, a, b: a @ b),
    "vdot": Operation(
        where(lambda a, b: a == b), operands=(2,), torch=lambda m, a, b: m.dot(a.ravel(), b.ravel())
    ),
    "dot": Operation(where(taken_by(np.dot)), operands=(2,), torch=dot),
    "inner": Operation(where(taken_by(np.inner)), operands=(2,)),
    "outer": Operation(operands=(2,), torch=lambda m, a, b: m.outer(a.ravel(), b.ravel())),
    "tensordot": Operation(draw.contracted, operands=(2,), torch=by_position("tensordot")),
    "einsum": Operation(
        draw.subscripts, operands=SEVERAL, call=lambda m, *xs, subscripts: m.einsum(subscripts, *xs)
    ),
    "kron": Operation(operands=(2,), torch=kron),
    "vecdot": Operation(where(taken_by(np.vecdot)), operands=(2,)),
    "cross": Operation(where(lambda a, b: a == b and a[-1:] == (3,)), operands=(2,)),
    "convolve": Operation(
        where(lambda a, b: len(a) == len(b) == 1 and filled(a, b), choose(mode=("full", "same", "valid"))),
        operands=(2,),
        torch=convolved,
    ),
    "multi_dot": Operation(
        where(taken_by(lambda *xs: np.linalg.multi_dot(xs))), operands=(3,), call=in_a_list("multi_dot")
    ),
}

MATRICES = {
    "inv": Operation(where(square), (dominant,)),
    "det": Operation(where(square)),
    "slogdet": Operation(where(square), (dominant,), call=lambda m, x: m.slogdet(x)[1]),
    "solve": Operation(where(draw.solvable), (dominant, None), (2,), torch=solved),
    "cholesky": Operation(where(matrices), (definite,)),
    "qr": Operation(
        where(lambda s: matrices(s) and s[-2] >= s[-1], choose(part=(0, 1))), (tilted,), call=part_of("qr")
    ),
    "eigvalsh": Operation(where(square), (spread,)),
    "eigh": Operation(where(square), (spread,), call=squashed_spectrum),
    "svdvals": Operation(where(matrices), (tilted,)),
    "svd": Operation(where(matrices), (tilted,), call=squashed_singular_values),
    "cond": Operation(where(matrices), (tilted,)),
    "pinv": Operation(where(matrices), (tilted,)),
    "matrix_power": Operation(where(square, choose(n=(-1, 0, 1, 2, 3))), (dominant,)),
    "norm": Operation(draw.norms),
    "vector_norm": Operation(both(draw.over_some, choose(ord=(1, 2, 3, np.inf)))),
    "matrix_norm": Operation(
        where(matrices, choose(ord=("fro", "nuc", 1, -1, 2, np.inf), keepdims=(False, True)))
    ),
}

TABLE = POINTWISE | PAIRWISE | REDUCTIONS | SHAPES | JOINING | INDEXING | PRODUCTS | MATRICES
