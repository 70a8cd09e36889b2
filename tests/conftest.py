"""What every test may use: fixed seeds, memory without the collector, a clean registry."""

import gc

import numpy as np
import pytest
from hypothesis import settings

import autograd_core as ag
from autograd_core.__main__ import main

settings.register_profile("reproducible", derandomize=True, deadline=None, database=None)
settings.load_profile("reproducible")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def no_collector():
    """Leave freeing memory to reference counts alone."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def registry():
    """Forget what a test declares."""
    before = dict(ag.PRIMITIVES)
    yield ag.PRIMITIVES
    ag.PRIMITIVES.clear()
    ag.PRIMITIVES.update(before)


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder; return its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*options):
        try:
            code = main([str(option) for option in options])
        except SystemExit as stop:
            code = stop.code
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run
