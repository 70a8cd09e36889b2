"""Dense networks as scikit-learn estimators: examples in rows, as that library has them.

Only `nn.DenseClassifier` and `nn.DenseRegressor` import this file, for it needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from autograd_core.graph.node import Array
from autograd_core.wording.errors import DataError
from nn import costs
from nn.activations import Activation
from nn.datasets import columns
from nn.initializers import Initializer
from nn.layers.dense import Dense
from nn.layers.dropout import Dropout
from nn.layers.sequential import Sequential
from nn.optimizers import LBFGS, Adam, Optimizer
from nn.training.fitting import fit

__all__ = ["DenseClassifier", "DenseRegressor"]


class _DenseEstimator(BaseEstimator):  # type: ignore[misc]
    """Parameters, training and prediction, whatever the targets are."""

    def __init__(
        self,
        hidden: int | Sequence[int] = (100,),
        activation: str | Activation = "relu",
        *,
        optimizer: Optimizer | LBFGS | None = None,
        epochs: int = 100,
        batch_size: int | None = 32,
        lam: float = 0.0,
        keep: float = 1.0,
        validation: float | None = None,
        patience: int | None = None,
        init: str | Initializer | None = None,
        dtype: Any = np.float64,
        random_state: int | np.random.RandomState | None = None,
        progress: bool = False,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.lam = lam
        self.keep = keep
        self.validation = validation
        self.patience = patience
        self.init = init
        self.dtype = dtype
        self.random_state = random_state
        self.progress = progress

    def _fit(self, X: Array, Y: Array, cost: Callable[..., Any], output: str) -> None:
        """Train on rows X with a cost on Z[L], then put the output activation on top."""
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        Y = columns(Y).astype(self.dtype)
        widths = X.shape[1], *np.atleast_1d(self.hidden)
        layers = self._hidden_layers(widths, rng)
        net = Sequential(*layers, Dense(widths[-1], len(Y), init=self.init, rng=rng, dtype=self.dtype))
        rule = Adam() if self.optimizer is None else self.optimizer
        self.history_ = fit(
            net,
            cost,
            (columns(X), Y),
            rule,
            epochs=self.epochs,
            batch_size=None if isinstance(rule, LBFGS) else self.batch_size,
            seed=int(rng.integers(2**32)),
            lam=self.lam,
            validation=self.validation,
            patience=self.patience,
            progress=self.progress,
        )
        self.n_iter_ = len(self.history_.costs)
        last = Dense(widths[-1], len(Y), output, init="zeros", dtype=self.dtype)
        self.net_ = Sequential(*layers, last).eval()
        self.net_.assign(net.params())

    def _hidden_layers(self, widths: Sequence[int], rng: np.random.Generator) -> list[Dense | Dropout]:
        layers: list[Dense | Dropout] = []
        for n_in, n_out in pairwise(widths):
            layers.append(Dense(n_in, n_out, self.activation, init=self.init, rng=rng, dtype=self.dtype))
            if self.keep != 1:
                layers.append(Dropout(self.keep, rng=rng))
        return layers

    def _outputs(self, X: Any) -> Array:
        """Compute A[L]ᵀ (m, n[L]) for rows X."""
        check_is_fitted(self)
        return self.net_.predict(columns(validate_data(self, X, dtype=self.dtype, reset=False))).T


class DenseClassifier(ClassifierMixin, _DenseEstimator):  # type: ignore[misc]
    """A dense network that classifies, as a scikit-learn estimator: examples are rows.

    Two classes have one sigmoid output, more a softmax; several labels that are each on or off a sigmoid
    each. The cost is the matching cross-entropy, taken on Z[L] so that it stays finite, and the weight
    penalty. Standardise the features first: ``make_pipeline(StandardScaler(), DenseClassifier())``.

    Parameters
    ----------
    hidden : int or sequence of int
        Number of nodes of each hidden layer; ``()`` for none.
    activation : str or function of a Tensor
        Of the hidden layers; one of `nn.activations.ACTIVATIONS`, or a function.
    optimizer : one of nn.optimizers, optional
        ``Adam(0.001)`` by default.
    epochs : int
        How often to go through the examples.
    batch_size : int or None
        Examples an update; None, and `LBFGS` always, takes all of them.
    lam : float
        Weight penalty lam/(2m) Σ_l ‖W[l]‖², m being the number of all examples.
    keep : float
        Probability to keep a hidden node while training; below 1 it is dropout.
    validation : float, optional
        Share of the examples to hold back and to judge by.
    patience : int, optional
        Stop after so many epochs without a new lowest cost, and go back to the best.
    init : str or function (generator, shape) -> array, optional
        First weights, as in `nn.Dense`.
    dtype : float64 or float32
    random_state : int or numpy.random.RandomState, optional
        Of first weights, dropout and order of examples. The same int gives the same bits.
    progress : bool
        Show a bar, if tqdm is installed.

    Attributes
    ----------
    classes_ : (classes,)
        Labels in ascending order.
    net_ : Sequential
        The trained network; its predictions are probabilities.
    history_ : History
    n_iter_ : int
        Number of epochs.
    n_features_in_ : int
    feature_names_in_ : (n_features_in_,)
        Only if the columns of X have names that are strings.

    Examples
    --------
    >>> import nn
    >>> X, y = nn.datasets.rows(nn.datasets.iris().X), np.repeat(["setosa", "versicolor", "virginica"], 50)
    >>> classifier = DenseClassifier((8,), "tanh", epochs=60, random_state=0).fit(X, y)
    >>> classifier.predict(X[[0, 149]])
    array(['setosa', 'virginica'], dtype='<U10')
    >>> bool(classifier.score(X, y) > 0.9)
    True
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train on rows X (m, n) with labels y (m,), or with zeros and ones y (m, labels).

        Raises
        ------
        ValueError, OptionError, DataError
            X or y cannot be used, all examples are of one class, or a parameter makes no sense.
        NonFiniteError
            The cost or a weight became NaN or infinite.
        """
        X, y = validate_data(self, X, y, dtype=self.dtype, multi_output=True)
        check_classification_targets(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        binarizer = LabelBinarizer().fit(y)
        if len(binarizer.classes_) == 1 and y.ndim == 1:
            raise DataError(f"y holds one class only, {binarizer.classes_.tolist()[0]!r}; wanted two or more")
        if binarizer.y_type_ == "multiclass":
            self._fit(X, binarizer.transform(y), costs.softmax_cross_entropy, "softmax")
        else:
            self._fit(X, binarizer.transform(y), costs.sigmoid_cross_entropy, "sigmoid")
        self.classes_, self._binarizer = binarizer.classes_, binarizer
        return self

    def predict(self, X: Any) -> Array:
        """Predict the label of each row, or its zeros and ones: whatever is more probable than not."""
        A = self._outputs(X)
        return np.asarray(self._binarizer.inverse_transform(A))

    def predict_proba(self, X: Any) -> Array:
        """Compute the probability of each class, or of each label, (m, classes) for rows X (m, n)."""
        A = self._outputs(X)
        return np.hstack([1 - A, A]) if A.shape[1] == 1 else A

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class DenseRegressor(RegressorMixin, MultiOutputMixin, _DenseEstimator):  # type: ignore[misc]
    """A dense network that predicts numbers, as a scikit-learn estimator: examples are rows.

    The outputs are the last Z, and the cost is 1/(2m) Σ (A − Y)² with the weight penalty. Standardise the
    features, and targets that are far from 0 and 1, first:
    ``TransformedTargetRegressor(DenseRegressor(), transformer=StandardScaler())``.

    Parameters
    ----------
    hidden, activation, optimizer, epochs, batch_size, lam, keep, validation, patience, init, dtype
        As for `DenseClassifier`.
    random_state, progress
        As for `DenseClassifier`.

    Attributes
    ----------
    net_ : Sequential
        The trained network.
    history_, n_iter_, n_features_in_, feature_names_in_
        As for `DenseClassifier`.

    Examples
    --------
    >>> import nn
    >>> X, Y = map(nn.datasets.rows, nn.datasets.sine(200))
    >>> regressor = DenseRegressor((20,), "tanh", random_state=0).fit(X, Y[:, 0])
    >>> regressor.predict([[-1.5], [1.5]]).round(0)
    array([-1.,  1.])
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train on rows X (m, n) with numbers y, (m,) or (m, outputs).

        Raises
        ------
        ValueError, OptionError
            X or y cannot be used, or a parameter makes no sense.
        NonFiniteError
            The cost or a weight became NaN or infinite.
        """
        X, y = validate_data(self, X, y, dtype=self.dtype, multi_output=True, y_numeric=True)
        self._fit(X, y, costs.squared_error, "identity")
        self._one_dimensional = y.ndim == 1
        return self

    def predict(self, X: Any) -> Array:
        """Predict numbers for rows X (m, n), in the shape that y had in `fit`."""
        A = self._outputs(X)
        return A[:, 0] if self._one_dimensional else A
