"""A compiled program as a figure: its lines from top to bottom, its memory from left to right."""

from __future__ import annotations

from typing import NamedTuple

from autograd_core.compilation.compiled import Compiled
from autograd_core.wording.errors import DtypeError
from nn.layers.summary import tabulated
from viz.detail.view import READABLE
from viz.figures.figure import Drawing
from viz.figures.listing import Line, Listing, Slot, Wire, Write, listed
from viz.layout.places import Box
from viz.scene.labels import shortened
from viz.scene.scene import Edge, Vertex
from viz.style.markup import typeset, width
from viz.style.roles import Role
from viz.style.theme import LIGHT
from viz.writers.picture import Picture

__all__ = ["program"]

_DOWN, _HIGH, _DOT = 30.0, 22.0, 8.0  # from line to line; of a box; of a dot
_GAP = 14.0  # between columns
_HEADS: dict[str, Role] = {"input": "input", "buffer": "block", "new": "words"}
_SAID = (
    "bars: memory in use; a dot reads it, a box writes it, a dashed box is a view of it, a rounded one "
    "writes into a donated argument"
)


def program(compiled: Compiled, *, theme: str = "light") -> Picture:
    """Draw the program of a compiled function's last call.

    Instructions run from top to bottom, one a line, or one a loop nest for numba. Columns are memory:
    arguments, buffers that the program keeps, arrays that a call makes. A value that is written over another
    stands in its column, right below it. Of more than 150 lines the first and the last are drawn.

    Parameters
    ----------
    compiled : Compiled
        Called at least once.
    theme : {"light", "dark", "paper"}

    Returns
    -------
    Picture

    Raises
    ------
    DtypeError
        `compiled` is something else.
    GraphError
        It has not been called yet.
    OptionError
        There is no such theme.

    Examples
    --------
    >>> import autograd_core as ag, numpy as np, viz
    >>> f = ag.compile(lambda x: ag.exp(x * 2.0).sum())
    >>> _ = f(np.ones(3))
    >>> print(viz.program(f).text())
    instruction   shape  memory
    t0 = x ⊙ 2    (3,)
    t1 = exp(t0)  (3,)   over t0
    t2 = Σ t1     ()     new
    return t2
    """
    if not isinstance(compiled, Compiled):
        raise DtypeError(
            f"program: found a {type(compiled).__name__}, wanted a compiled function, made by "
            "autograd_core.compile"
        )
    listing = listed(compiled.program, compiled.storage)
    donated = {compiled.program.inputs.index(x) for x in compiled.program.donated.values()}
    return _Columns(listing, donated).drawn(compiled, theme)


class _Columns:
    """Lines, and the columns of memory beside them."""

    def __init__(self, listing: Listing, donated: set[int]) -> None:
        self.listing, self.donated, self.drawing = listing, donated, Drawing()
        self.rows = _rows(len(listing.lines))
        lines = [listing.lines[i] for i in self.rows.at]
        self.texts, x = [], 0.0
        for part in zip(*map(_text, lines), strict=True):
            self.texts.append(x)
            x += max(width(words, LIGHT.label_size) for words in part) + 2 * _GAP
        wide = {slot: _head_width(told) for slot, told in listing.slots.items()}
        for made in (made for line in lines for made in line.writes):
            wide[made.slot] = max(wide[made.slot], _wide(made))
        used = {slot for line in lines for slot in line.touches}
        self.columns: dict[Slot, float] = {}
        for slot, across in wide.items():
            if slot in used or slot.kind == "input":
                self.columns[slot] = x + across / 2
                x += across + _GAP

    def drawn(self, compiled: Compiled, theme: str) -> Picture:
        drawing, listing = self.drawing, self.listing
        for slot, x in self.columns.items():
            drawing.put(self._head(slot), x, -1.4 * _DOWN)
        for i, row in self.rows.at.items():
            self._line(i, listing.lines[i], row * _DOWN)
        if self.rows.hidden:
            more = Vertex("gap", "words", "⋮", tooltip=f"{self.rows.hidden} lines more")
            drawing.put(more, self.texts[0] + 20, self.rows.gap * _DOWN)
        for wire in listing.wires():
            self._wire(wire)
        name = shortened(getattr(compiled, "__name__", "function"))
        stats = compiled.stats
        caption = (
            f"{stats.backend}: {stats.instructions:,} instructions, {stats.buffers:,} buffers of "
            f"{stats.bytes:,} bytes, {listing.dtype} unless said otherwise; {_SAID}"
        )
        if self.rows.hidden:
            caption = f"not drawn: {self.rows.hidden:,} of {len(listing.lines):,} lines; {caption}"
        table = tabulated([("instruction", "shape", "memory"), *(line.text for line in listing.lines)])
        return drawing.figure(f"program of {name}", _SAID, table, theme, caption=caption)

    def _head(self, slot: Slot) -> Vertex:
        label, *details = self.listing.slots[slot]
        role = "parameter" if slot.kind == "input" and slot.number in self.donated else _HEADS[slot.kind]
        return Vertex(_id(slot, -1), role, label, tuple(details))

    def _line(self, i: int, line: Line, y: float) -> None:
        """Put the text of a line, its dots and boxes, and a line through them."""
        drawing, last = self.drawing, ""
        for k, (left, words) in enumerate(zip(self.texts, _text(line), strict=True)):
            if words:
                last, across = f"text{i}.{k}", width(words, LIGHT.label_size)
                drawing.put_box(Vertex(last, "words", words), Box(left + across / 2, y, across + 8, _HIGH))
        written = {made.slot: made for made in line.writes}
        ends = []
        for slot, x in self.columns.items():
            if slot in written:
                drawing.put_box(_box(written[slot], i), Box(x, y, _wide(written[slot]), _HIGH))
            elif slot in line.reads:
                drawing.put(Vertex(_id(slot, i), "unit", ""), x, y, _DOT)
            else:
                continue
            ends.append(_id(slot, i))
        if ends:
            drawing.join(Edge(f"to{i}", last, ends[0], "forward", emphasis="faint"))
        if len(ends) > 1:
            drawing.join(Edge(f"line{i}", ends[0], ends[-1], "forward"))

    def _wire(self, wire: Wire) -> None:
        """Draw how long a value stays, from or to the gap where its other end is not drawn."""
        start, end = (_id(wire.slot, i) if i < 0 or i in self.rows.at else "" for i in (wire.start, wire.end))
        if start or end:
            start, end = start or self._cut(wire.slot), end or self._cut(wire.slot)
            self.drawing.join(Edge(f"{start} to {end}", start, end, "forward", emphasis="strong"))

    def _cut(self, slot: Slot) -> str:
        """Mark where a value comes from lines that are not drawn, or goes to them."""
        name = f"{slot.kind}{slot.number} cut"
        if name not in self.drawing.vertices:
            self.drawing.put_box(
                Vertex(name, "words", "⋮"), Box(self.columns[slot], self.rows.gap * _DOWN, 10, _HIGH)
            )
        return name


class _Rows(NamedTuple):
    """The row of each line that is drawn; the row of the gap, and how many lines are behind it."""

    at: dict[int, int]
    gap: int
    hidden: int


def _rows(count: int) -> _Rows:
    if count <= READABLE:
        return _Rows({i: i for i in range(count)}, 0, 0)
    half = READABLE // 2
    hidden = count - 2 * half
    last = {i: i - hidden + 1 for i in range(count - half, count)}
    return _Rows({i: i for i in range(half)} | last, half, hidden)


def _text(line: Line) -> list[str]:
    return [typeset(words) for words in line.text]


def _box(made: Write, i: int) -> Vertex:
    role: Role = "constant" if made.view else "parameter" if made.slot.kind == "input" else "intermediate"
    return Vertex(_id(made.slot, i), role, made.name)


def _wide(made: Write) -> float:
    return max(34.0, width(made.name, LIGHT.label_size) + 14)


def _head_width(told: tuple[str, ...]) -> float:
    return max(width(words, LIGHT.label_size) for words in told) + 20


def _id(slot: Slot, line: int) -> str:
    return f"{slot.kind}{slot.number} {line}" if line >= 0 else f"{slot.kind}{slot.number}"
