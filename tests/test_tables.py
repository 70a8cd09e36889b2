"""Tables read from csv files: to the bit, by the names of their columns, with classes or quantities."""

import csv
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core.wording.errors import DataError, OptionError
from nn import datasets


@pytest.fixture
def table(tmp_path):
    """Make a csv file of a text."""

    def make(text):
        (tmp_path / "table.csv").write_text(text, encoding="utf-8")
        return tmp_path / "table.csv"

    return make


CELLS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), min_size=1, max_size=8).map(
    str.strip
)


@given(
    names=st.lists(NAMES.filter(str.isidentifier), min_size=2, max_size=5, unique=True),
    data=st.data(),
    delimiter=st.sampled_from(",;\t"),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    blank=st.integers(0, 2),
)
def test_what_a_csv_writer_writes_is_read_to_the_bit(
    tmp_path_factory, names, data, delimiter, ending, quoting, encoding, blank
):
    row = st.lists(CELLS, min_size=len(names), max_size=len(names))
    examples = data.draw(st.lists(row, min_size=1, max_size=6))
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=ending, quoting=quoting)
        writer.writerows([names, *examples])
        file.write(ending * blank)
    table = datasets.read_csv(path, task="regress")
    wanted = np.array(examples).T
    np.testing.assert_array_equal(table.X, wanted[:-1])
    np.testing.assert_array_equal(table.Y, wanted[-1:])
    assert (table.features, table.target, table.classes) == (tuple(names[:-1]), names[-1], None)
    np.testing.assert_array_equal(datasets.read_features(path, names[::-1]), wanted[::-1])


@given(labels=st.lists(NAMES, max_size=30))
def test_class_names_of_any_letters_come_back(tmp_path_factory, labels):
    labels = [f"{label}!" for label in ["a", "b", *labels]] * 3
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["x", "kind"], *([1.5, label] for label in labels)])
    table = datasets.read_csv(path)
    assert table.classes == tuple(sorted(set(labels)))
    assert [table.classes[i] for i in datasets.labels(table.Y)] == labels


def lines(*targets):
    return "x,t\n" + "".join(f"{i},{target}\n" for i, target in enumerate(targets))


@pytest.mark.parametrize(
    ("targets", "classes"),
    [
        (["dog", "cat", "dog"], ("cat", "dog")),
        (["10", "9", "10"], ("9", "10")),
        (["1", "x", "2"], ("1", "2", "x")),
        (range(20), tuple(map(str, range(20)))),
        (range(21), None),
        ([1, 2.5, 1], None),
        ([0.0, 1.0, 0.0], ("0.0", "1.0")),
        ([7, 7.5], None),
    ],
)
def test_a_target_names_classes_unless_it_is_a_quantity(table, targets, classes):
    read = datasets.read_csv(table(lines(*targets)))
    assert read.classes == classes
    if classes is None:
        np.testing.assert_array_equal(read.Y, [targets])
    else:
        assert [classes[i] for i in datasets.labels(read.Y)] == list(map(str, targets))


def test_the_task_overrides_the_rule(table):
    path = table(lines(3, 5, 3))
    np.testing.assert_array_equal(datasets.read_csv(path, task="regress").Y, [[3, 5, 3]])
    path = table(lines(0.5, 2.5, 0.5))
    read = datasets.read_csv(path, task="classify")
    assert read.classes == ("0.5", "2.5")
    np.testing.assert_array_equal(read.Y, [[1, 0, 1], [0, 1, 0]])
    path = table(lines(*[*range(30)] * 2))
    assert datasets.read_csv(path, task="classify").Y.shape == (30, 60)


TABLE = "id,height,kind,width\na,1,cat,2\nb,3,dog,4\n"


@pytest.mark.parametrize("target", ["kind", 2, -2, np.int64(2)])
def test_the_target_is_named_or_counted_and_the_features_are_picked(table, target):
    read = datasets.read_csv(table(TABLE), target, features=["width", "height"])
    np.testing.assert_array_equal(read.X, [[2, 4], [1, 3]])
    assert (read.features, read.target, read.classes) == (("width", "height"), "kind", ("cat", "dog"))


def test_several_targets_are_numbers(table):
    read = datasets.read_csv(table("a,b,c\n1,2,3\n4,5,6\n"), ["c", 0])
    np.testing.assert_array_equal(read.Y, [[3, 6], [1, 4]])
    np.testing.assert_array_equal(read.X, [[2, 5]])
    assert (read.features, read.target, read.classes) == (("b",), ("c", "a"), None)


def test_the_classes_of_another_table_keep_their_rows(table):
    read = datasets.read_csv(table(lines("cat", "cat")), classes=["cow", "cat", "dog"])
    np.testing.assert_array_equal(read.Y, [[0, 0], [1, 1], [0, 0]])
    assert read.classes == ("cow", "cat", "dog")
    with pytest.raises(DataError, match=r"line 3: 'cats' in column 't' is none of .* did you mean 'cat'"):
        datasets.read_csv(table(lines("cat", "cats")), classes=["cow", "cat"])


def test_the_order_of_the_rows_does_not_number_the_classes(table):
    first = datasets.read_csv(table(lines("b", "c", "a"))).classes
    assert first == datasets.read_csv(table(lines("a", "c", "b"))).classes


def test_columns_that_nobody_asks_for_may_hold_anything(table):
    path = table(",note,note,height\n0,,nan,1.5\n1,x,,2.5\n")
    np.testing.assert_array_equal(datasets.read_features(path, ["height"]), [[1.5, 2.5]])


def test_a_delimiter_may_be_named(table):
    path = table("a|b,c|t\n1|2|0\n3|4|1\n")
    assert datasets.read_csv(path, delimiter="|").features == ("a", "b,c")


@pytest.mark.parametrize(
    "options",
    [
        {"task": "regression"},
        {"task": "classify", "target": ["x", "t"]},
        {"task": "regress", "classes": ["a"]},
        {"target": "t", "features": ["x", "t"]},
        {"features": ["x", "x"]},
        {"delimiter": ", "},
        {"delimiter": '"'},
    ],
)
def test_settings_that_contradict_one_another_are_refused(table, options):
    with pytest.raises(OptionError, match=r"task|classes|twice|delimiter"):
        datasets.read_csv(table(lines(1, 2)), **options)


def test_a_table_of_many_numbers_takes_little_more_memory_than_they_do(tmp_path, rng):
    M = rng.normal(size=(5000, 20))
    np.savetxt(tmp_path / "table.csv", M, delimiter=",", header=",".join("abcdefghijklmnopqrst"), comments="")
    tracemalloc.start()
    table = datasets.read_csv(tmp_path / "table.csv", task="regress")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(table.X, M[:, :-1].T)
    assert peak < 3 * M.nbytes


def test_a_table_trains_as_any_data_set_does(table):
    X, Y = datasets.moons(40)
    text = "x1,x2,moon\n" + "".join(
        f"{a!r},{b!r},{n}\n" for a, b, n in zip(*X.tolist(), datasets.labels(Y), strict=True)
    )
    read = datasets.read_csv(table(text))
    np.testing.assert_array_equal(read.X, X)
    np.testing.assert_array_equal(read.Y, Y)
    assert datasets.split(*read)[0].X.shape == (2, 27)
