# SPDX-License-Identifier: BSD-2-Clause
"""Damaged JPEGs by the thousand: whatever they are, they are always the same.

Each is loaded in a process that has loaded nothing else (a fork of one that has not begun), by
workers that have loaded all others, forwards and backwards and in batches. All must come to the
same pixels or the same error. With --write the verdicts go to a file, and with --compare they are
compared with those of such a file: of a build with a sanitizer, say.

usage: mutants.py [--count N] [--no-fresh] [--write FILE] [--compare FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import fidelity
import makers
import numpy as np

import spdl.io

SIZE = {"width": 48, "height": 32}
SIDES = [(64, 48), (97, 61), (160, 120), (33, 130)]


def seeds() -> list[bytes]:
    """Of all samplings, baseline and progressive, with and without optimal tables."""
    texture = fidelity.texture(200, 160, 1)
    found = []
    for number, sampling in enumerate(fidelity.SAMPLINGS):
        width, height = SIDES[number % len(SIDES)]
        found.append(fidelity.encode(texture[:height, :width], sampling, 60 + 5 * number))
    for number, size in enumerate(SIDES):
        found.append(makers.jpeg_bytes(number, size, progressive=True))
        found.append(makers.jpeg_bytes(number, size, optimize=True, quality=30 + 15 * number))
    return found


def mutate(data: bytes, random: Random) -> bytes:
    """One to four damages."""
    found = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(2, len(found))
        match random.randrange(8):
            case 0 | 1:
                found[at] ^= 1 << random.randrange(8)
            case 2 | 3:
                found[at] = random.randrange(256)
            case 4:  # in the headers
                found[random.randrange(2, min(700, len(found)))] = random.randrange(256)
            case 5:
                del found[at:]
            case 6:
                del found[at : at + random.randrange(1, 64)]
            case 7:
                part = found[at : at + random.randrange(1, 64)]
                place = random.randrange(2, len(found))
                found[place:place] = part
        if len(found) < 4:
            break
    return bytes(found)


def make(count: int) -> Iterator[bytes]:
    random, originals = Random(7), seeds()
    for number in range(count):
        yield mutate(originals[number % len(originals)], random)


def verdict_of(array: object) -> str:
    return hashlib.sha256(np.asarray(array).tobytes()).hexdigest()


def load(jpeg: bytes) -> str:
    try:
        return verdict_of(spdl.io.load_image(jpeg, name="mutant", **SIZE))
    except spdl.io.SPDLError as error:
        return f"{type(error).__name__}: {error}"


async def load_all(jpegs: list[bytes]) -> list[str]:
    async def one(jpeg: bytes) -> str:
        try:
            return verdict_of(await spdl.io.async_load_image(jpeg, name="mutant", **SIZE))
        except spdl.io.SPDLError as error:
            return f"{type(error).__name__}: {error}"

    return await asyncio.gather(*map(one, jpegs))


def load_fresh(jpeg: bytes) -> str:
    """In a forked child. This process has loaded nothing, so nor has that one."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, load(jpeg).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        text = answer.read().decode()
    status = os.waitpid(child, 0)[1]
    return text or f"died: {os.waitstatus_to_exitcode(status)}"


def differing(name: str, found: list[str], expected: list[str]) -> int:
    numbers = [i for i, pair in enumerate(zip(found, expected, strict=True)) if pair[0] != pair[1]]
    for number in numbers[:5]:
        print(f"{name}: mutant {number}: {found[number]!r}, not {expected[number]!r}")
    print(f"{name}: {len(numbers)} of {len(found)} differ")
    return len(numbers)


def batches(jpegs: list[bytes], expected: list[str]) -> list[str]:
    """The verdicts of batches; of errors, only that there is one."""
    found = list(expected)
    for begin in range(0, len(jpegs), 64):
        part = jpegs[begin : begin + 64]
        try:
            buffer = spdl.io.load_image_batch(part, strict=False, **SIZE)  # type: ignore[arg-type]
            got = dict(zip(buffer.indices, np.asarray(buffer), strict=True))  # type: ignore[arg-type]
        except spdl.io.BatchError:
            got = {}
        for number in range(len(part)):
            is_error = "Error" in expected[begin + number]
            if number in got:
                found[begin + number] = verdict_of(got[number])
            elif not is_error:
                found[begin + number] = "an error in a batch"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--no-fresh", action="store_true", help="for sanitizers, which fork badly")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--compare", type=Path)
    options = parser.parse_args()
    jpegs = list(make(options.count))
    fresh = None if options.no_fresh else [load_fresh(jpeg) for jpeg in jpegs]
    expected = [load(jpeg) for jpeg in jpegs]
    kinds = Counter(v.partition(":")[0] if ":" in v else "pixels" for v in expected)
    print(f"{len(jpegs)} mutants:", ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
    bad = 0 if fresh is None else differing("fresh process", fresh, expected)
    spdl.io.set_num_threads(1)
    backwards = [load(jpeg) for jpeg in reversed(jpegs)]
    bad += differing("one worker, backwards", backwards[::-1], expected)
    spdl.io.set_num_threads(8)
    bad += differing("8 workers", asyncio.run(load_all(jpegs)), expected)
    bad += differing("batches", batches(jpegs, expected), expected)
    if options.compare:
        bad += differing("other build", expected, json.loads(options.compare.read_text()))
    if options.write:
        options.write.write_text(json.dumps(expected))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
