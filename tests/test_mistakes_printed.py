"""The page on which the notes are proof-read is run, block by block."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "proof_reading.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def names():
    found = {}
    exec(compile(BLOCKS[0], str(PAGE), "exec"), found)
    return found


@pytest.mark.parametrize("i", range(1, len(BLOCKS)))
def test_a_block_of_the_page_says_what_is_wrong(i, names, registry):
    exec(compile(BLOCKS[i], str(PAGE), "exec"), names)
