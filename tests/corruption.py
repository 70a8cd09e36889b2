"""Damage done to the bytes of a file, the same on every run."""

import random


def corrupted(content, count=1000, seed=0):
    """Yield damaged copies: flipped bits, cuts, missing, foreign and exchanged blocks."""
    draw = random.Random(seed)
    for _ in range(count):
        damage = draw.choice(DAMAGES)
        damaged = bytearray(content)
        damage(damaged, draw)
        if damaged != content:
            yield bytes(damaged)


def flip(content, draw):
    for _ in range(draw.choice((1, 1, 1, 8))):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def cut(content, draw):
    del content[draw.randrange(len(content)) :]


def remove(content, draw):
    del content[block(content, draw)]


def insert(content, draw):
    at = draw.randrange(len(content) + 1)
    content[at:at] = draw.randbytes(draw.randrange(1, 40))


def replace(content, draw):
    where = block(content, draw)
    content[where] = draw.randbytes(where.stop - where.start)


def repeat(content, draw):
    where = block(content, draw)
    content[where.stop : where.stop] = content[where]


def exchange(content, draw):
    size = draw.randrange(1, 64)
    first, second = (draw.randrange(max(1, len(content) - size)) for _ in range(2))
    one, other = content[first : first + size], content[second : second + size]
    content[first : first + size] = other
    content[second : second + size] = one


DAMAGES = (flip, cut, remove, insert, replace, repeat, exchange)


def block(content, draw):
    start = draw.randrange(len(content))
    return slice(start, min(len(content), start + draw.randrange(1, 64)))
