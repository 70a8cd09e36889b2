"""Terms in Unicode text: what the other dialects share, with its brackets by binding strength."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.derivations.algebra.term import Term, filled
from autograd_core.derivations.writing.constants import Numeral, numeral, superscript
from autograd_core.wording.notation import (
    ATOM,
    MATRIX,
    POWER,
    PREFIX,
    PRODUCT,
    SUM,
    Dialect,
    Written,
    spell,
    write,
)

__all__ = ["Pieces", "Text"]


class Pieces:
    """What stands on one side of the line of a quotient."""

    def __init__(self) -> None:
        self.scalars: list[Written] = []
        self.loose: list[Written] = []  # scalars that are products or sums over axes: they go last
        self.arrays: list[Written] = []

    def take(self, term: Term, piece: Written) -> None:
        """Add a factor."""
        if term.shape:
            self.arrays.append(piece)
        elif piece.binding in (PREFIX, MATRIX):
            self.loose.append(piece)
        else:
            self.scalars.append(piece)


class Text:
    """Writes the parts of a term, each after its own parts."""

    dialect: Dialect = "text"
    brackets = ("(", ")")
    minus, times, beside, matrices = "−", " ⊙ ", " ", " "
    longest, cut = 2000, "…"  # characters of a part; nobody reads on, and a shared part may come many times
    sum_least = PRODUCT  # what stands in a sum unbracketed, before its last addend

    def __init__(self, names: Mapping[Term, str]) -> None:
        self.names = names
        self.done: dict[Term, Written] = {}

    def read(self, part: Term) -> None:
        """Write a part whose own parts are written."""
        found = self._name(self.names[part]) if part in self.names else self._part(part)
        self.done[part] = found if len(found.text) <= self.longest else Written(self.cut)

    def _part(self, part: Term) -> Written:
        match part.head:
            case "symbol":
                return self._name(spell(part.params["name"], self.dialect))
            case "identity" if not part.args:
                return Written("I")
            case "number":
                return self._signed(part.params["value"] < 0, self._number(abs(part.params["value"])))
            case "add":
                return self._sum(part)
            case "multiply" | "xdivy":
                return self._product(part)
            case "power" if part.params:
                return self._power(part)
            case "matmul":
                return self._matmul(part)
            case "broadcast_to" if part.args[0].head == "number":
                return self._constant(part)
            case "reshape" if _wide(part.shape) == _wide(part.args[0].shape):
                return self._vector(part)
        return self._function(part)

    # Names and numbers

    def _name(self, name: str) -> Written:
        return Written(name)

    def _number(self, value: float) -> Written:
        return self._fraction(numeral(value))

    def _fraction(self, number: Numeral) -> Written:
        return Written(f"{number.above} / {number.below}", PRODUCT) if number.below else Written(number.above)

    def _constant(self, part: Term) -> Written:
        """Ones of some shape, or another number in every entry."""
        ones = self._ones(part.shape)
        value = part.args[0].params["value"]
        if value == 1:
            return Written(ones)
        number = self._bracketed(self._number(abs(value)), POWER)
        return self._signed(value < 0, Written(f"{number} {ones}", PRODUCT))

    def _ones(self, shape: Sequence[int]) -> str:
        digits = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
        return "𝟏" + "ₓ".join(str(n).translate(digits) for n in shape)

    def _signed(self, negative: bool, piece: Written) -> Written:
        if not negative:
            return piece
        return Written(self.minus + self._bracketed(piece, PRODUCT), PREFIX)

    def _bracketed(self, piece: Written, least: int) -> str:
        left, right = self.brackets
        return piece.text if piece.binding >= least else left + piece.text + right

    # Sums

    def _sum(self, part: Term) -> Written:
        """Positive addends first; the sum over an axis only at the end, where it cannot reach too far."""
        addends = sorted((self._addend(arg) for arg in part.args), key=lambda addend: addend[0])
        text = ""
        for place, (negative, piece) in enumerate(addends):
            last = place == len(addends) - 1
            inner = self._bracketed(piece, PREFIX if last else self.sum_least)
            if text:
                text += f" {self.minus if negative else '+'} {inner}"
            else:
                text = f"{self.minus}{inner}" if negative else inner
        return Written(text, SUM)

    def _addend(self, arg: Term) -> tuple[bool, Written]:
        """Whether an addend is negative, and how it is written without its sign."""
        if arg in self.names:
            return False, self.done[arg]
        if arg.head == "number":
            return arg.params["value"] < 0, self._number(abs(arg.params["value"]))
        if arg.head == "broadcast_to" and arg.args[0].head == "number" and arg.args[0].params["value"] < 0:
            return True, Written(self.done[arg].text.removeprefix(self.minus), PRODUCT)
        if arg.head == "multiply" and arg.args[0].head == "number" and arg.args[0].params["value"] < 0:
            return True, self._product(arg, sign=False)
        return False, self.done[arg]

    # Products

    def _product(self, part: Term, sign: bool = True) -> Written:
        """Numbers and scalars in front, then arrays; what has a negative power below a line."""
        number, above, below = self._factors(part)
        return self._signed(sign and number < 0, self._quotient(abs(number), above, below))

    def _factors(self, part: Term) -> tuple[float, Pieces, Pieces]:
        """The number of a product, and what stands above and below the line."""
        number, above, below = 1.0, Pieces(), Pieces()
        for arg in part.args if part.head == "multiply" else (part,):
            if arg in self.names:
                above.take(arg, self.done[arg])
            elif arg.head == "number":
                number *= arg.params["value"]
            elif arg.head == "power" and arg.params.get("exponent", 1) < 0:
                below.take(arg, self._raised(self.done[arg.args[0]], -arg.params["exponent"]))
            elif arg.head == "xdivy":
                if arg.args[0].head != "number" or arg.args[0].params["value"] != 1:
                    above.take(arg.args[0], self.done[arg.args[0]])
                below.take(arg.args[1], self.done[arg.args[1]])
            else:
                above.take(arg, self.done[arg])
        return number, above, below

    def _quotient(self, number: float, above: Pieces, below: Pieces) -> Written:
        size = numeral(number)
        scalars = [*above.scalars, *above.loose]
        if size.above != "1" or not (scalars or above.arrays):
            scalars.insert(0, Written(size.above))
        whole, least = self._joined(scalars, above.arrays), PRODUCT
        divisors = [Written(size.below)] * bool(size.below) + below.scalars + below.loose
        for group in (self._joined([], below.arrays), self._joined(divisors, [])):
            if group.text:
                left = self._bracketed(whole, least)
                whole, least = Written(f"{left} / {self._bracketed(group, POWER)}", PRODUCT), MATRIX
        return whole

    def _joined(self, scalars: Sequence[Written], arrays: Sequence[Written]) -> Written:
        """Pieces side by side; the last may be a sum over an axis, which reaches to the end."""
        pieces = [*scalars, *arrays]
        if len(pieces) < 2:
            return pieces[0] if pieces else Written("")
        last = pieces[-1]
        opens = last.binding == PREFIX and not last.text.startswith(self.minus)
        least = PREFIX if opens else MATRIX if len(arrays) < 2 else POWER
        texts = [self._bracketed(piece, POWER) for piece in pieces[:-1]] + [self._bracketed(last, least)]
        split = len(scalars)
        text = self.beside.join([*texts[:split], *filter(None, [self.times.join(texts[split:])])])
        return Written(text, PREFIX if opens else PRODUCT)

    def _matmul(self, part: Term) -> Written:
        factors = (self._bracketed(self.done[arg], MATRIX) for arg in part.args)
        return Written(self.matrices.join(factors), MATRIX)

    def _vector(self, part: Term) -> Written:
        """A vector is a column, of one axis or of two; so is a number of any number of axes."""
        inner = self.done[part.args[0]]
        row = len(part.shape) == 2 and part.shape[0] == 1 != part.shape[1] and len(part.args[0].shape) == 1
        return self._transposed(inner) if row else inner

    def _transposed(self, base: Written, inverse: bool = False) -> Written:
        return Written(f"{self._bracketed(base, ATOM)}{'⁻' * inverse}ᵀ")

    # Powers and functions

    def _power(self, part: Term) -> Written:
        if part.params["exponent"] < 0:
            return self._quotient(*self._factors(part))
        return self._raised(self.done[part.args[0]], part.params["exponent"])

    def _raised(self, base: Written, exponent: float) -> Written:
        if exponent == 1:
            return base
        if exponent == 0.5:
            return Written(f"√({base.text})")
        inner = self._bracketed(base, ATOM)
        if exponent == int(exponent):
            return Written(inner + superscript(str(int(exponent))), POWER)
        number = self._bracketed(self._number(exponent), POWER).replace(" ", "")
        return Written(f"{inner}^{number}", POWER)

    def _function(self, part: Term) -> Written:
        """An operation of the registry, as it declares it."""
        if part.head == "transpose" and part.params["axes"] is None and part.args[0].head == "inv":
            return self._transposed(self.done[part.args[0].args[0]], inverse=True)
        operation = part.operation
        assert operation is not None
        operands, params = [self.done[arg] for arg in part.args], dict(part.params)
        if part.head in ("getitem", "scatter_add"):
            params["index"] = filled(params["index"], [position.text for position in operands[1:]])
            operands = [self._picked_from(operands[0]) if part.head == "getitem" else operands[0]]
        if set(params) == {"axis"} and isinstance(params["axis"], tuple):
            name = write(operation.notation, self.dialect, [Written("")], {}).text.removesuffix("()")
            columns = params["axis"] == (0,) and len(part.shape) < 3
            axes = "" if columns else self._axes(params["axis"])
            return Written(f"{name}{axes}({', '.join(operand.text for operand in operands)})")
        if params.get("axis") == tuple(range(len(part.args[0].shape))):
            params["axis"] = None
        return write(operation.notation, self.dialect, operands, params)

    def _picked_from(self, x: Written) -> Written:
        return x

    def _axes(self, axis: Sequence[int]) -> str:
        return f"_axis={','.join(map(str, axis))}"


def _wide(shape: Sequence[int]) -> list[int]:
    return [n for n in shape if n != 1]
