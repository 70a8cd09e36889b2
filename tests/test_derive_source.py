"""`Derivation.source`: the equations as a program that runs alone and gives what autodiff gives."""

import ast
import inspect
import itertools

import numpy as np
import pytest
from derive_alone import assert_equals_autodiff, python_alone
from expressions import EXPRESSIONS
from in_turn import each
from op_table import PRIMITIVE_CASES
from test_derive_identities import IDENTITIES, given

import autograd_core as ag
import nn
from autograd_core.derivations.writing.helpers import HELPERS


@pytest.fixture(scope="module")
def alone():
    with python_alone() as run:
        yield run


def examples(m, n_classes=3, seed=0, dtype=float):
    rng = np.random.default_rng(seed)
    Y = np.eye(n_classes)[:, rng.permutation(np.arange(m) % n_classes)]
    return rng.normal(size=(4, m)).astype(dtype), Y.astype(dtype)


def dense(n_layers, activation, output, dtype=float):
    widths = [4, *[5, 2, 6][: n_layers - 1], 3]
    names = [*[activation] * (n_layers - 1), output]
    return nn.Sequential(
        *(
            nn.Dense(n, k, g, rng=seed, dtype=dtype)
            for seed, ((n, k), g) in enumerate(zip(itertools.pairwise(widths), names, strict=True))
        )
    )


OUTPUTS = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "huber": "identity",
    "sigmoid_cross_entropy": "identity",
    "softmax_cross_entropy": "identity",
    "squared_error": "sigmoid",
}


def test_every_cost_is_tried():
    assert set(OUTPUTS) == set(nn.costs.COSTS)


@pytest.mark.parametrize("cost", OUTPUTS)
@pytest.mark.parametrize("n_layers", [1, 2, 3, 4])
def test_a_network_gives_what_autodiff_gives_for_any_number_of_examples(cost, n_layers, alone, tmp_path):
    net = dense(n_layers, "tanh", OUTPUTS[cost])
    J = nn.costs.COSTS[cost](net(examples(7)[0]), examples(7)[1])
    program = ag.derive(J, notes=nn.NOTES).program()
    assert_equals_autodiff(J, alone(program.source, program.arguments, tmp_path), net.parameters())
    X, Y = examples(16, seed=1)
    J = nn.costs.COSTS[cost](net(X), Y)
    found = alone(program.source, program.arguments | {"X": X, "Y": Y}, tmp_path)
    assert_equals_autodiff(J, found, net.parameters())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", nn.activations.ACTIVATIONS)
def test_every_activation_keeps_its_dtype(activation, dtype, alone, tmp_path):
    net = dense(3, activation, "softmax", dtype)
    X, Y = examples(7, dtype=dtype)
    J = nn.costs.cross_entropy(net(X), Y)
    program = ag.derive(J, notes=nn.NOTES).program()
    found = alone(program.source, program.arguments, tmp_path)
    assert_equals_autodiff(J, found, net.parameters(), 1e-12 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("cost", OUTPUTS)
def test_an_output_that_does_not_belong_to_the_cost_is_no_obstacle(cost, alone, tmp_path):
    net = dense(2, "relu", "softmax")
    X, Y = examples(8)
    J = nn.costs.COSTS[cost](net(X), Y)
    program = ag.derive(J, notes=nn.NOTES).program()
    assert_equals_autodiff(J, alone(program.source, program.arguments, tmp_path), net.parameters())


def test_a_penalty_and_a_dropout_mask_are_part_of_the_program(alone, tmp_path):
    X, Y = examples(9)
    net = nn.Sequential(
        nn.Dense(4, 6, "tanh", rng=0), nn.Dropout(0.5, rng=1), nn.Dense(6, 3, "softmax", rng=2)
    )
    J = nn.costs.cross_entropy(net(X), Y) + nn.costs.l2(net, 0.3, 9)
    J.name = "J"
    program = ag.derive(J, notes=nn.NOTES).program()
    assert set(program.arguments["R1"].ravel()) == {0.0, 1.0}
    assert_equals_autodiff(J, alone(program.source, program.arguments, tmp_path), net.parameters())


def test_a_penalty_holds_for_any_number_of_examples(alone, tmp_path):
    net = dense(2, "tanh", "softmax")
    X, Y = examples(7)
    program = ag.derive(
        nn.costs.cross_entropy(net(X), Y) + nn.costs.l2(net, 0.3, 7), notes=nn.NOTES
    ).program()
    X, Y = examples(16, seed=1)
    J = nn.costs.cross_entropy(net(X), Y) + nn.costs.l2(net, 0.3, 16)
    found = alone(program.source, program.arguments | {"X": X, "Y": Y}, tmp_path)
    assert_equals_autodiff(J, found, net.parameters())


def test_what_was_assumed_of_the_targets_is_said():
    net = dense(2, "tanh", "softmax")
    X, Y = examples(7)
    source = ag.derive(nn.costs.cross_entropy(net(X), Y), notes=nn.NOTES).source()
    assert "Holds where each column of Y sums to 1." in source
    source = ag.derive(nn.costs.cross_entropy(net(X), 0.5 * Y), notes=nn.NOTES).source()
    assert "Holds where" not in source


# Beyond networks


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_gives_what_autodiff_gives(name, alone, tmp_path):
    f, *draws = EXPRESSIONS[name]
    rng = np.random.default_rng(3)
    leaves = [ag.tensor(draw(rng), requires_grad=True, name=f"x{i}") for i, draw in enumerate(draws)]
    J = f(*leaves)
    program = ag.derive(J, notes=nn.NOTES).program()
    assert_equals_autodiff(J, alone(program.source, program.arguments, tmp_path), leaves)


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_a_published_derivative_runs_alone(identity, alone, tmp_path):
    tensors = given()
    J = identity.J(*(tensors[name] for name in inspect.signature(identity.J).parameters))
    program = ag.derive(J, notes=nn.NOTES).program()
    leaves = [x for x in tensors.values() if x.requires_grad and x.name in program.arguments]
    assert_equals_autodiff(J, alone(program.source, program.arguments, tmp_path), leaves)


def test_a_wrong_program_does_not_pass(alone, tmp_path):
    net = dense(2, "tanh", "softmax")
    X, Y = examples(7)
    J = nn.costs.cross_entropy(net(X), Y)
    program = ag.derive(J, notes=nn.NOTES).program()
    assert program.source.count("A2 - Y") == 1
    found = alone(program.source.replace("A2 - Y", "A2 - 1.000001 * Y"), program.arguments, tmp_path)
    with pytest.raises(AssertionError):
        assert_equals_autodiff(J, found, net.parameters())


# Every operation


def recorded_with(case, dtype):
    """Record a scalar that depends on every entry of what an operation returns."""
    rng = np.random.default_rng(1)
    operands = case.tensors(case.draw(rng, dtype))
    out = case.call(*operands)
    outs = [x for x in (out if isinstance(out, tuple) else (out,)) if x.requires_grad]
    J = sum(
        (ag.sum(x * rng.normal(size=x.shape).astype(dtype)) for x in outs), ag.tensor(np.zeros((), dtype))
    )
    return J, [x for x in operands if x.requires_grad]


@each(
    "case, dtype",
    [(case, dtype) for case in PRIMITIVE_CASES if case.row.order for dtype in (np.float64, np.float32)],
)
def test_every_operation_is_spelt_in_numpy(case, dtype):
    J, leaves = recorded_with(case, dtype)
    program = ag.derive(J, notes=nn.NOTES).program()
    made = {}
    exec(program.source, made)
    arguments = {x: v.astype(dtype) if v.dtype.kind == "f" else v for x, v in program.arguments.items()}
    found = made["value_and_gradients"](**arguments)
    assert_equals_autodiff(J, found, leaves, 1e-12 if dtype == np.float64 else 1e-3)


# How it reads


def test_a_network_reads_as_the_notes_write_it():
    net = dense(2, "tanh", "softmax")
    X, Y = examples(7)
    source = ag.derive(nn.costs.cross_entropy(net(X), Y), notes=nn.NOTES).source("notes")
    for line in (
        "def notes(W1, b1, W2, b2, X, Y):",
        "    W1 : array (n1, n0): W[1]",
        "    m = X.shape[1]",
        "    Z1 = W1 @ X + b1  # (n1, m), by (5)",
        "    A2 = softmax(Z2, axis=0)  # (n2, m), by (6)",
        "    dZ2 = (A2 - Y) / m  # (n2, m), by (17)",
        "    dW2 = dZ2 @ A1.T  # (n2, n1), by (15)",
        "    db2 = np.sum(dZ2, axis=1, keepdims=True)  # (n2, 1), by (16)",
        "    dA1 = W2.T @ dZ2  # (n1, m), by (22)",
        "    dZ1 = dA1 * (1 - A1**2)  # (n1, m), by (17)",
        '        "dW[1]": dW1,',
    ):
        assert line in source.splitlines(), line
    assert [line for line in source.splitlines() if "import" in line] == ["import numpy as np"]


def test_what_is_used_twice_is_computed_once():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    source = ag.derive(ag.sum(ag.sin(ag.exp(x)) * x), notes=nn.NOTES).source()
    assert source.count("np.exp") == 1


def test_a_long_chain_is_broken_into_lines():
    x = y = ag.tensor([0.3, 0.4], requires_grad=True, name="x")
    for _ in range(200):
        y = ag.sin(y) * 1.25
    J = ag.sum(y)
    program = ag.derive(J, notes=nn.NOTES).program()
    assert max(map(len, program.source.splitlines())) <= 110
    made = {}
    exec(program.source, made)
    assert_equals_autodiff(J, made["value_and_gradients"](**program.arguments), [x])


@pytest.mark.parametrize("selected", [{"wrt": ["W[1]"]}, {"detail": "full"}, {"detail": "scalar"}], ids=str)
def test_the_program_is_that_of_the_equations_asked_for(selected, alone, tmp_path):
    net = dense(2, "tanh", "softmax")
    X, Y = examples(7)
    J = nn.costs.cross_entropy(net(X), Y)
    derivation = ag.derive(J, **selected, notes=nn.NOTES)
    program = derivation.program()
    found = alone(program.source, program.arguments, tmp_path)
    assert list(found[1]) == [e.name for e in derivation.backward]
    assert_equals_autodiff(J, found, [x for x in net.parameters() if f"d{x.name}" in derivation])


def test_gradients_are_arrays_of_their_own():
    x, y = (ag.tensor(np.ones((2, 2)), requires_grad=True, name=name) for name in "xy")
    program = ag.derive(ag.trace(x @ y) + ag.sum(x), notes=nn.NOTES).program()
    made = {}
    exec(program.source, made)
    _, gradients = made["value_and_gradients"](**program.arguments)
    for gradient in gradients.values():
        gradient[...] = 7.0
    assert (program.arguments["x"] == 1).all()
    assert (program.arguments["y"] == 1).all()


def test_an_array_without_a_name_becomes_an_argument():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    program = ag.derive(ag.sum(x * np.array([3.0, 4.0])), notes=nn.NOTES).program()
    assert [value.tolist() for value in program.arguments.values()] == [[1.0, 2.0], [3.0, 4.0]]


# What may not happen


HOSTILE = (
    '"""',
    "'; import os; x='",
    "a\nimport os\nb",
    "lambda",
    "np",
    "math",
    "softmax",
    "gradients",
    "__debug__",
    "value_and_gradients",
    "W[1]",
    "W1",
    "W 1",
    "ℌ",
    "H",
    "\u202e",
    "\ud800",
    "1",
    "",
    "\\",
    "#",
    "{0}",
    "{x}",
    "x" * 5000,
    "T1",
    "C1",
    "m",
)


def test_no_name_gets_into_the_program(alone, tmp_path):
    rng = np.random.default_rng(0)
    leaves = [ag.tensor(rng.normal(size=2), requires_grad=True, name=name) for name in HOSTILE]
    total = sum((ag.sum(ag.softmax(x, axis=0) * x) for x in leaves), ag.sum(leaves[0]) * 0.0)
    program = ag.derive(total, notes=nn.NOTES).program()
    statements = ast.walk(ast.parse(program.source))
    assert sum(isinstance(node, ast.Import | ast.ImportFrom) for node in statements) == 1
    assert len(program.arguments) == len(HOSTILE)
    _, gradients = alone(program.source, program.arguments, tmp_path)
    total.backward()
    by_value = {tuple(np.round(value, 9)) for value in gradients.values()}
    assert {tuple(np.round(x.grad, 9)) for x in leaves} <= by_value


@pytest.mark.parametrize("name", ["", "1f", "f(", "f\n", "lambda"])
def test_the_function_needs_a_name(name):
    x = ag.tensor([1.0], requires_grad=True, name="x")
    with pytest.raises(ag.OptionError, match="is no name of a function"):
        ag.derive(ag.sum(x * x), notes=nn.NOTES).source(name)


def test_an_operation_that_numpy_lacks_has_to_be_spelt_out(registry):
    @ag.pointwise(lambda y, x: 2.0 * x)
    def paraboloid(x):
        return x * x

    x = ag.tensor([1.0], requires_grad=True, name="x")
    with pytest.raises(ag.OptionError, match="paraboloid is written in NumPy; declare the operation with"):
        ag.derive(ag.sum(paraboloid(x)), notes=nn.NOTES).source()


def test_a_spelling_that_is_no_python_is_refused(registry):
    written = ag.PRIMITIVES["tanh"].notation._replace(numpy="2 ⊙ {0}")

    @ag.pointwise(2.0, notation=written)
    def twice(x):
        return 2.0 * x

    x = ag.tensor([1.0], requires_grad=True, name="x")
    with pytest.raises(ag.OptionError, match="this is no NumPy"):
        ag.derive(ag.sum(ag.exp(twice(x))), notes=nn.NOTES).source()


@pytest.mark.parametrize("name", HELPERS)
def test_each_helper_is_text_that_compiles_alone(name):
    names = {node.id for node in ast.walk(ast.parse(HELPERS[name])) if isinstance(node, ast.Name)}
    assert not names & set(HELPERS)


def test_a_sum_and_a_product_of_thousands_are_a_program_that_python_reads():
    x = ag.tensor(np.array([0.3, 0.2]), requires_grad=True, name="x")
    total, product = x, x
    for i in range(1200):
        total, product = total + ag.sin(x * i), product * (x * 1e-3 + 0.999)
    for y in (total, product):
        functions = {}
        exec(ag.derive(ag.sum(y), notes=nn.NOTES).source("f"), functions)
        value, gradients = functions["f"](x.data)
        y.sum().backward()
        np.testing.assert_allclose(value, y.data.sum(), rtol=1e-9)
        np.testing.assert_allclose(gradients["dx"], x.grad, rtol=1e-9)
        x.grad = None
