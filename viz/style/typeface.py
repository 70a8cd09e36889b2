"""What placing and embedding text needs of a TrueType font: widths, glyph numbers, outlines.

The two fonts lie beside this file, so a label measures the same on every machine, whatever is
installed.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FAMILY", "FILES", "Typeface", "typeface"]

FAMILY = "DejaVu Sans"
FILES = {
    False: Path(__file__).with_name("fonts") / "DejaVuSans.ttf",
    True: Path(__file__).with_name("fonts") / "DejaVuSans-Bold.ttf",
}


@dataclass(frozen=True, slots=True, eq=False)
class Typeface:
    """One font, in its own units.

    Attributes
    ----------
    data : bytes
        The file.
    units : int
        Font units to the em.
    box : tuple of int
        Left, bottom, right, top of all outlines.
    ascent, descent : int
    glyphs : dict of int to int
        Glyph number of each code point.
    advances : tuple of int
        Width of each glyph.
    """

    data: bytes
    units: int
    box: tuple[int, ...]
    ascent: int
    descent: int
    glyphs: dict[int, int]
    advances: tuple[int, ...]

    def width(self, text: str, size: float) -> float:
        """Measure a line of text in the unit of `size`; an unknown character counts as a box.

        >>> typeface().width("ii", 10) < typeface().width("WW", 10)
        True
        """
        advances = sum(self.advances[self.glyphs.get(ord(c), 0)] for c in text)
        return advances * size / self.units


@functools.cache
def typeface(bold: bool = False) -> Typeface:
    """Load the font that comes with this package, once."""
    data = FILES[bold].read_bytes()
    tables = {
        data[i : i + 4].decode("ascii"): _unpack(">2I", data, i + 8)[0]
        for i in range(12, 12 + 16 * _u16(data, 4), 16)
    }
    head, hhea = tables["head"], tables["hhea"]
    measured, count = _u16(data, hhea + 34), _u16(data, tables["maxp"] + 4)
    widths = _unpack(f">{2 * measured}H", data, tables["hmtx"])[::2]
    ascent, descent = _unpack(">2h", data, hhea + 4)
    return Typeface(
        data=data,
        units=_u16(data, head + 18),
        box=_unpack(">4h", data, head + 36),
        ascent=ascent,
        descent=descent,
        glyphs=_glyphs(data, tables["cmap"]),
        advances=widths + widths[-1:] * (count - measured),  # the last one repeats
    )


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Code point to glyph, from the character map of format 4."""
    for record in range(cmap + 4, cmap + 4 + 8 * _u16(data, cmap + 2), 8):
        platform, encoding, offset = _unpack(">HHI", data, record)
        table = cmap + offset
        if (platform, encoding) in {(3, 1), (0, 3)} and _u16(data, table) == 4:
            break
    segments = _u16(data, table + 6) // 2
    ends = table + 14
    starts = ends + 2 * segments + 2
    deltas = starts + 2 * segments
    ranges = deltas + 2 * segments
    found = {}
    for place in range(0, 2 * segments, 2):
        first, last = _u16(data, starts + place), min(_u16(data, ends + place), 0xFFFE)
        delta, jump = _u16(data, deltas + place), _u16(data, ranges + place)
        for code in range(first, last + 1):
            glyph = code
            if jump:  # a detour through a list of glyphs, counted from the jump itself
                glyph = _u16(data, ranges + place + jump + 2 * (code - first))
            if glyph:
                found[code] = (glyph + delta) & 0xFFFF
    return found


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _unpack(form: str, data: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(form, data, at)
