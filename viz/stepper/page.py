"""The stepper: one pass forward and backward as a page that a browser shows without any network."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Container, Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from autograd_core.system.files import as_path, replace
from autograd_core.wording.arguments import text
from viz.detail.view import Shown, View, owner
from viz.figures.graph import ladder
from viz.layout.layout import laid_out
from viz.scene.backward_pass import Sweep, sweep
from viz.scene.forward_pass import forward_pass
from viz.scene.labels import norm, shortened
from viz.scene.not_finite import spoilt_first
from viz.scene.record import Record, read
from viz.stepper.numbers import entries
from viz.stepper.steps import Source, Step, every_value_named, fewer_named, steps
from viz.style.markup import plain
from viz.style.mathml import mathml
from viz.style.stylesheet import colours
from viz.style.theme import LIGHT
from viz.writers.svg import svg

__all__ = ["page"]

_MOST_SOURCES = 12
_MOST_STEPS = 300
_MOST_BYTES = 480_000  # of one of two levels
_LAYERS = View("layers")
_FEWER = '<p class="note">a step for each box, for there are too many values</p>'


def page(J: Any, path: str | os.PathLike[str], title: str | None = None) -> Path:
    """Write both passes of a result as a page to step through, in a browser or on paper.

    Each step shows what is computed, its equation, its numbers, and where they come from; on the way
    back, the factor applied on each path, and the sum where paths meet: equation (12). Large arrays are
    cut, and the page says so; where there are more than 300 steps, or too many numbers, each box of the
    picture, such as a layer, is one step. Nothing in it needs the network, and without JavaScript or in
    print all steps stand below one another.

    Parameters
    ----------
    J : Tensor, scalar
        Usually a cost.
    path : path
        Where to write the page.
    title : str, optional
        "forward and backward pass of J" by default.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    DtypeError, GraphError, ShapeError
        As `both` does.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import autograd_core as ag, tempfile
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = page(x * x, f"{folder}/square.html")
    ...     written.name, "<script src" in written.read_text()
    ('square.html', False)
    """
    record, path = read(J), as_path(path, "page")
    title = None if title is None else text(title, "page: title")
    levels = {"layers": record, "operations": every_value_named(record)}
    if levels["operations"].labels == record.labels:
        del levels["operations"]
    written: set[str] = set()  # steps whose numbers stand in the page already
    drawn = {name: level for name, named in levels.items() if (level := _level(name, named, written))}
    choices = "".join(map(_choice, drawn)) if len(drawn) > 1 else ""
    left_out = (
        '<span class="note">too many operations to show each</span>' if len(drawn) < len(levels) else ""
    )
    shown = shortened(title or f"forward and backward pass of {plain(record.name)}", 200)
    style = colours() + _part("style.css")
    script = _part("script.js")
    html = Template(_part("page.html")).substitute(
        title=escape(shown),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        switch=choices + left_out,
        levels="\n".join(drawn.values()),
    )
    return replace(path, html.encode())


def _part(name: str) -> str:
    return (files("viz") / "stepper" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Name the one style or script that the page may hold, for its Content-Security-Policy."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _choice(name: str) -> str:
    return f'<label><input type="radio" name="detail" value="{name}"> {name}</label>'


def _level(name: str, record: Record, written: set[str]) -> str | None:
    """Write the picture and the steps in one degree of detail; None if it would be too much to read.

    Steps in `written` get no numbers: the script moves those there are to the level that shows.
    """
    fits = not _shown(record, View()).blocks
    if name == "operations" and not fits:
        return None
    view = View() if fits else _LAYERS
    html, found = "", list[str]()
    if 2 * len(record.labels) <= _MOST_STEPS:
        html, found = _steps(name, record, view, written)
    if not fits and (not found or len(html) > _MOST_BYTES):
        html, found = _steps(name, fewer_named(record, _shown(record, view)), view, written, _FEWER)
    written.update(found)
    return html


def _shown(record: Record, view: View) -> Shown:
    return view.of(record, forward_pass(record)[0], adjoints=True)


def _steps(
    name: str, record: Record, view: View, written: Container[str], note: str = ""
) -> tuple[str, list[str]]:
    """Write a level, and list its steps."""
    done = sweep(record)
    scene = ladder(record, done, view=view)
    homes = _shown(record, view).homes
    found = steps(record, done, scene, homes)
    spoilt = _spoilt(record, done, found, homes)
    picture = svg(scene, laid_out(scene, LIGHT), LIGHT, marked=True)
    outline = "\n".join(_entry(name, step) for step in found)
    sections = "\n".join(
        _section(name, step, step.id not in written, spoilt.get(step.id, "")) for step in found
    )
    html = (
        f'<div class="level" id="{name}">\n<figure class="picture" tabindex="0" '
        f'aria-label="picture of both passes">\n{picture}</figure>\n'
        f'{_warning(name, spoilt)}<div class="workplace">\n'
        f'<nav class="outline" aria-label="all steps">'
        f'<input type="search" placeholder="search" aria-label="search the steps">\n'
        f'<p class="none" hidden>no step says that</p>{note}<ol>\n{outline}\n</ol></nav>\n'
        f'<div class="steps">\n{sections}\n</div>\n</div>\n</div>'
    )
    return html, [step.id for step in found]


def _spoilt(record: Record, done: Sweep, found: Sequence[Step], homes: Mapping[str, str]) -> dict[str, str]:
    """Find the steps at which a value and an adjoint are not finite for the first time, and what is not."""
    told: dict[str, str] = {}
    for one in spoilt_first(record, done):
        home = homes.get(owner(one.vertex), one.vertex)
        vertex = f"{one.vertex[0]}{home[1:]}"
        told.setdefault(next(step.id for step in found if vertex in step.marks), one.said)
    return told


def _warning(level: str, spoilt: Mapping[str, str]) -> str:
    links = "; ".join(f'<a href="#{level}-{step}">{escape(plain(said))}</a>' for step, said in spoilt.items())
    return f'<p class="note">first not finite: {links}</p>\n' if spoilt else ""


def _entry(level: str, step: Step) -> str:
    words = f"{plain(step.label)} = {plain(step.formula)} {step.role}"
    return (
        f'<li><a href="#{level}-{step.id}" data-words="{escape(words)}">{escape(plain(step.label))}</a></li>'
    )


def _section(level: str, step: Step, numbers: bool, spoilt: str) -> str:
    way = "backward" if step.is_backward else "forward"
    equation = f"{step.label} = {step.formula}" if step.formula else step.label
    said = f"{way}: {plain(step.label)}{', first not finite' if spoilt else ''}"
    warning = f'<p class="spoilt">first not finite: {escape(plain(spoilt))}</p>\n' if spoilt else ""
    origin = "\n".join(_origin(level, step))
    shown = "\n".join(entries(step.value)) if numbers else ""
    return (
        f'<section class="step {way}" id="{level}-{step.id}" data-step="{step.id}" '
        f'data-marks="{" ".join(step.marks)}" data-said="{escape(said)}">\n'
        f'<div class="how"><h2><span class="pass">{way}, {step.role}</span>{mathml(equation)}</h2>\n'
        f"{warning}{origin}</div>\n{shown}</section>"
    )


def _origin(level: str, step: Step) -> Iterator[str]:
    """Say where a step takes what it needs."""
    if step.is_backward and step.sources:
        yield _paths(level, step)
    elif step.is_backward:
        yield '<p class="note">every adjoint starts from this one</p>'
    elif step.sources:
        yield f'<p class="note">from {_listed(level, step.sources)}</p>'
    else:
        yield '<p class="note">given</p>'
    if step.reads:
        yield f'<p class="note">reads {_listed(level, step.reads)}, kept from the forward pass</p>'


def _listed(level: str, sources: Sequence[Source]) -> str:
    links = [_link(level, source.step, source.label) for source in sources[:_MOST_SOURCES]]
    left = len(sources) - len(links)
    return ", ".join(links) + (f" and {left} more" if left else "")


def _paths(level: str, step: Step) -> str:
    """Tabulate what each path adds to an adjoint."""
    rows = "\n".join(_path(level, source) for source in step.sources[:_MOST_SOURCES])
    count, left = len(step.sources), len(step.sources) - _MOST_SOURCES
    note = f"{count} paths meet here, and what they add is summed: equation (12)" if count > 1 else ""
    note += f"; {left} more are not listed" if left > 0 else ""
    return (
        '<div class="scroll"><table class="paths"><thead><tr><th scope="col">from</th>'
        '<th scope="col">factor applied</th><th scope="col">adds</th></tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>" + (f'\n<p class="note">{note}</p>' if note else "")
    )


def _path(level: str, source: Source) -> str:
    factor = "passed on" if source.factor == "=" else mathml(source.factor)
    return (
        f"<tr><td>{_link(level, source.step, source.label)}</td><td>{factor}</td>"
        f"<td>{norm(source.value)}</td></tr>"
    )


def _link(level: str, step: str, label: str) -> str:
    return f'<a href="#{level}-{step}">{mathml(label)}</a>'
