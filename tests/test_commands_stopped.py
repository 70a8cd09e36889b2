"""What the commands do when options or files are bad, and when they are stopped."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nn
from autograd_core.__main__ import main

TRAIN = ["train", "--data", "data.csv", "--save", "new.npz", "--epochs", "1"]
PREDICT = ["predict", "model.npz", "--data", "data.csv"]
CHECK = ["check", "--data", "data.csv"]

# Python ignores Ctrl-C where the shell that started it does; the tests want it heard.
MAIN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from autograd_core.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with data and a model, good and bad."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{i},{i % 7},{('cat', 'dog')[i % 2]}" for i in range(20)]
    texts = {
        "data": ["a,b,kind", *rows],
        "gap": ["a,b,kind", *rows, "1,,cat"],
        "word": ["a,b,kind", *rows, "1,x,cat"],
        "short": ["a,b,kind", *rows, "1"],
        "one": ["a,b,kind", "1,2,cat", "2,3,cat"],
        "bird": ["a,b,kind", *rows, "1,2,bird"],
        "other": ["a,c,kind", *rows],
        "none": ["a,b,kind"],
        "empty": [],
    }
    for name, lines in texts.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    (tmp_path / "bytes.csv").write_bytes(b"a,b,kind\n\xff\xfe\0,2,cat\n")
    (tmp_path / "text.npz").write_text("no archive")
    np.savez("x.npz", X=np.ones((2, 5)))
    np.savez("mixed.npz", X=np.ones((2, 4)), Y=np.array([[0.5, 1, 2, 3]]))
    np.savez("only.npz", X=np.ones((2, 4)), Y=np.ones((1, 4)))
    net = nn.Sequential(nn.Dense(2, 2, "softmax", rng=0))
    model = nn.save(net, "model.npz", features=["a", "b"], classes=["cat", "dog"])
    (tmp_path / "cut.npz").write_bytes(model.read_bytes()[:-100])
    assert main(["train", "--data", "data.csv", "--save", "left.npz", "--epochs", "1", "--quiet"]) == 0
    return tmp_path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def trouble(options, capsys):
    """Run a command that must fail; return its one line."""
    try:
        code = main(options)
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2, err
    assert len(err.splitlines()) == 1, err
    assert err.startswith("autograd-core")
    assert ": error: " in err
    return err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target", "knd"], ["no column 'knd'", "'a', 'b', 'kind'", "did you mean 'kind'?"]),
        (["--features", "a,d"], ["no column 'd'"]),
        (["--features", "a,kind"], ["'kind' is asked for twice"]),
        (["--task", "sort"], ["invalid choice: 'sort'", "classify", "regress"]),
        (["--task", "regress"], ["line 2: 'cat' is not a number"]),
        (["--layers", "64,32"], ["must start with 2 and end with 2", "--hidden"]),
        (["--layers", "2"], ["'2' is not a list of two or more sizes"]),
        (["--hidden", "0"], ["'0' is not a list of one or more sizes"]),
        (["--hidden", "1000000000"], ["'1000000000' is not a list"]),
        (["--hidden", "2000000,9999999"], ["9999999x2000000 floats", "does not fit into memory"]),
        (["--layers", "2,2", "--hidden", "3"], ["--hidden", "not allowed with", "--layers"]),
        (["--activation", "thanh"], ["unknown activation 'thanh'", "did you mean 'tanh'?"]),
        (["--cost", "entropy"], ["unknown cost 'entropy'", "'cross_entropy'?"]),
        (
            ["--target", "a", "--features", "b", "--task", "regress", "--cost", "cross_entropy"],
            ["tells classes apart"],
        ),
        (["--optimizer", "addam"], ["unknown optimizer 'addam'", "did you mean 'adam'?"]),
        (["--learning-rate", "-1"], ["learning_rate=-1.0", "positive"]),
        (["--learning-rate", "fast"], ["--learning-rate", "'fast'"]),
        (["--batch-size", "0"], ["'0' is not a whole number from 1 up"]),
        (["--epochs", "0"], ["'0' is not a whole number from 1 up"]),
        (["--lam", "-1"], ["lam=-1.0"]),
        (["--keep", "0"], ["Dropout(0.0)"]),
        (["--init", "xavir"], ["did you mean 'xavier'?"]),
        (["--dtype", "float16"], ["invalid choice: 'float16'"]),
        (["--held-back", "1"], ["held_back=1.0"]),
        (["--held-back", "nan"], ["held_back=nan"]),
        (["--seed", "-1"], ["'-1' is not a whole number from 0 up"]),
        (["--patience", "0"], ["'0' is not a whole number from 1 up"]),
        (["--save", "new.pt"], ["unknown format '.pt'", ".npz, .safetensors"]),
        (["--save", "no/new.npz"], ["No such file or directory", "no/new"]),
        (["--save", "data.csv"], ["--data is the same file"]),
        (["--plot", "costs.doc"], ["unknown format '.doc'", ".png"]),
        (["--data", "irys"], ["unknown file or data set 'irys'", "did you mean 'iris'?"]),
        (["--data", "no.csv"], ["No such file or directory: 'no.csv'"]),
        (["--nonsense"], ["unrecognized arguments: --nonsense"]),
    ],
    ids=lambda value: " ".join(value) if value[0].startswith("--") else "",
)
def test_a_bad_option_of_train_is_one_line_and_changes_nothing(folder, capsys, options, words):
    if options[0] == "--plot":
        pytest.importorskip("matplotlib")
    before = contents(folder)
    err = trouble([*TRAIN, *options], capsys)
    assert all(word in err for word in words), err
    assert contents(folder) == before


BAD_DATA = {
    "gap.csv": ["gap.csv, line 22", "'b'"],
    "word.csv": ["word.csv, line 22: 'x' is not a number", "'b'"],
    "short.csv": ["short.csv, line 22: 1 fields, wanted 3"],
    "none.csv": ["none.csv: no example"],
    "empty.csv": ["empty.csv: no header line"],
    "bytes.csv": ["bytes.csv, line 2: not a UTF-8 text file"],
    "text.npz": ["text.npz"],
}


@pytest.mark.parametrize("name", BAD_DATA)
@pytest.mark.parametrize("command", [TRAIN, PREDICT, CHECK], ids=["train", "predict", "check"])
def test_a_bad_file_is_named_with_its_line(folder, capsys, command, name):
    before = contents(folder)
    err = trouble([*command, "--data", name], capsys)
    assert all(word in err for word in BAD_DATA[name]), err
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([*TRAIN, "--data", "one.csv"], ["one.csv", "'kind'", "'cat'", "class"]),
        ([*TRAIN, "--data", "x.npz"], ["x.npz: no array named Y"]),
        ([*TRAIN, "--data", "mixed.npz", "--task", "classify"], ["mixed.npz: Y is neither one-hot"]),
        ([*TRAIN, "--data", "only.npz"], ["only.npz: Y holds one class only, 1"]),
        ([*TRAIN, "--data", "only.npz", "--target", "kind"], ["--target kind", "its targets are Y"]),
        ([*TRAIN, "--data", "only.npz", "--features", "a"], ["--features: only.npz has no columns"]),
        ([*PREDICT, "--data", "bird.csv", "--target", "kind"], ["line 22: 'bird'", "'cat', 'dog'"]),
        ([*PREDICT, "--data", "only.npz", "--target", "Y"], ["'1' in Y is none of the classes"]),
        ([*PREDICT, "--data", "other.csv"], ["other.csv: no column 'b'", "'a', 'c', 'kind'"]),
        ([*PREDICT, "--target", "species"], ["no column 'species'"]),
        ([*PREDICT, "--out", "data.csv"], ["--data is the same file"]),
        ([*PREDICT, "--out", "no/told.csv"], ["No such file or directory: 'no/told.csv'"]),
        (["predict", "cut.npz", "--data", "data.csv"], ["cut.npz"]),
        (["predict", "no.npz", "--data", "data.csv"], ["No such file or directory: 'no.npz'"]),
        (["predict", "data.csv", "--data", "data.csv"], ["unknown format '.csv'"]),
        (
            ["predict", "left.training.npz", "--data", "data.csv"],
            ["the checkpoint of a training", "--resume"],
        ),
        ([*CHECK, "--examples", "0"], ["'0' is not a whole number from 1 up"]),
        ([*CHECK, "--model", "model.npz", "--hidden", "3"], ["--hidden and --model"]),
        ([*CHECK, "--model", "model.npz", "--cost", "huberr"], ["did you mean 'huber'?"]),
        ([*CHECK, "--model", "left.training.npz"], ["the checkpoint of a training"]),
    ],
)
def test_what_does_not_fit_together_is_one_line_and_changes_nothing(folder, capsys, options, words):
    before = contents(folder)
    err = trouble(options, capsys)
    assert all(word in err for word in words), err
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("module", "options", "extra"),
    [
        ("matplotlib.figure", ["--plot", "costs.png"], "plot"),
        ("safetensors.numpy", ["--save", "new.safetensors"], "safetensors"),
    ],
)
def test_a_missing_package_is_named_with_its_command(folder, capsys, monkeypatch, module, options, extra):
    monkeypatch.setitem(sys.modules, module, None)
    before = contents(folder)
    assert f'pip install "autograd-core[{extra}]"' in trouble([*TRAIN, *options], capsys)
    assert contents(folder) == before


def test_a_training_that_diverges_leaves_the_old_model(folder, capsys):
    before = contents(folder)
    wild = ["--optimizer", "gradient_descent", "--learning-rate", "1e9", "--activation", "relu"]
    err = trouble(
        ["train", "--data", "data.csv", "--save", "left.npz", "--epochs", "9", "--quiet", *wild], capsys
    )
    assert "the cost is" in err
    after = contents(folder)
    assert after.keys() == before.keys()
    assert after["left.npz"] == before["left.npz"]


def test_ctrl_c_before_the_first_epoch_ends_saves_nothing(folder, capsys, monkeypatch):
    monkeypatch.setattr(nn, "fit", lambda *_, **__: nn.History(stopped="interrupted"))
    before = contents(folder)
    assert main(TRAIN) == 130
    assert capsys.readouterr().err == "autograd-core train: stopped\n"
    assert contents(folder) == before


# In processes of their own.


def started(*options):
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def epochs_done(checkpoint):
    """Count the epochs that a checkpoint has seen; there may be none yet."""
    if not checkpoint.exists():
        return 0
    return len(nn.storage.read(checkpoint).arrays["training/history/costs"])


def under_way(process, checkpoint):
    """Wait until a training has gone through a few epochs."""
    deadline = time.monotonic() + 60
    while epochs_done(checkpoint) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no checkpoint after a minute"
        time.sleep(0.02)


ENDLESS = ["train", "--data", "digits", "--save", "digits.safetensors", "--epochs", "1000000", "--quiet"]


def test_ctrl_c_saves_the_best_weights_and_ends_with_130(folder):
    with started(*ENDLESS) as process:
        under_way(process, folder / "digits.training.safetensors")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, len(err.splitlines())) == ("", 1)
    assert "are in digits.safetensors; --resume goes on" in err
    arrays = nn.storage.read("digits.training.safetensors").arrays
    net, best = nn.load("digits.safetensors"), int(arrays["training/history/validation_costs"].argmin())
    assert f"the weights of epoch {best + 1} " in err
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, arrays[f"training/best/{name}"])


def test_a_killed_training_leaves_a_checkpoint_and_goes_on_to_the_same_bytes(folder):
    with started(*ENDLESS) as process:
        under_way(process, folder / "digits.training.safetensors")
        process.kill()
    assert not (folder / "digits.safetensors").exists()
    nn.load("digits.training.safetensors")
    n = str(epochs_done(folder / "digits.training.safetensors") + 2)
    same = ["train", "--data", "digits", "--epochs", n, "--quiet"]
    assert main([*same, "--save", "digits.safetensors", "--resume"]) == 0
    assert main([*same, "--save", "straight.safetensors"]) == 0
    assert (folder / "digits.safetensors").read_bytes() == (folder / "straight.safetensors").read_bytes()


def test_a_reader_that_has_seen_enough_is_no_error(folder):
    process = started("predict", "model.npz", "--data", "data.csv")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), err) == (141, "")


@pytest.mark.parametrize("command", ["demo", "train", "predict", "check"])
def test_help_ends_with_exit_codes_and_examples(capsys, command):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    out = capsys.readouterr().out
    assert "exit code: 0" in out
    assert f"  autograd-core {command} " in out.partition("examples:")[2]


def test_without_a_command_there_is_a_way_to_the_help(capsys):
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "see autograd-core --help" in capsys.readouterr().err


def test_help_imports_no_optional_package():
    heavy = ["matplotlib", "onnx", "resvg_py", "safetensors", "scipy", "sklearn", "torch", "tqdm"]
    ask = f"import atexit, sys\natexit.register(lambda: print([m for m in {heavy} if m in sys.modules]))"
    answer = subprocess.run(
        [sys.executable, "-c", ask + MAIN, "train", "--help"], capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines()[-1] == "[]"


def test_an_output_that_lacks_letters_shows_their_numbers(folder):
    answer = subprocess.run(
        [sys.executable, "-m", "autograd_core", *CHECK],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert b"\\u03a3_axis=1 dZ[1]" in answer.stdout
