"""The pictures of a recorded graph: the forward pass, the backward pass, and both as a ladder."""

from __future__ import annotations

from typing import Any

from viz.arrange import arranged
from viz.backward_pass import Sweep, backward_pass, caches, sweep
from viz.forward_pass import forward_pass
from viz.lanes import in_lanes, in_layers
from viz.markup import plain
from viz.picture import Picture
from viz.record import Record, read
from viz.scene import Scene
from viz.trace import computed, recorded

__all__ = ["backward", "both", "forward", "ladder"]


def forward(J: Any, values: bool = False, *, theme: str = "light") -> Picture:
    """Draw how a result was computed: every recorded operation once.

    Parameters
    ----------
    J : Tensor, any shape
        Usually a cost.
    values : bool
        Also write the entries of arrays of at most 3 x 4.
    theme : "light", "dark" or "paper"

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `J` is no tensor.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> print(forward(x * x).scene)
    forward pass of J
    v0 parameter: x | 3
    v1op operation: ⊙
    v1 cost: J | 9
    f0 forward: v0 -> v1op
    f1 forward: v0 -> v1op
    f2 forward: v1op -> v1
    """
    record = read(J)
    vertices, edges = forward_pass(record, values)
    placed, layers = in_layers(arranged(vertices, edges))
    title = f"forward pass of {plain(record.name)}"
    said = "Operations are circles, named values boxes; arrows lead from operands to results."
    scene = Scene(title, said, tuple(placed), tuple(edges), tuple(layers))
    return Picture(scene, recorded(record), theme)


def backward(J: Any, *, theme: str = "light") -> Picture:
    """Draw the adjoint of every named value, and the factors that lead from one to the next.

    The factors are read off the recorded graph of a reverse sweep. That sweep is this picture's
    own: the ``.grad`` of every tensor stays as it is, whether ``J.backward()`` was called or not.

    Parameters
    ----------
    J : Tensor, scalar
    theme : "light", "dark" or "paper"

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `J` is no tensor.
    GraphError
        Nothing that `J` was computed from requires a gradient, or a value has changed since.
    ShapeError
        `J` is not a scalar.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> print(backward(x * x).scene)
    backward pass of J
    d1 adjoint: ∂J/∂J | 1
    d0sum sum: +
    d0 parameter adjoint: ∂J/∂x | 6
    b0 backward: d1 -> d0sum ⊙ x
    b1 backward: d1 -> d0sum ⊙ x
    b2 backward: d0sum -> d0
    """
    record = read(J)
    done = sweep(record)
    there, onward = forward_pass(record)
    adjoints, edges = backward_pass(record, done)
    columns = arranged([*there, *adjoints], onward)
    placed, layers = in_layers(v for v in columns if v.of is not None)
    title = f"backward pass of {plain(record.name)}"
    said = "Boxes are adjoints; arrows lead towards the inputs and say the factor applied."
    scene = Scene(title, said, tuple(placed), tuple(edges), tuple(layers))
    return Picture(scene, computed(record, done), theme)


def both(J: Any, values: bool = False, *, theme: str = "light") -> Picture:
    """Draw both passes as a ladder: adjoints below their values, and what the way back reads.

    Parameters
    ----------
    J : Tensor, scalar
    values : bool
        Also write the entries of arrays of at most 3 x 4.
    theme : "light", "dark" or "paper"

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError, GraphError, ShapeError
        As `backward` does.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> [str(e.kind) for e in both(ag.exp(x) * 1.0).scene.edges]
    ['forward', 'forward', 'forward', 'backward', 'cache']
    """
    record = read(J)
    done = sweep(record)
    return Picture(ladder(record, done, values), computed(record, done), theme)


def ladder(record: Record, done: Sweep, values: bool = False) -> Scene:
    """Set the scene of both passes; see `both`."""
    there, onward = forward_pass(record, values)
    adjoints, back = backward_pass(record, done)
    placed, clusters = in_lanes(arranged([*there, *adjoints], onward))
    beside = {v.id for v in placed if v.track == "side"}  # given, so there is nothing to save
    reads = caches(record, done, without=beside)
    title = f"forward and backward pass of {plain(record.name)}"
    said = (
        "Above, operations are circles and named values boxes. Below each value stands its "
        "adjoint; dashed arrows say the factor applied, dotted ones which value a step reads."
    )
    return Scene(title, said, tuple(placed), (*onward, *back, *reads), tuple(clusters))
