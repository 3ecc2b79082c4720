# SPDX-License-Identifier: BSD-2-Clause
"""Damaged copies of a file, the same ones on every run."""

from __future__ import annotations

import random
from collections.abc import Iterator

_NUMBERS = [
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63 - 1,
    2**64 - 1,
]


def mutations(data: bytes, count: int = 1000, seed: int = 0) -> Iterator[bytes]:
    """Copies with flipped bits, extreme numbers, and spans that are gone, doubled or noise."""
    rng = random.Random(seed)
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(rng.choice([1, 1, 2, 4])):
            _damage(copy, rng)
        yield bytes(copy)


def _damage(copy: bytearray, rng: random.Random) -> None:
    # Headers lie at the ends, so half of the damage is done there.
    edge = min(128, len(copy))
    places = [rng.randrange(len(copy)), rng.randrange(edge), len(copy) - 1 - rng.randrange(edge)]
    at = rng.choice(places)
    size = rng.choice([1, 2, 4, 8])
    kind = rng.randrange(5)
    if kind == 0:
        copy[at] ^= 1 << rng.randrange(8)
    elif kind == 1:
        number = rng.choice(_NUMBERS) % 256**size
        copy[at : at + size] = number.to_bytes(size, "little")[: len(copy) - at]
    elif kind == 2:
        copy[at : at + size] = rng.randbytes(size)[: len(copy) - at]
    elif kind == 3 and len(copy) > 2 * size:
        del copy[at : at + size]
    else:
        copy[at:at] = copy[at : at + rng.choice([1, 8, 64])]


def truncations(data: bytes) -> Iterator[bytes]:
    """All beginnings of the file, but the whole."""
    return (data[:size] for size in range(len(data)))
