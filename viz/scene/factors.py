"""The factor that a backward step applies, written from its recorded formula."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograd_core.derivations.deriving.expression import expression
from autograd_core.graph.node import Node
from autograd_core.graph.primitive import PRIMITIVES
from autograd_core.wording.notation import ATOM, Written, write
from viz.scene.labels import HOLE
from viz.style.markup import plain, typeset

__all__ = ["UNSAID", "factor"]

UNSAID = f"{HOLE} …"  # a part whose formula nobody would read

_LONGEST = 30
_MOST_STEPS = 16  # of more, few are written that short
_ENDLESS = UNSAID.removesuffix("…")
_DECIMALS = re.compile(r"\d+\.\d{4,}")


def factor(u: Node, x: Node, seed: Node, term: Node, names: Mapping[Node, str], *, whole: bool) -> str:
    """Write what is done to the adjoint of `u` to get this part of the adjoint of `x`, in markup.

    Parameters
    ----------
    u, x : Node
        Forward values, `x` among what `u` was computed from.
    seed : Node
        The adjoint of `u`, called ``·`` in `names`.
    term : Node
        The recorded part of the adjoint of `x`.
    names : mapping of Node to str
        Where the formula is cut.
    whole : bool
        Whether this is all that `u` adds to the adjoint of `x`.

    Returns
    -------
    str
        ``=`` if it is the same; ``⊙ tanh′(Z)`` for one pointwise step; ``softmax′(Z)ᵀ ·`` for one
        general step; otherwise the recorded formula. Where that is too long, ``· ∂u/∂x``, or its
        beginning if the term is only a part of that.
    """
    if term is seed:
        return "="
    label = _one_step(u, x, names) or _trimmed(typeset(_formula(term, names)))
    if label == HOLE:
        return "broadcast"
    if len(plain(label)) <= _LONGEST and label != _ENDLESS:
        return label
    return f"{HOLE} ∂{names[u]}/∂{names[x]}" if whole else f"{plain(label)[: _LONGEST - 1]}…"


def _one_step(u: Node, x: Node, names: Mapping[Node, str]) -> str | None:
    """Write the derivative of a function of one operand with a prime."""
    operation = u.primitive
    if operation is None or len(u.inputs) != 1 or u.inputs[0] is not x:
        return None
    symbol = operation.notation.symbol
    text = write(operation.notation, "text", [Written("x")], u.params).text
    if not text.startswith(f"{symbol}(x"):
        return None
    if operation.kind == "pointwise":
        return f"⊙ {symbol}′({names[x]})"
    return f"{symbol}′({names[x]})^{{T}} {HOLE}" if operation.kind == "general" else None


def _formula(term: Node, names: Mapping[Node, str]) -> str:
    """Write a recorded formula without ``broadcast``, which ⊙ does by itself."""
    repeat = PRIMITIVES["broadcast_to"]
    while term.primitive is repeat:
        term = term.inputs[0]
    steps = _steps(term, names)
    if steps is None:
        return _ENDLESS
    known = dict(names)
    for node in steps:
        if node.primitive is repeat:
            inner = expression(node.inputs[0], known)
            known[node] = inner.text if inner.binding == ATOM else f"({inner.text})"
    return known.get(term) or expression(term, known).text


def _steps(term: Node, names: Mapping[Node, str]) -> list[Node] | None:
    """List what a formula is made of, operands first; None if it is long, as it may be as the graph."""
    found: dict[int, Node] = {}
    stack = [term]
    while stack:
        node = stack.pop()
        found[node.order] = node
        if len(found) > _MOST_STEPS:
            return None
        if node not in names:
            stack += [x for x in node.inputs if isinstance(x, Node) and x.order not in found]
    return [found[order] for order in sorted(found)]


def _trimmed(label: str) -> str:
    """Round long decimals, and drop a dot and an exponent that say nothing.

    >>> _trimmed("· ⊙ 0.142857"), _trimmed("Σ_{axis=1} ·"), _trimmed("2 ⊙ x^{1}")
    ('⊙ 0.143', 'Σ_{axis=1}', '2 ⊙ x')
    """
    text = _DECIMALS.sub(lambda found: f"{float(found[0]):.3g}", label).replace("^{1}", "")
    if text.startswith("Σ"):
        text = text.removesuffix(f" {HOLE}")
    return text.removeprefix(f"{HOLE} ") if text.startswith(f"{HOLE} ⊙") else text
