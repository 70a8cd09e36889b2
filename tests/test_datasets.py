"""Data: what ships, what is generated, what is read, and what brings arrays into columns."""

import numpy as np
import pytest

import autograd_core as ag
from autograd_core.wording.errors import DataError, DtypeError, OptionError, ShapeError
from nn import datasets

# What ships


def test_iris_and_digits_are_what_they_say():
    X, Y = datasets.iris()
    assert (X.shape, Y.shape, X.dtype, Y.dtype) == ((4, 150), (3, 150), np.float64, np.float64)
    np.testing.assert_array_equal(X[:, 0], [5.1, 3.5, 1.4, 0.2])
    np.testing.assert_allclose(X.mean(axis=1), [5.843333, 3.057333, 3.758, 1.199333], atol=1e-6)
    np.testing.assert_array_equal(Y.argmax(axis=0), np.repeat([0, 1, 2], 50))
    X, Y = datasets.digits()
    assert (X.shape, Y.shape, X.min(), X.max()) == ((64, 1797), (10, 1797), 0.0, 16.0)
    np.testing.assert_array_equal(Y.argmax(axis=0)[:10], range(10))
    np.testing.assert_array_equal(Y.sum(axis=1), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])


# Columns


class Frame:
    """What NumPy sees of a data frame."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


@pytest.mark.parametrize("make", [list, np.array, Frame, np.asfortranarray])
def test_rows_become_contiguous_columns_and_rows_again(make):
    examples = [[1, 2], [3, 4], [5, 6]]
    X = datasets.columns(make(examples))
    np.testing.assert_array_equal(X, [[1, 3, 5], [2, 4, 6]])
    assert X.dtype == np.float64
    assert X.flags.c_contiguous
    back = datasets.rows(X)
    np.testing.assert_array_equal(back, examples)
    assert back.flags.c_contiguous


def test_a_vector_is_one_feature_of_m_examples():
    assert datasets.columns([1.0, 2.0, 3.0]).shape == (1, 3)


@pytest.mark.parametrize(
    ("dtype", "wanted"),
    [("f4", "f4"), (">f4", "f4"), ("f8", "f8"), ("f2", "f8"), ("i4", "f8"), ("u1", "f8"), ("?", "f8")],
)
def test_float32_stays_and_every_other_real_number_becomes_float64(dtype, wanted):
    X = datasets.columns(np.ones((3, 2), dtype))
    assert X.dtype == np.dtype(wanted)
    assert X.dtype.isnative


@pytest.mark.parametrize("shape", [(1, 3), (3, 1), (3, 2), (3,)])
def test_columns_are_a_copy_whatever_the_shape(shape):
    examples = np.zeros(shape)
    X = datasets.columns(examples)
    X[...] = 1
    datasets.rows(X)[...] = 2
    assert not examples.any()
    assert (X == 1).all()


@pytest.mark.parametrize(
    ("bad", "kind", "words"),
    [
        ([["a", "b"]], DtypeError, "real numbers are wanted"),
        ([[1, None]], DtypeError, r"\.astype\(float\)"),
        ([[1j]], DtypeError, "complex128"),
        ([[1, 2], [3]], ShapeError, "rows of one length"),
        (np.zeros((2, 3, 4)), ShapeError, r"X.reshape\(len\(X\), -1\)"),
        (3.0, ShapeError, r"shape \(\)"),
    ],
)
def test_columns_refuse_what_is_no_table_of_numbers(bad, kind, words):
    with pytest.raises(kind, match=words):
        datasets.columns(bad)


def test_columns_refuse_a_tensor_whose_derivative_would_be_lost():
    with pytest.raises(DtypeError, match="detach"):
        datasets.columns(ag.tensor(np.ones((2, 3)), requires_grad=True))


def test_labels_undo_one_hot(rng):
    numbers = rng.integers(0, 5, 40)
    Y = datasets.one_hot(numbers, 5)
    np.testing.assert_array_equal(Y.sum(axis=0), 1)
    np.testing.assert_array_equal(datasets.labels(Y), numbers)


def test_a_single_row_of_probabilities_speaks_of_class_1(rng):
    p = rng.random((1, 20))
    np.testing.assert_array_equal(datasets.labels(p), datasets.labels(np.concatenate([1 - p, p])))


def test_split_keeps_every_example_once_and_its_target_with_it():
    X = np.arange(10.0)[None]
    train, test = datasets.split(X, -X, held_back=0.3, seed=1)
    assert (train.X.shape[1], test.X.shape[1]) == (7, 3)
    assert sorted([*train.X[0], *test.X[0]]) == list(range(10))
    np.testing.assert_array_equal(test.Y, -test.X)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 0.01, float("nan"), float("inf")])
def test_split_refuses_to_leave_a_part_empty(share):
    with pytest.raises(DataError, match="one part empty"):
        datasets.split(np.ones((2, 9)), np.ones((1, 9)), held_back=share)


@pytest.mark.parametrize("function", [datasets.rows, datasets.labels, lambda X: datasets.split(X, X)])
def test_columns_have_two_axes(function):
    with pytest.raises(ShapeError, match="one column per example"):
        function(np.ones(3))


# Scaling


def test_scaling_gives_mean_0_and_variance_1_and_is_undone(rng):
    X = rng.normal(5.0, 3.0, (4, 50))
    scaling = datasets.Scaling.of(X)
    Z = scaling.apply(X)
    np.testing.assert_allclose(Z.mean(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose(Z.var(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(scaling.undo(Z), X, rtol=1e-14)
    np.testing.assert_array_equal(datasets.standardized(X, like=X), Z)


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, -7e12, 1e-300])
def test_a_constant_feature_is_only_shifted(value):
    X = np.full((1, 7), value)
    scaling = datasets.Scaling.of(X)
    np.testing.assert_array_equal(scaling.spread, 1.0)
    np.testing.assert_allclose(scaling.apply(X), 0.0, atol=abs(value) * 1e-15)


def test_scaling_keeps_float32():
    X = np.array([[1, 2, 4]], np.float32)
    assert datasets.standardized(X, like=X).dtype == np.float32


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_a_scaling_that_is_not_finite_is_refused_with_its_feature(bad):
    X = np.ones((3, 4))
    X[2, 1] = bad
    with pytest.raises(DataError, match=r"feature \(row\) 2"):
        datasets.Scaling.of(X)


@pytest.mark.parametrize(
    ("mean", "spread", "kind"),
    [
        (np.zeros((2, 1)), np.ones((3, 1)), ShapeError),
        (np.zeros(2), np.ones(2), ShapeError),
        (0.0, 1.0, ShapeError),
        (np.zeros((2, 1)), np.zeros((2, 1)), DataError),
        (np.zeros((1, 1)), -np.ones((1, 1)), DataError),
        (np.array([["a"]]), np.ones((1, 1)), DtypeError),
    ],
)
def test_a_scaling_from_elsewhere_is_checked(mean, spread, kind):
    with pytest.raises(kind, match="Scaling"):
        datasets.Scaling(mean, spread)


@pytest.mark.parametrize("shape", [(1, 5), (3, 5), (2,)])
def test_a_scaling_refuses_other_features_instead_of_broadcasting(shape):
    scaling = datasets.Scaling.of(np.ones((2, 3)))
    for function in (scaling.apply, scaling.undo):
        with pytest.raises(ShapeError, match="a row per feature"):
            function(np.ones(shape))


# Generated


def half_circles(X, Y):
    """How far each point is from the half circle of its class."""
    lower = Y[1] == 1
    x, y = np.where(lower, 1 - X[0], X[0]), np.where(lower, 0.5 - X[1], X[1])
    assert (y > -0.5).all()
    return np.hypot(x, y) - 1


def radii(X, Y):
    """How far each point is from the circle of its class."""
    return np.hypot(*X) - np.where(Y[1] == 1, 0.5, 1.0)


def corners(X, Y):
    """How far the first coordinate is from that of the nearest corner; the nearest tells the class."""
    nearest = np.round(X)
    np.testing.assert_array_equal(nearest[0] != nearest[1], Y[1] == 1)
    return X[0] - nearest[0]


CLOUDS = {"moons": half_circles, "circles": radii, "xor": corners}


@pytest.mark.parametrize("name", CLOUDS)
def test_without_noise_the_points_lie_on_their_curves(name):
    X, Y = getattr(datasets, name)(101, noise=0)
    assert sorted(Y.sum(axis=1)) == [50, 51]
    np.testing.assert_allclose(CLOUDS[name](X, Y), 0, atol=1e-15)


@pytest.mark.parametrize("name", CLOUDS)
def test_noise_is_the_standard_deviation_of_the_distance(name):
    distances = CLOUDS[name](*getattr(datasets, name)(20000, noise=0.05))
    assert abs(distances.std() - 0.05) < 0.002
    assert abs(distances.mean()) < 0.004


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_an_arm_turned_onto_the_next_is_the_next(arms):
    X, Y = datasets.spirals(60 * arms, arms=arms, noise=0, turns=1.25)
    np.testing.assert_array_equal(Y.sum(axis=1), 60)
    spiral = X[0] + 1j * X[1]
    r = np.abs(spiral)
    turned = spiral / r * np.exp(-2j * np.pi * (1.25 * r + Y.argmax(axis=0) / arms))
    np.testing.assert_allclose(turned, 1, atol=1e-14)
    for arm in Y:
        np.testing.assert_allclose(np.sort(r[arm == 1]), np.arange(1, 61) / 60, rtol=1e-14)


def test_sine_is_a_curve_with_noise_in_y_alone():
    X, Y = datasets.sine(20000, noise=0.1)
    np.testing.assert_array_equal(np.sort(X[0]), np.linspace(-np.pi, np.pi, 20000))
    assert abs((Y - np.sin(X)).std() - 0.1) < 0.003


@pytest.mark.parametrize("name", ["moons", "circles", "spirals", "xor", "sine"])
def test_a_seed_gives_the_same_bits_and_another_seed_others(name):
    make = getattr(datasets, name)
    first, again, shared, other = (make(40, seed=s) for s in (3, 3, np.random.default_rng(3), 4))
    for key in ("X", "Y"):
        assert getattr(first, key).tobytes() == getattr(again, key).tobytes()
        assert getattr(first, key).tobytes() == getattr(shared, key).tobytes()
    assert first.X.tobytes() != other.X.tobytes()


@pytest.mark.parametrize("name", ["moons", "circles", "spirals", "xor"])
def test_examples_are_shuffled_and_no_line_parts_the_classes(name):
    X, Y = getattr(datasets, name)(400)
    assert 100 < np.count_nonzero(np.diff(Y[0])) < 300
    A = np.vstack([X, np.ones(400)])
    line = np.linalg.lstsq(A.T, Y[1] - Y[0], rcond=None)[0]
    assert np.mean((line @ A > 0) == (Y[1] == 1)) < 0.95


@pytest.mark.parametrize(
    "make",
    [
        lambda: datasets.moons(1),
        lambda: datasets.moons(10.0),
        lambda: datasets.moons(10, noise=-1),
        lambda: datasets.sine(10, noise=float("nan")),
        lambda: datasets.circles(10, factor=1.0),
        lambda: datasets.spirals(10, arms=1),
        lambda: datasets.spirals(10, arms=2.5),
        lambda: datasets.spirals(2, arms=3),
        lambda: datasets.spirals(10, turns=float("inf")),
        lambda: datasets.xor(3),
        lambda: datasets.sine(0),
    ],
)
def test_settings_that_make_no_sense_are_refused(make):
    with pytest.raises(OptionError, match=r"wanted|must be"):
        make()
