"""Where a NaN or an infinity comes in: the first value, and the first adjoint, that holds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autograd_core.graph.node import Node
from viz.scene.backward_pass import Sweep
from viz.scene.record import Record
from viz.scene.scene import Scene

__all__ = ["Spoilt", "pointed_out", "spoilt_first"]


class Spoilt(NamedTuple):
    """A value that is not finite though all it was computed from is.

    Attributes
    ----------
    vertex : str
        Where it stands in the picture.
    value : ndarray
    said : str
        What it is, in markup.
    """

    vertex: str
    value: Any
    said: str


def spoilt_first(record: Record, done: Sweep | None = None) -> list[Spoilt]:
    """Find the first value that is not finite and, with a sweep, the first adjoint.

    Examples
    --------
    >>> import autograd_core as ag
    >>> from viz.scene.record import read
    >>> x = ag.tensor([1.0, 0.0], requires_grad=True, name="x")
    >>> with np.errstate(divide="ignore"):
    ...     record = read(ag.sum(ag.log(x)))
    >>> [(found.vertex, found.said) for found in spoilt_first(record)]
    [('v1', 'log at v1')]
    """
    found = [_value(record), _adjoint(record, done) if done else None]
    return [one for one in found if one is not None]


def pointed_out(scene: Scene, spoilt: Sequence[Spoilt]) -> Scene:
    """Mark what was found, by a thick outline and in words, and say it below the picture."""
    if not spoilt:
        return scene
    lines = {one.vertex: _lines(one.value) for one in spoilt}
    vertices = tuple(
        replace(v, emphasis="strong", details=(*v.details, *lines[v.id])) if v.id in lines else v
        for v in scene.vertices
    )
    said = "; ".join(one.said for one in spoilt)
    return replace(scene, vertices=vertices, warning=f"first not finite: {said}")


def _value(record: Record) -> Spoilt | None:
    """Find the first value, a constant that is an operand included; a plain number shows what it is."""
    for node in record.nodes:
        if _is_finite(node.value):
            continue
        at, label = record.ids[node], record.labels.get(node)
        if node.primitive is None and (label or node.ndim):
            return Spoilt(at, node.value, f"{label or f'the constant {at}'}, as given")
        for i, x in enumerate(node.inputs):
            if not isinstance(x, Node) and np.ndim(x) and not _is_finite(x):
                return Spoilt(f"{at}c{i}", x, f"a constant that {at} takes, as given")
        if node.primitive is not None:
            return Spoilt(at, node.value, f"{node.primitive.name} at {at}{f' ({label})' if label else ''}")
    return None


def _adjoint(record: Record, done: Sweep) -> Spoilt | None:
    """Find the first adjoint in the order in which the sweep finishes them."""
    for x in reversed(record.labels):
        if x in done.adjoints and not _is_finite(done.adjoints[x]):
            label = f"∂{record.name}/∂{record.labels[x]}"
            return Spoilt(f"d{record.ids[x][1:]}", done.adjoints[x], f"{label} on the way back")
    return None


def _is_finite(value: Any) -> bool:
    return bool(np.isfinite(value).all())


def _lines(value: Any) -> tuple[str, ...]:
    bad, size = int((~np.isfinite(value)).sum()), np.size(value)
    return ("first not finite", *((f"{bad} of {size} entries",) if np.ndim(value) else ()))
