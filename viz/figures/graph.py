"""The pictures of a recorded graph: the forward pass, the backward pass, and both as a ladder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd_core.wording.errors import OptionError
from viz.detail.fold import folded
from viz.detail.lanes import in_lanes, in_layers
from viz.detail.view import EVERYTHING, Shown, View
from viz.layout.arrange import arranged
from viz.scene.backward_pass import Sweep, backward_pass, caches, sweep
from viz.scene.contents import USUAL, Contents, contents
from viz.scene.forward_pass import forward_pass
from viz.scene.not_finite import pointed_out, spoilt_first
from viz.scene.record import Record, read
from viz.scene.scene import Scene
from viz.style.markup import plain
from viz.writers.picture import Picture
from viz.writers.trace import computed, recorded

__all__ = ["backward", "both", "forward", "ladder"]


def forward(
    J: Any,
    values: bool = False,
    *,
    shapes: bool = True,
    norms: bool = False,
    statistics: bool = False,
    detail: str = "auto",
    expand: Any = (),
    focus: Any = None,
    hops: int = 2,
    between: tuple[Any, Any] | None = None,
    force: bool = False,
    theme: str = "light",
) -> Picture:
    """Draw how a result was computed: every recorded operation once.

    Parameters
    ----------
    J : Tensor, any shape
        Usually a cost.
    values : bool
        Also write the entries of arrays of at most 3 x 4.
    shapes : bool
        Write the shape of each array.
    norms : bool
        Also write at each parameter the Euclidean norm of its ``.grad``, a dash if there is none yet.
    statistics : bool
        Also write the smallest and the largest entry, the mean and the standard deviation.
    detail : "auto", "layers" or "operations"
        How much is put into boxes, which say how many operations they hold. "operations" draws each.
        "layers" draws a box for each layer, found from names such as ``Z[2]``; what is repeated without
        such names, as in an unrolled loop, is drawn first and last, with a box for the times between.
        "auto" draws each operation while they are few (150 parts), else boxes; for many layers, or above
        600 parts, one box also for like layers in a row, and for runs of operations where nothing is
        repeated. A line below the picture says what was left out.
    expand : str, Tensor or several of them
        What is not to be put into a box: ``"layer 2"``, or a value as for `focus`.
    focus : str or Tensor, optional
        Draw only what is around a value: the tensor itself, its name, or its step in the table, ``"v7"``.
        Dots stand for what was cut off.
    hops : int
        How many operations away that goes.
    between : pair of str or Tensor, optional
        Draw only what lies on the paths from the first value to the second.
    force : bool
        Draw more than 600 parts without a warning.
    theme : "light", "dark" or "paper"

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `J` is no tensor.
    OptionError
        There is no such detail, layer or value, or no path between two.

    Warns
    -----
    UserWarning
        There are more than 600 parts to draw.

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

    A long loop is drawn by its first and its last step:

    >>> y = x
    >>> for _ in range(1000):
    ...     y = ag.exp(-y)
    >>> [v.label for v in forward(y).scene.vertices]
    ['x', '−', 'exp', '− exp × 997', '−', 'exp', '−', 'exp', 'J']
    """
    record = read(J)
    view = View(detail, expand, focus, hops, between, force)
    vertices, edges = forward_pass(record, contents(shapes, values, norms, statistics))
    shown = view.of(record, vertices, adjoints=False)
    title = f"forward pass of {plain(record.name)}"
    said = "Operations are circles, named values boxes; arrows lead from operands to results."
    whole = Scene(title, said, tuple(vertices), tuple(edges))
    scene = folded(pointed_out(whole, spoilt_first(record)), shown)
    placed, layers = in_layers(arranged(scene.vertices, scene.edges))
    scene = replace(scene, vertices=tuple(placed), clusters=tuple(layers))
    return Picture(scene, recorded(record, shown), theme)


def backward(
    J: Any,
    *,
    shapes: bool = True,
    values: bool = False,
    norms: bool = False,
    statistics: bool = False,
    detail: str = "auto",
    expand: Any = (),
    focus: Any = None,
    hops: int = 2,
    between: tuple[Any, Any] | None = None,
    force: bool = False,
    theme: str = "light",
) -> Picture:
    """Draw the adjoint of every named value, and the factors that lead from one to the next.

    The factors are read off the recorded graph of a reverse sweep. That sweep is this picture's
    own: the ``.grad`` of every tensor stays as it is, whether ``J.backward()`` was called or not.

    Parameters
    ----------
    J : Tensor, scalar
    shapes, values, statistics : bool
        What to write of each adjoint; see `forward`.
    norms : bool
        Also write the Euclidean norm of each adjoint; that of a parameter's is always written.
    detail, expand, focus, hops, between, force
        How much is drawn; see `forward`. In a selected part without names, each value is called by its step.
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
    OptionError
        As `forward` does.

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
    view = View(detail, expand, focus, hops, between, force)
    record = view.named(read(J))
    done = sweep(record)
    shown, whole = _both_passes(record, done, contents(shapes, values, norms, statistics), view)
    columns = arranged(whole.vertices, whole.edges)
    placed, layers = in_layers(v for v in columns if v.of is not None)
    scene = replace(
        whole,
        title=f"backward pass of {plain(record.name)}",
        description="Boxes are adjoints; arrows lead towards the inputs and say the factor applied.",
        vertices=tuple(placed),
        edges=tuple(e for e in whole.edges if e.kind == "backward"),
        clusters=tuple(layers),
    )
    return Picture(scene, computed(record, done, shown), theme)


def both(
    J: Any,
    values: bool = False,
    *,
    shapes: bool = True,
    norms: bool = False,
    statistics: bool = False,
    detail: str = "auto",
    expand: Any = (),
    focus: Any = None,
    hops: int = 2,
    between: tuple[Any, Any] | None = None,
    force: bool = False,
    theme: str = "light",
) -> Picture:
    """Draw both passes as a ladder: adjoints below their values, and what the way back reads.

    Parameters
    ----------
    J : Tensor, scalar
    values, shapes, norms, statistics : bool
        What to write of each value and each adjoint; see `forward` and `backward`.
    detail, expand, focus, hops, between, force
        How much is drawn; see `forward`.
    theme : "light", "dark" or "paper"

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError, GraphError, ShapeError, OptionError
        As `backward` does.

    Examples
    --------
    >>> import autograd_core as ag
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> [str(e.kind) for e in both(ag.exp(x) * 1.0).scene.edges]
    ['forward', 'forward', 'forward', 'backward', 'cache']
    """
    view = View(detail, expand, focus, hops, between, force)
    record = view.named(read(J))
    done = sweep(record)
    shown, whole = _both_passes(record, done, contents(shapes, values, norms, statistics), view)
    return Picture(_in_lanes(whole), computed(record, done, shown), theme)


def ladder(record: Record, done: Sweep, shown: Contents = USUAL, view: View = EVERYTHING) -> Scene:
    """Set the scene of both passes; see `both`."""
    return _in_lanes(_both_passes(record, done, shown, view)[1])


def _both_passes(record: Record, done: Sweep, said: Contents, view: View) -> tuple[Shown, Scene]:
    """Choose what is shown of both passes, not arranged yet."""
    there, onward = forward_pass(record, said, done.adjoints)
    shown = view.of(record, there, adjoints=True)
    adjoints, back = backward_pass(record, done, said, shown.homes)
    title = f"forward and backward pass of {plain(record.name)}"
    told = (
        "Above, operations are circles and named values boxes. Below each value stands its "
        "adjoint; dashed arrows say the factor applied, dotted ones which value a step reads."
    )
    whole = Scene(title, told, (*there, *adjoints), (*onward, *back, *caches(record, done)))
    scene = folded(pointed_out(whole, spoilt_first(record, done)), shown)
    if not any(v.of for v in scene.vertices):
        raise OptionError(
            "the selected part has no adjoint to draw: nothing in it depends on a value that requires a "
            "gradient. Select a larger part, or draw viz.forward"
        )
    return shown, scene


def _in_lanes(scene: Scene) -> Scene:
    """Arrange both passes, without the caches of what is given, for there is nothing to save."""
    placed, clusters = in_lanes(arranged(scene.vertices, scene.edges))
    beside = {v.id for v in placed if v.track == "side"}
    edges = [e for e in scene.edges if e.kind != "cache"]
    reads = [e for e in scene.edges if e.kind == "cache" and e.tail not in beside]
    edges += (replace(e, id=f"c{i}") for i, e in enumerate(reads))
    return replace(scene, vertices=tuple(placed), edges=tuple(edges), clusters=tuple(clusters))
