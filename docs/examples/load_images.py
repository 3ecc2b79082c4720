# SPDX-License-Identifier: BSD-2-Clause
"""Load all images of a folder into batches of arrays.

A batch is one awaited call: native threads decode its files, on all cores, into one array. A few
batches are in flight at any time, so that no core waits. Broken files are left out and reported.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

import spdl.io

EXTENSIONS = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
BATCHES_IN_FLIGHT = 3

Images = NDArray[np.uint8]


@dataclass
class Batch:
    num_files: int
    images: Images | None
    """(B, H, W, 3); None if no file could be loaded."""
    errors: list[spdl.io.SPDLError]


async def load_batch(files: list[Path], width: int, height: int) -> Batch:
    """Load files into one array, each scaled to fit and padded with black."""
    try:
        buffer = await spdl.io.async_load_image_batch(
            files, width=width, height=height, strict=False
        )
    except spdl.io.BatchError as failed:  # Not one of them is an image.
        return Batch(len(files), None, [error for _, _, error in failed.failures])
    errors = [error for _, _, error in buffer.errors]
    return Batch(len(files), spdl.io.to_numpy(buffer), errors)


async def load_batches(
    files: list[Path], batch_size: int, width: int, height: int
) -> AsyncIterator[Batch]:
    """Load all files, a few batches at a time. The batches come in order."""
    in_flight: deque[asyncio.Task[Batch]] = deque()
    for start in range(0, len(files), batch_size):
        some = files[start : start + batch_size]
        in_flight.append(asyncio.create_task(load_batch(some, width, height)))
        if len(in_flight) == BATCHES_IN_FLIGHT:
            yield await in_flight.popleft()
    while in_flight:
        yield await in_flight.popleft()


@dataclass
class Total:
    num_images: int = 0
    errors: list[spdl.io.SPDLError] = field(default_factory=list)
    first: Images | None = None
    """The first batch that has an image."""


async def load_all(
    batches: AsyncIterator[Batch], total: Total, progress: Callable[[int], object]
) -> None:
    async for batch in batches:
        progress(batch.num_files)
        total.errors += batch.errors
        if batch.images is not None:  # This is where a model would take them.
            total.num_images += len(batch.images)
            total.first = batch.images if total.first is None else total.first


def save_sheet(images: Images, file: Path) -> None:
    """Put the images side by side, each at most 160 pixels wide and high."""
    tile, gap = Image.fromarray(images[0]), 4
    tile.thumbnail((160, 160))
    step_x, step_y = tile.width + gap, tile.height + gap
    columns = math.ceil(math.sqrt(2 * len(images)))
    rows = math.ceil(len(images) / columns)
    sheet = Image.new("RGB", (columns * step_x + gap, rows * step_y + gap), "white")
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        thumbnail = Image.fromarray(image).resize(tile.size, Image.Resampling.BOX)
        sheet.paste(thumbnail, (gap + column * step_x, gap + row * step_y))
    sheet.save(file)


def report(total: Total, wall: float, cpu: float) -> None:
    threads, cost = spdl.io.get_num_threads(), 1000 * cpu / max(1, total.num_images)
    print(f"{total.num_images} images in {wall:.2f} s on {threads} threads")
    print(f"{total.num_images / wall:.0f} images/s, {cost:.2f} ms of CPU per image")
    if total.errors:
        print(f"Left out, since they could not be loaded ({len(total.errors)}):")
    for error in total.errors:
        print(f"  {error}")


def size(text: str) -> tuple[int, int]:
    """Width and height, of "640x480" or "224"."""
    width, _, height = text.partition("x")
    return int(width), int(height or width)


def main() -> int:
    parser = argparse.ArgumentParser(description="Load all images of a folder into batches.")
    parser.add_argument("folder", type=Path, help="searched with the folders in it")
    parser.add_argument("--size", type=size, default="224", metavar="WxH", help="default: 224x224")
    parser.add_argument("--batch-size", type=int, default=32, metavar="N", help="default: 32")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="picture of the first batch")
    args = parser.parse_args()
    if min(args.batch_size, *args.size) < 1:
        parser.error("sizes must be above 0")
    if not args.folder.is_dir():
        parser.error(f"{args.folder} is no folder")
    if args.sheet and not args.sheet.parent.is_dir():
        parser.error(f"{args.sheet.parent} is no folder")
    files = sorted(file for file in args.folder.rglob("*") if file.suffix.lower() in EXTENSIONS)
    if not files:
        parser.error(f"{args.folder} holds no images")

    total, code = Total(), 0
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        with tqdm(total=len(files), unit=" files", leave=False) as bar:
            batches = load_batches(files, args.batch_size, *args.size)
            asyncio.run(load_all(batches, total, bar.update))
    except KeyboardInterrupt:
        print("Interrupted.")
        code = 130
    report(total, time.perf_counter() - wall, time.process_time() - cpu)
    if args.sheet and total.first is not None:
        save_sheet(total.first, args.sheet)
    return code or int(not total.num_images)


if __name__ == "__main__":
    sys.exit(main())
