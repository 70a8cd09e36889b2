"""Rows of what joins truths."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from op_case import BINARY, UNARY, Row, chance, entrywise, whole

import autograd_core as ag


def _row(call: Callable[..., Any], reference: Callable[..., Any], *draws: Any) -> Row:
    variants = BINARY if len(draws) == 2 else UNARY
    return Row(
        call.__name__,
        call,
        entrywise(reference, bool),
        draws,
        variants if whole in draws else dict(variants),  # laws about numbers are none about bits
        order=0,
        result=lambda *_, **__: np.dtype(bool),
    )


ROWS = (
    _row(ag.logical_and, lambda a, b: a != 0 and b != 0, whole, whole),
    _row(ag.logical_or, lambda a, b: a != 0 or b != 0, whole, whole),
    _row(ag.logical_xor, lambda a, b: (a != 0) != (b != 0), whole, whole),
    _row(ag.logical_not, lambda x: x == 0, whole),
    _row(ag.bitwise_and, operator.and_, chance, chance),
    _row(ag.bitwise_or, operator.or_, chance, chance),
    _row(ag.bitwise_xor, operator.xor, chance, chance),
    _row(ag.invert, operator.not_, chance),
)
