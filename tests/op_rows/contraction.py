"""Rows of the contractions."""

import numpy as np
from op_case import Row, real, shapes, ways

import autograd_core as ag


def _einsum(module):
    return lambda *operands, subscripts, **options: module.einsum(subscripts, *operands, **options)


def _in_numbers(module):
    """The alternating form: every operand is followed by the numbers of its indices."""

    def call(*operands, indices, result=()):
        return module.einsum(
            *(part for pair in zip(operands, indices, strict=True) for part in pair), *result
        )

    return call


EINSUM = {
    "ij,jk->ik": ((2, 3), (3, 4)),
    " ij , jk -> ki ": ((2, 3), (3, 4)),
    "ij,jk": ((2, 3), (3, 4)),
    "ba": ((2, 3),),
    "ij->": ((2, 3),),
    "i->i": ((3,),),
    "ii": ((3, 3),),
    "ii->i": ((3, 3),),
    "iji->j": ((2, 3, 2),),
    "iij,jk->ik": ((2, 2, 3), (3, 2)),
    "ii,jj->ij": ((2, 2), (3, 3)),
    "i,j->ij": ((2,), (3,)),
    "ij,j->i": ((2, 3), (3,)),
    "ij,kl->": ((2, 3), (3, 2)),
    "a,ab,b->": ((2,), (2, 3), (3,)),
    ",i->i": ((), (3,)),
    "": ((),),
    "...ij,...jk->...ik": ((4, 2, 3), (3, 2)),
    "...i,i": ((2, 1, 3), (3,)),
    "i...,i...->...": ((3, 2, 1), (3, 4)),
    "...,...": ((2, 1), (3,)),
    "i...i->...": ((2, 3, 2),),
    "ij,ij->ij": ((1, 3), (2, 3)),
    "ij,jk->ik ": ((2, 1), (3, 2)),
    "ii,i->i": ((1, 1), (3,)),
    "ij,jk->ki": ((2, 0), (0, 3)),
}

ROWS = (
    Row(
        "einsum",
        _einsum(ag),
        _einsum(np),
        (real,),
        {f"{subscripts!r}": (operands, {"subscripts": subscripts}) for subscripts, operands in EINSUM.items()}
        | ways(
            ((2, 3), (3, 4), (4, 2)),
            {"subscripts": "ij,jk,kl->il", "optimize": True},
            {"subscripts": "ij,jk,kl->il", "optimize": "optimal"},
            {"subscripts": "ij,jk,kl->il", "optimize": ["einsum_path", (0, 1), (0, 1)]},
        ),
    ),
    Row(
        "einsum",
        _in_numbers(ag),
        _in_numbers(np),
        (real,),
        ways(
            ((2, 3), (3, 2)),
            {"indices": ([0, 1], [1, 2]), "result": ([0, 2],)},
            {"indices": ([5, 1], [1, 30])},
            {"indices": ([..., 1], [1, ...]), "result": ([...],)},
        )
        | ways(((2, 2, 3),), {"indices": ([0, 0, ...],), "result": ([..., 0],)}),
        order=2,
    ),
    Row(
        "tensordot",
        ag.tensordot,
        np.tensordot,
        (real,),
        ways(((2, 3, 2), (3, 2, 2)), {}, {"axes": ([0, 1], [1, 0])}, {"axes": ([-1, 1], (-2, 0))})
        | ways(((2, 3), (2,)), {"axes": (0, 0)}, {"axes": 0})
        | ways(((2, 3), (3, 2)), {"axes": 1})
        | ways(((), (2, 3)), {"axes": 0})
        | ways(((2, 0), (0, 3)), {"axes": 1}),
    ),
)

COMPOSED = (
    Row(
        "dot",
        ag.dot,
        np.dot,
        (real,),
        shapes(
            ((), ()),
            ((), (2, 3)),
            ((2, 3), ()),
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((2, 3), (3, 2)),
            ((2, 1, 3), (3,)),
            ((3,), (2, 3, 1)),
            ((2, 2, 3), (2, 3, 1)),
            ((2, 0), (0, 3)),
        ),
    ),
    Row(
        "inner",
        ag.inner,
        np.inner,
        (real,),
        shapes(
            ((), (2, 3)),
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((2, 3), (4, 3)),
            ((2, 1, 3), (2, 2, 3)),
            ((2, 0), (0,)),
        ),
    ),
    Row(
        "vecdot",
        ag.vecdot,
        np.vecdot,
        (real,),
        ways(((2, 3), (2, 3)), {}, {"axis": 0}) | shapes(((4, 1, 3), (2, 3)), ((3,), (3,)), ((2, 0), (0,))),
    ),
)
