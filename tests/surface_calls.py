"""Calls of the public surface, right and wrong, as Python source: what a failure prints can be run again.

`targets` finds what can be called, by its modules' ``__all__``; `draw` writes a call of one. Arguments are
mostly such as the parameter's name asks for, and else anything that somebody may have in a variable.
"""

from __future__ import annotations

import inspect
import random
import re
from types import ModuleType
from typing import Any

import numpy as np

import autograd_core as ag
import nn
import viz
from autograd_core.differentiation.protocols import RECORDED
from autograd_core.ops import OPERATIONS

# Values, by what they are for. T makes a tensor that requires a derivative, C one that does not.

ARRAYS = """
np.array([[1.5, -2.0, 0.5], [0.25, 3.0, -1.0]]) | np.array([0.5, 2.0, -1.5]) | np.array(3.0) | 2.0 | 3
-1.5 | np.eye(2) + 0.5 | np.array([[4.0, 1.0], [1.0, 3.0]]) | np.linspace(0.5, 2.0, 12).reshape(2, 2, 3)
[1.0, 2.0, 3.0] | np.zeros((0, 3)) | np.zeros(0) | np.zeros((2, 0)) | np.zeros((0, 0)) | np.zeros((1, 0))
np.array([[2.0]]) | T(np.array([[1.5, -2.0, 0.5], [0.25, 3.0, -1.0]])) | T(np.array([0.5, 2.0, -1.5]))
T(3.0) | T(np.zeros((0, 3))) | T(np.zeros((0, 0))) | T(np.eye(2) + 0.5) | T(np.zeros(0))
T(np.zeros((2, 0))) | C(np.array([0.5, 2.0, -1.5])) | C(np.array([1, 0, 2]))
C(np.array([True, False, True])) | np.array([1, 0, 2]) | np.array([True, False, True])
np.array([1.0, np.nan, np.inf]) | np.float64(2.0) | np.array([0.5, 2.0], np.float32)
np.array([0.5], np.float16) | np.ones((3, 2)).T | np.ones(3)[::-1] | np.zeros((2, 3)) | True
np.array([[1, 2], [3, 4]]) | T(2.0, np.float32) | T(np.linspace(0.5, 2.0, 12).reshape(2, 2, 3))
T(np.array([[0.2, 0.3, 0.5]]).T) | np.array([[0.0], [1.0], [0.0]])
"""
ODD = """
None | 'text' | '' | '1' | object() | 1j | np.array([1j, 2.0]) | np.array([1.0, None], object)
np.array('a') | ... | np.array(['2020-01-01'], 'M8[D]') | np.zeros(2, 'f8, i4')
np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]) | {1, 2} | np.matrix([[1.0, 2.0]]) | {} | {'a': np.ones(3)}
(lambda *args, **kwargs: None) | np.sin | slice(None) | range(3) | 2**62 | 10**30 | -(10**30) | -1 | 0
True | np.nan | np.inf | -np.inf | 1.9 | [[1.0], [1.0, 2.0]] | [] | () | b'ab' | (x for x in [1.0]) | int
ag | [None] | [[]] | [T(1.0), T(2.0)] | [C(1.0), 2.0] | (1, 2) | np.int64(1) | np.array(1)
np.array([1.5, 2.5]) | other() | frozenset() | np.array([[]]) | {'W': {'b': 1.0}} | [1, 'a'] | np.True_
-0.0 | 1e308
"""
NAMED = """
axis: None | 0 | -1 | 1 | (0, 1) | () | np.int64(0) | np.array(1) | 5 | (0, 0) | [0] | True | '1' | 1.0
    (1.9,) | (0, -1) | -3 | 2
backend: 'numpy' | 'auto' | 'x' | None | 3
axes: None | (1, 0) | (0, 1) | 1 | [0] | ([1], [0]) | (0, 0) | '10' | (1.0, 0) | 2 | 0 | () | -1 | range(2)
    ((0, 1), (1, 0)) | (1,)
shape: (3,) | (2, 3) | 6 | -1 | (-1, 2) | () | (0,) | (2.9, 3) | '32' | [3, 2] | np.int64(3)
    np.array([2, 3]) | (2, -1, -1) | (0, 3)
dtype: float | np.float32 | 'f4' | np.float16 | int | bool | complex | object | 'foo' | None | 'U3'
    np.dtype('f8')
indices: [0] | 0 | -1 | [1, 1] | np.array([0, 1]) | [True, False] | [1.5] | 9 | [[0], [1]]
    np.zeros(0, int) | C(np.array([0]))
index: 0 | -1 | [0, 0] | (0, 1) | (..., 0) | slice(1) | None | np.array([True, False]) | 1.0 | 'a' | 9
    ((0,), 1) | [0, 9] | slice(0, 1.5)
condition: True | np.array([True, False, True]) | [1, 0, 1] | T(np.ones(3)) > 0
    np.array([[True], [False]]) | [[1]]
ord: None | 2 | 1 | 0 | np.inf | -np.inf | 3 | 'fro' | 'nuc' | -1 | 'x' | np.array(2.0) | 1j | np.float32(1)
    -2 | 0.5
mode: 'constant' | 'edge' | 'full' | 'same' | 'reduced' | 'r' | 'lock' | 'fingerprint' | 'auto' | 'forward'
    'reverse' | 'x' | 0
n: 0 | 1 | 2 | 3 | -1 | 1.5 | 'a' | 100 | np.int64(2) | 2**62
k: 0 | 1 | -1 | 5 | -7 | 1.5 | np.int64(1) | 2**62
decimals: 0 | 1 | -1 | 3 | 1.5 | 400
q: 0.5 | [0.0, 1.0] | 50 | 0 | 1 | -0.1 | 2 | np.nan | np.array([[0.25]]) | C(0.5)
repeats: 2 | [1, 2] | [1, 2, 0] | -1 | 1.9 | np.array(2) | 0 | []
reps: 2 | (2, 1) | (1, 2, 1) | 0 | -1 | 1.9 | () | np.array([2])
shift: 1 | -2 | (1, 1) | 1.9 | (1, 2) | () | 100
pad_width: 1 | (1, 2) | ((1, 0), (0, 2)) | 0 | -1 | 1.5 | {0: 1} | {-1: (1, 2)} | {5: 1} | () | [(1,)]
    {0: 'a'}
indices_or_sections: 1 | 2 | 3 | [1] | [0, 2] | 0 | -1 | [1.9] | '1' | (5, 1) | np.array([1]) | 2**62
    [[1]]
subscripts: 'ij->ji' | 'i,i' | 'ij,jk' | '...' | 'i->ii' | 'ii' | 'i,j->ij' | 'ij' | 'i->k' | '' | '->'
    'a b' | 'i,' | 'I,i->' | 'i..' | 'é'
arrays: [T(np.ones(3)), np.ones(3)] | [np.ones((2, 3)), np.ones((2, 3))] | [np.ones(3)] | [] | [1.0, 2.0]
    [np.ones(2), 1.0]
f: square | cubes | pair | (lambda x: x) | (lambda x: (x, 1)) | (lambda x: None) | (lambda: 1.0) | ag.sum
    np.sin | 3 | count
argnums: 0 | 1 | -1 | (0,) | (0, 1) | (0, 0) | 5 | '0' | 1.0 | () | np.int64(0) | [0] | True
has_aux: False | True
primals: [np.ones(3)] | [2.0] | (np.ones(2), 1.0) | [] | np.ones(3) | [[1.0, 2.0]] | [np.array([1, 2])]
    [{'a': 1.0}]
tangents: [np.ones(3)] | [2.0] | (np.ones(2), 1.0) | [] | np.ones(3) | [[1.0, 2.0]] | [np.zeros((3, 1))]
    [{'a': 1.0}]
inputs: np.ones(3) | [np.ones(3)] | [] | np.zeros(0) | 2.0 | [1, 2] | np.ones(2, np.float32) | {}
J: other() | T(2.0) | other() * 2 | ag.sum(other()) | C(1.0) | T(np.ones(3)) | unnamed()
wrt: None | ['a'] | ['no'] | [] | 'a' | 3
claimed: {'a': np.ones((2, 3))} | {} | {'no': 1.0} | {'a': np.ones(2)} | {'a': 'x'} | {'b': lambda a: a}
    [] | {3: 1.0}
order: 'C' | 'F' | 'A' | 1 | 2 | 3 | None
optimize: False | True | 'greedy' | 'x' | 3
subscript: 'ij'
keepdims: False | True | 1 | 0
ddof: 0 | 1 | 2 | 0.5 | -1 | 5 | np.int64(1) | '1' | 1j
correction: None | 0 | 1 | 9 | 'a'
weights: None | np.array([1.0, 2.0, 3.0]) | np.ones((2, 3)) | T(np.ones(3)) | np.zeros(3) | [1]
detail: 'named' | 'full' | 'auto' | 'layers' | 'units' | 'x' | 'every' | 0
name: 'a' | 'W[1]' | None | '' | 'two words' | 3 | 'x.svg' | 'dJ/da'
path: 'out.svg' | 'out.npz' | 'out.html' | 'out.pdf' | 'out.txt' | 'no/such/folder/x.svg' | '' | 'out' | 3
    'out.safetensors' | '.'
theme: 'light' | 'dark' | 'print' | 'x' | None
draw: (lambda: np.ones(2)) | (lambda: 1.0) | (lambda: None) | 3
net: net() | net() | net() | narrow() | nn.Dense(4, 2) | None
layers: nn.Dense(4, 2) | nn.Dense(2, 3, 'tanh') | nn.Dropout(0.5) | 3 | None | forms()
X: np.ones((4, 5)) | np.zeros((4, 0)) | np.ones(4) | np.ones((5, 4)) | T(np.ones((4, 5)))
    np.ones((4, 5), int) | nan()
column: np.ones((4, 1)) | np.ones(4) | np.ones((4, 5)) | T(np.ones((4, 1))) | None | np.zeros((0, 1))
Y: np.eye(3)[:, [0, 1, 2, 0, 1]] | np.array([0, 1, 2, 0, 1]) | np.ones((3, 5)) | np.ones((1, 5))
    np.zeros((3, 0)) | nan()
answer: np.array([[1.0], [0.0], [0.0]]) | np.ones(3) | 0 | [1] | None | np.ones((3, 5))
A: np.full((3, 5), 1 / 3) | T(np.full((3, 5), 1 / 3)) | np.ones((4, 5)) | np.full((1, 5), 0.5)
    np.zeros((3, 0))
Z: T(np.zeros((3, 5))) | np.ones((3, 5)) | np.ones(3) | np.zeros((0, 5))
W: np.ones((3, 4)) | np.ones((4, 3)) | T(np.ones((3, 4)))
b: np.zeros((3, 1)) | np.zeros(3) | 0.0 | 1.0 | np.ones(2)
cost: nn.costs.cross_entropy | nn.costs.squared_error | 'huber' | None | (lambda A, Y: 1.0)
    (lambda A, Y: A) | 'cross_entropy'
data: (np.ones((4, 5)), np.eye(3)[:, [0, 1, 2, 0, 1]]) | np.ones((4, 5)) | None | (1, 2)
    (np.ones((4, 5)), [0, 1, 2, 0, 1])
optimizer: None | nn.optimizers.Adam() | nn.optimizers.LBFGS() | 'adam' | 3 | nn.optimizers.Adam
epochs: 1 | 2 | 0 | -1 | 1.5 | 'a'
batch_size: None | 2 | 0 | -1 | 100 | 1.5 | True
progress: False
compile: False | False | None | 'x'
checkpoint: None | 'fit.npz' | 3
metrics: () | [nn.accuracy] | nn.accuracy | {'a': nn.accuracy} | 3
validation: None | 0.4 | 2.0 | (np.ones((4, 2)), np.eye(3)[:, :2]) | -1 | 'a'
callbacks: () | [lambda *a: None] | 3
activation: 'relu' | 'tanh' | 'softmax' | 'identity' | 'sigmoid' | 'no' | ag.tanh | None | 3
activations: None | {} | ['relu', 'softmax'] | ['no'] | 3 | {'mine': ag.tanh} | 'relu'
init: None | 'xavier' | 'no' | nn.initializers.he() | 3 | nn.initializers.he
rng: None | 0 | np.random.default_rng(0) | -1 | 'a' | 1.5
seed: 0 | 1 | -1 | 'a' | 1.5 | np.random.default_rng(0) | None
reduction: 'mean' | 'sum' | 'none' | 'x' | None
class_weights: None | np.ones(3) | 'balanced' | [1.0, 2.0] | {0: 1.0} | -1.0
n_in: 4 | 0 | -1 | 2.5 | 'a' | np.int64(4) | True
n_out: 2 | 1 | 0 | None
keep: 0.5 | 1.0 | 0.0 | 2.0 | 'a' | -1
lam: 0.0 | 0.1 | -1.0 | 'much' | np.nan
m: 5 | 0 | -1 | 1.5 | None | 2 | True
l: 1 | 2 | 0 | 3 | -1 | 'a' | 1.5 | None
j: 1 | 2 | 0 | 9 | -1 | 'a' | None
gradients: grads() | {} | [np.ones(2)] | np.ones(2) | {'W': 1.0} | None
params: net().params() | {} | None | {'W[1]': 1.0}
state: {} | net().state_dict() | None | {'W[1]': np.ones((9, 9))} | 3
    nn.optimizers.Adam().start(net().params())
config: net().config() | [] | None | [{}] | [{'layer': 'no'}] | 3 | [{'layer': 'Dense', 'n_in': 'a'}]
labels: [0, 1, 2] | np.array([0, 2]) | [] | [0.5] | [-1] | [[0]] | ['a'] | 9
classes: 3 | 2 | 0 | -1 | None | ['a', 'b', 'c'] | 2.5 | 'a'
target: None | 'y' | 0 | ['a'] | 9 | -1
features: None | ['a'] | [] | 'a' | 3 | ['no']
task: 'auto' | 'classification' | 'regression' | 'x'
noise: 0.1 | 0.0 | -1.0 | 'a'
held_back: 0.3 | 0.0 | 1.0 | 2 | 'a' | -0.1
factor: 0.5 | 0.0 | 2.0 | 'a'
every: 2 | 0 | -1 | 'a'
steps: 5 | 0 | -1 | 'a' | 2.5
rate: 0.1 | 0.0 | -1.0 | 'a' | np.nan | None
learning_rate: 0.1 | 0.0 | -1.0 | 'a' | nn.optimizers.Cosine(0.1, 5) | np.nan | None | True
t: 0 | 1 | 5 | -1 | 'a' | 1.5
graph: 'notes' | 'no' | (lambda a, b: a * b) | 3 | None
history: nn.History() | nn.History([1.0, 0.5]) | None | 3
compiled: ag.compile(square) | None | square
expand: () | 'a' | ['a'] | 3 | 9 | ('no',)
focus: None | 'a' | 'no' | 3 | ['a']
between: None | ('a', 'J') | ('no', 'a') | 3 | ('a',)
hops: 2 | 0 | -1 | 'a' | 1.5
trace: None | net().trace(np.ones((4, 5)), np.eye(3)[:, [0, 1, 2, 0, 1]]) | 3
examples: None | (np.ones((4, 5)), np.eye(3)[:, [0, 1, 2, 0, 1]]) | 3
fan: 'in' | 'out' | 'x' | 3
style: 'd' | 'partial' | 'x'
distribution: 'normal' | 'uniform' | 'x'
gain: 1.0 | 0.0 | 'a' | -1.0
"""


def _texts(source: str) -> list[str]:
    return [text.strip() for line in source.strip().splitlines() for text in line.split(" | ")]


def _pools(source: str) -> dict[str, list[str]]:
    named = re.findall(r"^(\w+): (.*(?:\n    .*)*)", source, re.M)
    return {name: _texts(values) for name, values in named}


POOLS = _pools(NAMED) | {"array": _texts(ARRAYS), "odd": _texts(ODD)}

# What is called. An object is written as what makes it.

OBJECTS = {
    "T(np.array([[1.5, -2.0, 0.5], [0.25, 3.0, -1.0]]))": ag.Tensor,
    "C(np.array([True, False, True]))": ag.Tensor,
    "net()": nn.Sequential,
    "narrow()": nn.Sequential,
    "nn.Dense(4, 2, 'relu')": nn.Dense,
    "nn.Dropout(0.5)": nn.Dropout,
    "nn.History([1.0, 0.5])": nn.History,
    "nn.optimizers.Adam()": nn.optimizers.Adam,
    "nn.optimizers.Clipped(nn.optimizers.GradientDescent(0.1), norm=1.0)": nn.optimizers.Clipped,
    "nn.datasets.Scaling.of(np.ones((4, 5)))": nn.datasets.Scaling,
    "net().trace(np.ones((4, 5)), np.eye(3)[:, [0, 1, 2, 0, 1]])": nn.Trace,
    "nn.elementary.trace('notes')": nn.elementary.Table,
    "ag.derive(other())": ag.Derivation,
    "ag.compare(other(), {'a': np.zeros((2, 3))})": ag.Comparison,
    "ag.gradcheck(square, np.ones(2))": ag.GradcheckReport,
    "viz.forward(other())": viz.Picture,
}
MADE = {  # what functions of the surface return, called in turn: with these parameters
    **{
        f"ag.{name}({f})": ["array"]
        for name in ("grad", "value_and_grad", "jacobian", "hessian", "checkpoint", "compile")
        for f in ("square", "cubes", "pair", "count")
    },
    "ag.per_example_grad(lambda W, X: ag.sum(W * X))": ["array", "array"],
    "ag.vjp(cubes, np.ones(3))[1]": ["array"],
    "enter": ["scope"],
    "nn.optimizers.Cosine(0.1, 5)": ["t"],
    "nn.optimizers.StepDecay(0.1, 0.5, 2)": ["t"],
    "nn.initializers.he()": ["rng", "shape"],
    "nn.initializers.orthogonal()": ["rng", "shape"],
    "ag.pointwise(lambda y, x: given)(kept)": ["array"],
    "pulled": ["array"],
    "pushed": ["array"],
    "scipy.special.expit": ["array"],
    "scipy.special.xlogy": ["array", "array"],
    "scipy.special.softmax": ["array", "axis"],
    "scipy.special.gammaln": ["array"],
    "sum": ["arrays"],
    "math.fsum": ["arrays"],
    "np.c_.__getitem__": ["array"],
    "np.full": ["shape", "array"],
    "np.array": ["arrays"],
    "np.ones(3).dot": ["array"],
}
SCOPES = "ag.guard()|ag.guard('fingerprint')|ag.no_grad()|ag.detect_anomaly()|ag.guard('x')|ag.guard(3)|3"
POOLS["scope"] = SCOPES.split("|")
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "==", "!=", "<", "<=", ">", ">=", "<<"]
NOT_MADE_BY_HAND = re.compile(
    "Candidate|Comparison|Compiled|Derivation|Diagnosis|GradcheckReport|Picture|Trace|Table|Row|Cost|Layer|"
    "Activation|Dataset|Optimizer"
)
HOOKS = {"step", "direction", "get"}  # called by `update` and `fit`, or by Python; they hand on what they got
MODULES = {"ag": ag, "ag.linalg": ag.linalg, "nn": nn, "viz": viz}
MODULES |= {
    f"nn.{name}": getattr(nn, name)
    for name in [
        "activations",
        "closed_form",
        "costs",
        "datasets",
        "elementary",
        "initializers",
        "optimizers",
        "targets",
    ]
}


def targets() -> dict[str, list[inspect.Parameter]]:
    """Everything that can be called, with its parameters."""
    found: dict[str, Any] = {}
    for prefix, module in MODULES.items():
        for name in getattr(module, "__all__", dir(module)):
            if name.startswith("_") or isinstance(getattr(module, name), ModuleType):
                continue
            thing = getattr(module, name)
            error = isinstance(thing, type) and issubclass(thing, Exception)
            if (
                callable(thing)
                and not error
                and not NOT_MADE_BY_HAND.fullmatch(name)
                and not hasattr(thing, "__origin__")
            ):
                found[f"{prefix}.{name}"] = _parameters(thing)
    for function, operation in RECORDED.items():
        found[numpy_name(function)] = _parameters(operation)
    for made, kind in OBJECTS.items():
        for name in dir(kind):
            if not name.startswith("_") and callable(getattr(kind, name)) and name not in HOOKS:
                static = isinstance(inspect.getattr_static(kind, name), staticmethod | classmethod)
                found[f"{made}.{name}"] = _parameters(getattr(kind, name))[not static :]
        found[f"{made}.__getitem__"] = [inspect.Parameter("index", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for made, names in MADE.items():
        found[made] = [inspect.Parameter(f"{name}", inspect.Parameter.POSITIONAL_ONLY) for name in names]
    return found


def numpy_name(function: Any) -> str:
    home = "np.linalg" if getattr(np.linalg, function.__name__, None) is function else "np"
    return f"{home}.{function.__name__}"


def _parameters(thing: Any) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(thing).parameters.values())
    except (TypeError, ValueError):
        return []


OF_ARRAYS = frozenset(
    f"{home}.{name}" for home in ("ag", "ag.linalg", "np", "np.linalg") for name in OPERATIONS
)


def draw(rng: random.Random, surface: dict[str, list[inspect.Parameter]]) -> str:
    """Write one call."""
    if rng.random() < 0.08:
        left, right = (_value(rng, "array", True) for _ in range(2))
        return rng.choice(
            [f"{left} {rng.choice(OPERATORS)} {right}", f"{rng.choice(['-', '+', '~', 'abs'])}({left})"]
        )
    target = rng.choice(list(surface))
    given, named = [], False
    for parameter in surface[target]:
        kind, name = parameter.kind, parameter.name
        if kind is parameter.VAR_KEYWORD:
            continue
        if kind is parameter.VAR_POSITIONAL:
            given += [_value(rng, name, target in OF_ARRAYS) for _ in range(rng.randrange(3)) if not named]
            continue
        if parameter.default is not parameter.empty and rng.random() < 0.6:
            named = True
            continue
        text = _value(rng, name, target in OF_ARRAYS)
        named = (
            named
            or kind is parameter.KEYWORD_ONLY
            or (kind is not parameter.POSITIONAL_ONLY and rng.random() < 0.1)
        )
        given.append(f"{name}={text}" if named and kind is not parameter.POSITIONAL_ONLY else text)
    if rng.random() < 0.02:
        given.append(rng.choice(["no_such_option=1", "**{'axis': 0}"]))
    if rng.random() < 0.02 and given:
        given.pop(rng.randrange(len(given)))
    return f"{target}({', '.join(given)})"


_ELSEWHERE = {"x": "column", "y": "answer"}  # of networks and pictures
_ONLY = ("backend",)  # compile asks whether it is in a tuple, which an array does not answer
_OF_ANY_ARRAY = ("f", "a", "b", "v", "A", "m", "x", "y", "W", "t")


def _value(rng: random.Random, name: str, of_arrays: bool) -> str:
    """Write one argument."""
    name = name if of_arrays else _ELSEWHERE.get(name, name)
    if name not in POOLS or (of_arrays and name in _OF_ANY_ARRAY):
        name = "array"
    chance = 0.0 if name in _ONLY else rng.random()
    return rng.choice(POOLS[name if chance < 0.75 else "array" if chance < 0.82 else "odd"])
