"""The parameter and the data that the tests of `guard` record, and whether an array may be written to."""

import numpy as np

from autograd_core import Tensor


def parameter():
    return Tensor(np.ones((1, 2)), requires_grad=True, name="W")


def data():
    return np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])


def writeable(*arrays):
    return [x.flags.writeable for x in arrays]
