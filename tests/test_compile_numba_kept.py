"""Machine code that is kept: the same bits in every process, and nothing that is damaged or foreign."""

import gc
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from program_case import Writing

from autograd_core.compilation.numba_backend import cache as numba_cache
from autograd_core.compilation.numba_backend.backend import built

pytest.importorskip("numba")
pytest.importorskip("scipy")


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """Keep what is compiled apart from what the user has, and have none of it at hand."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forget()
    return tmp_path / "autograd-core"


def forget():
    numba_cache._kernels.clear()
    numba_cache._latest.clear()


def program_of(operation):
    w = Writing()
    return w.program(w(operation, w.given()))


def name_of(made):
    return f"autograd_core_program_{numba_cache._fingerprint(made.source)}"


TRAINING = """
import hashlib, sys
import nn
from autograd_core.compilation.numba_backend import cache as numba_cache

made = numba_cache._made
numba_cache._made = lambda *told: print("compiled", end=" ") or made(*told)
X, Y = nn.datasets.iris()
X = nn.datasets.standardized(X, like=X)
net = nn.Sequential(nn.Dense(4, 16, "gelu", rng=0), nn.Dense(16, 3, "softmax", rng=9))
rule, options = nn.optimizers.Adam(0.01), {"batch_size": 30, "lam": 0.1, "compile": "numba"}
nn.fit(net, nn.costs.cross_entropy, (X, Y), rule, epochs=5, progress=False, **options)
bits = hashlib.sha256(b"".join(parameter.data.tobytes() for parameter in net.parameters()))
print(bits.hexdigest())
"""


def test_the_process_that_compiles_gets_the_bits_of_those_that_load():
    (*compiled, cold), (*again, warm) = (
        subprocess.run(
            [sys.executable, "-c", TRAINING], capture_output=True, text=True, check=True, timeout=200
        ).stdout.split()
        for _ in range(2)
    )
    assert compiled
    assert again == []
    assert cold == warm


def test_what_is_kept_is_loaded(kept, monkeypatch):
    program = program_of("log")
    built(program)
    forget()
    monkeypatch.setattr(numba_cache, "_made", None)
    assert np.array_equal(built(program).run(np.ones((2, 3)))[0], np.zeros((2, 3)))


ONE = """
import numpy as np
from program_case import Writing
from autograd_core.compilation.numba_backend.backend import built
w = Writing()
print(built(w.program(w("tanh", w.given()))).run(np.ones((2, 3)))[0].sum().hex())
"""


def test_processes_that_compile_at_once_do_not_mind_one_another(kept):
    running = [
        subprocess.Popen([sys.executable, "-c", ONE], stdout=subprocess.PIPE, text=True, cwd="tests")
        for _ in range(3)
    ]
    assert len({process.communicate(timeout=200)[0] for process in running}) == 1
    assert [process.returncode for process in running] == [0] * 3
    assert [path.suffix for path in kept.iterdir()] == [".code"]


def test_a_flipped_bit_anywhere_is_noticed_before_anything_is_loaded(kept, monkeypatch):
    program = program_of("exp")
    name = name_of(built(program))
    [path] = kept.iterdir()
    whole, moments = path.read_bytes(), random.Random(0)
    linked = []
    with monkeypatch.context() as patch:
        patch.setattr(numba_cache, "_linked", lambda *told: linked.append(told))
        for at in [*range(64), *(moments.randrange(len(whole)) for _ in range(500))]:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << moments.randrange(8)]) + whole[at + 1 :])
            assert numba_cache._found(name) is None
        for length in (0, 1, 32, len(whole) - 1):
            path.write_bytes(whole[:length])
            assert numba_cache._found(name) is None
        assert linked == []
    forget()
    assert np.array_equal(built(program).run(np.zeros((2, 3)))[0], np.ones((2, 3)))
    assert numba_cache._found(name) is not None, "it was compiled again, and kept"


def test_code_of_another_program_is_not_taken_for_this_one(kept):
    first, other = (name_of(built(program_of(operation))) for operation in ("exp", "log"))
    os.replace(kept / f"{other}.code", kept / f"{first}.code")
    assert numba_cache._found(first) is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no such owners there")
def test_what_belongs_to_somebody_else_is_not_trusted(kept, monkeypatch):
    name = name_of(built(program_of("exp")))
    assert numba_cache._found(name) is not None
    assert kept.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(os, "geteuid", lambda: kept.stat().st_uid + 1)
    assert numba_cache._found(name) is None
    monkeypatch.setattr(numba_cache, "_folder", lambda: kept)  # were the folder one's own
    assert numba_cache._found(name) is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no such permissions there")
def test_a_folder_that_others_could_write_to_is_closed(kept):
    kept.mkdir(mode=0o777)
    kept.chmod(0o777)
    built(program_of("exp"))
    assert kept.stat().st_mode & 0o777 == 0o700


def test_one_text_has_one_kernel_and_leaves_no_module_behind():
    first, second = (built(program_of("exp")).inline.known["kernel"] for _ in range(2))
    assert first is second
    assert [name for name in sys.modules if name.startswith("autograd_core_program")] == []


def test_kernels_that_nobody_holds_are_forgotten_one_day(monkeypatch):
    monkeypatch.setattr(numba_cache, "_latest", numba_cache.deque(maxlen=1))
    made = built(program_of("exp"))
    del made
    built(program_of("log"))
    gc.collect()
    assert len(numba_cache._kernels) == 1
