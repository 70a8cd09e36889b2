"""How much of a graph a picture shows: all operations, boxes of them, or what is around a value."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd_core.graph.node import Node
from autograd_core.wording.arguments import truth
from autograd_core.wording.errors import OptionError, one_of
from viz.detail.blocks import Block, blocks
from viz.detail.selection import around, between, named, opened
from viz.scene.record import Record, also_named
from viz.scene.scene import Vertex
from viz.scene.stubs import OUTSIDE
from viz.style.markup import plain

__all__ = ["EVERYTHING", "Shown", "View", "owner"]

READABLE = 150  # vertices that one picture can hold
MANY = 600
_BOXES = 40
_LAYERS = 24
_LEAVES = 24
_DIGITS = re.compile(r"[0-9]*")


class View(NamedTuple):
    """The options that say how much is drawn; see `viz.forward`."""

    detail: str = "auto"
    expand: Iterable[Any] = ()
    focus: Any = None
    hops: int = 2
    between: tuple[Any, Any] | None = None
    force: bool = False

    def named(self, record: Record) -> Record:
        """Name what is selected by its steps if nothing there has a name: only named values have adjoints."""
        kept, _ = self._kept(record)
        if kept is None or any(x.requires_grad for x in kept & record.labels.keys()):
            return record
        return also_named(record, {x for x in kept if not x.is_leaf})

    def of(self, record: Record, drawn: Sequence[Vertex], adjoints: bool) -> Shown:
        """Choose what stands in a picture.

        Parameters
        ----------
        record : Record
        drawn : sequence of Vertex
            The whole forward pass.
        adjoints : bool
            Whether the picture also shows the backward pass.

        Raises
        ------
        OptionError
            There is no such degree of detail, layer or value, or no path.
        """
        one_of("detail", self.detail, _DETAILS)
        kept, said = self._kept(record)
        wanted = opened(record, self.expand) | {record.root}
        nodes = [node for node in record.nodes if node.primitive and (kept is None or node in kept)]
        boxed: list[Block] = []
        size = self._size(record, drawn, kept, adjoints)
        if self.detail == "layers" or (self.detail == "auto" and size > READABLE):
            layers = len(set(record.layers.values()))
            join = self.detail == "auto" and (size > MANY or layers > _LAYERS)
            most = _BOXES if self.detail == "auto" else READABLE
            boxed = blocks(record, nodes, wanted, most, join_layers=join)
        caption = "; ".join([*said, *_folded(record, nodes, boxed)])
        shown = Shown(record, kept, boxed, caption, whole=self.detail == "operations")
        left = sum(owner(v.id) not in shown.homes for v in drawn) if boxed else size
        if not truth(self.force, "force") and left > MANY:
            warnings.warn(_too_many(left), UserWarning, stacklevel=4)
        return shown

    def _kept(self, record: Record) -> tuple[set[Node] | None, list[str]]:
        """Find the selected part of the graph, None for all of it, and say in words what it is."""
        if self.focus is not None and self.between is not None:
            raise OptionError("focus and between select different parts; give one of them")
        if self.focus is not None:
            if not isinstance(self.hops, int) or self.hops < 1:
                raise OptionError(f"hops counts operations, 1 or more, and is {self.hops!r:.60}")
            middle = named(record, self.focus)
            found, given = around(record, middle, self.hops), set()
            said = f"within {self.hops} step{'s' * (self.hops > 1)} of {_name(record, middle)}"
        elif self.between is not None:
            if not isinstance(self.between, (tuple, list)) or len(self.between) != 2:
                raise OptionError(
                    f"between takes two values, as in between=('X', 'J'), and is {self.between!r:.60}"
                )
            starts, ends = (named(record, end) for end in self.between)
            found, given = between(record, starts, ends), set(starts)
            said = f"between {_name(record, starts)} and {_name(record, ends)}"
        else:
            return None, []
        found |= {x for node in found - given for x in node.operands() if x.is_leaf}
        count = sum(node.primitive is not None for node in found)
        whole = sum(node.primitive is not None for node in record.nodes)
        return found, [f"{count} of {whole} operations, those {said}; … stands for the others"]

    @staticmethod
    def _size(record: Record, drawn: Sequence[Vertex], kept: set[Node] | None, adjoints: bool) -> int:
        """Count the vertices there would be without boxes."""
        inside = None if kept is None else {record.ids[node] for node in kept}
        size = sum(inside is None or owner(v.id) in inside for v in drawn)
        named = (x for x in record.labels if x.requires_grad and (kept is None or x in kept))
        return size + (sum(1 for _ in named) if adjoints else 0)


EVERYTHING = View("operations", force=True)
_DETAILS = ("auto", "operations", "layers")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What stands in a picture of a record.

    Attributes
    ----------
    record : Record
    kept : set of Node or None
        What is drawn at all, None for everything.
    blocks : list of Block
        What is drawn as one box.
    caption : str
        What was left out, and how to see it.
    whole : bool
        Whether each of many parallel edges is drawn.
    homes : dict of str to str
        For each value that has no place of its own the vertex that stands for it, or `OUTSIDE`.
    """

    record: Record
    kept: set[Node] | None = None
    blocks: Sequence[Block] = ()
    caption: str = ""
    whole: bool = False
    homes: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "homes", self._homes())

    def _homes(self) -> dict[str, str]:
        ids = self.record.ids
        homes = {ids[x]: f"{ids[block.nodes[0]]}box" for block in self.blocks for x in block.nodes}
        homes |= {ids[x]: OUTSIDE for x in self.record.nodes if self.kept is not None and x not in self.kept}
        if self.blocks:
            homes |= self._leaves(homes)
        return homes

    def _leaves(self, homes: Mapping[str, str]) -> dict[str, str]:
        """Put a leaf into the box that uses it first, unless it can be drawn and has a reason to.

        Reasons are that others use it too, or that it has a name and lies in no layer.
        """
        ids = self.record.ids
        uses: dict[Node, dict[str | None, None]] = {}
        for node in self.record.nodes:
            at = homes.get(ids[node])
            if at != OUTSIDE:
                for x in node.operands():
                    if x.is_leaf and ids[x] not in homes:
                        uses.setdefault(x, {})[at] = None
        first = {x: home for x, used in uses.items() if (home := next(iter(used))) is not None}
        drawn = {
            x
            for x in first
            if len(uses[x].keys() - {None}) > 1 or (x in self.record.labels and x not in self.record.layers)
        }
        return {ids[x]: home for x, home in first.items() if x not in drawn or len(drawn) > _LEAVES}


def owner(vertex: str) -> str:
    """Take the step out of the identifier of a vertex.

    >>> [owner(name) for name in ("v7", "v7op", "v7c0", "d7sum")]
    ['v7', 'v7', 'v7', 'v7']
    """
    return f"v{_DIGITS.match(vertex, 1)[0]}"  # type: ignore[index]


def _name(record: Record, nodes: Sequence[Node]) -> str:
    return plain(record.labels.get(nodes[0], record.ids[nodes[0]]))


def _folded(record: Record, nodes: Sequence[Node], boxed: Sequence[Block]) -> list[str]:
    """Say how much is in boxes, and how to look into them."""
    if not boxed:
        return []
    hidden = sum(len(block.nodes) for block in boxed)
    inside = set(boxed[0].nodes)
    layer = record.layers.get(boxed[0].nodes[0])
    whole = all(node in inside for node, name in record.layers.items() if name == layer and node.primitive)
    step = record.ids[boxed[0].nodes[0]]
    opens = f'"layer {layer}"' if layer is not None and whole else f'"{step}"'
    return [
        f"{hidden} of {len(nodes)} operations are in boxes: expand={opens} takes one out, "
        f'focus="{step}" shows what is around it, detail="operations" everything'
    ]


def _too_many(size: int) -> str:
    return (
        f"a picture of {size} parts is hard to read and slow to draw: detail='auto' puts them into boxes, "
        "focus= and between= draw a part of them; force=True draws all of them without this warning"
    )
