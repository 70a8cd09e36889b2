"""A page for a person to read: pictures, tables and the notes' equations, in one file without network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograd_core.system.files import as_path, replace
from autograd_core.wording.identifiers import printable_lines
from viz.stepper.equations import EQUATIONS
from viz.writers.picture import Picture

__all__ = ["Report"]

_STYLE = """
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1c2024; background: #fff;
       max-width: 92rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; }
.sub, .note { color: #4a5057; }
figure { margin: 1rem 0; overflow-x: auto; border: 1px solid #d5d9dd; border-radius: 6px; padding: .5rem; }
figure svg { display: block; margin: auto; max-width: 100%; height: auto; min-width: 60rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .3rem .8rem; }
thead th { border-bottom: 2px solid #1c2024; } tbody tr:nth-child(even) { background: #f4f6f8; }
td.wrong { color: #a03a00; font-weight: bold; }
pre { overflow-x: auto; background: #f4f6f8; padding: .8rem; font-size: .85rem; line-height: 1.35; }
math { font-size: 1.1rem; }
@media print { figure { break-inside: avoid; } }
"""


class Report:
    """A page that grows part by part.

    Parameters
    ----------
    title, subtitle : str

    Examples
    --------
    >>> report = Report("Gradients", "a small net")
    >>> report.table("Check", ("name", "verdict"), [("dW", "agrees")])
    >>> "<td>dW</td>" in report.html()
    True
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self._title = title
        self._parts = [f"<h1>{_text(title)}</h1>", f'<p class="sub">{_text(subtitle)}</p>']

    def _add(self, heading: str, body: str) -> None:
        self._parts.append(f"<h2>{_text(heading)}</h2>\n{body}")

    def paragraph(self, heading: str, text: str) -> None:
        """Add a paragraph."""
        self._add(heading, f"<p>{_text(text)}</p>")

    def text(self, heading: str, text: str) -> None:
        """Add text whose columns line up."""
        self._add(heading, f"<pre>{_text(text)}</pre>")

    def picture(self, heading: str, picture: Picture) -> None:
        """Add a picture, drawn in the page."""
        self._add(heading, f"<figure>{picture.svg()}</figure>")

    def table(self, heading: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
        """Add a table; a cell that says DISAGREES stands out."""
        top = "".join(f"<th>{_text(cell)}</th>" for cell in head)
        body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
        self._add(
            heading,
            f'<div class="scroll"><table><thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table></div>'
            f'<p class="note">{_text(note)}</p>',
        )

    def equations(self, heading: str) -> None:
        """Add the notes' equations with their numbers."""
        rows = "\n".join(
            f'<tr><td>{number}</td><td><math display="block">{math}</math></td><td>{escape(says)}</td></tr>'
            for number, (math, says) in EQUATIONS.items()
        )
        self._add(heading, f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>')

    def html(self) -> str:
        """Return the whole page."""
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{_text(self._title)}</title><style>{_STYLE}</style></head>\n<body>\n"
            + "\n".join(self._parts)
            + "\n</body></html>\n"
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; the file appears whole or not at all.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        return replace(as_path(path, "save"), self.html().encode())


def _cell(text: str) -> str:
    kind = ' class="wrong"' if text == "DISAGREES" else ""
    return f"<td{kind}>{_text(text)}</td>"


def _text(text: str) -> str:
    """Write text in HTML."""
    return escape(printable_lines(text))
