"""The tensor that the tests of `Tensor` begin with."""

from autograd_core import Tensor


def matrix():
    return Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True, name="W")
