"""The notes' equations as MathML, by number."""

from __future__ import annotations

__all__ = ["EQUATIONS"]

_L, _BEFORE = "[l]", "[l−1]"


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _id(name: str) -> str:
    return f"<mi>{name}</mi>"


def _op(sign: str) -> str:
    return f"<mo>{sign}</mo>"


def _matrix(name: str, layer: str, transposed: bool = False) -> str:
    """A bold letter with its layer, and a transpose in the same superscript."""
    turned = "<mo>⊤</mo>" if transposed else ""
    return f'<msup><mi mathvariant="bold">{name}</mi><mrow><mtext>{layer}</mtext>{turned}</mrow></msup>'


def _entry(name: str, indices: str, layer: str = _L) -> str:
    return f"<msubsup><mi>{name}</mi><mtext>{indices}</mtext><mtext>{layer}</mtext></msubsup>"


def _d(of: str, by: str) -> str:
    return f"<mfrac>{_row(_id('∂'), of)}{_row(_id('∂'), by)}</mfrac>"


def _dJ(by: str) -> str:
    return _d(_id("J"), by)


def _sum(over: str) -> str:
    return f"<munder><mo>∑</mo><mtext>{over}</mtext></munder>"


_EQUALS, _PLUS = _op("="), _op("+")
_X, _Y, _PREDICTED = (
    '<mi mathvariant="bold">X</mi>',
    '<mi mathvariant="bold">Y</mi>',
    '<mover><mi mathvariant="bold">Y</mi><mo>^</mo></mover>',
)

EQUATIONS: dict[str, tuple[str, str]] = {
    "(1)": (
        _row(
            _entry("z", "j,i"),
            _EQUALS,
            _sum("k"),
            _entry("w", "j,k"),
            _entry("a", "k,i", _BEFORE),
            _PLUS,
            _entry("b", "j"),
        ),
        "a node sums its weighted inputs",
    ),
    "(2)": (
        _row(
            _entry("a", "j,i"),
            _EQUALS,
            _entry("g", "j"),
            _op("("),
            _entry("z", "1,i"),
            _op(","),
            _op("…"),
            _op(","),
            _entry("z", "n,i"),
            _op(")"),
        ),
        "an activation may read the whole column",
    ),
    "(5)": (
        _row(
            _matrix("Z", _L),
            _EQUALS,
            _matrix("W", _L),
            _matrix("A", _BEFORE),
            _PLUS,
            "<mtext>broadcast</mtext>",
            _op("("),
            _matrix("b", _L),
            _op(")"),
        ),
        "the same, for all nodes and examples",
    ),
    "(6)": (
        _row(_matrix("A", _L), _EQUALS, _matrix("g", _L), _op("("), _matrix("Z", _L), _op(")")),
        "column by column",
    ),
    "(7)": (_row(_matrix("A", "[0]"), _EQUALS, _X), "the inputs"),
    "(8)": (_row(_matrix("A", "[L]"), _EQUALS, _PREDICTED), "the predictions"),
    "(9)": (
        _row(_id("J"), _EQUALS, _id("f"), _op("("), _PREDICTED, _op(","), _Y, _op(")")),
        "the cost, with its 1/m inside",
    ),
    "(12)": (
        _row(
            _d("<msub><mi>y</mi><mi>k</mi></msub>", "<msub><mi>x</mi><mi>j</mi></msub>"),
            _EQUALS,
            _sum("i"),
            _d("<msub><mi>y</mi><mi>k</mi></msub>", "<msub><mi>u</mi><mi>i</mi></msub>"),
            _d("<msub><mi>u</mi><mi>i</mi></msub>", "<msub><mi>x</mi><mi>j</mi></msub>"),
        ),
        "the chain rule: the engine's only rule",
    ),
    "(15)": (
        _row(
            _dJ(_matrix("W", _L)),
            _EQUALS,
            _dJ(_matrix("Z", _L)),
            _matrix("A", _BEFORE, transposed=True),
        ),
        "comes out of the matrix product",
    ),
    "(16)": (
        _row(_dJ(_matrix("b", _L)), _EQUALS, _sum("axis = 1"), _dJ(_matrix("Z", _L))),
        "comes out of the broadcast addition",
    ),
    "(17)": (
        _row(
            _dJ(_entry("z", "j,i")),
            _EQUALS,
            _sum("p"),
            _dJ(_entry("a", "p,i")),
            _d(_entry("a", "p,i"), _entry("z", "j,i")),
        ),
        "back through the activation",
    ),
    "(22)": (
        _row(
            _dJ(_matrix("A", _BEFORE)),
            _EQUALS,
            _matrix("W", _L, transposed=True),
            _dJ(_matrix("Z", _L)),
        ),
        "on to the layer before",
    ),
}
