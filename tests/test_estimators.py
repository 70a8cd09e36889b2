"""The estimators behave as scikit-learn wants, and find what it finds where the answer is known."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd_core.wording.errors import DataError, OptionError
from nn.optimizers import LBFGS, Adam, Momentum

pytest.importorskip("sklearn", minversion="1.6")

from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

X, NUMBERS = nn.datasets.rows(nn.datasets.iris().X), np.repeat([0, 1, 2], 50)
NAMES = np.array(["setosa", "versicolor", "virginica"])[NUMBERS]
FLOWERS = (X - X.mean(axis=0)) / X.std(axis=0)
BOTH = pytest.mark.parametrize("kind", ["DenseClassifier", "DenseRegressor"])


def small(kind="DenseClassifier", **options):
    return getattr(nn, kind)(**{"hidden": (6,), "epochs": 5, "random_state": 0} | options)


def bits(estimator):
    return [parameter.data.tobytes() for parameter in estimator.net_.parameters()]


# As scikit-learn wants


@BOTH
def test_the_checks_of_scikit_learn_pass(kind):
    found = check_estimator(getattr(nn, kind)(), on_skip=None)
    assert {check["status"] for check in found} <= {"passed", "skipped"}
    missing = ("array_api", "not_an_array", "decision_function")  # two packages, and a method
    skipped = [check["check_name"] for check in found if check["status"] == "skipped"]
    assert all(any(word in name for word in missing) for name in skipped)


@BOTH
def test_a_clone_has_the_same_parameters_and_no_network(kind):
    estimator = small(kind, optimizer=Momentum(0.2), init="xavier", keep=0.9).fit(FLOWERS, NUMBERS)
    again = clone(estimator)
    assert again.get_params() == estimator.get_params()
    assert again.set_params(hidden=(2, 3)).hidden == (2, 3)
    with pytest.raises(NotFittedError):
        again.predict(FLOWERS)


def test_it_works_in_a_pipeline_a_grid_search_and_cross_validation():
    pipeline = make_pipeline(StandardScaler(), small(optimizer=Adam(0.01), epochs=30))
    assert cross_val_score(pipeline, X, NAMES, cv=3).mean() > 0.85
    grid = {
        "denseclassifier__optimizer": [Adam(0.01), Momentum(1e-6)],
        "denseclassifier__hidden": [(), (4, 4)],
    }
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, NAMES)
    assert search.best_params_["denseclassifier__optimizer"] == Adam(0.01)
    assert search.best_score_ > 0.85


def test_targets_can_be_scaled_around_it():
    y = 1000 + 500 * FLOWERS[:, 3]
    regressor = small("DenseRegressor", optimizer=Adam(0.01), epochs=50)
    regressor = TransformedTargetRegressor(regressor, transformer=StandardScaler())
    assert regressor.fit(FLOWERS[:, :3], y).score(FLOWERS[:, :3], y) > 0.8


@BOTH
def test_a_pickled_estimator_predicts_and_trains_the_same(kind):
    estimator = small(kind, keep=0.8, validation=0.2).fit(FLOWERS, NUMBERS)
    again = pickle.loads(pickle.dumps(estimator))
    assert again.predict(FLOWERS).tobytes() == estimator.predict(FLOWERS).tobytes()
    assert bits(again.fit(FLOWERS, NUMBERS)) == bits(clone(estimator).fit(FLOWERS, NUMBERS))


@BOTH
def test_the_same_random_state_gives_the_same_bits(kind):
    options = {"keep": 0.8, "validation": 0.2, "batch_size": 16}
    first, second, other = (small(kind, random_state=r, **options).fit(FLOWERS, NUMBERS) for r in (1, 1, 2))
    assert bits(first) == bits(second) != bits(other)
    assert bits(first.fit(np.asfortranarray(FLOWERS), NUMBERS)) == bits(second)
    drawn = small(kind, random_state=np.random.RandomState(0))
    assert bits(drawn.fit(FLOWERS, NUMBERS)) != bits(drawn.fit(FLOWERS, NUMBERS))


def test_nothing_is_shown_unless_it_is_wanted(capsys):
    small().fit(FLOWERS, NAMES)
    assert capsys.readouterr() == ("", "")
    small(progress=True).fit(FLOWERS, NAMES)
    assert "25/25" in capsys.readouterr().err


# What it finds


def test_without_hidden_layers_it_is_logistic_regression():
    C = 0.5
    classifier = small(hidden=(), lam=1 / C, optimizer=LBFGS(), epochs=500).fit(FLOWERS, NAMES)
    wanted = LogisticRegression(C=C, tol=1e-10, max_iter=1000).fit(FLOWERS, NAMES)
    np.testing.assert_allclose(classifier.predict_proba(FLOWERS), wanted.predict_proba(FLOWERS), atol=1e-6)
    np.testing.assert_array_equal(classifier.predict(FLOWERS), wanted.predict(FLOWERS))
    np.testing.assert_array_equal(classifier.classes_, wanted.classes_)


def test_with_two_classes_too():
    y = NAMES == "virginica"
    classifier = small(hidden=(), lam=2.0, optimizer=LBFGS(), epochs=500).fit(FLOWERS, y)
    wanted = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(FLOWERS, y)
    np.testing.assert_allclose(classifier.predict_proba(FLOWERS), wanted.predict_proba(FLOWERS), atol=1e-6)
    assert classifier.net_.widths == (4, 1)
    assert classifier.predict(FLOWERS).dtype == bool


def test_several_labels_are_as_many_regressions():
    Y = np.stack([NAMES == "setosa", FLOWERS[:, 1] > 0.3], axis=1).astype(int)
    options = {"hidden": (), "lam": 2.0, "optimizer": LBFGS(), "epochs": 500}
    classifier = small(**options).fit(FLOWERS, Y)
    for label in (0, 1):
        alone = small(**options).fit(FLOWERS, Y[:, label]).predict_proba(FLOWERS)[:, 1]
        np.testing.assert_allclose(classifier.predict_proba(FLOWERS)[:, label], alone, atol=1e-6)
    np.testing.assert_array_equal(classifier.predict(FLOWERS), classifier.predict_proba(FLOWERS) > 0.5)


@pytest.mark.parametrize("outputs", [(), (1,), (2,)])
def test_without_hidden_layers_a_regressor_is_ridge_regression(outputs):
    y = X[:, 2:].sum(axis=1) if outputs == () else X[:, 2 : 2 + outputs[0]]
    regressor = small("DenseRegressor", hidden=(), lam=3.0, optimizer=LBFGS(), epochs=500)
    wanted = Ridge(alpha=3.0, tol=1e-10).fit(X[:, :2], y).predict(X[:, :2])
    found = regressor.fit(X[:, :2], y).predict(X[:, :2])
    assert found.shape == y.shape
    np.testing.assert_allclose(found, wanted.reshape(y.shape), atol=1e-6)


def test_digits_are_learned_in_a_few_epochs():
    train, test = nn.datasets.split(*nn.datasets.digits())
    pipeline = make_pipeline(StandardScaler(), nn.DenseClassifier(epochs=10, random_state=0))
    pipeline.fit(train.X.T, nn.datasets.labels(train.Y))
    assert pipeline.score(test.X.T, nn.datasets.labels(test.Y)) > 0.95


def test_the_network_predicts_what_the_estimator_predicts():
    classifier = small(epochs=30).fit(FLOWERS, NAMES)
    np.testing.assert_array_equal(classifier.net_.predict(FLOWERS.T).T, classifier.predict_proba(FLOWERS))
    assert nn.accuracy(classifier.net_, FLOWERS.T, NUMBERS) == classifier.score(FLOWERS, NAMES)


def test_features_of_any_size_leave_the_cost_finite():
    classifier = small(epochs=20, optimizer=Momentum(0.1)).fit(1e5 * X, NAMES)
    assert np.isfinite(classifier.history_.costs).all()
    assert np.isfinite(classifier.predict_proba(1e5 * X)).all()


# What is asked for


def test_patience_goes_back_to_the_best_epoch():
    options = {"optimizer": Adam(0.3), "validation": 0.3, "epochs": 300}
    patient = small(patience=5, **options).fit(FLOWERS, NAMES)
    best = patient.history_.best_epoch
    assert patient.history_.stopped == "patience"
    assert patient.n_iter_ == len(patient.history_.validation_costs) == best + 5
    assert bits(patient) == bits(small(**options | {"epochs": best}).fit(FLOWERS, NAMES))


def test_layers_are_what_the_parameters_say():
    classifier = small(hidden=[7, 3], activation="tanh", keep=0.9, dtype=np.float32).fit(FLOWERS, NAMES)
    assert [layer.activation for layer in classifier.net_.dense] == ["tanh", "tanh", "softmax"]
    assert [repr(layer) for layer in classifier.net_.layers[1::2]] == ["Dropout(0.9)", "Dropout(0.9)"]
    assert classifier.net_.widths == (4, 7, 3, 3)
    assert classifier.predict_proba(FLOWERS).dtype == np.float32
    assert small(hidden=np.int64(5)).fit(FLOWERS, NAMES).net_.widths == (4, 5, 3)


def test_dropout_is_for_training_alone():
    classifier = small(keep=0.5).fit(FLOWERS, NAMES)
    np.testing.assert_array_equal(classifier.net_(FLOWERS.T).data.T, classifier.predict_proba(FLOWERS))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": (0,)}, "positive numbers of nodes"),
        ({"hidden": 2.5}, "positive numbers of nodes"),
        ({"activation": "rellu"}, "did you mean 'relu'"),
        ({"keep": 1.5}, "probability to keep"),
        ({"optimizer": "adam"}, "one of nn.optimizers"),
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": "auto"}, "batch_size='auto'"),
        ({"lam": -1.0}, "lam=-1.0"),
        ({"validation": 1.5}, "validation=1.5"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_when_fitting(options, message):
    classifier = small().fit(FLOWERS, NAMES)
    before = bits(classifier)
    classifier.set_params(**options)
    with pytest.raises(OptionError, match=message):
        classifier.fit(FLOWERS, NUMBERS)
    assert bits(classifier) == before
    assert classifier.predict(FLOWERS)[0] == "setosa"


def test_one_class_is_refused_by_name():
    with pytest.raises(DataError, match="one class only, 'setosa'"):
        small().fit(FLOWERS[:50], NAMES[:50])


def test_a_column_of_classes_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        classifier = small().fit(FLOWERS, NAMES[:, None])
    assert bits(classifier) == bits(small().fit(FLOWERS, NAMES))


# What is imported


def test_scikit_learn_is_imported_when_it_is_asked_for():
    code = "import nn, sys; print('sklearn' in sys.modules, nn.DenseClassifier, 'sklearn' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False <class 'nn.training.estimators.DenseClassifier'> True\n"


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(
        OptionError, match=r'nn.DenseRegressor needs .* `pip install "autograd-core\[sklearn\]"`'
    ):
        _ = nn.DenseRegressor
    assert not hasattr(nn, "DenseNothing")
