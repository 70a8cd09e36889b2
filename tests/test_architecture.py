"""What may not creep in: cycles, networks in the engine, recursion limits, star imports."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

import autograd_core as ag
import nn
import viz

ROOT = Path(__file__).parent.parent
SOURCES = [
    path for package in ("autograd_core", "nn", "viz") for path in sorted((ROOT / package).rglob("*.py"))
]
ENGINE = [p for p in SOURCES if p.parts[-2] not in ("nn", "viz", "commands") and p.name != "__main__.py"]
ENGINE = [p for p in ENGINE if "autograd_core" in p.relative_to(ROOT).parts]


TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in SOURCES}


def test_the_engine_mentions_no_layer_weight_or_cost_of_a_network():
    word = re.compile(r"\b(layers?|weight|neurons?|networks?|cross.entropy|dense)\b", re.IGNORECASE)
    texts = {path: TEXTS[str(path.relative_to(ROOT))] for path in ENGINE}
    found = {
        str(path): words
        for path, text in texts.items()
        if (words := word.findall(text.replace("weights", "")))  # NumPy's own word, in np.average
    }
    assert ENGINE
    assert not found


def test_no_star_import_recursion_limit_or_silent_except():
    refused = ("import *", "setrecursionlimit", "except:", "# TODO")
    assert TEXTS
    assert not [(path, bad) for path, text in TEXTS.items() for bad in refused if bad in text]


ROOMS = [path.parent for path in SOURCES if path.name == "__init__.py"]


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_holds_about_a_dozen_files_and_says_which(room):
    assert len([*room.glob("*.py")]) <= 14
    sentence = ast.get_docstring(ast.parse((room / "__init__.py").read_text())).splitlines()[0]
    assert sentence.endswith(".")
    if room.parent != ROOT:
        name = "/".join(room.relative_to(ROOT).parts[1:]) + "/"
        assert re.search(
            rf"^    {name} +{re.escape(sentence)}$", (ROOT / "CONTRIBUTING.md").read_text(), re.M
        )


def test_a_file_is_one_idea():
    lengths = {path: len(text.splitlines()) for path, text in TEXTS.items()}
    assert not {path: lines for path, lines in lengths.items() if lines > 450}


def test_every_public_name_exists_and_has_a_docstring():
    for name in ag.__all__:
        assert getattr(ag, name).__doc__, name


def test_every_primitive_is_exported_under_its_name():
    for name, primitive in ag.PRIMITIVES.items():
        if primitive.home[0].startswith("autograd_core.ops"):
            assert hasattr(ag, name), name


LATER = {"nn": {"DenseClassifier", "DenseRegressor"}}  # these need scikit-learn


@pytest.mark.parametrize("package", [ag, nn, viz], ids=lambda p: p.__name__)
def test_dir_lists_what_is_public_and_no_function_hides_a_module_of_its_name(package):
    public = {*package.__all__} | LATER.get(package.__name__, set())
    assert dir(package) == sorted(public)
    for name in package.__all__:
        found = getattr(package, name)
        if importlib.util.find_spec(f"{package.__name__}.{name}") is not None:
            assert isinstance(found, type(ast)), f"{package.__name__}.{name} is {found}"
