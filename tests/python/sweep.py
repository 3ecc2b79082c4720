# SPDX-License-Identifier: BSD-2-Clause
"""Load damaged versions of files, in a process of its own so that a crash is seen as one.

Run as ``python -X faulthandler sweep.py KIND truncate|mutate COUNT FILE...``; prints one JSON
object for each file::

    {"file": str, "decoded": int, "failed": int, "errors": {type: int},
     "slowest": seconds, "slowest_case": str,
     "untyped": [str], "fds": [before, after], "handles": [before, after]}

The case at hand is written to standard error before it is loaded, so that the last lines of a
crashed run name it. Damage is derived from the file's name and the number of the case alone.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks

import spdl.io

# More loads at a time than workers keeps the pool busy; few enough that each is timed alone.
CONCURRENCY = 4
FIRST_KB = 1024
# Damage can make a picture of 100 megapixels, which is slow to load for no fault of the library.
MAX_PIXELS = 2**24


def truncations(data: bytes, count: int, seed: str) -> Iterator[tuple[str, bytes]]:
    """Prefixes of the file: the first bytes densely, then evenly to one byte short of the end."""
    dense = min(count // 4, len(data) - 1)
    lengths = list(range(dense))
    rest = count - dense
    lengths += [dense + (len(data) - dense) * k // rest for k in range(rest)]
    for length in lengths:
        yield f"{seed}:truncated-to-{length}", data[:length]


def _flip(data: bytearray, at: int, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 8)):
        position = min(at + rng.randrange(16), len(data) - 1)
        data[position] ^= 1 << rng.randrange(8)


def _overwrite(data: bytearray, at: int, rng: random.Random) -> None:
    run = rng.randbytes(rng.randint(1, 16))
    data[at : at + len(run)] = run


def _fill(data: bytearray, at: int, rng: random.Random) -> None:
    run = bytes([rng.choice((0x00, 0x7F, 0x80, 0xFF))]) * rng.randint(1, 8)
    data[at : at + len(run)] = run


def _delete(data: bytearray, at: int, rng: random.Random) -> None:
    del data[at : at + rng.randint(1, 64)]


def _insert(data: bytearray, at: int, rng: random.Random) -> None:
    data[at:at] = rng.randbytes(rng.randint(1, 64))


def _repeat(data: bytearray, at: int, rng: random.Random) -> None:
    data[at:at] = data[at : at + rng.randint(1, 256)]


_DAMAGE: list[Callable[[bytearray, int, random.Random], None]] = [
    _flip,
    _overwrite,
    _fill,
    _delete,
    _insert,
    _repeat,
]


def mutations(data: bytes, count: int, seed: str) -> Iterator[tuple[str, bytes]]:
    """Copies with one to three damaged places; every other case is damaged in its first kB."""
    for number in range(count):
        rng = random.Random(f"{seed}:{number}")
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            if not damaged:
                break
            reach = min(FIRST_KB, len(damaged)) if number % 2 else len(damaged)
            rng.choice(_DAMAGE)(damaged, rng.randrange(reach), rng)
        yield f"{seed}:mutation-{number}", bytes(damaged)


def _is_typed(error: Exception, case: str) -> bool:
    """An error of ours that says the stage and the source, and is no bug of the library."""
    if not isinstance(error, spdl.io.SPDLError) or type(error).__name__ == "InternalError":
        return False
    # Some messages, such as those on codecs, leave the source to the attribute.
    named = case in str(error) or "<Bytes: 0x" in str(error) or error.source == case
    return named and error.origin not in ("", "none") and error.status < 0


async def _sweep(kind: str, cases: Iterator[tuple[str, bytes]]) -> dict[str, Any]:
    load = getattr(spdl.io, f"async_load_{kind}")
    found: dict[str, Any] = {"decoded": 0, "failed": 0, "slowest": 0.0, "slowest_case": ""}
    errors: Counter[str] = Counter()
    untyped: list[str] = []

    async def one(case: str, data: bytes) -> None:
        print(case, file=sys.stderr, flush=True)
        begin = time.monotonic()
        try:
            with spdl.io.limits(max_pixels=MAX_PIXELS):
                await load(data, name=case)
            found["decoded"] += 1
        except Exception as error:  # every type is counted, and wrong ones are reported
            found["failed"] += 1
            errors[type(error).__name__] += 1
            if not _is_typed(error, case):
                untyped.append(f"{case}: {error!r}")
        took = time.monotonic() - begin
        if took > found["slowest"]:
            found["slowest"], found["slowest_case"] = took, case

    async def worker() -> None:
        for case, data in cases:
            await one(case, data)

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
    return {**found, "errors": dict(errors), "untyped": untyped}


def sweep(kind: str, file: Path, damage: str, count: int) -> dict[str, Any]:
    """Load `count` damaged versions of a file, and say what became of them."""
    data = file.read_bytes()
    make = {"truncate": truncations, "mutate": mutations}[damage]
    gc.collect()
    before = leaks.counts()
    found = asyncio.run(_sweep(kind, make(data, count, file.name)))
    gc.collect()
    after = leaks.counts()
    return {
        "file": file.name,
        **found,
        "fds": [before.fds, after.fds],
        "handles": [before.handles, after.handles],
    }


def main(kind: str, damage: str, count: str, *files: str) -> None:
    # The pool, its queue and FFmpeg's tables live on; what they take is no leak.
    asyncio.run(_sweep(kind, iter([("warm-up", b"x"), ("warm-up", b"")])))
    for file in files:
        print(json.dumps(sweep(kind, Path(file), damage, int(count))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
