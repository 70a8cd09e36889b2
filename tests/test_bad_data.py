"""Files that are damaged, malformed or hostile: each is refused by name, or read as valid data."""

import io
import os
import pickle
import re
import tracemalloc
import zipfile

import numpy as np
import pytest
from corruption import corrupted

from autograd_core.wording.errors import DataError, ShapeError
from nn import datasets
from nn.datasets import shipped

# What ships


@pytest.mark.parametrize("name", ["iris", "digits"])
@pytest.mark.parametrize("kept", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_data_file_is_noticed(name, kept, tmp_path, monkeypatch):
    whole = (shipped._DATA / f"{name}.csv").read_bytes()
    (tmp_path / f"{name}.csv").write_bytes(whole[: int(len(whole) * kept)])
    monkeypatch.setattr(shipped, "_DATA", tmp_path)
    with pytest.raises(DataError, match=rf"{name}\.csv.* truncated or changed: install"):
        getattr(shipped, name)()


# Tables


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no header line, and no example"),
        (b"\n\n", "no header line"),
        (b"a,b,kind\n", "no example below"),
        (b"a,b,kind\n\n\n", "no example below"),
        (b"a,b,kind\n1,2,x\n3,x\n", "line 3: 2 fields, wanted 3"),
        (b"a,b,kind\n1,2,x\n\n\n3,2,x,y\n", "line 5: 4 fields, wanted 3"),
        (b"a,b,kind\n1,two,x\n", "line 2: 'two' is not a number (column 'b')"),
        (b"a,b,kind\n1,1_000,x\n", "line 2: '1_000' is not a number"),
        (b"a,b,kind\n1,0x10,x\n", "line 2: '0x10' is not a number"),
        (b"a,b,kind\n1,1e999,x\n", "line 2: '1e999' is not a number"),
        (
            b"a;b;kind\n1;1,5;x\n",
            "line 2: '1,5' is not a number (column 'b'); a decimal point is wanted, 1.5",
        ),
        (b"a,b,kind\n1,2,x\n1,,x\n", "line 3: '' in column 'b'; every cell must hold a value"),
        (b"a,b,kind\n1,2,x\n1,NaN,x\n", "line 3: 'NaN' in column 'b'"),
        (b"a,b,kind\n1,2,x\n1,-inf,x\n", "line 3: '-inf' in column 'b'"),
        (b"a,b,kind\n1,2,x\n1,2, \n", "line 3: '' in column 'kind'"),
        (b"a,b,y\n1,2,1.5\n1,2,nan\n", "line 3: 'nan' in column 'y'"),
        (b'a,"b\n\nb",kind\n"1",2,"x\ny"\n1,two,x\n', "line 6: 'two'"),
        (b"a,b,kind\r\n1,2,x\r\n1,two,x\r\n", "line 3: 'two'"),
        (b'a,b,kind\n1,2,x\n1,"2,x\n', "line 3: unexpected end"),
        (b'a,b,kind\n1,2,x\n1,"2"3,x\n', "line 3: ',' expected after '\"'"),
        (b"a,b,kind\n1,2," + b"x" * 200_000 + b"\n", "line 2: field larger than"),
        (b"x" * 200_000, "line 1: field larger than"),
        (b"a,b,kind\n1,\xff,x\n", "line 2: not a UTF-8"),
        ("a,b,kind\n1,2,x\n".encode("utf-16"), "line 1: not a UTF-8"),
        (b"a,b,kind\n1,2,x\n1,2,\0\n", "line 3: not a UTF-8"),
        (b"PK\x03\x04\x14\0\0", "line 1: not a UTF-8"),
        (b"1,2,3\n4,5,6\n", "line 1: '1', '2', '3' look like data; put a header line above"),
        (b"5.1,3.5,setosa\n4.9,3.0,setosa\n", "line 1: '5.1', '3.5', 'setosa' look like data"),
        (b"a,a,kind\n1,2,x\n", "2 columns are named 'a'"),
        (b"a,,kind\n1,2,x\n", "column 2 has no name"),
        (b"a,b,kind,\n1,2,x,\n", "column 4 has no name"),
        (b"kind\nx\ny\n", "no column is left for a feature"),
        (b"a|b|kind\n1|2|x\n", "holds 'a|b|kind'; is the delimiter another?"),
        (b"a,b,kind\n1,2,x\n3,4,x\n", "line 2: 'x' in column 'kind' is the only class"),
        (b"a,id\n" + b"".join(b"1,u%d\n" % i for i in range(30)), "30 different values in 30 examples"),
        (
            b"a,y\n" + b"".join(b"1,%d\n" % i for i in range(30)) + b"1,NA\n",
            "line 32: 'NA' in column 'y' is not",
        ),
    ],
)
def test_a_bad_table_is_refused_with_its_line(content, words, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(words)) as caught:
        datasets.read_csv(path)
    assert str(caught.value).startswith("table.csv")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("kid", "no column 'kid'; there are 'a', 'b', 'kind'; did you mean 'kind'?"),
        (["kid", "c"], "no column 'kid', 'c'"),
        (3, "no column at position 3; there are 3, from 0 to 2"),
        (-4, "no column at position -4"),
        ("", "no column ''"),
    ],
)
def test_a_column_that_is_not_there_is_refused_with_those_that_are(target, words, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b,kind\n1,2,x\n")
    with pytest.raises(DataError, match=re.escape(words)):
        datasets.read_csv(path, target)


def test_a_feature_that_is_missing_or_text_is_named(tmp_path):
    path = tmp_path / "new.csv"
    path.write_bytes(b"width,note\n1,hello\n")
    with pytest.raises(DataError, match=re.escape("new.csv: no column 'height'; there are 'width', 'note'")):
        datasets.read_features(path, ["height", "width"])
    with pytest.raises(DataError, match=re.escape("line 2: 'hello' is not a number (column 'note')")):
        datasets.read_features(path, ["note"])
    with pytest.raises(DataError, match="no column is left for a feature"):
        datasets.read_features(path, [])


def test_a_table_of_too_many_columns_is_told_in_few_words(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(",".join(f"c{i}" for i in range(1000)) + "\n")
    with pytest.raises(DataError, match="'c19' and 980 more") as caught:
        datasets.read_csv(path, "missing")
    assert len(str(caught.value)) < 400


# Archives


def archive(path, members):
    """A zip file of members as bytes."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def npy(array):
    content = io.BytesIO()
    np.save(content, array, allow_pickle=True)
    return content.getvalue()


def claiming(shape, dtype="<f8"):
    """A .npy member whose header claims a shape, with one number behind it."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 8


class Trap:
    """An object that leaves a file behind when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


X, Y = np.ones((2, 5)), np.eye(3)[:, [0, 1, 2, 0, 1]]

ARCHIVES = {
    "X is missing": ({"x.npy": npy(X), "Y.npy": npy(Y)}, DataError, "no array named X; the file holds x, Y"),
    "nothing": ({}, DataError, "no array named X or Y; the file holds none"),
    "rows": ({"X.npy": npy(X.T), "Y.npy": npy(Y.T)}, ShapeError, "did you mean X.T and Y.T?"),
    "labels": ({"X.npy": npy(X), "Y.npy": npy(np.arange(5))}, ShapeError, "one_hot"),
    "other m": ({"X.npy": npy(X), "Y.npy": npy(Y[:, :4])}, ShapeError, "Y of shape (3, 4)"),
    "no example": ({"X.npy": npy(X[:, :0]), "Y.npy": npy(Y[:, :0])}, ShapeError, "X of shape (2, 0)"),
    "scalars": ({"X.npy": npy(1.0), "Y.npy": npy(1.0)}, ShapeError, "X of shape ()"),
    "NaN": ({"X.npy": npy(X * np.nan), "Y.npy": npy(Y)}, DataError, "X holds nan in example (column) 0"),
    "infinity": ({"X.npy": npy(X), "Y.npy": npy(np.full((3, 5), -np.inf))}, DataError, "Y holds -inf"),
    "texts": ({"X.npy": npy(X.astype(str)), "Y.npy": npy(Y)}, DataError, "X.npy"),
    "complex": ({"X.npy": npy(X * 1j), "Y.npy": npy(Y)}, DataError, "X.npy"),
    "objects": ({"X.npy": npy(np.array([Trap()])), "Y.npy": npy(Y)}, DataError, "X.npy"),
    "a bare pickle": ({"X.npy": pickle.dumps(Trap()), "Y.npy": npy(Y)}, DataError, "X.npy"),
    "a huge claim": ({"X.npy": claiming((10**9, 10**6)), "Y.npy": npy(Y)}, DataError, "X.npy"),
    "an impossible claim": ({"X.npy": claiming((10**30, 0)), "Y.npy": npy(Y)}, DataError, "X.npy"),
    "a negative claim": ({"X.npy": claiming((-1, 5)), "Y.npy": npy(Y)}, DataError, "X.npy"),
    "a header to execute": (
        {"X.npy": claiming("__import__('os').mkdir('trapped')"), "Y.npy": npy(Y)},
        DataError,
        "X.npy",
    ),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_a_bad_archive_is_refused_and_nothing_of_it_is_executed(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    members, kind, words = ARCHIVES[case]
    with pytest.raises(kind, match=re.escape(words)) as caught:
        datasets.read_npz(archive(tmp_path / "data.npz", members))
    assert str(caught.value).startswith("data.npz")
    assert not (tmp_path / "trapped").exists()


def test_a_trap_would_be_sprung_by_a_reader_that_unpickles(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.load(io.BytesIO(npy(np.array([Trap()]))), allow_pickle=True)
    assert (tmp_path / "trapped").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip file at all", npy(X), b"\0" * 100])
def test_what_is_no_archive_is_refused(content, tmp_path):
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"data\.npz"):
        datasets.read_npz(path)


def test_a_compressed_bomb_is_refused_before_it_unfolds(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.npz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("X.npy", npy(np.zeros((1, 5_000_000))))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"data\.npz.*compressed"):
        datasets.read_npz(tmp_path / "data.npz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_an_archive_of_any_real_dtype_and_order_is_read(tmp_path):
    np.savez(tmp_path / "data.npz", X=np.asfortranarray(X.astype(">f4")), Y=Y.astype(bool), more=np.arange(3))
    data = datasets.read_npz(tmp_path / "data.npz")
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.Y, Y)
    assert (data.X.dtype, data.Y.dtype) == (np.float32, np.float64)


# Random damage


def mistyped(content, rng, count=1000):
    """Yield copies with what means something in a table put in or written over."""
    telling = [b'"', b",", b";", b"\n", b"\r", b"\0", b"-", b"e", b"nan", b"1e400", b"\xef\xbb\xbf", b" "]
    for at, token, over in zip(
        rng.integers(0, len(content), count), rng.integers(0, len(telling), count), rng.integers(0, 4, count)
    ):
        yield content[:at] + telling[token] + content[at + over :]


def outcomes(read, path, contents):
    """Read a file with each of these contents: the data sets, and the messages of those refused."""
    found, refused = [], []
    for content in contents:
        path.write_bytes(content)
        try:
            found.append(read(path))
        except (DataError, ShapeError) as error:
            refused.append(str(error))
    return found, refused


@pytest.mark.parametrize("task", ["auto", "classify", "regress"])
def test_a_table_damaged_at_random_is_valid_or_refused_by_name(task, rng, tmp_path):
    kinds = (1.5, 2.5) if task == "regress" else ("cat", '"dog, ""big"""')
    valid = "height,width,kind\r\n" + "".join(
        f"{a:.3g},{b:.3g},{kinds[int(a > b)]}\r\n" for a, b in rng.normal(size=(25, 2))
    )
    damaged = [*corrupted(valid.encode()), *mistyped(valid.encode(), rng)]
    found, refused = outcomes(
        lambda path: datasets.read_csv(path, task=task), tmp_path / "table.csv", damaged
    )
    assert min(len(found), len(refused)) > 100
    assert all(message.startswith("table.csv") for message in refused)
    for table in found:
        assert len(table.X) == len(table.features)
        assert_usable(*table)
        if table.classes is not None:
            assert len(table.Y) == len(set(table.classes))
            assert ((table.Y == 0) | (table.Y == 1)).all()
            assert (table.Y.sum(axis=0) == 1).all()


def test_a_reader_without_checks_does_not_survive_the_damage(rng, tmp_path):
    damaged = mistyped(b"height,width\n" + b"1.5,2.5\n" * 20, rng)
    with pytest.raises(ValueError, match="number of columns"):
        outcomes(lambda path: np.loadtxt(path, delimiter=",", skiprows=1), tmp_path / "table.csv", damaged)


def test_an_archive_damaged_at_random_holds_the_same_values_or_is_refused_by_name(rng, tmp_path):
    path = tmp_path / "data.npz"
    valid = datasets.Dataset(rng.normal(size=(2, 5)), Y)
    np.savez(path, X=valid.X, Y=valid.Y)
    found, refused = outcomes(datasets.read_npz, path, [*corrupted(path.read_bytes())])
    assert min(len(found), len(refused)) > 10
    assert all(message.startswith("data.npz") for message in refused)
    for data in found:
        np.testing.assert_array_equal(data.X, valid.X)
        np.testing.assert_array_equal(data.Y, valid.Y)


def assert_usable(X, Y):
    assert X.ndim == Y.ndim == 2
    assert X.shape[1] == Y.shape[1] > 0
    assert np.isfinite(X).all()
    assert np.isfinite(Y).all()
