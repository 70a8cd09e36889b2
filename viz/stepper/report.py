"""A page for a person to read: pictures, tables and the notes' equations, in one file without network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograd_core.system.files import as_path, replace
from autograd_core.wording.identifiers import printable_lines
from viz.style.mathml import mathml
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
            f"<tr><td>{number}</td><td>{mathml(equation, display=True)}</td><td>{escape(says)}</td></tr>"
            for number, (equation, says) in _EQUATIONS.items()
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


_EQUATIONS = {
    "(1)": (
        "z_{j,i}^{[l]} = Σ_{k} w_{j,k}^{[l]} a_{k,i}^{[l−1]} + b_{j}^{[l]}",
        "a node sums its weighted inputs",
    ),
    "(2)": (
        "a_{j,i}^{[l]} = g_{j}^{[l]}(z_{1,i}^{[l]}, …, z_{n,i}^{[l]})",
        "an activation may read the whole column",
    ),
    "(5)": ("Z^{[l]} = W^{[l]} A^{[l−1]} + broadcast(b^{[l]})", "the same, for all nodes and examples"),
    "(6)": ("A^{[l]} = g^{[l]}(Z^{[l]})", "column by column"),
    "(7)": ("A^{[0]} = X", "the inputs"),
    "(8)": ("A^{[L]} = Ŷ", "the predictions"),
    "(9)": ("J = f(Ŷ, Y)", "the cost, with its 1/m inside"),
    "(12)": (
        "∂y_{k}/∂x_{j} = Σ_{i} ∂y_{k}/∂u_{i} ∂u_{i}/∂x_{j}",
        "the chain rule: the engine's only rule",
    ),
    "(15)": ("∂J/∂W^{[l]} = ∂J/∂Z^{[l]} A^{[l−1]T}", "comes out of the matrix product"),
    "(16)": ("∂J/∂b^{[l]} = Σ_{axis = 1} ∂J/∂Z^{[l]}", "comes out of the broadcast addition"),
    "(17)": (
        "∂J/∂z_{j,i}^{[l]} = Σ_{p} ∂J/∂a_{p,i}^{[l]} ∂a_{p,i}^{[l]}/∂z_{j,i}^{[l]}",
        "back through the activation",
    ),
    "(22)": ("∂J/∂A^{[l−1]} = W^{[l]T} ∂J/∂Z^{[l]}", "on to the layer before"),
}


def _cell(text: str) -> str:
    kind = ' class="wrong"' if text == "DISAGREES" else ""
    return f"<td{kind}>{_text(text)}</td>"


def _text(text: str) -> str:
    """Write text in HTML."""
    return escape(printable_lines(text))
