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


def load(batches: list[list[str]], size: int) -> spdl.io.CPUBuffer:
    for batch in batches:
        buffer = spdl.io.load_image_batch(batch, width=size, height=size)
    return buffer


async def load_async(batches: list[list[str]], size: int) -> spdl.io.CPUBuffer:
    room = asyncio.Semaphore(IN_FLIGHT)

    async def load_one(batch: list[str]) -> spdl.io.CPUBuffer:
        async with room:
            return await spdl.io.async_load_image_batch(batch, width=size, height=size)

    buffers = await asyncio.gather(*(load_one(batch) for batch in batches))
    return buffers[-1]


def main() -> None:
    way, threads, size, *files = sys.argv[1:]
    spdl.io.set_num_threads(int(threads))
    batches = [files[i : i + BATCH_SIZE] for i in range(0, len(files), BATCH_SIZE)]
    if way == "nothing":
        batches = [files[:1]]
    if way == "async":
        buffer = asyncio.run(load_async(batches, int(size)))
    else:
        buffer = load(batches, int(size))
    print(f"{np.asarray(buffer)[-1].mean():.3f}")


if __name__ == "__main__":
    main()
