"""Rows of arithmetic."""

import operator

from op_case import BINARY, UNARY, Row, entrywise, nonzero, real

import autograd_core as ag

ROWS = (
    Row("add", ag.add, entrywise(operator.add), (real, real), BINARY),
    Row("subtract", ag.subtract, entrywise(operator.sub), (real, real), BINARY),
    Row("multiply", ag.multiply, entrywise(operator.mul), (real, real), BINARY),
    Row("divide", ag.divide, entrywise(operator.truediv), (real, nonzero), BINARY),
    Row("negative", ag.negative, entrywise(operator.neg), (real,), UNARY),
    Row("positive", ag.positive, entrywise(operator.pos), (real,), UNARY),
)
