"""Small programs: written by hand, drawn at random or recorded; and what they give, one forward at a time."""

import operator

import numpy as np

import autograd_core as ag
from autograd_core.compilation.program import Instruction, Program, Value, replaced
from autograd_core.graph.node import topological_order


def run(program, *arrays):
    """Run a program by calling each operation's forward; hold every value against what is said of it."""
    known = dict(zip(program.inputs, map(np.asarray, arrays), strict=True))
    assert all(known[x].shape == x.shape and known[x].dtype == x.dtype for x in program.inputs)
    with np.errstate(all="ignore"):
        for step in program.instructions:
            params = {key: replaced(x, known) for key, x in step.params.items()}
            value = np.asarray(step.operation.forward(*replaced(step.inputs, known), **params))
            assert (value.shape, value.dtype) == (step.out.shape, step.out.dtype), step
            known[step.out] = value
    return [np.asarray(known[x] if isinstance(x, Value) else x) for x in program.results]


class Writing:
    """Writes a program: shapes and dtypes come from running each operation on ones."""

    def __init__(self):
        self.inputs, self.steps = [], []

    def given(self, shape=(2, 3), dtype="f8", name=None):
        self.inputs.append(Value(shape, dtype, name))
        return self.inputs[-1]

    def __call__(self, name, *inputs, **params):
        operation = ag.PRIMITIVES[name]
        ones = [np.ones(x.shape, x.dtype) if isinstance(x, Value) else x for x in inputs]
        with np.errstate(all="ignore"):
            like = np.asarray(operation.forward(*ones, **params))
        self.steps.append(Instruction(operation, inputs, params, Value(like.shape, like.dtype)))
        return self.steps[-1].out

    def program(self, *results):
        return Program(tuple(self.inputs), tuple(self.steps), results)


def recorded(results, leaves):
    """The program of tensors computed from leaves; other leaves are constants."""
    known = {x: Value(x.shape, x.dtype, x.name) for x in leaves}
    inputs, steps = tuple(known.values()), []
    for node in topological_order(results):
        if node in known:
            continue
        if node.primitive is None:
            known[node] = node.value if node.ndim else node.value[()]
        else:
            known[node] = Value(node.shape, node.dtype, node.name)
            put = tuple(known[x] if isinstance(x, ag.Tensor) else x for x in node.inputs)
            steps.append(Instruction(node.primitive, put, node.params, known[node]))
    return Program(inputs, tuple(steps), tuple(known[y] for y in results))


def same_bits(found, wanted):
    """Whether all entries are equal, the sign of a zero included; one NaN is as good as another."""
    for a, b in zip(found, wanted, strict=True):
        signs = np.where(np.isnan(b), False, np.signbit(a) ^ np.signbit(b)) if b.dtype.kind == "f" else False
        if a.shape != b.shape or a.dtype != b.dtype or np.any(signs):
            return False
        if not np.array_equal(a, b, equal_nan=b.dtype.kind == "f"):
            return False
    return True


SHAPES = ((2, 3), (2, 3), (2, 1), (3,), ())  # they broadcast together
FACTORS = (1, 1.0, -1.0, 2.0, -0.5, 3.0, 0.1, 0.0, -0.0, True)
ENTRIES = (0.0, -0.0, 1.0, -1.0, 0.5, 3.0)


def random_program(seed, dtype="f8", length=14, far=False):
    """Draw a program full of what passes look for, and arrays for it with zeros of either sign.

    What is far has factors whose squares are too large for the dtype.
    """
    rng = np.random.default_rng(seed)
    write = Writing()
    values = [write.given(shape, dtype) for shape in SHAPES]
    for _ in range(length):
        values.append(_draw(write, rng, values, _FORMS | _FAR if far else _FORMS))
    return write.program(*values[-6:]), [
        np.where(rng.random(s) < 0.5, rng.choice(ENTRIES, s), rng.normal(size=s)).astype(dtype)
        for s in SHAPES
    ]


def _draw(write, rng, values, forms):
    x, y = (values[i] for i in rng.choice(len(values), 2))
    c = FACTORS[rng.integers(len(FACTORS))]
    if rng.random() < 0.3:
        c = x.dtype.type(c)
    return forms[str(rng.choice(list(forms)))](write, x, y, c)


def _again(write, x, turned):
    """Write the last instruction once more, perhaps with other numbers."""
    if not write.steps:
        return x
    last = write.steps[-1]
    return write(
        last.operation.name, *(turned(x) if type(x) is float else x for x in last.inputs), **last.params
    )


_FORMS = {
    "scaled": lambda w, x, y, c: w("multiply", c, x),
    "scaled twice": lambda w, x, y, c: w("multiply", w("multiply", x, c), 3.0),
    "divided": lambda w, x, y, c: w("divide", x, c),
    "shifted": lambda w, x, y, c: w("add", x, c),
    "shifted back": lambda w, x, y, c: w("subtract", x, c),
    "folded": lambda w, x, y, c: w("add", x, w("multiply", w("negative", np.float64(0.1)), 3.0)),
    "shifted by nothing": lambda w, x, y, c: w("add", x, 0.0 if y.ndim == 2 else -0.0),
    "negative": lambda w, x, y, c: w("negative", x),
    "negative twice": lambda w, x, y, c: w("negative", w("negative", x)),
    "zero of either sign": lambda w, x, y, c: w(
        "add", w("multiply", x, 0.0), w("divide", 1.0, w("multiply", x, -0.0))
    ),
    "minus negative": lambda w, x, y, c: w("subtract", y, w("negative", x)),
    "negative difference": lambda w, x, y, c: w("negative", w("subtract", x, y)),
    "times negative": lambda w, x, y, c: w("multiply", w("negative", x), y),
    "sum": lambda w, x, y, c: w("add", x, y),
    "difference": lambda w, x, y, c: w("subtract", x, y),
    "product": lambda w, x, y, c: w("multiply", x, y),
    "quotient": lambda w, x, y, c: w("divide", x, y),
    "copy": lambda w, x, y, c: w("positive", x),
    "tanh": lambda w, x, y, c: w("tanh", x),
    "power": lambda w, x, y, c: w("power", x, 2),
    "turned": lambda w, x, y, c: w("transpose", w("transpose", x, axes=None), axes=None),
    "reshaped": lambda w, x, y, c: w("reshape", w("reshape", x, shape=(1, *x.shape)), shape=x.shape),
    "broadcast": lambda w, x, y, c: w("add", w("broadcast_to", x, shape=(2, 3)), y),
    "sum of all": lambda w, x, y, c: w("sum", w("multiply", w("negative", x), c), axis=None, keepdims=False),
    "sum of broadcast": lambda w, x, y, c: w("sum", _wide(w, x), axis=(0, 1), keepdims=True),
    "matrix product": lambda w, x, y, c: w("sum", _product(w, x, y), axis=(1,), keepdims=True),
    "scaled product": lambda w, x, y, c: w(
        "sum", _product(w, w("multiply", c, x), y), axis=None, keepdims=False
    ),
    "shares": lambda w, x, y, c: _shares(w, w("tanh", x)),
    "again": lambda w, x, y, c: _again(w, x, lambda number: number),
    "again, turned": lambda w, x, y, c: _again(w, x, operator.neg),
}

_FAR = {
    "far": lambda w, x, y, c: w("multiply", _large(x), w("multiply", x, _large(x))),
    "far and back": lambda w, x, y, c: w("multiply", 1 / _large(x), w("multiply", _large(x), x)),
    "near and back": lambda w, x, y, c: w("multiply", w("multiply", x, 1 / _large(x)), _large(x)),
    "scaled sum": lambda w, x, y, c: w("sum", w("multiply", 1 / _large(x), x), axis=None, keepdims=True),
}


def _large(x):
    """A number whose square is too large for a dtype."""
    return float(np.finfo(x.dtype).max) ** 0.6


def _wide(write, x):
    return write("broadcast_to", x, shape=(2, 3))


def _product(write, x, y):
    return write("matmul", _wide(write, x), write("transpose", _wide(write, y), axes=None))


def _shares(write, z):
    total = write("sum", write("exp", z), axis=None, keepdims=True)
    return write("exp", write("subtract", z, write("log", total)))
