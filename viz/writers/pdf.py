"""An SVG picture of `viz.writers.svg` as a PDF page, with the fonts embedded and the text searchable.

A PDF is numbered objects, a table of where each begins, and a stream of drawing instructions. Only
what our own pictures use is written: rectangles, circles, cubic curves, polygons and text.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Iterator, Mapping

from viz.style.typeface import FAMILY, Typeface, typeface

__all__ = ["pdf"]

_SVG = "{http://www.w3.org/2000/svg}"
_SCALE = 0.75  # points to the picture's unit, which is a pixel
_ARC = 0.5522847498  # handle of a Bézier curve that looks like a quarter of a circle
_PATH = re.compile(r"[MLC]|-?[\d.]+")

Used = dict[bool, dict[int, str]]


def pdf(svg: str) -> bytes:
    """Write a picture as a document of one page.

    Parameters
    ----------
    svg : str
        As `viz.writers.svg` writes it.

    Examples
    --------
    >>> pdf('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"/>')[:8]
    b'%PDF-1.5'
    """
    root = ET.fromstring(svg)
    left, top, across, high = map(float, root.attrib["viewBox"].split())
    used: Used = {False: {}, True: {}}
    # y grows downwards in the picture, upwards on the page
    place = f"{_n(_SCALE)} 0 0 {_n(-_SCALE)} {_n(-left * _SCALE)} {_n((high + top) * _SCALE)} cm"
    body = [place, "1 j"]
    for element in root.iter():
        body.extend(_painted(element, used))
    document = _Document()
    page = [
        f"/MediaBox [0 0 {_n(across * _SCALE)} {_n(high * _SCALE)}]",
        f"/Contents {document.stream(_joined(body))} 0 R",
        f"/Resources << /Font << {' '.join(_fonts(used, document))} >> >>",
    ]
    return document.finished(page, root.findtext(f"{_SVG}title") or "")


def _painted(element: ET.Element, used: Used) -> Iterator[str]:
    """Translate an element into drawing instructions."""
    tag, a = element.tag.removeprefix(_SVG), element.attrib
    if tag == "text":
        yield _written(element, used)
    elif tag in _SHAPES:
        fill, stroke = a.get("fill", "none") != "none", "stroke" in a
        yield "q"
        if fill:
            yield f"{_rgb(a['fill'])} rg"
        if stroke:
            yield f"{_rgb(a['stroke'])} RG {a.get('stroke-width', '1')} w"
        if "stroke-dasharray" in a:
            yield f"[{a['stroke-dasharray']}] 0 d"
        yield _SHAPES[tag](a)
        yield "B" if fill and stroke else "f" if fill else "S"
        yield "Q"


def _written(element: ET.Element, used: Used) -> str:
    a, text = element.attrib, element.text or ""
    bold = a.get("font-weight") == "bold"
    face = typeface(bold)
    codes = []
    for character in text:
        glyph = face.glyphs.get(ord(character), 0)
        used[bold].setdefault(glyph, character)
        codes.append(f"{glyph:04X}")
    return (
        f"q {_rgb(a['fill'])} rg BT /F{int(bold)} {a['font-size']} Tf "
        f"1 0 0 -1 {a['x']} {a['y']} Tm <{''.join(codes)}> Tj ET Q"
    )


def _rectangle(a: Mapping[str, str]) -> str:
    x, y, w, h = (float(a[key]) for key in ("x", "y", "width", "height"))
    return _round(x, y, w, h, min(float(a.get("rx", 0)), w / 2, h / 2))


def _ring(a: Mapping[str, str]) -> str:
    x, y, r = (float(a[key]) for key in ("cx", "cy", "r"))
    return _round(x - r, y - r, 2 * r, 2 * r, r)


def _round(x: float, y: float, w: float, h: float, r: float) -> str:
    """Outline a rectangle with round corners; a circle is nothing but corners."""
    if not r:
        return f"{_n(x, y, w, h)} re"
    k, right, low = r * (1 - _ARC), x + w, y + h
    return (
        f"{_n(x + r, y)} m {_n(right - r, y)} l {_n(right - k, y, right, y + k, right, y + r)} c "
        f"{_n(right, low - r)} l {_n(right, low - k, right - k, low, right - r, low)} c "
        f"{_n(x + r, low)} l {_n(x + k, low, x, low - k, x, low - r)} c "
        f"{_n(x, y + r)} l {_n(x, y + k, x + k, y, x + r, y)} c h"
    )


def _curve(a: Mapping[str, str]) -> str:
    written: list[str] = []
    command, numbers = "", list[str]()
    for token in _PATH.findall(a["d"]):
        if token.isalpha():
            command = token
            continue
        numbers.append(token)
        if len(numbers) == {"M": 2, "L": 2, "C": 6}[command]:
            written += [*numbers, command.lower()]
            numbers.clear()
    return " ".join(written)


def _polygon(a: Mapping[str, str]) -> str:
    first, *rest = (corner.replace(",", " ") for corner in a["points"].split())
    return " ".join([first, "m", *(f"{corner} l" for corner in rest), "h"])


_SHAPES: dict[str, Callable[[Mapping[str, str]], str]] = {
    "rect": _rectangle,
    "circle": _ring,
    "path": _curve,
    "polygon": _polygon,
}


def _fonts(used: Used, document: _Document) -> Iterator[str]:
    """Embed the fonts that occur; yields their entries in the page's resources."""
    for bold, glyphs in used.items():
        if glyphs:
            yield f"/F{int(bold)} {_font(typeface(bold), bold, glyphs, document)} 0 R"


def _font(face: Typeface, bold: bool, glyphs: Mapping[int, str], document: _Document) -> int:
    k = 1000 / face.units
    name = FAMILY.replace(" ", "") + ("-Bold" if bold else "")
    file = document.stream(face.data, f"/Length1 {len(face.data)}")
    descriptor = document.add(
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /ItalicAngle 0 /CapHeight 729 "
        f"/FontBBox [{_n(*(round(v * k) for v in face.box))}] /StemV {140 if bold else 80} "
        f"/Ascent {round(face.ascent * k)} /Descent {round(face.descent * k)} "
        f"/FontFile2 {file} 0 R >>"
    )
    widths = " ".join(f"{glyph} [{_n(face.advances[glyph] * k)}]" for glyph in sorted(glyphs))
    descendant = document.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /W [{widths}] >>"
    )
    return document.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] "
        f"/ToUnicode {document.stream(_to_unicode(glyphs))} 0 R >>"
    )


def _to_unicode(glyphs: Mapping[int, str]) -> bytes:
    """Map glyphs back to characters, so that text can be searched and copied."""
    rows = [
        f"<{glyph:04X}> <{character.encode('utf-16-be').hex().upper()}>"
        for glyph, character in sorted(glyphs.items())
        if glyph
    ]
    blocks = (rows[i : i + 100] for i in range(0, len(rows), 100))  # 100 is the most a block may hold
    return _joined(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CMapName /U def /CMapType 2 def",
            "1 begincodespacerange <0000> <FFFF> endcodespacerange",
            *("\n".join((f"{len(b)} beginbfchar", *b, "endbfchar")) for b in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    )


class _Document:
    """The numbered objects of a file; number 1 is the catalog, written last."""

    def __init__(self) -> None:
        self.objects: list[bytes] = [b""]

    def add(self, content: str | bytes) -> int:
        self.objects.append(content if isinstance(content, bytes) else content.encode("latin-1"))
        return len(self.objects)

    def stream(self, data: bytes, entries: str = "") -> int:
        packed = zlib.compress(data, 9)
        head = f"<< /Length {len(packed)} /Filter /FlateDecode {entries} >>\nstream\n"
        return self.add(head.encode("latin-1") + packed + b"\nendstream")

    def finished(self, page: list[str], title: str) -> bytes:
        pages = len(self.objects) + 2
        self.add(f"<< /Type /Page /Parent {pages} 0 R {' '.join(page)} >>")
        self.add(f"<< /Type /Pages /Kids [{pages - 1} 0 R] /Count 1 >>")
        info = self.add(f"<< /Title <FEFF{title.encode('utf-16-be').hex()}> >>")
        self.objects[0] = f"<< /Type /Catalog /Pages {pages} 0 R >>".encode("latin-1")
        out, starts = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
        for number, content in enumerate(self.objects, 1):
            starts.append(len(out))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
        table = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(starts) + 1)
        out += b"".join(b"%010d 00000 n \n" % start for start in starts)
        size = len(starts) + 1
        out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (size, info)
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def _joined(lines: list[str]) -> bytes:
    return "\n".join(lines).encode("latin-1")


def _rgb(colour: str) -> str:
    return _n(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))


def _n(*numbers: float) -> str:
    return " ".join(f"{x:.3f}".rstrip("0").rstrip(".") or "0" for x in numbers)
