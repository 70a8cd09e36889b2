"""NumPy's own functions called on tensors: recorded, answered plainly, or refused with the alternative."""

from __future__ import annotations

import inspect
import io
import math
import operator
import re

import numpy as np
import pytest
from op_table import CASES

import autograd_core as ag
from autograd_core import DtypeError, Tensor
from autograd_core.ops import aliases
from autograd_core.protocols import PLAIN, RECORDED


def public_functions():
    """Every function of NumPy, under one of its names; some functions have several."""
    found = {}
    for prefix, module in (("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft)):
        for name in sorted(dir(module)):
            thing = getattr(module, name)
            if callable(thing) and not isinstance(thing, type) and not name.startswith("_"):
                found.setdefault(thing, f"{prefix}.{name}")
    return found


NUMPY = public_functions()
by_function = {"ids": lambda x: NUMPY.get(x, x.__name__) if callable(x) else str(x)}
BINARY_UFUNCS = [
    f for f in RECORDED if isinstance(f, np.ufunc) and (f.nin, f.nout, f.signature) == (2, 1, None)
]


@pytest.fixture
def t():
    return Tensor([[1.5, 2.0, 3.0], [4.0, 5.0, 6.5]], requires_grad=True, name="t")


def leaves(result):
    """The tensors, arrays and numbers in what a function returned."""
    if not isinstance(result, list | tuple):
        return [result]
    return [leaf for part in result for leaf in leaves(part)]


def says(*words):
    return "(?s)" + ".*".join(map(re.escape, words))


# Recorded


def fits(function, case):
    """Whether the function of NumPy takes the arguments of a case of ours, where these are more general."""
    if function is np.astype:  # takes the dtype by position only; see CALLS
        return False
    if function is np.clip:
        return len(case.params) != 1
    return True


PAIRS = [
    (function, case)
    for case in CASES
    for function, operation in RECORDED.items()
    if operation is case.row.call and fits(function, case)
]

STACK = np.array([1.0, 2.0]).reshape(2, 1, 1)

# What the table calls in another way, at a symmetric positive definite x.
CALLS = {
    np.all: lambda f, x: f(x > 1, axis=0),
    np.any: lambda f, x: f(x > 1, axis=0),
    np.argmax: lambda f, x: f(x, axis=1),
    np.argmin: lambda f, x: f(x),
    np.argsort: lambda f, x: f(x, axis=None),
    np.array_split: lambda f, x: f(x, 2),
    np.astype: lambda f, x: f(x, np.float32),
    np.average: lambda f, x: f(x, 0, x * x),
    np.broadcast_arrays: lambda f, x: f(x, x[0]),
    np.column_stack: lambda f, x: f([x, x[0]]),
    np.compress: lambda f, x: f([True, False, True], x, axis=0),
    np.concatenate: lambda f, x: f([x, x], axis=1),
    np.conjugate: lambda f, x: f(x),
    np.copy: lambda f, x: f(x),
    np.count_nonzero: lambda f, x: f(x > 1, axis=0),
    np.divmod: lambda f, x: f(x, 0.7),
    np.dsplit: lambda f, x: f(x[:, None], [1]),
    np.dstack: lambda f, x: f((x, x)),
    np.einsum: lambda f, x: f("ij,jk->i", x, x),
    np.extract: lambda f, x: f(np.eye(3), x),
    np.full_like: lambda f, x: f(x, x[0, 1]),
    np.hsplit: lambda f, x: f(x, 3),
    np.hstack: lambda f, x: f([x, x]),
    np.linalg.cholesky: lambda f, x: f(x),
    np.linalg.outer: lambda f, x: f(x[0], x[1]),
    np.linalg.diagonal: lambda f, x: f(x * STACK, offset=1),
    np.linalg.eigh: lambda f, x: f(x),
    np.linalg.eigvalsh: lambda f, x: f(x),
    np.linalg.matrix_rank: lambda f, x: f(x),
    np.linalg.multi_dot: lambda f, x: f([x, x, x]),
    np.linalg.slogdet: lambda f, x: f(x),
    np.linalg.svd: lambda f, x: f(x),
    np.linalg.trace: lambda f, x: f(x * STACK, offset=-1),
    np.meshgrid: lambda f, x: f(x[0], x[1, :2], indexing="ij"),
    np.modf: lambda f, x: f(x),
    np.quantile: lambda f, x: f(x, [0.25, 0.5], axis=1),
    np.real: lambda f, x: f(x),
    np.select: lambda f, x: f([x > 3, x > 1], [x, x * x], x[0]),
    np.split: lambda f, x: f(x, [1]),
    np.stack: lambda f, x: f([x, x], axis=-1),
    np.unstack: lambda f, x: f(x, axis=1),
    np.vsplit: lambda f, x: f(x, (1, 2)),
    np.vstack: lambda f, x: f([x, x[0]]),
}
X = np.array([[4.3, 1.1, 0.3], [1.1, 3.2, 0.6], [0.3, 0.6, 2.4]])


def differentiated(result, tensors, rng):
    """The gradients of a random combination of all that was returned, as bytes."""
    seeds = [rng.standard_normal(y.shape) for y in leaves(result) if isinstance(y, Tensor)]
    recorded = [y for y in leaves(result) if isinstance(y, Tensor)]
    total = sum(((y * seed).sum() for y, seed in zip(recorded, seeds, strict=True)), 0.0)
    if isinstance(total, Tensor) and total.requires_grad:
        total.backward()
    return [None if x.grad is None else (x.grad.shape, x.grad.tobytes()) for x in tensors]


def assert_alike(numpys, ours):
    """Two functions of tensors, each with its own tensors, give the same bits and the same gradients."""
    (found, tensors), (wanted, twins) = numpys, ours
    for a, b in zip(leaves(found), leaves(wanted), strict=True):
        assert type(a) is type(b)
        a, b = (np.asarray(y.data if isinstance(y, Tensor) else y) for y in (a, b))
        assert (a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes())
    seeds = np.random.default_rng(1), np.random.default_rng(1)
    gradients = differentiated(found, tensors, seeds[0])
    assert gradients == differentiated(wanted, twins, seeds[1])
    return gradients


def assert_values(found, arrays):
    """The values are those that NumPy gives for plain arrays."""
    for a, b in zip(leaves(found), leaves(arrays), strict=True):
        value = np.asarray(a.data if isinstance(a, Tensor) else a)
        np.testing.assert_allclose(value, b, rtol=1e-12, atol=1e-12, strict=isinstance(b, np.ndarray))


@pytest.mark.parametrize(("function", "case"), PAIRS, **by_function)
def test_a_function_of_numpy_records_what_the_operation_of_its_name_records(function, case, rng):
    operands = case.draw(rng)
    tensors, twins = case.tensors(operands), case.tensors(operands)
    found = function(*tensors, **case.params)
    gradients = assert_alike((found, tensors), (case.call(*twins), twins))
    assert_values(found, function(*operands, **case.params))
    assert case.row.order == 0 or not any(gradients[i] is None for i in case.wrt)


@pytest.mark.parametrize("function", CALLS, **by_function)
def test_so_does_a_function_that_the_table_calls_in_another_way(function):
    call = CALLS[function]
    x, twin = Tensor(X, requires_grad=True), Tensor(X, requires_grad=True)
    found = call(function, x)
    assert_alike((found, [x]), (call(RECORDED[function], twin), [twin]))
    assert_values(found, call(function, X))


@pytest.mark.parametrize("function", [np.all, np.any, np.argmax, np.argsort, np.count_nonzero], **by_function)
def test_truths_positions_and_counts_are_plain_arrays(function, t):
    assert not isinstance(function(t, axis=0), Tensor)


def test_every_recorded_function_is_tried_above():
    assert {function for function, _ in PAIRS} | set(CALLS) == set(RECORDED)


def test_every_recorded_function_is_one_of_numpys():
    assert set(RECORDED) <= set(NUMPY)


@pytest.mark.parametrize("other", [np.ones((2, 3)), np.float64(2.0), np.ones(3, np.float32), [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("function", BINARY_UFUNCS, **by_function)
def test_a_ufunc_takes_a_tensor_on_either_side(function, other, t):
    for args in ((t, other), (other, t)):
        found = function(*args)
        assert type(found) is Tensor
        plain = [x.data if x is t else x for x in args]
        np.testing.assert_allclose(found.data, function(*plain), rtol=1e-15)


def test_a_call_never_means_something_else_than_to_numpy():
    """Where positions are truths, take reads them as 1 and 0, and the functions along an axis refuse."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    for truths in ([True, False], True, np.array([False, False])):
        np.testing.assert_array_equal(np.take(x, truths).data, np.take(x.data, truths))
    for call in (np.take_along_axis, lambda x, truths: ag.scatter_along_axis(x, truths, (2,))):
        with pytest.raises(IndexError, match="whole numbers"):
            call(x, np.array([True, False]))


def test_options_of_the_standard_are_taken(t):
    np.testing.assert_array_equal(np.sort(t, stable=True).data, np.sort(t.data))
    np.testing.assert_array_equal(np.argsort(t, stable=False), np.argsort(t.data))
    np.testing.assert_array_equal(np.linalg.pinv(t, rtol=0.5).data, np.linalg.pinv(t.data, rtol=0.5))
    np.testing.assert_array_equal(ag.broadcast_to(t[0, 0], 3).data, np.broadcast_to(1.5, 3))
    assert np.copy(t > 2).dtype == bool


def test_zeros_keep_their_sign_beside_a_margin():
    padded = np.pad(Tensor([-0.0]), 1, constant_values=1.0).data
    assert np.signbit(padded).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda t: np.hsplit(t[0, 0], 1), ag.ShapeError, ["hsplit", "at least 1"]),
        (lambda t: np.dsplit(t, 1), ag.ShapeError, ["dsplit", "at least 3"]),
        (lambda t: np.meshgrid(t, t), ag.ShapeError, ["meshgrid", "a row of coordinates"]),
        (lambda t: np.meshgrid(t[0], indexing="yx"), ag.OptionError, ["indexing of meshgrid", "yx"]),
        (lambda t: np.select([t > 2], [t, t]), ag.ShapeError, ["select", "1 conditions for 2 choices"]),
        (lambda t: np.select([t], [t]), DtypeError, ["select", "truths are wanted"]),
        (lambda t: np.matvec(t[0], t[0]), ag.ShapeError, ["matvec", "matrices are wanted"]),
        (lambda t: np.vecmat(t[0, 0], t), ag.ShapeError, ["vecmat", "vectors are wanted"]),
        (lambda t: np.linalg.cond(t[:0]), np.linalg.LinAlgError, ["cond", "has no entry"]),
        (lambda t: ag.pinv(t, 0.1, rtol=0.1), ag.OptionError, ["pinv", "pass one of them"]),
    ],
    ids=lambda x: x[0] if isinstance(x, list) else "",
)
def test_bad_input_of_some_of_them_is_explained(call, error, words, t):
    with pytest.raises(error, match=says(*words)):
        call(t)


def test_numpys_functions_can_be_differentiated_by_the_transforms(rng):
    """So that a function written for NumPy needs no second import."""

    def cost(x, lib):
        rows = lib.exp(x) / lib.sum(lib.exp(x), axis=1, keepdims=True)
        return lib.linalg.norm(lib.concatenate([rows, lib.tanh(x)]), axis=0).sum()

    x = rng.standard_normal((2, 3))
    for transform in (ag.grad, lambda f: lambda x: ag.jvp(ag.grad(f), [x], [x])[1]):
        found, wanted = (transform(lambda x, lib=lib: cost(x, lib))(x) for lib in (np, ag))
        np.testing.assert_array_equal(found, wanted)


# Plain


PLAIN_CALLS = {
    np.allclose: lambda f, x: f(x, x),
    np.argpartition: lambda f, x: f(x, 1),
    np.array_equal: lambda f, x: f(x, x),
    np.array_equiv: lambda f, x: f(x, x[:1]),
    np.bitwise_and: lambda f, x: f(x > 2, x > 3),
    np.bitwise_or: lambda f, x: f(x > 2, x > 3),
    np.bitwise_xor: lambda f, x: f(x > 2, x > 3),
    np.can_cast: lambda f, x: f(x, np.float32),
    np.digitize: lambda f, x: f(x, [1.0, 3.0]),
    np.empty_like: lambda f, x: f(x).shape,
    np.isclose: lambda f, x: f(x, 4.0),
    np.isin: lambda f, x: f(x, [4.0]),
    np.lexsort: lambda f, x: f((x[0], x[1])),
    np.logical_and: lambda f, x: f(x, x > 3),
    np.logical_or: lambda f, x: f(x, x > 3),
    np.logical_xor: lambda f, x: f(x, x > 3),
    np.may_share_memory: lambda f, x: f(x, x),
    np.result_type: lambda f, x: f(x, np.float32),
    np.searchsorted: lambda f, x: f([1.0, 3.0], x),
    np.shares_memory: lambda f, x: f(x, x),
}


@pytest.mark.parametrize("function", sorted(PLAIN, key=NUMPY.get), **by_function)
def test_a_plain_function_answers_as_numpy_does_for_the_values(function):
    call = PLAIN_CALLS.get(function, lambda f, x: f(x))
    x = Tensor(X, requires_grad=True, name="x")
    found, wanted = call(function, x), call(function, X)
    assert not any(isinstance(part, Tensor) for part in leaves(found))
    assert type(found) is type(wanted)
    np.testing.assert_equal(found, wanted)


def test_a_plain_function_finds_tensors_among_its_options_and_in_lists(t):
    np.testing.assert_array_equal(np.zeros_like(t, shape=(2,)), np.zeros(2))
    np.testing.assert_array_equal(np.lexsort(keys=(t[0], t[1])), [0, 1, 2])


def test_what_is_called_with_more_than_one_operand_above_is_plain_indeed():
    assert set(PLAIN_CALLS) <= PLAIN


def test_no_function_is_both_recorded_and_plain():
    assert not PLAIN & set(RECORDED)


# Methods of ufuncs


@pytest.mark.parametrize(
    "options", [{}, {"axis": 1}, {"axis": None}, {"keepdims": True}, {"axis": -1}], ids=str
)
@pytest.mark.parametrize(
    ("ufunc", "operation"),
    [
        (np.add, ag.sum),
        (np.multiply, ag.prod),
        (np.maximum, ag.max),
        (np.minimum, ag.min),
        (np.logaddexp, ag.logsumexp),
    ],
)
def test_reduce_is_the_reduction_and_its_axis_is_0_by_default(ufunc, operation, options, t):
    twin = Tensor(t.data, requires_grad=True)
    found = ufunc.reduce(t, **options)
    assert_alike((found, [t]), (operation(twin, **{"axis": 0} | options), [twin]))
    assert_values(found, ufunc.reduce(t.data, **options))
    if "axis" in options:
        rest = {key: value for key, value in options.items() if key != "axis"}
        np.testing.assert_array_equal(ufunc.reduce(t, options["axis"], **rest).data, found.data)


@pytest.mark.parametrize("options", [{}, {"axis": 1}], ids=str)
@pytest.mark.parametrize(("ufunc", "operation"), [(np.add, ag.cumsum), (np.multiply, ag.cumprod)])
def test_accumulate_is_the_running_one_and_its_axis_is_0_by_default(ufunc, operation, options, t):
    twin = Tensor(t.data, requires_grad=True)
    found = ufunc.accumulate(t, **options)
    assert_alike((found, [t]), (operation(twin, **{"axis": 0} | options), [twin]))
    assert_values(found, ufunc.accumulate(t.data, **options))


@pytest.mark.parametrize("ufunc", BINARY_UFUNCS, **by_function)
def test_outer_pairs_every_entry_of_one_with_every_entry_of_the_other(ufunc, t):
    v = Tensor([0.5, 1.5, 2.5, 3.5], requires_grad=True)
    t_twin, v_twin = Tensor(t.data, requires_grad=True), Tensor(v.data, requires_grad=True)
    found = ufunc.outer(t, v)
    wanted = RECORDED[ufunc](t_twin[..., None], v_twin)
    assert_alike((found, [t, v]), (wanted, [t_twin, v_twin]))
    assert_values(found, ufunc.outer(t.data, v.data))
    for a, b in ((t, v.data), (t.data, v), (t, 2.0), ([1.0, 2.0], v)):
        plain = [x.data if isinstance(x, Tensor) else x for x in (a, b)]
        assert_values(ufunc.outer(a, b), ufunc.outer(*plain))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: np.subtract.reduce(t), ["np.subtract.reduce", "autograd_core.subtract", ".detach()"]),
        (lambda t: np.divide.accumulate(t), ["np.divide.accumulate", "autograd_core.divide"]),
        (lambda t: np.add.reduceat(t, [0, 1]), ["np.add.reduceat", "autograd_core.add"]),
        (lambda t: np.add.at(np.zeros(3), [0, 1, 2], t[0]), ["np.add.at", "autograd_core.add"]),
        (lambda t: np.add.at(t, [0], 1.0), ["np.add.at", "autograd_core.add"]),
        (lambda t: np.fmod.outer(t, t), ["np.fmod.outer", ".detach()"]),
        (lambda t: np.multiply.outer(t, t, dtype=float), ["np.multiply.outer", ".detach()"]),
    ],
    ids=lambda x: x[0] if isinstance(x, list) else "",
)
def test_a_method_that_does_not_record_is_refused_by_name(call, words, t):
    with pytest.raises(TypeError, match=says(*words)):
        call(t)


# Options


REFUSED = {
    "out": ("write y = ... instead", lambda y: tuple(map(np.empty_like, leaves(y)))),
    "where": ("autograd_core.where", lambda _y: True),
    "dtype": (".astype(dtype)", lambda _y: np.float64),
    "initial": ("the initial value yourself", lambda _y: 1.0),
}
FIRST = dict(reversed(PAIRS))
TAKEN = {(np.astype, "dtype"), (np.full_like, "dtype")}


def options_of(function):
    """The options of a function of NumPy that no operation has."""
    known = set(inspect.signature(function).parameters) & set(REFUSED)
    return [(function, option) for option in sorted(known) if (function, option) not in TAKEN]


@pytest.mark.parametrize(
    ("function", "option"), [pair for function in RECORDED for pair in options_of(function)], **by_function
)
def test_an_option_that_is_not_offered_is_refused_with_the_alternative(function, option, rng):
    remedy, value = REFUSED[option]
    if function in CALLS:
        x = Tensor(X, requires_grad=True)
        given = {option: value(CALLS[function](RECORDED[function], X))}

        def call():
            CALLS[function](lambda *args, **kwargs: function(*args, **kwargs, **given), x)
    else:
        case = FIRST[function]
        operands = case.draw(rng)
        given = {option: value(case.call(*operands))}

        def call():
            function(*case.tensors(operands), **case.params, **given)

    named = says(f"np.{function.__name__} with {option}=", remedy, "autograd_core.")
    with pytest.raises(DtypeError, match=named):
        call()


@pytest.mark.parametrize("option", REFUSED)
def test_the_methods_of_ufuncs_refuse_them_too(option, t):
    remedy, value = REFUSED[option]
    with pytest.raises(DtypeError, match=says(f"np.add.reduce with {option}=", remedy, "autograd_core.sum")):
        np.add.reduce(t, **{option: value(np.zeros(3))})


def test_an_option_that_numpy_alone_has_is_named(t):
    with pytest.raises(
        DtypeError, match=says("np.sort with kind=", "there is no kind", "autograd_core.sort(x,")
    ):
        np.sort(t, kind="stable")


def test_too_many_arguments_are_refused_with_the_signature(t):
    with pytest.raises(DtypeError, match=says("np.sum", "too many", "autograd_core.sum(x, axis, keepdims)")):
        np.sum(t, 0, None, None, True)


@pytest.mark.parametrize("flows", [True, False], ids=["flows", "constant"])
@pytest.mark.parametrize(
    "change", [operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow]
)
def test_an_array_cannot_take_a_tensor_in_and_stays_as_it_is(change, flows):
    a = np.full(3, 2.0)
    with pytest.raises(TypeError, match=says("out=", "write y = ... instead")):
        change(a, Tensor([1.0, 2.0, 3.0], requires_grad=flows))
    np.testing.assert_array_equal(a, np.full(3, 2.0))


def test_a_tensor_is_no_place_to_write_to(t):
    before = t.data.copy()
    for call in (
        lambda: np.add(np.ones((2, 3)), 1.0, out=t),
        lambda: np.sum(np.ones((4, 2, 3)), axis=0, out=t),
        lambda: np.add(t, 1.0, out=t),
        lambda: np.copyto(t, 1.0),
    ):
        with pytest.raises(TypeError):
            call()
    np.testing.assert_array_equal(t.data, before)


# Everything else


def dispatches(function):
    """Whether NumPy asks a tensor what the function is to do."""
    return isinstance(function, np.ufunc) or hasattr(function, "_implementation")


OTHER = [f for f in NUMPY if dispatches(f) and f not in RECORDED and f not in PLAIN]
SPECIAL = {np.put_along_axis: lambda v: (np.zeros(3), np.array([0, 1, 2]), v, 0)}


@pytest.mark.parametrize("function", OTHER, **by_function)
def test_every_other_function_of_numpy_is_refused_by_name(function):
    """And no call of it that NumPy lets through gives objects or has lost the derivative."""
    v = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="v")
    M = Tensor([[3.0, 1.0], [1.0, 2.0]], requires_grad=True, name="M")
    calls = [(v,), (M,), (v, v), (M, M), (v, 1), (v, v, v), ([v, v],)]
    if function in SPECIAL:
        calls.append(SPECIAL[function](v))
    refused = 0
    for args in calls:
        try:
            result = function(*args)
        except DtypeError as error:
            refused += f"np.{function.__name__} does not record" in str(error)
        except (TypeError, ValueError, AttributeError):
            pass  # NumPy wants other arguments
        else:
            pytest.fail(f"{NUMPY[function]} gave {result!r}")
    assert refused


def test_others_are_refused_for_constants_too_rather_than_turned_into_objects():
    constant = Tensor([1.0, 2.0, 3.0], name="c")
    for function in (np.nansum, np.fft.fft, np.cov, np.gradient, np.frompyfunc(math.exp, 1, 1)):
        with pytest.raises(DtypeError, match=says("does not record", ".data or .detach()")):
            function(constant)


def test_the_nearest_operations_are_proposed(t):
    with pytest.raises(DtypeError, match=says("np.fmod", "autograd_core.mod", ".data or .detach()")):
        np.fmod(t, 2.0)


# What NumPy never asks about: arrays are made of a tensor's values, or numbers of a single entry.

CONVERSIONS = {
    "np.asarray": np.asarray,
    "np.array": np.array,
    "np.array of a list": lambda t: np.array([t, t]),
    "np.array of objects": lambda t: np.array(t, dtype=object),
    "np.array of numbers in a list": lambda t: np.array([t[0, 0], t[0, 1]]),
    "np.ascontiguousarray": np.ascontiguousarray,
    "np.broadcast": lambda t: np.broadcast(t, t),
    "np.full": lambda t: np.full(2, t[0, 0]),
    "np.arange": lambda t: np.arange(t[0, 0]),
    "np.float64": np.float64,
    "np.r_": lambda t: np.r_[t, t],
    "np.vectorize": np.vectorize(math.exp),
    "np.ma.array": np.ma.array,
    "array.dot": lambda t: np.ones((2, 2)).dot(t),
    "array[...] = t": lambda t: operator.setitem(np.zeros((2, 3)), ..., t),
    "array[:] = [number]": lambda t: operator.setitem(np.zeros(2), slice(None), [t[0, 0], t[0, 1]]),
    "rng.normal": lambda t: np.random.default_rng(0).normal(t),
    "np.testing": lambda t: np.testing.assert_allclose(t, t),
}


@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_an_array_is_never_made_of_a_tensor_that_a_derivative_flows_through(conversion, t):
    with pytest.raises(DtypeError, match=says("its derivative would be lost", ".data or .detach()")):
        CONVERSIONS[conversion](t)


@pytest.mark.parametrize("conversion", sorted(set(CONVERSIONS) - {"np.arange", "np.vectorize"}))
def test_of_a_constant_it_is(conversion, t):
    result = CONVERSIONS[conversion](t.detach())
    if isinstance(result, np.ndarray) and "objects" not in conversion:
        assert result.dtype == np.float64


ACTS = ("set", "show", "test", "info", "get_include")  # these change or print something instead
SIZES = ("tri", "tril_indices", "triu_indices")  # a number of rows, not a value
UNASKED = [
    function
    for function, name in NUMPY.items()
    if not (dispatches(function) or name.split(".")[-1].startswith(ACTS) or name.split(".")[-1] in SIZES)
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", UNASKED, **by_function)
def test_what_does_not_ask_makes_no_array_of_a_tensor_either(function):
    v = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for args in ((v,), (v[0],), ([v, v],), ([v[0], v[1]],)):
        try:
            result = function(*args)
        except (TypeError, ValueError, AttributeError, KeyError):
            continue
        made = [part for part in leaves(result) if isinstance(part, np.ndarray | np.generic)]
        assert not made, f"{NUMPY[function]} gave {made}"


def test_a_single_entry_is_a_python_number_and_so_a_constant():
    """The documented exceptions: what asks for a number gets one, as `float` does."""
    s = Tensor(2.0, requires_grad=True)
    assert (float(s), int(s), bool(s), complex(s), s.item()) == (2.0, 2, True, 2 + 0j, 2.0)
    assert (math.exp(s), np.float64(s)) == (math.exp(2.0), 2.0)
    array = np.zeros(3)
    array[0] = s
    array[1:].fill(s)
    np.testing.assert_array_equal(array, [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(np.fromiter(Tensor([1.0, 2.0], requires_grad=True), float), [1.0, 2.0])


def test_asarray_of_a_constant_shares_its_memory_and_array_copies():
    constant = Tensor([1.0, 2.0])
    assert np.asarray(constant) is constant.data
    assert not np.shares_memory(np.array(constant), constant.data)
    assert np.asarray(constant, np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copy"):
        np.array(constant, np.float32, copy=False)


# Complex numbers


@pytest.mark.parametrize("flows", [True, False], ids=["tensors", "arrays"])
@pytest.mark.parametrize("case", [case for case in CASES if case.row.op != "sum_to"], ids=str)
def test_complex_operands_are_refused_by_every_operation(case, flows, rng):
    """All but `sum_to` of a plain array, which the backward pass calls for each broadcast operand."""
    for i in range(len(case.shapes)):
        operands = case.draw(rng)
        if operands[i].dtype == bool:
            continue
        operands = [x if i == j else ag.tensor(x) if flows else x for j, x in enumerate(operands)]
        operands[i] = operands[i].astype(complex)
        with pytest.raises(DtypeError, match="complex"):
            case.call(*operands)


@pytest.mark.parametrize("other", [1j, np.complex128(1j), np.full(3, 1j), [1j, 2j, 3j]], ids=str)
@pytest.mark.parametrize(
    "op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod], ids=str
)
def test_complex_numbers_are_refused_on_either_side_of_an_operator(op, other, t):
    for args in ((t, other), (other, t)):
        with pytest.raises(TypeError):
            op(*args)


def test_complex_numbers_are_refused_in_products_numpys_functions_and_conversions(t):
    for call in (
        lambda: t @ np.ones((3, 2), complex),
        lambda: np.ones((2, 2), complex) @ t,
        lambda: np.add(np.ones(3, complex), t),
        lambda: np.dot(np.ones((2, 2), complex), t),
        lambda: np.where(True, t, 1j),
        lambda: ag.tensor(1j),
        lambda: t.astype(complex),
        lambda: ag.grad(lambda x: x * x)(1j),
        lambda: ag.grad(lambda x: (x * 1j).sum())(np.ones(2)),
    ):
        with pytest.raises(TypeError, match="complex"):
            call()


def test_a_file_gets_no_tensor_that_records(t):
    for save in (np.save, np.savez, np.savetxt):
        with pytest.raises(DtypeError, match=says(f"np.{save.__name__}", ".data or .detach()")):
            save(io.BytesIO(), t)


def test_what_numpy_says_by_default_may_be_spelt_out(t):
    found = np.sum(t, axis=0, dtype=None, out=None)
    np.testing.assert_array_equal(found.data, t.data.sum(axis=0))
    assert found.requires_grad


def test_the_outer_product_of_linalg_refuses_matrices_as_numpy_does(t):
    with pytest.raises(ValueError, match="two vectors"):
        np.linalg.outer(t, t)


def test_the_bounds_of_clip_go_by_both_their_names(t):
    for found in (np.clip(t, min=0.5, max=1.0), t.clip(min=0.5, max=1.0), t.clip(0.5, 1.0)):
        np.testing.assert_array_equal(found.data, np.clip(t.data, 0.5, 1.0))
    with pytest.raises(ag.OptionError, match="same bound"):
        ag.clip(t, 0.5, min=0.5)


def test_divmod_is_the_operator_too(t):
    for found, wanted in [(divmod(t, 0.7), np.divmod(t.data, 0.7)), (divmod(0.7, t), np.divmod(0.7, t.data))]:
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(a.data, b)


@pytest.mark.parametrize("name", [n for n in dir(ag.linalg) if not n.startswith("_")])
def test_linalg_has_numpys_names_and_the_engines_functions(name):
    assert hasattr(np.linalg, name)
    assert getattr(ag.linalg, name) is getattr(ag, name)


@pytest.mark.parametrize("name", aliases.__all__)
def test_a_second_name_of_numpy_is_the_same_function_here(name):
    first = next(n for n in ag.__all__ if n not in aliases.__all__ and getattr(ag, n) is getattr(ag, name))
    assert getattr(np, name) is getattr(np, first)
