"""Terms as the statements of a NumPy program: shapes are read off arrays, and dtypes are kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import EllipsisType
from typing import Any

from autograd_core.derivations.algebra.rules import is_comparison
from autograd_core.derivations.algebra.term import Term, filled
from autograd_core.wording.notation import ATOM, POWER, PREFIX, PRODUCT, SUM, Written, source, write

__all__ = ["Code", "negated", "written_parts"]

_REDUCTIONS = {name: f"np.{name}" for name in ("sum", "prod", "max", "min")} | {"logsumexp": "logsumexp"}
_ONE_AXIS = ("softmax", "log_softmax", "var", "std", "norm")  # take one axis as a number as well
_MANY = 200  # operands side by side: Python reads each as one more level, and some thousand are too deep
_WHOLE = 1e15  # from here on a whole number is written with an exponent


class Code:
    """Writes terms, each after its parts.

    Parameters
    ----------
    names : mapping of Term to str
        What variables hold: all symbols, and what is added later.
    truths : collection of Term
        Those symbols that are true or false. Beside numbers they count as 1 or 0.
    shape : function
        Writes the shape of a term.
    dtype : str
        Source of the dtype that numbers are to have.

    Examples
    --------
    >>> from autograd_core.derivations.algebra.terms import Algebra
    >>> algebra = Algebra()
    >>> A, m = algebra.symbol("A", (3, 7)), algebra.symbol("m", ())
    >>> code = Code({A: "A", m: "m"}, (), lambda term: str(term.shape), "A.dtype")
    >>> mean = algebra.multiply(algebra.sum(A, (1,), True), algebra.power(m, -1))
    >>> for part in (A, m, *mean.args, mean):
    ...     code.read(part)
    >>> code.text(mean)
    'np.sum(A, axis=1, keepdims=True) / m'
    """

    def __init__(
        self, names: Mapping[Term, str], truths: Collection[Term], shape: Callable[[Term], str], dtype: str
    ) -> None:
        self.names, self.done = dict(names), dict[Term, Written]()
        self._symbols_of_truth, self._truths = truths, dict[Term, Written]()
        self._shape, self._dtype = shape, dtype

    def read(self, part: Term) -> None:
        """Write a part whose own parts are written; make a number of what is true or false."""
        self.done[part] = self._named(part) or self._part(part)
        if part in self._symbols_of_truth or is_comparison(part):
            self._truths[part] = self.done[part]
            self.done[part] = Written(f"{_bracketed(self.done[part], ATOM)}.astype({self._dtype})")

    def text(self, part: Term) -> str:
        """The source of a part that was read, true or false if that is what it is."""
        return self._truths.get(part, self.done[part]).text

    def is_truth(self, part: Term) -> bool:
        """Whether a part that was read is true or false."""
        return part in self._truths

    def _named(self, part: Term) -> Written | None:
        return Written(self.names[part]) if part in self.names else None

    def _part(self, part: Term) -> Written:
        match part.head:
            case "number":
                return _number(part.params["value"])
            case "identity" if not part.args:
                return Written(f"np.eye({self._shape(part)}[0], dtype={self._dtype})")
            case "add":
                return self._sum(part)
            case "multiply":
                return self._quotient(part)
            case "power" if part.params:  # a constant one; others are an operation on two arrays
                return self._quotient(part)
            case "matmul":
                return Written(" @ ".join(_bracketed(self.done[arg], POWER) for arg in part.args), PRODUCT)
        return self._function(part)

    def _sum(self, part: Term) -> Written:
        """Positive addends first; a negative one is subtracted."""
        negative = {arg: arg not in self.names and negated(arg) for arg in part.args}
        addends = [
            f" - {_bracketed(self._quotient(arg, sign=False), PRODUCT)}"
            if negative[arg]
            else f" + {_bracketed(self.done[arg], PREFIX)}"
            for arg in sorted(part.args, key=negative.__getitem__)
        ]
        while len(addends) > _MANY:
            addends = [f" + ({_added(group)})" for group in _groups(addends)]
        return Written(_added(addends), SUM)

    def _quotient(self, part: Term, sign: bool = True) -> Written:
        """A number, factors, what is true or false, and what has a negative power behind a stroke."""
        args = part.args if part.head == "multiply" else (part,)
        number = math.prod(arg.params["value"] for arg in args if arg.head == "number")
        above = [arg for arg in args if arg.head != "number" and not self._below(arg)]
        truths = [arg for arg in above if arg in self._truths]
        if any(arg.shape and arg not in truths for arg in above):  # times an array it takes its dtype
            above = [arg for arg in above if arg not in truths]
        else:
            truths = []
        pieces = [self._raised(arg) for arg in above] + [self._truths[arg] for arg in truths]
        if abs(number) != 1 or not pieces:
            pieces.insert(0, _number(abs(number)))
        factors = [_bracketed(piece, POWER) for piece in pieces]
        while len(factors) > _MANY:
            factors = [f"({' * '.join(group)})" for group in _groups(factors)]
        text = " * ".join(factors)
        for arg in args:
            if self._below(arg):
                text += f" / {_bracketed(self._raised(arg), POWER)}"
        if sign and number < 0:
            return Written(f"-{text}", PREFIX)
        return Written(text, PRODUCT) if " " in text else pieces[0]

    def _below(self, arg: Term) -> bool:
        return arg not in self.names and _inverts(arg)

    def _raised(self, arg: Term) -> Written:
        """A power without the sign of its exponent; anything else as it is."""
        if arg in self.names or arg.head != "power" or not arg.params:
            return self.done[arg]
        base, exponent = self.done[arg.args[0]], abs(arg.params["exponent"])
        if exponent == 1:
            return base
        if exponent == 0.5:
            return Written(f"np.sqrt({base.text})")
        return Written(f"{_bracketed(base, ATOM)}**{_number(exponent).text}", POWER)

    def _function(self, part: Term) -> Written:
        assert part.operation is not None
        pointwise = part.operation.kind == "pointwise"
        operands = [self.done[arg] if pointwise else self._typed(arg) for arg in part.args]
        texts = [operand.text for operand in operands]
        params = dict(part.params)
        if part.head in ("getitem", "scatter_add"):
            made = {"mask": self._mask, "at": self._positions}
            params["index"] = filled(params["index"], part.args[1:], made)
        match part.head:
            case "xdivy":
                return Written(f"xdivy({texts[0]}, {texts[1]})")
            case "where":
                return Written(f"np.where({self.text(part.args[0])}, {texts[1]}, {self.text(part.args[2])})")
            case "broadcast_to" if not part.args[0].shape:
                return Written(f"np.full({self._shape(part)}, {self.text(part.args[0])}, {self._dtype})")
            case "broadcast_to":
                return Written(f"np.broadcast_to({texts[0]}, {self._shape(part)})")
            case "reshape":
                return Written(f"np.reshape({texts[0]}, {self._shape(part)})")
            case "scatter_add":
                return Written(f"scatter_add({texts[0]}, {_index(params['index'])}, {self._shape(part)})")
            case "getitem":
                return Written(f"{_bracketed(operands[0], ATOM)}[{_index(params['index'], slicing=True)}]")
            case name if name in _REDUCTIONS:
                return Written(f"{_REDUCTIONS[name]}({', '.join([*texts, *_over(part)])})")
            case name if name in _ONE_AXIS:
                params["axis"] = _axis(params["axis"])
        return write(part.operation.notation, "numpy", operands, params)

    def _mask(self, part: Term) -> str:
        return self.text(part) if self.is_truth(part) else f"{_bracketed(self.done[part], ATOM)}.astype(bool)"

    def _positions(self, part: Term) -> str:
        chosen = part.operation is not None and not part.operation.differentiable
        return self.text(part) if chosen else f"{_bracketed(self.done[part], ATOM)}.astype(int)"

    def _typed(self, part: Term) -> Written:
        """A part; a mere number becomes one of the dtype that is kept."""
        piece = self.done[part]
        return Written(f"np.full((), {piece.text}, {self._dtype})") if part.head == "number" else piece


def negated(part: Term) -> bool:
    """Whether a term is written with a minus in front."""
    number = part.args[0] if part.head == "multiply" else part
    return number.head == "number" and number.params["value"] < 0


def written_parts(part: Term) -> list[Term]:
    """The parts that are written inside a term: a denominator in place of its inverse."""
    if part.head != "multiply":
        return [*part.args]
    return [arg.args[0] if _inverts(arg) else arg for arg in part.args]


def _inverts(part: Term) -> bool:
    return part.head == "power" and part.params.get("exponent", 1) < 0


def _groups(pieces: Sequence[str]) -> Iterator[Sequence[str]]:
    return (pieces[i : i + _MANY] for i in range(0, len(pieces), _MANY))


def _added(addends: Sequence[str]) -> str:
    """Put addends with their signs side by side."""
    text = "".join(addends)
    return text.removeprefix(" + ").replace(" - ", "-", text.startswith(" - "))


def _bracketed(piece: Written, least: int) -> str:
    return piece.text if piece.binding >= least else f"({piece.text})"


def _number(value: float) -> Written:
    if not math.isfinite(value):
        text = f"np.{abs(value)}"
    else:
        text = repr(int(abs(value)) if value == int(value) and abs(value) < _WHOLE else abs(value))
    return Written(f"-{text}", PREFIX) if value < 0 else Written(text)


def _over(part: Term) -> list[str]:
    """The arguments of a reduction behind what it reduces."""
    axis, keepdims = part.params["axis"], part.params["keepdims"]
    every = axis is None or len(axis) == len(part.args[0].shape)
    axes = [] if every else [f"axis={source(_axis(axis))}"]
    return [*axes, *["keepdims=True"] * keepdims]


def _axis(axis: Any) -> Any:
    return axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis


def _index(index: Any, slicing: bool = False) -> str:
    """Write an index, between the brackets of its array if it is `slicing`, or by itself."""
    parts: Sequence[Any] = index if isinstance(index, tuple) else (index,)
    texts = [*map(_position, parts)]
    inside = ", ".join(texts)
    if slicing and texts:
        return inside
    if any(isinstance(part, slice | EllipsisType) for part in parts):
        return f"np.s_[{inside}]"
    return f"({inside}{',' * (len(texts) == 1)})" if isinstance(index, tuple) else inside


def _position(part: Any) -> str:
    if isinstance(part, EllipsisType):
        return "..."
    if isinstance(part, str):
        return part
    if not isinstance(part, slice):
        return source(part)
    start, stop, step = ("" if end is None else str(int(end)) for end in (part.start, part.stop, part.step))
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
