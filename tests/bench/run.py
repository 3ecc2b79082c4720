# SPDX-License-Identifier: BSD-2-Clause
"""CPU and wall time per image: spdl, a bare C loop over FFmpeg, and the ffmpeg command.

All load the same JPEG files into 224x224 RGB, each in a process of its own, in turn, in several
rounds; what counts are the medians of the ratios of one round. CPU time is that of the whole
process, less that of the same process with next to no images (but for the ffmpeg command).

usage: run.py --loop PROGRAM [--images N] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SIZE = 224
WORKER = Path(__file__).with_name("worker.py")
FIT = (
    f"scale=w={SIZE}:h={SIZE}:flags=bicubic:force_original_aspect_ratio=decrease,"
    f"pad=w={SIZE}:h={SIZE}:x=-1:y=-1:color=black,format=pix_fmts=rgb24"
)


@dataclass(frozen=True)
class Cost:
    """Seconds."""

    cpu: float
    wall: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.cpu - other.cpu, self.wall - other.wall)


def measure(*commands: list[str]) -> Cost:
    """Run the commands at the same time, and wait for all."""
    before, start = os.times(), time.perf_counter()
    # NumPy's BLAS has no work here, and its threads spin while they wait for it.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        for command in commands
    ]
    codes = [process.wait() for process in running]
    wall, after = time.perf_counter() - start, os.times()
    if any(codes):
        sys.exit(f"a command failed: {commands}")
    used = after.children_user + after.children_system
    return Cost(used - before.children_user - before.children_system, wall)


def make_images(folder: Path, count: int) -> list[str]:
    """JPEG files of about 50 kB and one size, for which the bare loop makes its scaler once."""
    source = f"mandelbrot=s=512x384:rate=25:end_scale=0.05:end_pts={count},noise=alls=12:all_seed=1"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", str(count)]
    command += ["-pix_fmt", "yuvj420p", "-q:v", "4", str(folder / "%05d.jpg")]
    subprocess.run(command, check=True)
    files = sorted(str(path) for path in folder.iterdir())
    mean = sum(Path(file).stat().st_size for file in files) / len(files)
    print(f"{len(files)} JPEG files, 512x384, {mean / 1000:.0f} kB each, to {SIZE}x{SIZE} rgb24")
    return files


def make_ways(loop: str, files: list[str], repeat: int) -> dict[str, Callable[[], Cost]]:
    many, few = files * repeat, files[:1]

    def worker(way: str, threads: int) -> Cost:
        start = [sys.executable, str(WORKER)]
        arguments = [str(threads), str(SIZE)]
        full = measure([*start, way, *arguments, *many])
        return full - measure([*start, "nothing", *arguments, *files])

    def bare() -> Cost:
        return measure([loop, str(SIZE), *many]) - measure([loop, str(SIZE), *few])

    def bare_twice() -> Cost:
        half = [loop, str(SIZE), *many[: len(many) // 2]]
        start = [loop, str(SIZE), *few]
        return measure(half, half) - measure(start, start)

    def command() -> Cost:
        folder = Path(files[0]).parent
        common = ["ffmpeg", "-v", "error", "-threads", "1", "-filter_threads", "1"]
        common += ["-stream_loop", str(repeat - 1), "-i", str(folder / "%05d.jpg"), "-vf", FIT]

        # Its start stays in: with one image it would probe as many as with all.
        return measure([*common, "-f", "rawvideo", "-y", "/dev/null"])

    return {
        "bare loop": bare,
        "ffmpeg command": command,
        "load_image_batch": lambda: worker("blocking", 1),
        "async_load_image_batch": lambda: worker("async", 1),
        "bare loop, two processes": bare_twice,
        "async_load_image_batch, two threads": lambda: worker("async", 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--loop", required=True, help="the compiled tests/bench/loop.c")
    parser.add_argument("--images", type=int, default=1536)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        files = make_images(Path(name), min(options.images, 192))
        ways = make_ways(options.loop, files, max(1, options.images // len(files)))
        rounds = [{way: run() for way, run in ways.items()} for _ in range(options.rounds)]
    count = len(files) * max(1, options.images // len(files))
    report(rounds, count)
    if options.json:
        costs = [{way: vars(cost) for way, cost in costs.items()} for costs in rounds]
        options.json.write_text(json.dumps({"images": count, "rounds": costs}, indent=1))


def report(rounds: list[dict[str, Cost]], count: int) -> None:
    print(f"\nper image, median of {len(rounds):<17} {'CPU us':>8} {'wall us':>8}  CPU / bare")
    for way in rounds[0]:
        cpu = median(costs[way].cpu for costs in rounds) / count * 1e6
        wall = median(costs[way].wall for costs in rounds) / count * 1e6
        ratio = median(costs[way].cpu / costs["bare loop"].cpu for costs in rounds)
        print(f"{way:38} {cpu:8.0f} {wall:8.0f}  {ratio:.3f}")

    def gain(costs: dict[str, Cost], one: str, two: str) -> float:
        return costs[one].wall / costs[two].wall

    processes = [gain(costs, "bare loop", "bare loop, two processes") for costs in rounds]
    threads = [
        gain(costs, "async_load_image_batch", "async_load_image_batch, two threads")
        for costs in rounds
    ]
    relative = median(b / a for a, b in zip(processes, threads, strict=True))
    loop = median(costs["bare loop"].cpu / costs["ffmpeg command"].cpu for costs in rounds)
    print(f"\nCPU of the bare loop:                         {loop:.3f} of the ffmpeg command's")
    print(f"wall gain of two processes of the bare loop: {median(processes):.2f}")
    print(
        f"wall gain of two threads of spdl:            {median(threads):.2f}, {relative:.3f} of it"
    )


if __name__ == "__main__":
    main()
