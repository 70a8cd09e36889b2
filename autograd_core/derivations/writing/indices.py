"""Equations entry by entry: ∂J/∂wⱼₖ = Σᵢ ∂J/∂zⱼᵢ aₖᵢ for dW = dZ Aᵀ."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import chain, count, pairwise
from typing import Any, Literal

from autograd_core.derivations.algebra.equation import Notes
from autograd_core.derivations.algebra.rules import is_comparison
from autograd_core.derivations.algebra.term import deep
from autograd_core.derivations.algebra.terms import Algebra, Deep, Term, walk
from autograd_core.derivations.writing.dialects import written
from autograd_core.derivations.writing.in_latex import Latex
from autograd_core.derivations.writing.in_text import Text
from autograd_core.wording.identifiers import printable
from autograd_core.wording.latex import latex_name
from autograd_core.wording.notation import PREFIX, PRODUCT, Written

__all__ = ["in_indices"]

Index = str | None  # a letter, or nothing along an axis of size 1
_FREE = "ji"  # the letters of the left side
_LETTERS = "ijkprstuvaeh"  # those with a small form below the line in Unicode
_BELOW = str.maketrans("aehijklmnoprstuvx0123456789", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₀₁₂₃₄₅₆₇₈₉")
_LONGEST = 300  # parts of a formula that is taken apart; nobody reads on
_ROW_WISE = ("softmax", "log_softmax", "logsumexp")


def in_indices(
    symbol: Term,
    term: Term,
    number: str,
    gradients: Collection[Term],
    dialect: Literal["text", "latex"] = "text",
    notes: Notes | None = None,
) -> tuple[str, str]:
    """Write both sides of an equation for one entry.

    Parameters
    ----------
    symbol, term : Term
        The two sides.
    number : str
        Of the formula in the notes, or nothing.
    gradients : collection of Term
        The symbols of gradients: dW is written as ∂J/∂w.
    dialect : {"text", "latex"}
    notes : Notes, optional
        Which letters they have in the formula of that number.

    Examples
    --------
    >>> algebra = Algebra()
    >>> W, dZ = algebra.symbol("W[2]", (2, 3)), algebra.symbol("dZ[2]", (2, 5))
    >>> dA = algebra.symbol("dA[1]", (3, 5))
    >>> print(*in_indices(dA, algebra.matmul(algebra.transpose(W), dZ), "", [dA, dZ]), sep=" = ")
    ∂J/∂aⱼᵢ[1] = Σₖ ∂J/∂zₖᵢ[2] wₖⱼ[2]
    """
    left_letters = _FREE if notes is None else notes.free_indices.get(number, _FREE)
    summed = "" if notes is None else notes.summed_indices.get(number, "")
    entries = _Entries([symbol, *walk(term)], gradients, dialect, summed)
    free = iter(dict.fromkeys(left_letters + _LETTERS))
    index = tuple(None if n == 1 else next(free) for n in symbol.shape)
    left = entries.of(symbol, index, frozenset(index))
    place = _aligned(index, term.shape)
    short = len(walk(term)) <= _LONGEST
    right = entries.of(term, place, frozenset(index)) if short else entries.whole(term, place)
    printer = {"text": _IndexText, "latex": _IndexLatex}[dialect](entries.names)
    for part in (*walk(left), *walk(right)):
        printer.read(part)
    text = printer.done[right].text
    return printer.done[left].text, f"({text})" if is_comparison(term) else text


class _Entries:
    """Turns a formula of arrays into that of one entry, in an algebra of numbers."""

    def __init__(
        self,
        parts: Sequence[Term],
        gradients: Collection[Term],
        dialect: Literal["text", "latex"],
        first: str,
    ) -> None:
        self.algebra = Algebra()
        self.done = self.algebra.done
        self.gradients, self.dialect = set(gradients), dialect
        self.letters = first + _LETTERS
        self.names: dict[Term, str] = {}
        self.derivatives: set[Term] = set()
        self.stems = {part.params["name"] for part in parts if part.head == "symbol"}

    @deep
    def of(self, x: Term, index: tuple[Index, ...], used: frozenset[Index]) -> Deep:
        """The entry of x at an index, with other letters than those used for what is summed over."""
        algebra, args = self.algebra, x.args
        same = [(arg, _aligned(index, arg.shape), used) for arg in args]
        match x.head:
            case "number":
                return algebra.number(x.params["value"])
            case "symbol":
                return self._symbol(x, index)
            case "identity":
                return self._named("δ", index, False)
            case "add":
                return algebra.add(*(yield same))
            case "multiply":
                return algebra.multiply(*(yield same))
            case "power" if x.params:
                return algebra.power((yield same)[0], x.params["exponent"])
            case "broadcast_to":
                return (yield same)[0]
            case "transpose":
                axes = x.params["axes"] or tuple(reversed(range(len(index))))
                turned = tuple(index[axes.index(a)] for a in range(len(index)))
                return (yield [(args[0], turned, used)])[0]
            case "reshape" if _wide(x.shape) == _wide(args[0].shape):
                letters = iter(_wide(x.shape, index))
                place = tuple(None if n == 1 else next(letters) for n in args[0].shape)
                return (yield [(args[0], place, used)])[0]
            case "matmul" if all(len(arg.shape) == 2 for arg in args[1:-1]) and len(index) < 3:
                places, links = self._along(args, index, used)
                entries = yield [(arg, place, used | {*links}) for arg, place in zip(args, places)]
                entries.sort(key=lambda entry: entry not in self.derivatives)
                return self._over(links[::-1], algebra.multiply(*entries))
            case "sum":
                summed, place = self._summed(args[0], x.params, index, used)
                return self._over(summed, *(yield [(args[0], place, used | {*summed})]))
            case "xlogy":
                a, b = yield same
                return algebra.multiply(a, algebra.apply("log", [b], {}, ()))
            case "xdivy":
                a, b = yield same
                return algebra.multiply(a, algebra.power(b, -1))
            case head if head in _ROW_WISE:
                summed, place = self._summed(args[0], x.params, index, used)
                inside = args[0], place, used | {*summed}
                own, inner = yield [inside if head == "logsumexp" else (args[0], index, used), inside]
                return self._share(head, own, self._over(summed, algebra.apply("exp", [inner], {}, ())))
            case head if head == "where" or (x.operation is not None and x.operation.kind == "pointwise"):
                assert x.operation is not None
                return algebra.apply(x.operation, (yield same), x.params, ())
        return self.whole(x, index)

    def _fresh(self, used: frozenset[Index]) -> str:
        numbered = (f"{letter}{n}" for n in count(1) for letter in _LETTERS)
        return next(letter for letter in chain(self.letters, numbered) if letter not in used)

    def _over(self, letters: Sequence[Index], inner: Term) -> Term:
        for letter in letters:
            if letter is not None:
                inner = self.algebra.make("over", [inner], {"index": letter}, ())
        return inner

    def _along(
        self, factors: Sequence[Term], index: tuple[Index, ...], used: frozenset[Index]
    ) -> tuple[list[tuple[Index, ...]], list[Index]]:
        """Entry (j, i) of a product is the sum over k of entries (j, k) and (k, i), along the chain."""
        first, last = (index[:1] if len(factors[0].shape) == 2 else ()), index[len(index) - 1 :]
        links: list[Index] = []
        for factor in factors[:-1]:
            links.append(None if factor.shape[-1] == 1 else self._fresh(used | {*links}))
        places: list[tuple[Index, ...]] = [(*first, links[0])]
        places += pairwise(links)
        places.append((links[-1], *last) if len(factors[-1].shape) == 2 else (links[-1],))
        return places, links

    def _summed(
        self, x: Term, params: dict[str, Any], index: tuple[Index, ...], used: frozenset[Index]
    ) -> tuple[list[Index], tuple[Index, ...]]:
        """The letters of the axes that are summed over, the first axis first, and the index of an addend."""
        axes = range(len(x.shape)) if params["axis"] is None else params["axis"]
        letters: dict[int, Index] = {}
        for a in sorted(axes, reverse=True):
            letters[a] = None if x.shape[a] == 1 else self._fresh(used | {*letters.values()})
        if len(index) < len(x.shape):
            kept = iter(index)
            index = tuple(None if a in letters else next(kept) for a in range(len(x.shape)))
        return [letters[a] for a in sorted(letters)], tuple(letters.get(a, k) for a, k in enumerate(index))

    def _share(self, head: str, own: Term, total: Term) -> Term:
        """The entry of exp(z) / Σ exp(z), or its logarithm, or that of the logarithm of the sum."""
        algebra = self.algebra
        if head == "logsumexp":
            return algebra.apply("log", [total], {}, ())
        if head == "softmax":
            return algebra.multiply(algebra.apply("exp", [own], {}, ()), algebra.power(total, -1))
        return algebra.add(own, algebra.negative(algebra.apply("log", [total], {}, ())))

    def whole(self, x: Term, index: Sequence[Index]) -> Term:
        """The entry of what has no formula for one entry, such as an inverse."""
        text, letters = written(x, self.dialect), [letter for letter in index if letter is not None]
        return self._entered(text, letters, _WHOLE[self.dialect](text, letters), False)

    def _symbol(self, x: Term, index: Sequence[Index]) -> Term:
        """An entry of a matrix is written small: w for W, unless something else bears that name."""
        name, derivative = x.params["name"], x in self.gradients and x.params["name"].startswith("d")
        stem = name.removeprefix("d") if derivative else name
        if x.shape and re.match(r"[A-Z](?![A-Za-z])", stem) and stem[0].lower() + stem[1:] not in self.stems:
            stem = stem[0].lower() + stem[1:]
        return self._named(stem, index, derivative)

    def _named(self, stem: str, index: Sequence[Index], derivative: bool) -> Term:
        letters = [letter for letter in index if letter is not None]
        name = _ENTRY[self.dialect](stem, letters)
        if derivative:
            name = rf"\frac{{\partial J}}{{\partial {name}}}" if self.dialect == "latex" else f"∂J/∂{name}"
        return self._entered(stem, letters, name, derivative)

    def _entered(self, stem: str, letters: Sequence[str], name: str, derivative: bool) -> Term:
        entry = self.algebra.symbol(f"{stem}{letters}", (), key=derivative)
        self.names[entry] = name
        if derivative:
            self.derivatives.add(entry)
        return entry


def _aligned(index: Sequence[Index], shape: Sequence[int]) -> tuple[Index, ...]:
    """The index of an operand that is broadcast: its axes are the last ones, and one of size 1 has none."""
    return tuple(None if n == 1 else letter for n, letter in zip(shape, index[len(index) - len(shape) :]))


def _wide(shape: Sequence[int], of_each: Sequence[Any] = ()) -> list[Any]:
    """The sizes of the axes that are longer than 1, or something else of each."""
    return [what for n, what in zip(shape, of_each or shape) if n != 1]


def _text_entry(stem: str, letters: Sequence[str]) -> str:
    stem = printable(stem)
    place = stem.index("[") if "[" in stem else len(stem)
    return stem[:place] + "".join(letters).translate(_BELOW) + stem[place:]


def _text_whole(text: str, letters: Sequence[str]) -> str:
    return f"({text}){''.join(letters).translate(_BELOW)}" if letters else text


def _latex_entry(stem: str, letters: Sequence[str]) -> str:
    base, caret, above = latex_name(stem).partition("^")
    base = f"{{{base}}}" if letters and "_" in base else base  # no two indices on one base
    return f"{base}_{{{','.join(letters)}}}{caret}{above}" if letters else base + caret + above


def _latex_whole(text: str, letters: Sequence[str]) -> str:
    return rf"\left({text}\right)_{{{','.join(letters)}}}" if letters else text


_ENTRY = {"text": _text_entry, "latex": _latex_entry}
_WHOLE = {"text": _text_whole, "latex": _latex_whole}


class _IndexText(Text):
    """Sums over an index, which shows how far they reach."""

    sum_least = PREFIX

    def _part(self, part: Term) -> Written:
        if part.head != "over":
            return super()._part(part)
        inner = self._bracketed(self.done[part.args[0]], PREFIX if part.args[0].head == "over" else PRODUCT)
        return Written(f"{self._sigma(part.params['index'])} {inner}", PREFIX)

    def _sigma(self, letter: str) -> str:
        return f"Σ{letter.translate(_BELOW)}"


class _IndexLatex(_IndexText, Latex):
    """The same in LaTeX."""

    def _sigma(self, letter: str) -> str:
        return rf"\sum_{{{letter}}}"
