"""Files that are replaced: who may read them stays as it was, and who keeps one to himself has it alone."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import nn
import viz
from autograd_core.system.files import held, replace
from autograd_core.wording.errors import OptionError
from nn import storage

POSIX = pytest.mark.skipif(os.name != "posix", reason="no such permissions there")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# Permissions


@POSIX
@pytest.mark.parametrize("private", [0o600, 0o640, 0o644, 0o664, 0o400, 0o666])
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_a_file_that_is_replaced_keeps_its_permissions(private, umask, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(private)
    before = os.umask(umask)
    try:
        replace(path, b"new")
        new = replace(tmp_path / "new", b"new")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert mode(path) == private
    assert mode(new) == 0o666 & ~umask


@POSIX
def test_what_is_private_is_so_while_it_is_written(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o600)
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.extend(map(mode, tmp_path.iterdir())))
    replace(path, b"new")
    assert {*seen} == {0o600}


@POSIX
def test_a_group_that_cannot_be_kept_gets_nothing(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o664)
    asked = []

    def refuse(descriptor, uid, gid):
        asked.append((uid, gid))
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    replace(path, b"new")
    assert asked == [(path.stat().st_uid, -1), (-1, path.stat().st_gid)]
    assert mode(path) == 0o604


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
def test_owner_and_group_are_kept_where_that_is_allowed(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    replace(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


WRITERS = {
    "npz": lambda path: nn.save(net(), path),
    "safetensors": lambda path: nn.save(net(), path),
    "onnx": lambda path: nn.to_onnx(net(), path),
    "svg": lambda path: viz.network(net()).save(path),
    "pdf": lambda path: viz.network(net()).save(path),
    "html": lambda path: viz.network(net()).save(path),
    "png": lambda path: viz.training(nn.History([2.0, 1.0]), path),
}


def net():
    return nn.Sequential(nn.Dense(2, 1, "sigmoid", rng=0))


@POSIX
@pytest.mark.parametrize("suffix", WRITERS)
def test_every_writer_leaves_what_is_private_private(suffix, tmp_path):
    path = tmp_path / f"file.{suffix}"
    path.write_bytes(b"")
    path.chmod(0o600)
    WRITERS[suffix](path)
    assert path.stat().st_size
    assert mode(path) == 0o600
    assert [*tmp_path.iterdir()] == [path]


@POSIX
def test_the_names_of_files_may_be_as_long_as_the_system_allows(tmp_path):
    path = replace(tmp_path / ("n" * 255), b"content")
    with held(path) as free:
        assert free
    assert [*tmp_path.iterdir()] == [path]


FULL = """
import resource, signal, sys
from pathlib import Path
from autograd_core.system.files import replace
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    replace(Path(sys.argv[1]), bytes(int(sys.argv[2])))
except OSError as error:
    print(error.filename)
"""


@POSIX
@pytest.mark.parametrize("size", [1001, 1_000_000])
def test_a_disk_that_is_full_leaves_the_old_file_and_nothing_else(size, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(size)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(path)
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


# One holder at a time


HOLD = """
import sys, time
from pathlib import Path
from autograd_core.system.files import held
with held(Path(sys.argv[1])) as free:
    print(free, flush=True)
    time.sleep(60)
"""


def holder(path):
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    return child, child.stdout.readline().strip()


def test_a_file_is_held_by_one_process_until_that_dies(tmp_path):
    path = tmp_path / "run.npz"
    with held(path) as free:
        assert free
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout.readline().strip() == "False"
            other.kill()
    child, told = holder(path)
    with child:
        assert told == "True"
        (tmp_path / ".run.npz.0123.tmp").write_bytes(b"of somebody who writes it")
        with held(path) as free:
            assert not free
        assert (tmp_path / ".run.npz.0123.tmp").exists()
        child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        child.wait()
        with held(path) as free:
            assert free
            assert not (tmp_path / ".run.npz.0123.tmp").exists(), "left by one who was killed"
    assert [*tmp_path.iterdir()] == []


def test_of_many_threads_one_holds_a_file_at_a_time(tmp_path):
    inside, most = [], []

    def work():
        times = 0
        while times < 50:
            with held(tmp_path / "run.npz") as free:
                if free:
                    inside.append(1)
                    most.append(len(inside))
                    time.sleep(0)
                    inside.pop()
                    times += 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {*most} == {1}
    assert [*tmp_path.iterdir()] == []


def test_where_files_cannot_be_locked_everybody_may_write_and_nobody_cleans_up(tmp_path, monkeypatch):
    left = tmp_path / ".run.npz.0123.tmp"
    left.write_bytes(b"")
    monkeypatch.setattr("autograd_core.system.files._locked", lambda _: None)
    with held(tmp_path / "run.npz") as one, held(tmp_path / "run.npz") as other:
        assert one
        assert other
    assert [*tmp_path.iterdir()] == [left]


def test_where_no_lock_can_be_made_a_finished_training_is_still_read(tmp_path):
    with held(tmp_path / "missing" / "run.npz") as free:
        assert free


# Trainings


def fitted(path, epochs=2, callbacks=(), **options):
    X, Y = np.linspace(-1, 1, 12).reshape(2, 6), np.array([[1.0, 0, 1, 0, 1, 0]])
    options = {"progress": False, "checkpoint": path, "callbacks": callbacks} | options
    return nn.fit(net(), nn.costs.binary_cross_entropy, (X, Y), epochs=epochs, **options)


@pytest.mark.parametrize("kind", ["inside", "thread", "process"])
def test_a_second_training_on_a_checkpoint_is_refused_and_the_first_goes_on(kind, tmp_path):
    path, told = tmp_path / "run.npz", []

    def other():
        try:
            fitted(path)
        except OptionError as error:
            told.append(str(error))

    def process():
        code = f"import test_files, pathlib; test_files.fitted(pathlib.Path({str(path)!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd="tests", check=False
        )
        told.append(done.stderr)

    def thread():
        running = threading.Thread(target=other)
        running.start()
        running.join()

    run = {"inside": other, "thread": thread, "process": process}[kind]
    history = fitted(path, callbacks=[lambda net, history: run()])
    assert history.stopped == "epochs"
    assert len(told) == 2
    assert all("another training keeps its checkpoints in" in text and "run.npz" in text for text in told)
    assert [*tmp_path.iterdir()] == [path]
    assert len(storage.read(path).arrays["training/history/costs"]) == 2
    assert fitted(path).stopped == "epochs", "it is free again"


def test_trainings_on_different_checkpoints_do_not_mind_one_another(tmp_path):
    done = []
    fitted(tmp_path / "a.npz", callbacks=[lambda net, h: done.append(fitted(tmp_path / "b.npz"))])
    assert [history.stopped for history in done] == ["epochs"] * 2
