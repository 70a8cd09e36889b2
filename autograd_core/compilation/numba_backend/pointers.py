"""What a compiled program does beyond arithmetic: raw memory, and matrix products by the BLAS of SciPy.

The address of a BLAS function is a number handed over at run time, so that what is compiled can be kept on
disk and loaded by another process.
"""

# Numba's own types do not know intrinsics.
# mypy: disable-error-code="no-untyped-call,call-arg,call-overload,import-untyped,untyped-decorator"

from __future__ import annotations

import functools
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.typing.templates import Signature
from numba.extending import get_cython_function_address, intrinsic
from numba.np.arrayobj import make_array
from numba.np.numpy_support import from_dtype

__all__ = [
    "ADDRESSES",
    "Array",
    "address",
    "apart",
    "at",
    "compiled",
    "copy",
    "data",
    "exact_loops",
    "gemm",
    "greatest",
    "loops",
    "misfits",
    "overlap",
    "plus",
    "power",
    "smallest",
]

_FREE = {"contract"}  # a * b + c is rounded once; what is not finite or 0 stays as it is

ADDRESSES = {
    code: get_cython_function_address("scipy.linalg.cython_blas", name)
    for code, name in (("f4", "sgemm"), ("f8", "dgemm"))
}


def Array(dtype: Any, ndim: int) -> Any:
    """Type of an array whose entries lie row after row."""
    return types.Array(from_dtype(dtype), ndim, "C")


def compiled(*arrays: Any, exact: bool = False) -> Any:
    """Compile a function of these arrays and an address; exact, if its loops are, which become part of it."""
    signature = types.int64(*arrays, types.int64)

    def compile(f: Any) -> Any:
        kept = not f.__code__.co_filename.startswith("<")
        return njit(signature, fastmath=not exact and _FREE, error_model="numpy", cache=kept)(f)

    return compile


_inner = functools.partial(njit, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
loops = _inner(fastmath=_FREE)
"""Compile a function that another one calls."""
exact_loops = _inner()
"""The same, where each operation is rounded by itself."""


@intrinsic
def address(_typing: Any, array: Any) -> tuple[Signature, Any]:
    """Where in memory the entries of an array begin."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(pointer, ir.IntType(64))

    return types.int64(array), generate


@intrinsic
def misfits(_typing: Any, array: Any, shape: Any) -> tuple[Signature, Any]:
    """Whether an array has another shape."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        found = cgutils.unpack_tuple(builder, make_array(signature.args[0])(context, builder, args[0]).shape)
        wanted = cgutils.unpack_tuple(builder, args[1])
        differ = [builder.icmp_signed("!=", x, n) for x, n in zip(found, wanted)]
        return functools.reduce(builder.or_, differ)

    return types.boolean(array, shape), generate


@loops
def overlap(starts: Any, sizes: Any, overwritten: int) -> bool:
    """Whether one of the first arrays, by address and bytes of each, shares a byte with another array."""
    found = False
    for i in range(overwritten):
        for j in range(len(sizes)):
            apart = (starts[i] >= starts[j] + sizes[j]) | (starts[j] >= starts[i] + sizes[i])
            found |= (i != j) & (not apart)
    return found


def _pointer(dtype: Any) -> Any:
    """Type of a pointer to numbers; truth is kept in bytes."""
    return types.CPointer(types.uint8 if dtype == types.boolean else dtype)


@intrinsic
def data(_typing: Any, array: Any) -> tuple[Signature, Any]:
    """Point at the first entry of an array."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return make_array(signature.args[0])(context, builder, args[0]).data

    return _pointer(array.dtype)(array), generate


@intrinsic
def at(_typing: Any, address: Any, dtype: Any) -> tuple[Signature, Any]:
    """Point at numbers of a dtype that start at an address."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = _context.get_data_type(dtype.dtype)
        return builder.inttoptr(args[0], kind.as_pointer())

    return _pointer(dtype.dtype)(address, dtype), generate


@intrinsic
def apart(_typing: Any) -> tuple[Signature, Any]:
    """Promise that what the parameters of this function point at has no byte in common."""

    def generate(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        for x in builder.function.args:
            if isinstance(x.type, ir.PointerType):
                x.add_attribute("noalias")
        return context.get_dummy_value()

    return types.void(), generate


@loops
def copy(to: Any, x: Any, size: int) -> None:
    """Copy numbers."""
    apart()
    for i in range(size):
        to[i] = x[i]


@intrinsic
def _gemm(
    _typing: Any, address: Any, trans_a: Any, trans_b: Any, m: Any, n: Any, k: Any,
    alpha: Any, a: Any, lda: Any, b: Any, ldb: Any, beta: Any, c: Any, ldc: Any,
) -> tuple[Signature, Any]:  # fmt: skip
    """Call gemm at an address: trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc.

    As in Fortran matrices are columns first, and 0 or 1 says whether one is transposed.
    """

    def generate(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        address, trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc = values
        letter, number = ir.IntType(8), ir.IntType(32)

        def held(value: Any) -> Any:
            return cgutils.alloca_once_value(builder, value)

        def whole(value: Any) -> Any:
            return held(builder.trunc(value, number))

        def flag(value: Any) -> Any:  # 'N' or 'T'
            return held(builder.trunc(builder.add(builder.mul(value, value.type(6)), value.type(78)), letter))

        call = [flag(trans_a), flag(trans_b), whole(m), whole(n), whole(k), held(alpha), a, whole(lda), b]
        call += [whole(ldb), held(beta), c, whole(ldc)]
        kind = ir.FunctionType(ir.VoidType(), [x.type for x in call])
        builder.call(builder.inttoptr(address, kind.as_pointer()), call)
        return _context.get_dummy_value()

    scalar, whole_number = a.dtype, types.intp
    return types.void(
        types.int64, whole_number, whole_number, whole_number, whole_number, whole_number,
        scalar, a, whole_number, b, whole_number, scalar, c, whole_number,
    ), generate  # fmt: skip


@loops
def gemm(
    address: int, turned_a: int, turned_b: int, m: int, n: int, k: int,
    alpha: Any, a: Any, lda: int, b: Any, ldb: int, beta: Any, c: Any, ldc: int,
) -> None:  # fmt: skip
    """Call the gemm at an address; this is compiled once, and not for each product."""
    _gemm(address, turned_a, turned_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)


def _extreme(name: str) -> Any:
    """The larger or the smaller of two numbers, and NaN if either is."""

    @intrinsic
    def extreme(_typing: Any, a: Any, _b: Any) -> tuple[Signature, Any]:
        def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            kind = args[0].type
            function_type = ir.FunctionType(kind, [kind, kind])
            function = builder.module.declare_intrinsic(f"llvm.{name}", [kind], function_type)
            return builder.call(function, args)

        return a(a, a), generate

    return extreme


greatest, smallest = _extreme("maximum"), _extreme("minimum")


@intrinsic
def power(_typing: Any, a: Any, _b: Any) -> tuple[Signature, Any]:
    """A number to the power of another; Python's ** raises an error for 0 to a negative one."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = args[0].type
        function_type = ir.FunctionType(kind, [kind, kind])
        return builder.call(builder.module.declare_intrinsic("llvm.pow", [kind], function_type), args)

    return a(a, a), generate


@intrinsic
def plus(_typing: Any, a: Any, _b: Any) -> tuple[Signature, Any]:
    """Add to a sum whose numbers may be added in any order, and so several at once."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        if isinstance(a, types.Float):
            return builder.fadd(*args, flags=["reassoc"])
        return builder.add(*args)

    return a(a, a), generate
