"""How the parameters of an operation are drawn.

A drawing function takes a `random.Random` and the shape of each operand. It returns keyword arguments, plain
Python data under NumPy's names, or None where the operation does not take operands of these shapes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Params = dict[str, Any]
Draw = Callable[..., Params | None]


def nothing(_rng: Random, *_shapes: Shape) -> Params:
    """Draw nothing: the operation has no parameters."""
    return {}


def choose(**options: Sequence[Any]) -> Draw:
    """Draw each parameter from a list."""
    return lambda rng, *_: {name: rng.choice(values) for name, values in options.items()}


def both(*draws: Draw) -> Draw:
    """Draw the parameters of several functions."""

    def draw(rng: Random, *shapes: Shape) -> Params | None:
        parts = [part(rng, *shapes) for part in draws]
        return None if None in parts else {name: value for part in parts for name, value in part.items()}

    return draw


def where(holds: Callable[..., bool], draw: Draw = nothing) -> Draw:
    """Draw only for such shapes."""
    return lambda rng, *shapes: draw(rng, *shapes) if holds(*shapes) else None


def alike(draw: Draw) -> Draw:
    """Draw for operands of one shape as for the first of them."""
    return lambda rng, *shapes: draw(rng, shapes[0]) if len({*shapes}) == 1 else None


# Shapes for which an operation is drawn


def taken_by(function: Callable[..., Any]) -> Callable[..., bool]:
    """Tell shapes that a function of NumPy takes."""

    def holds(*shapes: Shape) -> bool:
        try:
            function(*(np.zeros(shape) for shape in shapes))
        except ValueError:
            return False
        return True

    return holds


def filled(*shapes: Shape) -> bool:
    """Tell shapes without an axis of size 0."""
    return all(math.prod(shape) for shape in shapes)


def matrices(shape: Shape) -> bool:
    """Tell a matrix, or a stack of them, with entries."""
    return len(shape) >= 2 and filled(shape)


def square(shape: Shape) -> bool:
    """Tell square matrices."""
    return matrices(shape) and shape[-1] == shape[-2]


def solvable(a: Shape, b: Shape) -> bool:
    """Tell square matrices and right-hand sides that go with them."""
    return square(a) and filled(b) and taken_by(np.matmul)(a, b)


# Axes


def axes(*forms: Any, least: int = 0, keepdims: bool = False) -> Draw:
    """Draw ``axis``, and perhaps ``keepdims``.

    Parameters
    ----------
    *forms : None for all axes, "one", "several"
    least : int
        How many entries there must be along these axes.
    keepdims : bool
    """

    def draw(rng: Random, shape: Shape) -> Params | None:
        form = rng.choice(forms)
        if form and not shape:
            return None
        count = {None: 0, "one": 1, "several": rng.randint(1, len(shape) or 1)}[form]
        chosen = distinct(rng, len(shape), count)
        if math.prod(shape[axis] for axis in chosen or range(len(shape))) < least:
            return None
        axis = chosen[0] if form == "one" else chosen or None
        return {"axis": axis} | ({"keepdims": rng.random() < 0.5} if keepdims else {})

    return draw


def distinct(rng: Random, ndim: int, count: int) -> tuple[int, ...]:
    """Draw different axes, some of them counted from the end."""
    return tuple(axis - ndim * rng.randrange(2) for axis in rng.sample(range(ndim), count))


along = axes("one")
along_or_flat = axes("one", None)
over = axes("one", "several", None, keepdims=True)
over_some = axes("one", "several", None, keepdims=True, least=1)
over_two = axes("one", "several", None, keepdims=True, least=2)


def two_axes(rng: Random, shape: Shape) -> Params | None:
    """Draw ``axis1`` and ``axis2``."""
    if len(shape) < 2:
        return None
    axis1, axis2 = distinct(rng, len(shape), 2)
    return {"axis1": axis1, "axis2": axis2}


# Shapes and places


def new_shape(rng: Random, shape: Shape) -> Params:
    """Draw another shape with as many entries; one size may be left open."""
    rest, sizes = math.prod(shape), []
    if rest == 0:
        return {"shape": rng.choice([(0,), (2, 0), (0, 1, 3)])}
    while rest > 1 and len(sizes) < 2:
        sizes.append(rng.choice([n for n in range(1, rest + 1) if rest % n == 0]))
        rest //= sizes[-1]
    sizes.append(rest)
    rng.shuffle(sizes)
    if rng.random() < 0.3:
        sizes[rng.randrange(len(sizes))] = -1
    return {"shape": tuple(sizes)}


def wider_shape(rng: Random, shape: Shape) -> Params:
    """Draw a shape to broadcast to."""
    new = [rng.choice((1, 2, 3)) for _ in range(rng.randint(0, 3 - min(len(shape), 3)))]
    return {"shape": (*new, *(rng.choice((1, 2, 3)) if n == 1 else n for n in shape))}


def order(rng: Random, shape: Shape) -> Params:
    """Draw an order of the axes."""
    return {"axes": rng.choice((None, distinct(rng, len(shape), len(shape))))}


def moves(rng: Random, shape: Shape) -> Params | None:
    """Draw which axes go where."""
    if not shape:
        return None
    count = rng.randint(1, len(shape))
    source, destination = (distinct(rng, len(shape), count) for _ in range(2))
    one = count == 1 and rng.random() < 0.5
    return {"source": source[0] if one else source, "destination": destination[0] if one else destination}


def narrow_axes(rng: Random, shape: Shape) -> Params | None:
    """Draw axes of size 1 to drop."""
    narrow = [i - len(shape) * rng.randrange(2) for i, n in enumerate(shape) if n == 1]
    if not narrow:
        return None
    return {"axis": rng.choice((None, narrow[0], tuple(narrow)))}


def new_axes(rng: Random, shape: Shape) -> Params:
    """Draw where axes of size 1 are put."""
    count = rng.randint(1, 2)
    axis = distinct(rng, len(shape) + count, count)
    return {"axis": axis[0] if count == 1 else axis}


def joined(rng: Random, *shapes: Shape) -> Params | None:
    """Draw an axis along which arrays are joined."""
    if not shapes[0] or len({len(shape) for shape in shapes}) > 1:
        return None
    axis = rng.randrange(-len(shapes[0]), len(shapes[0]))
    others = {tuple(np.delete(shape, axis).tolist()) for shape in shapes}
    return {"axis": axis} if len(others) == 1 else None


def stacked(rng: Random, *shapes: Shape) -> Params | None:
    """Draw a new axis along which arrays of one shape are joined."""
    ndim = len(shapes[0]) + 1
    return {"axis": rng.randrange(-ndim, ndim)} if len({*shapes}) == 1 else None


def cuts(*sections: int) -> Draw:
    """Draw where an array is cut, or into how many sections, and which part is taken."""

    def draw(rng: Random, shape: Shape) -> Params | None:
        if not shape:
            return None
        axis = rng.randrange(-len(shape), len(shape))
        places = sorted(rng.choices(range(shape[axis] + 1), k=2))
        cut = rng.choice((*sections, places))
        return {"indices_or_sections": cut, "axis": axis, "part": rng.randrange(-2, 2)}

    return draw


def one_of(rng: Random, shape: Shape) -> Params | None:
    """Draw an axis and a place along it."""
    axis = along(rng, shape)
    if axis is None or not shape[axis["axis"]]:
        return None
    return axis | {"part": rng.randrange(shape[axis["axis"]])}


def shifts(rng: Random, shape: Shape) -> Params:
    """Draw how far entries are rolled along which axes."""
    axis = rng.choice((None, distinct(rng, len(shape), rng.randint(0, len(shape)))))
    return {
        "shift": tuple(rng.randint(-4, 4) for _ in axis) if axis else rng.randint(-4, 4),
        "axis": axis or None,
    }


def turns(rng: Random, shape: Shape) -> Params | None:
    """Draw by how many quarters, and in which plane, an array is turned."""
    return {"k": rng.randint(-1, 4), "axes": distinct(rng, len(shape), 2)} if len(shape) > 1 else None


def margins(rng: Random, shape: Shape) -> Params | None:
    """Draw how an array is padded."""
    if not filled(shape) or not shape:
        return None
    width = [(rng.randrange(3), rng.randrange(3)) for _ in shape]
    mode = rng.choice(("constant", "edge", "reflect", "symmetric", "wrap"))
    constant = {"constant_values": rng.choice((0.0, 1.5))} if mode == "constant" else {}
    return {"pad_width": width, "mode": mode} | constant


def copies(rng: Random, shape: Shape) -> Params:
    """Draw how often an array is repeated as a whole."""
    return {"reps": tuple(rng.choice((1, 1, 2, 3)) for _ in range(rng.randint(1, 1 + len(shape))))}


def repeats(rng: Random, shape: Shape) -> Params | None:
    """Draw how often each entry is repeated."""
    axis = rng.choice((None, *range(-len(shape), len(shape))))
    size = math.prod(shape) if axis is None else shape[axis]
    return {"repeats": rng.choice((2, [rng.randrange(3) for _ in range(size)] or 1)), "axis": axis}


# Indices


def index(rng: Random, shape: Shape) -> Params:
    """Draw an index: slices, integers, new axes and an ellipsis, or one array of integers or a mask."""
    parts: list[Any] = [_slice(rng, n) for n in shape[: rng.randint(0, len(shape))]]
    places = [i for i, part in enumerate(parts) if shape[i]]
    if places and rng.random() < 0.5:
        place = rng.choice(places)
        parts[place] = rng.choice((_positions, _mask))(rng, shape[place])
    else:
        parts = [rng.randrange(-n, n) if n and rng.random() < 0.3 else part for part, n in zip(parts, shape)]
        if rng.random() < 0.4:
            parts.insert(rng.randint(0, len(parts)), None)
        if rng.random() < 0.3:
            parts.append(...)
    return {"index": tuple(parts)}


def _slice(rng: Random, n: int) -> slice:
    start = rng.choice((None, rng.randint(-n, n)))
    stop = rng.choice((None, rng.randint(-n, n)))
    return slice(start, stop, rng.choice((None, 1, 2)))


def _positions(rng: Random, n: int) -> list[int]:
    return [rng.randrange(-n, n) for _ in range(rng.randint(1, 4))]


def _mask(rng: Random, n: int) -> list[bool]:
    return [rng.random() < 0.6 for _ in range(n)]


def two_positions(rng: Random, shape: Shape) -> Params | None:
    """Draw an index of two arrays of integers that broadcast against one another, next to one another."""
    if len(shape) < 2 or not filled(shape):
        return None
    rows = [[rng.randrange(-shape[0], shape[0])] for _ in range(2)]
    return {"index": (rows, _positions(rng, shape[1]))}


def positions(rng: Random, shape: Shape) -> Params | None:
    """Draw which entries are taken along an axis, or from the flattened array."""
    if not filled(shape) or not shape:
        return None
    axis = rng.choice((None, *range(-len(shape), len(shape))))
    n = math.prod(shape) if axis is None else shape[axis]
    flat = [rng.randrange(n) for _ in range(4)]
    return {"picked": rng.choice((flat[:3], [flat[:2], flat[2:]])), "axis": axis}


def positions_everywhere(rng: Random, shape: Shape) -> Params | None:
    """Draw positions along an axis, different ones in each line."""
    if not filled(shape) or not shape:
        return None
    axis = rng.randrange(-len(shape), len(shape))
    wanted = list(shape)
    wanted[axis] = rng.randint(1, 3)
    drawn = np.array([rng.randrange(shape[axis]) for _ in range(math.prod(wanted))])
    return {"indices": drawn.reshape(wanted).tolist(), "axis": axis}


def mask(rng: Random, shape: Shape) -> Params | None:
    """Draw which entries are kept along an axis, or of the flattened array."""
    drawn = positions(rng, shape)
    if drawn is None:
        return None
    axis = drawn["axis"]
    return {"picked": _mask(rng, math.prod(shape) if axis is None else shape[axis]), "axis": axis}


def targets(rng: Random, shape: Shape) -> Params | None:
    """Draw where rows are placed in a taller array; some fall on the same place."""
    if not shape or not shape[0]:
        return None
    height = shape[0] + rng.randrange(2)
    return {"index": [rng.randrange(height) for _ in range(shape[0])], "shape": (height, *shape[1:])}


# Products


def subscripts(rng: Random, *shapes: Shape) -> Params | None:
    """Draw an einsum: axes of the same size may share a letter, leading ones may be left to an ellipsis."""
    if not any(shapes):
        return None
    leading = rng.random() < 0.3 and all(shapes) and taken_by(np.broadcast)(*(s[:1] for s in shapes))
    letters: dict[int, str] = {}
    unused = iter("abcdefghijklmnop")
    terms = []
    for shape in shapes:
        term = "..." if leading else ""
        for n in shape[leading:]:
            if n not in letters or rng.random() < 0.4:
                letters[n] = letters.get(n, "") + next(unused)
            term += rng.choice(letters[n])
        terms.append(term)
    free = sorted({*"".join(terms)} - {"."})
    kept = "".join(rng.sample(free, rng.randint(0, min(3, len(free)))))
    return {"subscripts": ",".join(terms) + "->" + ("..." if leading else "") + kept}


def contracted(rng: Random, a: Shape, b: Shape) -> Params | None:
    """Draw the axes of a tensor product that are summed over: a number of them, or pairs."""
    count = rng.randint(0, min(len(a), len(b)))
    if rng.random() < 0.4:
        return {"axes": count} if a[len(a) - count :] == b[:count] else None
    left, right = distinct(rng, len(a), count), distinct(rng, len(b), count)
    return {"axes": (left, right)} if [a[i] for i in left] == [b[i] for i in right] else None


def norms(rng: Random, shape: Shape) -> Params | None:
    """Draw a norm of everything, of vectors or of matrices."""
    if not filled(shape):
        return None
    count = rng.randint(0, min(len(shape), 2))
    chosen = distinct(rng, len(shape), count)
    orders = {0: [None], 1: [None, 1, 2, 3, np.inf], 2: [None, "fro", "nuc", 1, -1, 2, np.inf, -np.inf]}
    axis = {0: None, 1: chosen[0] if chosen else None, 2: chosen}[count]
    return {"ord": rng.choice(orders[count]), "axis": axis, "keepdims": rng.random() < 0.5}
