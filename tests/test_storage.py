"""Files of arrays: what goes in comes out, and a file that is not as it should be is refused."""

import io
import json
import os
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
from corruption import corrupted
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from autograd_core.system.files import replace
from autograd_core.wording.errors import DataError, DtypeError, OptionError
from nn import npz, storage

SUFFIXES = [".npz", ".safetensors"]
ARRAYS = {
    "W[1]": np.arange(6.0).reshape(2, 3),
    "b[1]": np.array([[0.5], [-np.inf]], np.float32),
    "training/t": np.array(7),
    "empty": np.zeros((0, 3), np.float16),
    "kept": np.array([True, False]),
    "ñ / 名": np.arange(3, dtype=np.uint8),
}
ABOUT = {"layers": [{"kind": "Dense", "n_in": 3}], "cost": 0.1, "text": "ñ\ud800"}


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape), name
        assert found[name].tobytes() == np.ascontiguousarray(array).tobytes(), name


@pytest.fixture(params=SUFFIXES)
def path(request, tmp_path):
    return tmp_path / f"file{request.param}"


# There and back


def test_arrays_and_words_come_back_to_the_bit(path):
    assert storage.write(path, ARRAYS, ABOUT) == path
    arrays, about = storage.read(path)
    assert_same(arrays, ARRAYS)
    assert about == ABOUT
    for array in arrays.values():
        assert array.flags.writeable
        assert array.flags.c_contiguous
        assert array.flags.owndata


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(
    array=st.one_of(hnp.scalar_dtypes(), st.just(np.dtype(bool)))
    .filter(lambda dtype: dtype.str[1:] in npz.DTYPES)
    .flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0)))
)
def test_any_array_of_numbers_comes_back_in_the_machines_byte_order(suffix, array, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    for laid_out in (array, np.asfortranarray(array), array[::-1] if array.ndim else array):
        storage.write(path, {"x": laid_out})
        assert_same(storage.read(path).arrays, {"x": np.array(laid_out, laid_out.dtype.newbyteorder("="))})


def test_the_same_arrays_give_the_same_bytes(path):
    first = storage.write(path, ARRAYS, ABOUT).read_bytes()
    assert storage.write(path, ARRAYS, ABOUT).read_bytes() == first


def test_other_programs_read_the_files(tmp_path):
    from safetensors.numpy import load_file

    assert_same(load_file(storage.write(tmp_path / "file.safetensors", ARRAYS)), ARRAYS)
    with np.load(storage.write(tmp_path / "file.npz", ARRAYS), allow_pickle=False) as file:
        assert_same({name: file[name] for name in ARRAYS}, ARRAYS)


def test_files_of_other_programs_are_read(tmp_path):
    from safetensors.numpy import save_file

    arrays = {"x": np.asfortranarray(np.ones((2, 3))), "y": np.arange(3, dtype=">i4"), "z": np.float32(2)}
    np.savez(tmp_path / "file.npz", **arrays)
    found, about = storage.read(tmp_path / "file.npz")
    assert_same(found, {"x": np.ones((2, 3)), "y": np.arange(3, dtype="i4"), "z": np.array(2, "f4")})
    assert about == {}
    assert_same(storage.read_npz_arrays(tmp_path / "file.npz"), found)
    save_file({"0.weight": np.ones((2, 3))}, tmp_path / "file.safetensors", metadata={"format": "pt"})
    found, about = storage.read(tmp_path / "file.safetensors")
    assert_same(found, {"0.weight": np.ones((2, 3))})
    assert about == {}


def test_an_archive_without_arrays_is_one(tmp_path):
    np.savez(tmp_path / "file.npz")
    assert storage.read(tmp_path / "file.npz") == ({}, {})


# Writing


@pytest.mark.parametrize(
    ("name", "array", "error", "words"),
    [
        ("x", np.array([None]), DtypeError, "'x' is object"),
        ("x", np.ones(1, complex), DtypeError, "'x' is complex128"),
        ("x", np.array(["text"]), DtypeError, "'x' is <U4"),
        ("x", np.zeros(1, "i4,i4"), DtypeError, "'x' is"),
        ("", np.ones(1), DataError, "no name for an array"),
        (1, np.ones(1), DataError, "no name for an array"),
        ("../x", np.ones(1), DataError, "no name for an array"),
        ("/etc/x", np.ones(1), DataError, "no name for an array"),
        ("a\0b", np.ones(1), DataError, "no name for an array"),
        ("\ud800", np.ones(1), DataError, "no name for an array"),
        ("__metadata__", np.ones(1), DataError, "no name for an array"),
        ("__about__", np.ones(1), DataError, "no name for an array"),
    ],
)
def test_what_no_file_can_hold_is_refused_before_anything_is_written(path, name, array, error, words):
    with pytest.raises(error, match=words):
        storage.write(path, {name: array})
    assert not path.exists()


CIRCLE = {}
CIRCLE["itself"] = CIRCLE


@pytest.mark.parametrize("about", [{"x": np.ones(1)}, {"x": float("nan")}, {"x": {1, 2}}, CIRCLE, 3])
def test_words_that_are_no_json_are_refused(path, about):
    with pytest.raises(DataError, match="cannot be written as JSON"):
        storage.write(path, ARRAYS, about)
    assert not path.exists()


def test_an_unknown_format_says_what_there_is(tmp_path):
    for act in (lambda path: storage.write(path, ARRAYS), storage.read):
        with pytest.raises(OptionError, match=r"'\.safetensor': there are .*did you mean '\.safetensors'"):
            act(tmp_path / "net.safetensor")


def test_without_the_package_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    path = storage.write(tmp_path / "x.safetensors", ARRAYS)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for act in (lambda path: storage.write(path, ARRAYS), storage.read):
        with pytest.raises(OptionError, match=r"autograd-core\[safetensors\]"):
            act(path)
    assert_same(storage.read(storage.write(tmp_path / "x.npz", ARRAYS)).arrays, ARRAYS)


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_whatever_goes_wrong_the_old_file_stays_and_nothing_is_left(path, step, error, monkeypatch):
    before = storage.write(path, ARRAYS).read_bytes()

    def fails(*_):
        raise error

    monkeypatch.setattr(os, step, fails)
    with pytest.raises(type(error)) as caught:
        storage.write(path, {"other": np.ones(3)})
    if isinstance(error, OSError):
        assert caught.value.filename == str(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_a_program_killed_while_it_writes_leaves_a_whole_file(path):
    code = f"""
import numpy as np
from nn import storage
for n in range(10**6):
    storage.write({str(path)!r}, {{"x": np.full(20_000, float(n))}})
    print(n, flush=True)
"""
    for seconds in (0.0, 0.003, 0.011):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
            for _ in range(3):
                child.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(seconds)
            child.kill()
        x = storage.read(path).arrays["x"]
        assert (x == x[0]).all()


def test_a_file_that_cannot_be_there_is_an_oserror_that_names_it(tmp_path):
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "text").write_text("")
    for name in ("folder.npz", "missing/x.npz", "text/x.npz"):
        with pytest.raises(OSError, match=name):
            storage.write(tmp_path / name, ARRAYS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.npz", "text"]


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
def test_a_link_stays_and_a_device_is_left_alone(tmp_path):
    target, link, null = tmp_path / "target.npz", tmp_path / "link.npz", tmp_path / "null.npz"
    link.symlink_to(target)
    storage.write(link, ARRAYS)
    assert link.is_symlink()
    assert_same(storage.read(target).arrays, ARRAYS)
    null.symlink_to(os.devnull)
    with pytest.raises(OSError, match="not a regular file"):
        storage.write(null, ARRAYS)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
def test_a_new_file_has_the_permissions_of_any_other(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert replace(tmp_path / "file", b"x").stat().st_mode == plain.stat().st_mode


# Reading what is damaged


def test_a_thousand_damaged_files_are_refused_or_tell_the_truth(path):
    whole = storage.write(path, ARRAYS, ABOUT).read_bytes()
    refused = []
    for content in corrupted(whole):
        path.write_bytes(content)
        try:
            arrays, about = storage.read(path)
        except DataError as error:
            refused.append(str(error))
        else:
            if about:  # without the words it passes for a file from elsewhere, which nn.load refuses
                assert about == ABOUT
                assert_same(arrays, ARRAYS)
    assert len(refused) > 900
    assert all(message.startswith(f"{path.name}: ") for message in refused)


def test_one_flipped_bit_of_a_weight_is_found_by_the_seal(path, monkeypatch):
    whole = storage.write(path, {"W": np.ones(4)}, ABOUT).read_bytes()
    at = whole.index(np.ones(4).tobytes())
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(DataError, match=r"checksum|CRC"):
        storage.read(path)
    if path.suffix == ".safetensors":  # and without the seal it would not be
        monkeypatch.setattr(storage, "_about", lambda arrays, words: {})
        assert storage.read(path).arrays["W"][0] != 1


@pytest.mark.parametrize(
    "words", ["", "[]", "{}", '{"about": 1}', "[" * 100_000, '{"about": {}, "sha256": 1}', "NaN"]
)
def test_words_that_are_not_what_was_sealed_are_refused(words, tmp_path):
    for form, suffix in zip((storage._npz_bytes, storage._safetensors_bytes), SUFFIXES, strict=True):
        path = tmp_path / f"file{suffix}"
        path.write_bytes(form({"x": np.ones(1)}, words))
        with pytest.raises(DataError, match="checksum"):
            storage.read(path)


# Reading what is hostile


def npy(header, data=b"", version=1):
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def described(descr=b"'<f8'", fortran=b"False", shape=b"(1,)"):
    return b"{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n" % (descr, fortran, shape)


def archive(*members, compression=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, data in members:
            file.writestr(name, data, compression)
    return content.getvalue()


ONE = npy(described(), bytes(8))
NPZ = {
    "empty": (b"", "not a whole .npz file"),
    "text": (b"X,Y\n1,2\n" * 100, "not a whole .npz file"),
    "npy": (ONE, "not a whole .npz file"),
    "cut": (archive(("x.npy", ONE))[:-1], "not a whole .npz file"),
    "longer": (archive(("x.npy", ONE)) + b"\0", "not a whole .npz file"),
    "compressed": (
        archive(("x.npy", npy(described(shape=b"(999999,)"), bytes(8 * 999999))), compression=8),
        "'x.npy' is compressed; numpy.savez",
    ),
    "other file": (archive(("x.txt", b"text")), "'x.txt' is no array"),
    "not npy": (archive(("x.npy", b"text")), "begins with b'text'"),
    "nothing": (archive(("x.npy", b"")), "begins with b''"),
    "upwards": (archive(("../x.npy", ONE)), "no name for an array"),
    "absolute": (archive(("/x.npy", ONE)), "no name for an array"),
    "huge": (
        archive(("x.npy", npy(described(shape=b"(1000000000000000,)")))),
        "8000000000000000 bytes, but 0",
    ),
    "too many digits": (archive(("x.npy", npy(described(shape=b"(%s,)" % (b"9" * 5000))))), "cannot be read"),
    "too many axes": (archive(("x.npy", npy(described(shape=b"(%s)" % (b"1," * 99)), bytes(8)))), "no array"),
    "no array has it": (
        archive(("x.npy", npy(described(shape=b"(0, 99999999999999999999)")))),
        "no array can",
    ),
    "longer values": (archive(("x.npy", ONE + b"\0")), "8 bytes, but 9"),
    "long header": (archive(("x.npy", npy(described())[:8] + b"\xff\xff")), "cannot be read"),
    "huge header": (archive(("x.npy", b"\x93NUMPY\x02\0\xff\xff\xff\xff{")), "cannot be read"),
    "version 9": (archive(("x.npy", npy(described(), bytes(8), 9))), "no .npy array"),
    "objects": (archive(("x.npy", npy(described(b"'|O'"), b"cos\nsystem\n"))), "the dtype '|O'"),
    "texts": (archive(("x.npy", npy(described(b"'<U4'"), bytes(16)))), "the dtype '<U4'"),
    "complex": (archive(("x.npy", npy(described(b"'<c16'"), bytes(16)))), "the dtype '<c16'"),
    "long double": (archive(("x.npy", npy(described(b"'<f16'"), bytes(16)))), "the dtype '<f16'"),
    "records": (archive(("x.npy", npy(described(b"[('a', '<f8')]"), bytes(8)))), "the dtype '|V8'"),
    "code": (
        archive(("x.npy", npy(described(shape=b"(__import__('os').getpid(),)"), bytes(8)))),
        "cannot be read",
    ),
    "nested": (archive(("x.npy", npy(b"(" * 60000))), "cannot be read"),
}


def tensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype="F64", shape=(1,), start=0, end=8):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


WHOLE = tensors({"x": tensor()}, bytes(8))
TWICE = json.dumps(tensor())
SAFETENSORS = {
    "empty": (b"", "header too small"),
    "text": (b"X,Y\n1,2\n" * 100, "header too large"),
    "huge header": (struct.pack("<Q", 2**60) + b"{}", "header too large"),
    "large header": (struct.pack("<Q", 2**26) + b"{}", "invalid header length"),
    "cut": (WHOLE[:-1], "not a whole"),
    "longer": (WHOLE + b"\0", "not fully covered"),
    "huge": (tensors({"x": tensor(shape=[10**15])}), "not a whole"),
    "overflow": (tensors({"x": tensor(shape=[2**62, 2**62])}), "overflow"),
    "no array has it": (tensors({"x": tensor(shape=[0, 2**63], end=0)}), "no array can"),
    "too many axes": (tensors({"x": tensor(shape=[1] * 99)}, bytes(8)), "no array can"),
    "hole": (tensors({"x": tensor(start=8, end=16)}, bytes(16)), "invalid offset"),
    "overlap": (tensors({"x": tensor(), "y": tensor()}, bytes(8)), "invalid offset"),
    "backwards": (tensors({"x": tensor(start=8, end=0)}, bytes(8)), "invalid offset"),
    "twice": (tensors(f'{{"x": {TWICE}, "x": {TWICE}}}'.encode(), bytes(8)), "a name comes twice"),
    "bfloat16": (tensors({"x": tensor("BF16", [4])}, bytes(8)), "of the type BF16"),
    "complex": (tensors({"x": tensor("C64")}, bytes(8)), "of the type C64"),
    "unknown": (tensors({"x": tensor("O")}, bytes(8)), "not a whole"),
    "a list": (tensors([]), "not a whole"),
    "not utf-8": (tensors(b'{"\xff": {}}'), "UTF-8"),
    "nested": (tensors(b'{"a":' * 10**6), "not a whole"),
    "nested further in": (tensors(b'{"__metadata__":' + b"[" * 10**6), "not a whole"),
    "large number": (tensors(WHOLE[8:-10] + b',"y":' + b"9" * 5000 + b"}}", bytes(8)), "not a whole"),
    "upwards": (tensors({"../x": tensor()}, bytes(8)), "no name for an array"),
    "NUL": (tensors({"a\0b": tensor()}, bytes(8)), "no name for an array"),
}
HOSTILE = [(f"{what}.npz", *row) for what, row in NPZ.items()]
HOSTILE += [(f"{what}.safetensors", *row) for what, row in SAFETENSORS.items()]


@pytest.mark.parametrize(("name", "content", "words"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_file_is_refused_by_name_without_using_memory(name, content, words, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as caught:
            storage.read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(f"{name}: ")
    assert words in str(caught.value)
    assert peak < 2e6 + 10 * len(content)


def test_a_name_may_not_come_twice_in_an_archive(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = archive(("x.npy", ONE), ("x.npy", ONE))
    (tmp_path / "file.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"'x\.npy' comes twice"):
        storage.read(tmp_path / "file.npz")


def test_an_archive_cannot_claim_more_than_the_file_has(tmp_path):
    content = bytearray(archive(("x.npy", ONE)))
    entry = content.index(b"PK\x01\x02")
    content[entry + 20 : entry + 28] = struct.pack("<II", 2**31, 2**31)
    (tmp_path / "file.npz").write_bytes(content)
    with pytest.raises(DataError, match="claim 2147483648 bytes"):
        storage.read(tmp_path / "file.npz")


def test_a_bool_is_true_or_false_whatever_its_byte(tmp_path):
    (tmp_path / "x.npz").write_bytes(archive(("x.npy", npy(described(b"'|b1'", shape=b"(2,)"), b"\x07\x00"))))
    (tmp_path / "x.safetensors").write_bytes(tensors({"x": tensor("BOOL", [2], 0, 2)}, b"\x07\x00"))
    for suffix in SUFFIXES:
        assert storage.read(tmp_path / f"x{suffix}").arrays["x"].tobytes() == b"\x01\x00"


def test_a_file_larger_than_memory_is_refused(path, monkeypatch):
    storage.write(path, ARRAYS)

    def fails(_):
        raise MemoryError

    monkeypatch.setattr("pathlib.Path.read_bytes", fails)
    with pytest.raises(DataError, match="more than memory can hold"):
        storage.read(path)


def test_what_is_no_regular_file_is_refused_and_never_waited_for(path):
    with pytest.raises(FileNotFoundError):
        storage.read(path)
    path.mkdir()
    with pytest.raises(DataError, match="wanted a regular file"):
        storage.read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files there")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_pipe_or_a_device_is_refused_and_never_waited_for(suffix, tmp_path):
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"zero{suffix}").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(DataError, match="wanted a regular file"):
            storage.read(tmp_path / f"{name}{suffix}")
