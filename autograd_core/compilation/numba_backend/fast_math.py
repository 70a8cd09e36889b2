"""Exponentials, logarithms and what is made of them, without branches, so that loops over them vectorise.

Each comes for single and for double precision. The polynomials are minimax fits; products and sums keep the
order in which they are written, which the rounding to whole numbers below relies on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["FUNCTIONS"]

_f4, _f8, _i4, _i8 = np.float32, np.float64, np.int32, np.int64
_exact = njit(fastmath={"contract"}, error_model="numpy", forceinline=True)


@_exact
def _exp_parts_f4(x: Any) -> Any:
    """Split e ** x into e ** r - 1 and two powers of two whose product is e ** (x - r)."""
    x = _f4(-104.0) if x < _f4(-104.0) else x
    x = _f4(89.0) if x > _f4(89.0) else x
    shifted = x * _f4(1.4426950408889634) + _f4(12582912.0)  # the last bits are x / log 2, rounded
    n = shifted - _f4(12582912.0)
    r = x - n * _f4(0.693359375) + n * _f4(2.12194440e-4)
    q = _f4(0.008363774046301842) + r * _f4(0.0013926926767453551)
    q = _f4(0.16666573286056519) + r * (_f4(0.04166654869914055) + r * q)
    power = _i4(_f4(shifted).view(_i4) - _i4(0x4B400000))
    half = _i4(power >> _i4(1))
    low = _i4((half + _i4(127)) << _i4(23)).view(_f4)
    high = _i4((power - half + _i4(127)) << _i4(23)).view(_f4)
    return r + r * r * (_f4(0.5) + r * q), low, high


@_exact
def _exp_parts_f8(x: Any) -> Any:
    """The same in double precision."""
    x = -746.0 if x < -746.0 else x
    x = 710.0 if x > 710.0 else x
    shifted = x * 1.4426950408889634 + 6755399441055744.0
    n = shifted - 6755399441055744.0
    r = x - n * 0.693147180369123816490 - n * 1.90821492927058770002e-10
    q = 2.755725283351691e-06 + r * (
        2.75572718102198e-07 + r * (2.5106274733573296e-08 + r * 2.0915442297780116e-09)
    )
    q = 0.0013888888888883327 + r * (0.00019841269876864356 + r * (2.4801587327007187e-05 + r * q))
    q = 0.1666666666666667 + r * (0.04166666666666667 + r * (0.008333333333325544 + r * q))
    power = _i8(_f8(shifted).view(_i8) - _i8(0x4338000000000000))
    half = _i8(power >> _i8(1))
    low = _i8((half + _i8(1023)) << _i8(52)).view(_f8)
    high = _i8((power - half + _i8(1023)) << _i8(52)).view(_f8)
    return r + r * r * (0.5 + r * q), low, high


@_exact
def _log_f4(x: Any) -> Any:
    """Natural logarithm: that of the exponent, and a polynomial in the mantissa less one."""
    tiny = x < _f4(1.17549435e-38)
    scaled = x * _f4(8388608.0) if tiny else x
    bits = _i4(_f4(scaled).view(_i4) - _i4(0x3F3504F3))
    n = _f4(_i4(bits >> _i4(23))) - (_f4(23.0) if tiny else _f4(0.0))
    f = _i4((bits & _i4(0x007FFFFF)) + _i4(0x3F3504F3)).view(_f4) - _f4(1.0)
    q = _f4(-0.127263143658638) + f * _f4(0.07673327624797821)
    q = _f4(0.16626448929309845) + f * (_f4(-0.1420450061559677) + f * (_f4(0.13129308819770813) + f * q))
    q = _f4(-0.3333333134651184) + f * (_f4(0.25000786781311035) + f * (_f4(-0.2000124305486679) + f * q))
    y = f - (f * f * (_f4(0.4999999701976776) + f * q) - n * _f4(-2.12194440e-4)) + n * _f4(0.693359375)
    y = _f4(np.inf) if x == _f4(np.inf) else y
    y = y if x > _f4(0.0) else _f4(np.nan)
    return _f4(-np.inf) if x == _f4(0.0) else y


@_exact
def _log_f8(x: Any) -> Any:
    """The same in double precision, by the inverse hyperbolic tangent of f / (2 + f)."""
    tiny = x < 2.2250738585072014e-308
    scaled = x * 18014398509481984.0 if tiny else x
    bits = _i8(_f8(scaled).view(_i8) - _i8(0x3FE6A09E667F3BCD))
    n = _f8(_i8(bits >> _i8(52))) - (54.0 if tiny else 0.0)
    f = _i8((bits & _i8(0x000FFFFFFFFFFFFF)) + _i8(0x3FE6A09E667F3BCD)).view(_f8) - 1.0
    s = f / (2.0 + f)
    z = s * s
    q = 0.15386290534658992 + z * (0.13267418596474884 + z * 0.1310072138350349)
    q = 0.2857142857076445 + z * (0.2222222240054776 + z * (0.181817947008978 + z * q))
    q = z * (0.6666666666666666 + z * (0.4000000000000094 + z * q))
    half_square = 0.5 * f * f
    y = n * 0.693147180369123816490 - (
        (half_square - (s * (half_square + q) + n * 1.90821492927058770002e-10)) - f
    )
    y = _f8(np.inf) if x == np.inf else y
    y = y if x > 0.0 else _f8(np.nan)
    return _f8(-np.inf) if x == 0.0 else y


def _made_of(number: Any, exp_parts: Any, log: Any) -> dict[str, Any]:
    """The functions of one precision."""
    zero, one, two = number(0.0), number(1.0), number(2.0)

    @_exact
    def exp(x: Any) -> Any:
        p, low, high = exp_parts(x)
        return (p * low + low) * high

    @_exact
    def expm1(x: Any) -> Any:
        p, low, high = exp_parts(x)
        scale = low * high
        y = p * scale + (scale - one)
        y = (p * low + low) * high if scale > number(1e30) else y
        return x if x == zero else y

    @_exact
    def tanh(x: Any) -> Any:
        p, low, high = exp_parts(number(-2.0) * abs(x))
        scale = low * high
        t = p * scale + (scale - one)
        y = -t / (two + t)
        return -y if x < zero else (x if x == zero else y)

    @_exact
    def sigmoid(x: Any) -> Any:
        p, low, high = exp_parts(-abs(x))
        e = (p * low + low) * high
        return (e if x < zero else one) / (one + e)

    @_exact
    def log1p(x: Any) -> Any:
        u = one + x
        lost = ((u - one) - x) / u
        y = log(u) - (zero if np.isnan(lost) else lost)
        return x if u == one else y

    return {"exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "tanh": tanh, "sigmoid": sigmoid}


FUNCTIONS = {"f4": _made_of(_f4, _exp_parts_f4, _log_f4), "f8": _made_of(_f8, _exp_parts_f8, _log_f8)}
