"""An operation that a user declares goes where functions go, and is declared anew where it arrives."""

import copy
import pickle
import subprocess
import sys

import pytest

import autograd_core as ag

SCRIPT = """
import pickle
import sys

import numpy as np

import autograd_core as ag

X, RATE = np.arange(1.0, 4.0), 2.0


@ag.pointwise(lambda y, x: 3.0 * x * x)
def cube(x):
    return x * x * x


@ag.linear(lambda ct, x: upside_down(ct))
def upside_down(x):
    return x[::-1]


@ag.bilinear(lambda ct, a, b: ct * b, lambda ct, a, b: ct * a)
def area(a, b):
    return a * b


@ag.primitive(vjps=[lambda ct, y, x: ct * growth(x)], jvps=[lambda t, y, x: t * y])
def growth(x):
    return np.exp(x)


@ag.primitive(vjps=[lambda ct, y, x, *, by: ct * by], jvps=[lambda t, y, x, *, by: t * by])
def scaled(x, *, by=1.0):
    return x * by * RATE / RATE


def local():
    @ag.pointwise(lambda y, x: 2.0 * wave(x) * np.pi)
    def squared(x):
        return x * x * np.pi

    @ag.pointwise(lambda y, x: x)
    def wave(x):
        return x * 1.0

    return squared


@ag.compile
def compiled(x):
    return growth(x) * 2.0 if len(x) < 2 else ag.concatenate([compiled(x[:1]), x[1:]])


@ag.checkpoint
def checkpointed(x):
    return ag.tanh(cube(x))


class Shift:
    def __init__(self, by):
        self.by = by

    def __call__(self, x):
        return x + self.by


FUNCTIONS = {
    "pointwise": cube,
    "linear": upside_down,
    "bilinear": lambda x: area(x, b=x),
    "general": growth,
    "with a parameter": lambda x: scaled(x, by=3.0),
    "local": local(),
    "an object": ag.pointwise(1.0)(Shift(2.0)),
    "a decorated one": lambda x: growth(checkpointed(x)),
    "one that calls itself": lambda x: cube(compiled(x)),
    "several": lambda x: cube(growth(upside_down(x))),
}


def answers(f):
    def cost(x):
        return ag.sum(f(x) ** 2)

    return [
        np.asarray(f(X)),
        ag.grad(cost)(X),
        ag.jvp(f, [X], [X])[1],
        ag.hessian(cost)(X),
        ag.compile(ag.grad(cost))(X),
    ]


def told(f):
    x = ag.tensor(X, requires_grad=True, name="x")
    try:
        return f(x).primitive.name, str(ag.derive(ag.sum(f(x))))
    except ag.GraphError as error:  # what derive says of a checkpointed function
        return f(x).primitive.name, str(error)


def same(a, b):
    return all(np.allclose(x, y, 1e-12, 0) for x, y in zip(a, b, strict=True))
"""

CLOUDPICKLE = """
import cloudpickle

for name, f in FUNCTIONS.items():
    sent = cloudpickle.dumps((f, answers, told, answers(f), told(f)))
    sys.stdout.buffer.write(len(sent).to_bytes(8, "little") + sent)
"""
ARRIVED = """
import pickle
import sys

import numpy as np

while size := sys.stdin.buffer.read(8):
    f, answers, told, wanted, said = pickle.loads(sys.stdin.buffer.read(int.from_bytes(size, "little")))
    assert all(np.allclose(x, y, 1e-12, 0) for x, y in zip(answers(f), wanted, strict=True)), said
    assert told(f) == said
    print(said[0])
"""
POOL = """
def main():
    if WITH == "joblib":
        import joblib

        there = joblib.Parallel(n_jobs=2)(joblib.delayed(answers)(f) for f in FUNCTIONS.values())
        assert all(map(same, there, map(answers, FUNCTIONS.values())))
    else:
        import multiprocessing

        with multiprocessing.get_context("spawn").Pool(1) as pool:
            for f in (cube, upside_down, growth, ag.jacobian(growth)):
                assert same(pool.apply(answers, [f]), answers(f))
    print("all arrived")


if __name__ == "__main__":
    main()
"""


def run(path, source, given=b""):
    path.write_text(source)
    done = subprocess.run([sys.executable, str(path)], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_operations_of_a_script_arrive_where_the_script_is_not_known(tmp_path):
    pytest.importorskip("cloudpickle")
    sent = run(tmp_path / "here.py", SCRIPT + CLOUDPICKLE)
    names = run(tmp_path / "there.py", ARRIVED, sent).decode().split()
    assert names == [
        "cube",
        "upside_down",
        "area",
        "growth",
        "scaled",
        "squared",
        "Shift",
        "growth",
        "cube",
        "cube",
    ]


@pytest.mark.parametrize("library", ["multiprocessing", "joblib"])
def test_operations_of_a_script_arrive_in_its_pool(tmp_path, library):
    pytest.importorskip(library)
    assert run(tmp_path / "script.py", f"WITH = {library!r}\n{SCRIPT}{POOL}").decode() == "all arrived\n"


def _declared(rate, where="__main__"):
    space = {"ag": ag, "rate": rate, "__name__": where}
    exec("@ag.pointwise(lambda y, x: rate)\ndef sloped(x):\n    return rate * x", space)
    return space["sloped"]


@pytest.fixture
def _restored():
    before = dict(ag.PRIMITIVES)
    yield
    ag.PRIMITIVES.clear()
    ag.PRIMITIVES.update(before)


@pytest.mark.usefixtures("_restored")
def test_what_arrives_later_has_what_it_was_sent_with():
    cloudpickle = pytest.importorskip("cloudpickle")
    sloped = _declared(2.0)
    sent = [cloudpickle.dumps(sloped)]
    sloped.__wrapped__.__globals__["rate"] = 5.0
    sent.append(cloudpickle.dumps(sloped))
    first, second = map(pickle.loads, sent)
    for f, rate in ((first, 2.0), (second, 5.0), (first, 2.0)):
        assert f(3.0) == 3.0 * rate
        assert ag.grad(f)(3.0) == rate
    assert ag.PRIMITIVES["sloped"] is second.primitive


@pytest.mark.usefixtures("_restored")
def test_another_operation_of_the_name_is_not_replaced_by_what_arrives():
    cloudpickle = pytest.importorskip("cloudpickle")
    sent = cloudpickle.dumps(_declared(2.0))
    del ag.PRIMITIVES["sloped"]
    mine = _declared(3.0, where="elsewhere")
    with pytest.raises(ag.OptionError, match="already declared in elsewhere"):
        pickle.loads(sent)
    assert ag.PRIMITIVES["sloped"] is mine.primitive


@pytest.mark.usefixtures("_restored")
def test_a_record_is_itself_when_copied_and_the_engines_own_when_pickled():
    own, users = ag.PRIMITIVES["tanh"], _declared(2.0).primitive
    for operation in (own, users):
        assert copy.copy(operation) is operation
        assert copy.deepcopy([operation])[0] is operation
    assert pickle.loads(pickle.dumps(own)) is own
    with pytest.raises(ag.GraphError, match="tanh was not declared"):
        pickle.dumps(own._replace(flops=None))
