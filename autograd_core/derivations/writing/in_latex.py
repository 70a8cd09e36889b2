"""Terms in LaTeX, for KaTeX, MathJax and TeX with amsmath."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograd_core.derivations.algebra.terms import Term
from autograd_core.derivations.writing.constants import Numeral, numeral
from autograd_core.derivations.writing.in_text import Pieces, Text
from autograd_core.wording.latex import times
from autograd_core.wording.notation import ATOM, COMPARISON, POWER, SUM, Dialect, Written

__all__ = ["Latex"]

_INDICATOR = r"\operatorname{I}\left("  # 1 where something holds, else 0
_TALL = (r"\frac", r"\sum", r"\begin", r"\prod", r"\sqrt")


class Latex(Text):
    """Quotients with a line, scripts, and cases."""

    dialect: Dialect = "latex"
    brackets = (r"\left(", r"\right)")
    minus, times, matrices = "-", r" \odot ", r" \, "
    longest, cut = 6000, r"\dots"

    def _name(self, name: str) -> Written:
        return Written(name, POWER if "^" in name or r"\frac" in name else ATOM)

    def _number(self, value: float) -> Written:
        return self._fraction(numeral(value, latex=True))

    def _fraction(self, number: Numeral) -> Written:
        if number.below:
            return Written(rf"\frac{{{number.above}}}{{{number.below}}}", POWER)
        return Written(number.above, POWER if "^" in number.above else ATOM)

    def _ones(self, shape: Sequence[int]) -> str:
        return rf"\mathbf{{1}}_{{{times(shape)}}}"

    def _quotient(self, number: float, above: Pieces, below: Pieces) -> Written:
        size = numeral(number, latex=True)
        scalars, arrays = [*above.scalars], [*above.loose, *above.arrays]
        divisors = [Written(size.below)] * bool(size.below) + below.scalars + below.loose
        if size.above != "1" or not (scalars or arrays or divisors or below.arrays):
            scalars.insert(0, Written(size.above))
        if divisors:
            scalars = [self._over(self._joined(scalars, []), self._joined(divisors, []))]
        if below.arrays:
            arrays = [self._over(self._joined([], arrays), self._joined([], below.arrays))]
        return self._joined(scalars, arrays)

    def _over(self, above: Written, below: Written) -> Written:
        return Written(rf"\frac{{{above.text or 1}}}{{{below.text}}}", POWER)

    def _raised(self, base: Written, exponent: float) -> Written:
        if exponent == 1:
            return base
        if exponent == 0.5:
            return Written(rf"\sqrt{{{base.text}}}")
        number = self._number(exponent).text
        return Written(rf"{self._bracketed(base, ATOM)}^{{{number}}}", POWER)

    def _function(self, part: Term) -> Written:
        if part.head == "transpose" and part.params["axes"] is None and part.args[0].head != "inv":
            return self._transposed(self.done[part.args[0]])
        if part.head == "where":
            return self._cases(part)
        found = super()._function(part)
        if found.binding == COMPARISON:
            return Written(rf"{_INDICATOR}{found.text}\right)")
        operands = ", ".join(self.done[arg].text for arg in part.args)
        if found.text.endswith(f"({operands})") and any(tall in operands for tall in _TALL):
            return Written(
                rf"{found.text.removesuffix(f'({operands})')}\left({operands}\right)", found.binding
            )
        return found

    def _transposed(self, base: Written, inverse: bool = False) -> Written:
        if not inverse and (found := re.fullmatch(r"([^^]+)\^\{(\[\w+\])\}", base.text)):
            return Written(rf"{found[1]}^{{{found[2]}\top}}", POWER)
        return Written(rf"{self._bracketed(base, ATOM)}^{{{'-' * inverse}\top}}", POWER)

    def _cases(self, part: Term) -> Written:
        condition, yes, no = (self.done[arg].text for arg in part.args)
        if condition.startswith(_INDICATOR) and part.args[0].head not in ("add", "multiply"):
            condition = condition.removeprefix(_INDICATOR).removesuffix(r"\right)")
        lines = rf"{yes} & \text{{where }} {condition} \\ {no} & \text{{elsewhere}}"
        return Written(rf"\begin{{cases}} {lines} \end{{cases}}", SUM)

    def _picked_from(self, x: Written) -> Written:
        return x._replace(text=f"{{{x.text}}}") if "_" in x.text else x  # no two indices on one base

    def _axes(self, axis: Sequence[int]) -> str:
        return rf"_{{\text{{axis}}={','.join(map(str, axis))}}}"
