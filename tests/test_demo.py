"""The command line, as its user calls it."""

import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd_core.__main__ import main
from autograd_core.commands import gradients


@pytest.fixture
def page(tmp_path, capsys):
    """Run the demo in this process; return its exit code, output, errors and folder."""

    def run(*options):
        try:
            code = main(["demo", "--out", str(tmp_path / "out"), *options])
        except SystemExit as stop:
            code = stop.code
        shown = capsys.readouterr()
        return code, shown.out, shown.err, tmp_path / "out"

    return run


def test_the_demo_checks_draws_trains_and_reports(page):
    code, out, _, folder = page("--epochs", "20")
    assert code == 0
    assert "all 8 gradients agree" in out
    for equation in ("(15)", "(16)", "(17)", "(22)"):
        assert equation in out
    for name in ("forward", "backward", "both"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert (folder / f"{name}.svg").read_text().startswith("<svg")
    html = (folder / "report.html").read_text()
    assert html.count("<svg") == 3
    assert "DISAGREES" not in html
    assert "http://" not in html.replace("http://www.w3.org", "")


def test_digits_with_other_widths_and_another_activation(page):
    code, out, _, _ = page(
        "--data", "digits", "--layers", "64,12,10,10", "--activation", "relu", "--epochs", "1"
    )
    assert code == 0, out
    assert "all 12 gradients agree" in out


def test_a_gradient_that_disagrees_is_named_and_the_exit_code_is_1(page, monkeypatch):
    rules = nn.closed_form.recurrence
    right = rules.bias_gradient
    monkeypatch.setattr(rules, "bias_gradient", lambda dZ: 1.001 * right(dZ))
    code, out, _, folder = page("--epochs", "1")
    assert code == 1
    assert "DISAGREES: db[2], db[1]" in out
    assert "DISAGREES" in (folder / "report.html").read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data", "irys"], "unknown data set 'irys': there are digits, iris; did you mean 'iris'?"),
        (["--activation", "thanh"], "did you mean 'tanh'?"),
        (["--layers", "4,x,3"], "'4,x,3' is not a list of two or more sizes"),
        (["--layers", "4"], "'4' is not a list"),
        (["--layers", "4,0,3"], "'4,0,3' is not a list"),
        (["--layers", "5,5,3"], "must start with 4 and end with 3"),
        (["--seed", "-1"], "'-1' is not a whole number from 0 up"),
        (["--epochs", "0"], "'0' is not a whole number from 1 up"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_a_bad_option_is_one_clear_line_and_writes_nothing(page, options, words):
    code, out, err, folder = page(*options)
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert not out
    assert not folder.exists()


def test_ctrl_c_while_training_ends_the_demo(page, monkeypatch):
    monkeypatch.setattr(nn, "fit", lambda *_, **__: nn.History(stopped="interrupted"))
    code, _, err, folder = page("--layers", "4,3")
    assert (code, err) == (130, "autograd-core demo: stopped\n")
    assert not (folder / "report.html").exists()


def test_an_unwritable_folder_is_one_clear_line(page, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["demo", "--out", str(tmp_path / "file" / "out")]) == 2
    err = capsys.readouterr().err
    assert len(err.strip().splitlines()) == 1
    assert "file" in err


def test_the_seed_decides(page):
    first, second, other = (page("--epochs", "2", "--seed", seed)[1] for seed in ("1", "1", "2"))
    assert first.splitlines()[1:10] == second.splitlines()[1:10]
    assert first.splitlines()[1:10] != other.splitlines()[1:10]


@pytest.mark.parametrize("cost", ["squared_error", "binary_cross_entropy"])
def test_checks_serve_other_costs(cost):
    X, Y = nn.datasets.iris()
    net = nn.Sequential(nn.Dense(4, 3, "tanh", rng=0), nn.Dense(3, 3, "sigmoid", rng=1))
    result = gradients.checks(net, nn.datasets.standardized(X, like=X), Y, cost)
    assert len(result) == 8
    assert all(check.ok for check in result)


def test_a_relu_exactly_at_its_kink_is_no_disagreement():
    """A layer that is dead for an example leaves the next one at exactly 0, where no derivative exists."""
    net = nn.Sequential(
        nn.Dense(2, 3, "relu", rng=0), nn.Dense(3, 3, "relu", rng=1), nn.Dense(3, 2, "softmax", rng=2)
    )
    net.layers[0].W.data = -np.ones((3, 2))
    result = gradients.checks(net, np.ones((2, 4)), np.eye(2)[:, [0, 1, 0, 1]], "cross_entropy")
    assert all(check.ok for check in result), result
    layers = [nn.closed_form.Layer(layer.W.data, layer.b.data, layer.activation) for layer in net.layers]
    X, Y = np.ones((2, 4)), np.eye(2)[:, [0, 1, 0, 1]]
    assert np.isnan(nn.closed_form.difference_quotient(X, Y, layers, "cross_entropy", "Z[2]", (0, 0)))


def test_it_runs_as_a_module_too():
    answer = subprocess.run(
        [sys.executable, "-m", "autograd_core", "--version"], capture_output=True, text=True, check=True
    )
    assert answer.stdout.startswith("autograd-core 0.")
