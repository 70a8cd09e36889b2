"""The commands train, predict and check, as their user calls them."""

import csv
import io
import os

import numpy as np
import pytest

import nn
from nn.files.saving import load_model


@pytest.fixture
def moons(tmp_path):
    """Write a table of two classes; return its features and its classes."""
    X, Y = nn.datasets.moons(80, noise=0.1, seed=1)
    kinds = [("down", "up")[k] for k in nn.datasets.labels(Y)]
    table(tmp_path / "moons.csv", ["x", "y", "kind"], zip(*X, kinds, strict=True))
    return X, kinds


@pytest.fixture
def rents(tmp_path):
    """Write a table with a quantity far from 0; return its features and the quantity."""
    rng = np.random.default_rng(0)
    X = np.vstack([rng.uniform(20, 120, 100), rng.uniform(1900, 2020, 100)])
    y = 1e6 + 3e4 * X[0] + 1e3 * (X[1] - 1960)
    table(tmp_path / "rents.csv", ["area", "year", "rent"], zip(*X, y, strict=True))
    return X, y


def table(path, head, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *([str(cell) for cell in row] for row in rows)])


def read(text):
    head, *rows = csv.reader(io.StringIO(text))
    return head, rows


def test_a_table_is_trained_on_saved_predicted_and_checked(call, moons):
    X, kinds = moons
    code, out, _ = call("train", "--data", "moons.csv", "--save", "moons.safetensors", "--hidden", "16,8")
    assert code == 0
    assert "2 features, 2 classes, 80 examples" in out
    assert "wrote moons.safetensors" in out
    model = load_model("moons.safetensors")
    assert (model.features, model.classes, model.net.widths) == (("x", "y"), ("down", "up"), (2, 16, 8, 2))

    code, out, err = call("predict", "moons.safetensors", "--data", "moons.csv", "--target", "kind")
    assert code == 0
    head, rows = read(out)
    assert head == ["prediction", "down", "up"]
    shares = np.array([row[1:] for row in rows], float)
    np.testing.assert_array_equal(shares.T, model.predict(X))  # all digits are written
    assert [row[0] for row in rows] == [("down", "up")[k] for k in shares.argmax(axis=1)]
    right = np.mean([row[0] == kind for row, kind in zip(rows, kinds, strict=True)])
    assert err == f"accuracy {right:.1%} on 80 examples\n"
    assert right > 0.8

    code, out, _ = call("check", "--data", "moons.csv", "--model", "moons.safetensors")
    assert code == 0
    assert "all 12 gradients agree" in out


def test_columns_are_found_by_name_in_any_order(call, moons, tmp_path):
    X, kinds = moons
    call("train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "3")
    table(
        tmp_path / "other.csv", ["kind", "y", "note", "x"], [(k, y, "?", x) for k, (x, y) in zip(kinds, X.T)]
    )
    assert call("predict", "m.npz", "--data", "other.csv") == call("predict", "m.npz", "--data", "moons.csv")
    code, _, _ = call("predict", "m.npz", "--data", "other.csv", "--out", "told.csv")
    assert code == 0
    assert (tmp_path / "told.csv").read_text() == call("predict", "m.npz", "--data", "moons.csv")[1]


def test_columns_may_be_left_out(call, moons, tmp_path):
    X, kinds = moons
    table(
        tmp_path / "long.csv",
        ["id", "x", "kind", "y"],
        [(f"m{i}", *x) for i, x in enumerate(zip(X[0], kinds, X[1]))],
    )
    same = ["--target", "kind", "--features", "y,x", "--epochs", "2"]
    for name in ("long", "moons"):
        assert call("train", "--data", f"{name}.csv", "--save", f"{name}.npz", *same)[0] == 0
    assert load_model("long.npz").features == ("y", "x")
    assert (tmp_path / "long.npz").read_bytes() == (tmp_path / "moons.npz").read_bytes()
    assert call("check", "--data", "long.csv", *same[:4])[0] == 0


def test_features_are_standardised_by_the_examples_trained_on_alone(call, moons):
    X, _ = moons
    call(
        "train",
        "--data",
        "moons.csv",
        "--save",
        "m.npz",
        "--epochs",
        "1",
        "--held-back",
        "0.3",
        "--seed",
        "4",
    )
    train, _ = nn.datasets.split(X, X, held_back=0.3, seed=4)
    np.testing.assert_array_equal(load_model("m.npz").scaling.mean, train.X.mean(axis=1, keepdims=True))
    call("train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "1", "--held-back", "0")
    np.testing.assert_array_equal(load_model("m.npz").scaling.mean, X.mean(axis=1, keepdims=True))


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_a_training_in_two_parts_ends_in_the_same_bytes(call, moons, tmp_path, suffix):
    same = ["--data", "moons.csv", "--keep", "0.8", "--optimizer", "momentum", "--learning-rate", "0.05"]
    call("train", *same, "--save", f"whole.{suffix}", "--epochs", "7")
    call("train", *same, "--save", f"parts.{suffix}", "--epochs", "3")
    half = (tmp_path / f"parts.{suffix}").read_bytes()
    call("train", *same, "--save", f"parts.{suffix}", "--epochs", "7", "--resume")
    assert (tmp_path / f"parts.{suffix}").read_bytes() == (tmp_path / f"whole.{suffix}").read_bytes() != half


def test_a_resumed_training_must_be_the_same(call, moons):
    call("train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "2")
    code, _, err = call(
        "train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "4", "--resume", "--seed", "1"
    )
    assert code == 2
    assert "m.training.npz" in err
    assert "seed 0, this one has 1" in err


def test_the_seed_decides(call, moons, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        call("train", "--data", "moons.csv", "--save", f"{name}.npz", "--epochs", "2", "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.npz").read_bytes() for name in "abc")
    assert a == b != c


def test_quantities_are_predicted_as_they_were_measured(call, rents):
    _, y = rents
    code, out, _ = call("train", "--data", "rents.csv", "--save", "rents.npz", "--hidden", "8")
    assert code == 0
    assert "r2" in out
    code, out, err = call("predict", "rents.npz", "--data", "rents.csv", "--target", "rent")
    head, rows = read(out)
    assert head == ["prediction"]
    A = np.array(rows, float)[:, 0]
    r2 = 1 - np.sum((y - A) ** 2) / np.sum((y - y.mean()) ** 2)
    assert err == f"r2 {r2:.4f} on 100 examples\n"
    assert r2 > 0.9
    code, out, _ = call("check", "--data", "rents.csv", "--model", "rents.npz")
    assert code == 0, out


def test_the_score_told_while_training_is_that_of_the_saved_model(call, rents):
    X, y = rents
    _, out, _ = call("train", "--data", "rents.csv", "--save", "rents.npz", "--epochs", "20")
    model = load_model("rents.npz")
    for part, name in zip(nn.datasets.split(X, y[None], held_back=0.2, seed=0), ("trained on", "held back")):
        r2 = nn.r2(model.net, model.scaling.apply(part.X), part.Y)
        assert [line.split()[-1] for line in out.splitlines() if line.startswith(name)] == [f"{r2:.4f}"]


def test_two_classes_may_share_one_output(call, moons):
    call("train", "--data", "moons.csv", "--save", "m.npz", "--cost", "binary_cross_entropy")
    model = load_model("m.npz")
    assert model.net.widths[-1] == 1
    _, out, err = call("predict", "m.npz", "--data", "moons.csv", "--target", "kind")
    _, rows = read(out)
    assert all(float(down) + float(up) == pytest.approx(1) for _, down, up in rows)
    assert all(kind == ("up" if float(up) > 0.5 else "down") for kind, _, up in rows)
    right = np.mean([row[0] == kind for row, kind in zip(rows, moons[1], strict=True)])
    assert err.startswith(f"accuracy {right:.1%}")
    assert right > 0.8


@pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
def test_a_network_trained_on_logits_predicts_probabilities(call, kind):
    plain = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}[kind]
    told = []
    for cost in (plain, f"{kind}_cross_entropy"):
        call("train", "--data", "iris", "--save", "m.npz", "--epochs", "5", "--cost", cost)
        assert load_model("m.npz").net.dense[-1].activation == kind
        told.append(
            np.array([row[1:] for row in read(call("predict", "m.npz", "--data", "iris")[1])[1]], float)
        )
    np.testing.assert_allclose(*told, rtol=1e-9)


def test_float32_stays_float32(call, moons):
    call("train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "2", "--dtype", "float32")
    assert {value.dtype for value in nn.load("m.npz").state_dict().values()} == {np.dtype(np.float32)}
    assert call("check", "--data", "moons.csv", "--model", "m.npz")[0] == 0


def test_patience_keeps_the_best_epoch(call, moons):
    code, out, _ = call(
        "train", "--data", "moons.csv", "--save", "m.npz", "--patience", "3", "--learning-rate", "0.5"
    )
    assert code == 0
    assert "the weights of epoch" in out
    model = load_model("m.npz")
    costs = nn.storage.read("m.training.npz").arrays["training/history/validation_costs"]
    X, kinds = moons
    Y = nn.datasets.one_hot(np.array([kind == "up" for kind in kinds], int), 2)
    held_back = nn.datasets.split(X, Y, held_back=0.2)[1]
    cost = nn.costs.cross_entropy(model.predict(held_back.X), held_back.Y)
    assert float(cost) == pytest.approx(costs.min(), rel=1e-12)
    assert len(costs) < 200


def test_quiet_means_quiet(call, moons):
    assert call("train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "2", "--quiet") == (0, "", "")


def test_a_picture_of_the_costs_and_of_the_classes_over_two_features(call, moons, tmp_path):
    pytest.importorskip("matplotlib")
    call("train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "2", "--plot", "moons.png")
    call("train", "--data", "iris", "--save", "i.npz", "--epochs", "2", "--plot", "iris.png")
    assert (tmp_path / "iris.png").read_bytes().startswith(b"\x89PNG")
    width = {
        name: int.from_bytes((tmp_path / name).read_bytes()[16:20]) for name in ("moons.png", "iris.png")
    }
    assert width["moons.png"] == 2 * width["iris.png"]


# Archives.


@pytest.mark.parametrize(
    ("Y", "classes"),
    [
        (np.eye(3)[:, np.arange(60) % 3], ("0", "1", "2")),
        (np.arange(60)[None] % 2 * 3 + 2.0, ("2", "5")),
        (np.linspace(100, 200, 120).reshape(2, 60), None),
        (np.linspace(0, 1, 60)[None], None),
    ],
    ids=["one-hot columns", "class numbers", "two quantities", "one quantity"],
)
def test_an_archive_says_by_its_targets_what_they_are(call, rng, Y, classes):
    np.savez("data.npz", X=rng.normal(size=(4, 60)), Y=Y)
    assert call("train", "--data", "data.npz", "--save", "m.npz", "--epochs", "2")[0] == 0
    assert load_model("m.npz").classes == classes
    code, out, err = call("predict", "m.npz", "--data", "data.npz", "--target", "Y")
    assert code == 0
    assert err.startswith("accuracy" if classes else "r2")
    assert len(read(out)[1]) == 60
    np.savez("new.npz", X=rng.normal(size=(4, 7)))
    assert len(read(call("predict", "m.npz", "--data", "new.npz")[1])[1]) == 7
    assert call("check", "--data", "data.npz", "--model", "m.npz", "--examples", "9")[0] == 0


def test_a_model_without_names_takes_the_columns_in_order(call, moons, tmp_path):
    X, kinds = moons
    np.savez("moons.npz", X=X, Y=np.array([[kind == "up" for kind in kinds]], float))
    call("train", "--data", "moons.npz", "--save", "m.npz", "--epochs", "2")
    table(tmp_path / "new.csv", ["anything", "else"], X.T)
    assert call("predict", "m.npz", "--data", "new.csv") == call("predict", "m.npz", "--data", "moons.npz")


# Check.


@pytest.mark.parametrize("cost", sorted(nn.costs.COSTS))
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_gradients_of_every_cost_agree(call, cost, activation):
    code, out, _ = call(
        "check", "--data", "iris", "--layers", "4,5,3", "--cost", cost, "--activation", activation,
        "--examples", "30",
    )  # fmt: skip
    assert code == 0, out
    assert f"30 examples; cost {cost}" in out
    assert "all 8 gradients agree" in out


@pytest.mark.parametrize("cost", ["squared_error", "huber"])
def test_gradients_for_quantities_agree(call, rents, cost):
    code, out, _ = call("check", "--data", "rents.csv", "--target", "rent", "--hidden", "4", "--cost", cost)
    assert code == 0, out


@pytest.mark.parametrize("options", [[], ["--model", "m.npz"]])
def test_a_wrong_formula_is_named_and_the_exit_code_is_1(call, monkeypatch, options):
    call("train", "--data", "iris", "--save", "m.npz", "--epochs", "2")
    rules = nn.closed_form.recurrence
    right = rules.weight_gradient
    monkeypatch.setattr(rules, "weight_gradient", lambda dZ, A: 1.001 * right(dZ, A))
    code, out, _ = call("check", "--data", "iris", *options)
    assert code == 1
    assert out.splitlines()[-1] == "DISAGREES: dW[2], dW[1]"


def test_a_wrong_difference_is_named_too(call, monkeypatch):
    right = nn.closed_form.difference_quotient
    monkeypatch.setattr(nn.closed_form, "difference_quotient", lambda *of: 1.001 * right(*of))
    code, out, _ = call("check", "--data", "iris", "--layers", "4,3")
    assert code == 1
    assert out.splitlines()[-1] == "DISAGREES: dA[1], dZ[1], dW[1], db[1]"


def test_a_saved_network_with_dropout_or_without_biases_is_checked_too(call):
    nn.save(
        nn.Sequential(
            nn.Dense(4, 5, "tanh", bias=False, rng=0), nn.Dropout(0.5), nn.Dense(5, 3, "softmax", rng=1)
        ),
        "m.npz",
    )
    code, out, _ = call("check", "--data", "iris", "--model", "m.npz")
    assert code == 0
    assert "all 7 gradients agree" in out


def test_a_formula_that_divides_by_zero_is_no_disagreement(call, tmp_path):
    net = nn.Sequential(nn.Dense(1, 1, "sigmoid", rng=0))
    net.dense[0].W.data = np.array([[100.0]])
    nn.save(net, "m.npz", features=["x"], classes=["no", "yes"])
    table(tmp_path / "data.csv", ["x", "kind"], [(1, "yes"), (-1, "no")])
    code, _, err = call("check", "--data", "data.csv", "--model", "m.npz")
    assert code == 2
    assert "the notes' formula for dA[1] is not finite" in err


def test_nothing_is_left_beside_the_files_asked_for(call, moons, tmp_path):
    call("train", "--data", "moons.csv", "--save", "m.npz", "--epochs", "2")
    call("predict", "m.npz", "--data", "moons.csv", "--out", "told.csv")
    assert sorted(os.listdir(tmp_path)) == ["m.npz", "m.training.npz", "moons.csv", "told.csv"]
