# SPDX-License-Identifier: BSD-2-Clause
"""One run of one way to load images, in a process of its own.

usage: worker.py blocking|async|nothing THREADS SIZE FILE...   prints the mean of the last picture
"""

from __future__ import annotations

import asyncio
import sys

import numpy as np

import spdl.io

BATCH_SIZE = 32
IN_FLIGHT = 3


def load(batches: list[list[str]], size: int) -> float:
    mean = 0.0
    for batch in batches:
        mean = mean_of_last(spdl.io.load_image_batch(batch, width=size, height=size))
    return mean


async def load_async(batches: list[list[str]], size: int) -> float:
    room = asyncio.Semaphore(IN_FLIGHT)

    async def load_one(batch: list[str]) -> float:
        async with room:
            return mean_of_last(
                await spdl.io.async_load_image_batch(batch, width=size, height=size)
            )

    return (await asyncio.gather(*(load_one(batch) for batch in batches)))[-1]


def mean_of_last(buffer: spdl.io.CPUBuffer) -> float:
    """A use of the batch, which then goes, as a training step lets it go."""
    return float(np.asarray(buffer)[-1].mean())


def main() -> None:
    way, threads, size, *files = sys.argv[1:]
    spdl.io.set_num_threads(int(threads))
    batches = [files[i : i + BATCH_SIZE] for i in range(0, len(files), BATCH_SIZE)]
    if way == "nothing":
        batches = [files[:1]]
    if way == "async":
        mean = asyncio.run(load_async(batches, int(size)))
    else:
        mean = load(batches, int(size))
    print(f"{mean:.3f}")


if __name__ == "__main__":
    main()
