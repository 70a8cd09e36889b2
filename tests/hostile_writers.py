"""Everything that the project writes of names, by kind; each writer takes some names and an empty folder."""

import contextlib
import csv
import io
import json
import struct
import warnings
from collections import namedtuple
from functools import partial

import numpy as np
import pytest
from hostile_case import Sly, check_dot, check_latex, check_page, check_pdf, check_text, check_xml

import autograd_core as ag
import nn
import viz
from autograd_core.__main__ import main
from autograd_core.comparisons import compare, compare_functions
from autograd_core.derivations.derivation import derive
from autograd_core.derivations.deriving.naming import named
from autograd_core.graph.node import topological_order
from autograd_core.wording.errors import AutogradError, DataError
from autograd_core.wording.notation import applied
from nn import npz, storage
from nn.datasets.cells import read_text, written_text
from nn.files.saving import load_model
from viz.stepper.report import Report


def recorded(given):
    """A graph of which each tensor has a name: J, and its parameters."""
    rng = np.random.default_rng(0)
    shapes = [(2, 3), (3, 2), (2, 2)]
    P, Q, R = (
        ag.tensor(rng.normal(size=shape), requires_grad=True, name=x) for shape, x in zip(shapes, given)
    )
    D = ag.tensor(rng.normal(size=(2, 2)), name=given[3])
    Y = ag.tanh(P @ Q + R)
    Z = Y * D
    S = ag.exp(-Z) * Y
    J = ag.sum(S)
    for x, name in zip((Y, Z, S, J), given[4:]):
        x.name = name
    return J, (P, Q, R)


def check_messages(*calls):
    """Each call raises, and says why in one line."""
    for call in calls:
        with pytest.raises((AutogradError, KeyError, ValueError)) as caught:
            call()
        check_text(str(caught.value), line=True)


def equations(given, folder):
    J, parameters = recorded(given)
    J.backward()
    for detail in ("named", "full", "scalar"):
        found = derive(J, detail=detail)
        check_text(str(found))
        assert len(str(found).splitlines()) == len({*str(found).splitlines()})
        for style in ("d", "partial"):
            check_latex(found.latex(style))
            check_xml(found.mathml(style))
        check_page(found.html())
        check_latex(found._repr_latex_()[2:-2])
    found = derive(J)
    for expression in found.to_sympy().values():
        check_text(str(expression), line=True)
    for equation in found.backward:
        check_text(found.steps(equation.name))
    program, known = found.program(), {}
    exec(compile(program.source, "<program>", "exec"), known)
    assert {*known} == {"__builtins__", "np", "value_and_gradients"}
    _, gradients = known["value_and_gradients"](**program.arguments)
    names = named(topological_order([J]), J)
    assert len({*names.values()}) == len(names)
    for x in parameters:
        np.testing.assert_allclose(gradients[f"d{names[x]}"], x.grad, 1e-12)


def comparisons(given, folder):
    J, parameters = recorded(given)
    J.backward()
    claimed = {x: x.grad for x in parameters}
    for claims in (claimed, claimed | {parameters[2]: 2 * parameters[2].grad}):
        found = compare(J, claims)
        check_text(str(found))
        assert len(str(found).splitlines()) == 2 + len(found.rows) + len(found.remarks)
        check_page(found.html())


def pictures(given, folder):
    J, _ = recorded(given)
    drawn = [viz.forward(J, values=True), viz.backward(J), viz.both(J, norms=True)]
    for picture in drawn:
        check_xml(picture.svg())
        check_text(repr(picture), line=True)
        for text in (picture.text(ascii=True), picture.text(ascii=False), str(picture.scene)):
            check_text(text)
        check_dot(picture.save(folder / "x.dot").read_text())
        check_page(picture.save(folder / "x.html").read_text())
        shown = picture._repr_mimebundle_()
        check_text(shown["text/plain"])
        check_xml(shown["image/svg+xml"])
    check_pdf(drawn[2].save(folder / "x.pdf").read_bytes())
    assert drawn[0].save(folder / "x.png").read_bytes().startswith(b"\x89PNG")
    check_page(viz.page(J, folder / "page.html", title=given[0]).read_text())
    report = Report(given[0], given[1])
    report.picture(given[2], drawn[0])
    report.table(given[3], given[4:6], [given[6:8]], note=given[0])
    report.text(given[1], given[2])
    report.paragraph(given[3], given[4])
    check_page(report.save(folder / "report.html").read_text())


def errors(given, folder):
    J, (P, Q, _) = recorded(given)
    other = ag.tensor(np.ones((7, 5)), name=given[5])
    state = {name: np.ones(1) for name in given}
    net = nn.Sequential(nn.Dense(2, 1, rng=0))
    table = csv_of(folder, given)
    damaged = folder / "a\n\x1b[31m.npz"
    damaged.write_bytes(b"PK")
    check_messages(
        lambda: P @ other, lambda: Q + other, lambda: derive(J, [f"{given[0]}?"]),
        partial(ag.tensor, [1, 2], requires_grad=True, name=given[3]), lambda: setattr(J, "data", 1.0),
        lambda: P.backward(), lambda: compare(J, {f"{given[1]}?": 1.0}), lambda: derive(other),
        lambda: viz.forward(J, focus=f"{given[1]}?"), lambda: viz.forward(J, between=(J, P)),
        lambda: viz.both(other), lambda: derive(J)[f"{given[2]}?"], lambda: net.load_state_dict(state),
        lambda: nn.Dense(1, 1, f"{given[0]}?"), lambda: nn.from_torch(state, []), lambda: net(other),
        lambda: ag.grad(lambda p: p)({name: np.ones(2, int) for name in given}),
        lambda: nn.datasets.read_csv(table, target=f"{given[0]}?"), lambda: storage.read(damaged),
    )  # fmt: skip
    for x in (J, P, other):
        check_text(repr(x))
        assert repr(x).count("\n") == repr(x.detach().numpy()).count("\n")


def functions(given, folder):
    for name in given:
        if len(name) < 1000:
            function(Sly(name))


def function(name):
    def f(x):
        return ag.sum(ag.tanh(x) * x)

    f.__name__ = f.__qualname__ = name
    compiled = ag.compile(f)
    compiled(np.ones(3))
    picture = viz.program(compiled)
    check_xml(picture.svg())
    check_text(picture.text(ascii=False))
    check_text(repr(compiled), line=True)
    check_text(repr(ag.grad(f)), line=True)
    J = ag.checkpoint(f)(ag.tensor(np.ones(3), requires_grad=True, name="x"))
    check_xml(viz.both(J).svg())
    check_text(viz.forward(J).text(ascii=False))
    check_text(str(ag.gradcheck(f, np.ones(3))))
    check_text(str(compare_functions(f, lambda x: 2 * x, np.ones(3))))
    check_messages(lambda: ag.compile(f)({"x": set()}), lambda: derive(J).source())
    if name not in ag.PRIMITIVES:
        found = derive(J**2)
        check_text(str(found))
        check_latex(found.latex())


def primitives(given, folder):
    before = {**ag.PRIMITIVES}
    for name in given:
        with contextlib.suppress(ag.OptionError):
            assert applied(Sly(name)).numpy("x") == f"np.{name}(x)"
            assert all(part.isidentifier() for part in name.split("."))
        if name.lstrip("_") in before:
            check_messages(partial(declared, Sly(name)))
            continue
        try:
            primitive(declared(Sly(name)), {f"{given[0]}a": given[1], "b": Sly(given[2])}, folder)
        finally:
            ag.PRIMITIVES.clear()
            ag.PRIMITIVES.update(before)


def declared(name):
    def cube(x, **settings):
        return x**3

    cube.__name__ = cube.__qualname__ = name
    vjp, jvp = (lambda t, y, x, **_: 3 * t * x * x for _ in range(2))
    return ag.primitive(vjps=[vjp], jvps=[jvp])(cube)


def primitive(operation, settings, folder):
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    for J in (ag.sum(operation(x)), ag.sum(ag.exp(operation(x, **settings)))):
        found = derive(J, detail="full")
        check_text(str(found))
        check_latex(found.latex())
        check_xml(found.mathml())
        check_messages(lambda found=found: found.source())
        check_xml(viz.both(J).svg())
        check_dot(viz.both(J).save(folder / "x.dot").read_text())
    check_text(repr(operation.primitive), line=True)
    assert ag.compile(lambda x: ag.sum(operation(x)))(np.array([1.0, 2.0])) == 9


def containers(given, folder):
    """Keys of dicts and classes of named tuples, through a compiled function and back."""
    keys = list(dict.fromkeys([*given, *map(Sly, given)]))
    arrays = {key: np.full(2, float(i)) for i, key in enumerate(keys)}
    kinds = []
    with contextlib.suppress(ValueError):  # no class has a NUL in its name
        kinds.append(type(given[0], (namedtuple("base", "a b"),), {}))

    def f(params, **more):
        total = sum(ag.sum(x * x) for x in params.values())
        return {key: 2 * x for key, x in params.items()}, [kind(total, total) for kind in kinds], more

    compiled = ag.compile(f)
    for _ in range(2):
        made, *_ = compiled(arrays, **{given[1]: np.ones(2)} if given[1] != "params" else {})
        assert [*map(str.__str__, made)] == [*map(str.__str__, keys)]
        for x, twice in zip(arrays.values(), made.values(), strict=True):
            np.testing.assert_array_equal(twice, 2 * x)
    check_text(compiled.source)
    check_text(str(compiled.program))
    check_text(viz.program(compiled).text(ascii=False))
    gradient = ag.grad(lambda params: sum(ag.sum(x * x) for x in params.values()))(arrays)
    assert [*gradient] == [*arrays]


def activations(given, folder):
    for name in given:
        activation(Sly(name), given, folder)


def activation(name, given, folder):
    def g(Z):
        return ag.tanh(Z)

    g.__name__ = name
    net = nn.Sequential(nn.Dense(2, 3, g, rng=0), nn.Dense(3, 2, "softmax", rng=1))
    config = net.config()
    config[0]["activation"] = str.__str__(name)  # as a file may have it
    for one in (net, nn.Sequential.from_config(config, {name: g})):
        check_text(one.summary())
        assert len(one.summary().splitlines()) == 4
        check_text(repr(one), line=True)
        for picture in (viz.network(one), viz.neuron(one, 1, 1), viz.layer(one, 1)):
            check_xml(picture.svg())
            check_text(picture.text(ascii=False))
    features, classes = given[:2], given[2:4]
    for suffix in ("npz", "safetensors"):
        path = nn.save(net, folder / f"net.{suffix}", features=features, classes=[*map(Sly, classes)])
        model = load_model(path, {net.dense[0].activation: g})
        assert (model.features, model.classes) == (tuple(features), tuple(classes))
    check_messages(lambda: nn.load(path), lambda: nn.to_onnx(net, folder / "net.onnx"))


def files(given, folder):
    """Names of arrays, in files from elsewhere."""
    for name in given:
        with contextlib.suppress(UnicodeEncodeError, struct.error):  # no such file can be
            header = json.dumps({name: {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}).encode()
            (folder / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
            (folder / "x.npz").write_bytes(npz.encode({name: np.ones(1)}))
            for path in (folder / "x.safetensors", folder / "x.npz"):
                with contextlib.suppress(DataError):
                    assert [*storage.read(path).arrays] == [name]
                check_messages(partial(nn.load, path))


def curves(given, folder):
    from matplotlib.figure import Figure

    history = nn.History([2.0, 1.0], [2.0, 1.5], {name: [0.5, 0.6] for name in given if len(name) < 99}, 2)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph|.*constrained_layout|.*Tight")
        axes = Figure().subplots()
        history.plot(axes)
        labels = [text.get_text() for text in axes.get_legend().get_texts()]
        assert len(labels) == 2 + len(history.metrics)
        for label in labels:
            check_text(label, line=True)
        viz.training(history, folder / "x.svg")


def csv_of(folder, header, rows=()):
    path = folder / "table.csv"
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return path


def commands(given, folder):
    """Train, predict, check and draw with hostile headers and classes, as a terminal sees it."""
    usable = dict.fromkeys(name.strip() for name in given if len(name) < 300)
    usable = [name for name in usable if name.encode(errors="ignore").decode() == name.strip("\0\r")]
    usable = [name for name in usable if name and not {"\0", "\r"} & {*name} and name.lower() != "nan"]
    if len(usable) < 5:
        return
    features, target, classes = usable[:2], f"{usable[2]}t", usable[3:5]
    draws = np.random.default_rng(0).normal(size=(12, 2)).astype(str)
    rows = [[*map(written_text, row), written_text(classes[i % 2])] for i, row in enumerate(draws.tolist())]
    path = csv_of(folder, [*map(written_text, features), written_text(target)], rows)
    model, predicted = folder / "m.npz", folder / "predicted.csv"
    predicted.unlink(missing_ok=True)
    at = ["--data", str(path), f"--target={read_text(target)}"]
    for options in (
        ["train", *at, "--hidden", "2", "--save", str(model), "--epochs", "1"],
        ["predict", str(model), *at],
        ["predict", str(model), *at, "--out", str(predicted)],
        ["check", *at, "--hidden", "2", "--examples", "3"],
        ["graph", *at, "--hidden", "2", "-o", str(folder / "g.svg")],
        ["train", "--data", str(path), f"--target={target}?", "--save", str(model)],
        ["predict", str(model), f"--data={usable[0]}", f"--target={given[1]}"],
        ["graph", "--data", "iris", f"--focus={given[2]}", "-o", str(folder / "g.svg")],
        ["train", "--data", "iris", f"--cost={given[3]}", given[4]],
    ):
        check_text(on_a_terminal(options).replace("\r", ""))  # with which the bar goes back
    with predicted.open(newline="", encoding="utf-8") as file:
        head, *lines = csv.reader(file)
    assert [*map(read_text, head)] == ["prediction", *load_model(model).classes]
    for first, *_ in lines:
        assert read_text(first) in classes
        assert not first.startswith(("=", "+", "@", "\t", "\r")) or first.lstrip("+").isdigit()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def on_a_terminal(options):
    told = Terminal()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told), contextlib.suppress(SystemExit):
        main(options)
    return told.getvalue()


def machine_code(given, folder):
    """One compiled program of all the names."""
    keys = [name for name in dict.fromkeys(given) if len(name) < 200]
    arrays = {key: np.full(3, float(i)) for i, key in enumerate(keys)}

    def f(params):
        made = {key: ag.exp(x * 0.1) for key, x in params.items()}
        for key, x in made.items():
            x.name = key
        return made

    compiled = ag.compile(f, backend="numba")
    made = compiled(arrays)
    assert compiled.stats.backend == "numba"
    assert [*made] == keys
    for x, y in zip(arrays.values(), made.values(), strict=True):
        np.testing.assert_allclose(y, np.exp(0.1 * x), 1e-12)
    check_text(compiled.source)
    check_text(viz.program(compiled).text(ascii=False))
