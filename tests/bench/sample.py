# SPDX-License-Identifier: BSD-2-Clause
"""Fifty frames of 5,000 against all of them: CPU and wall time, in turn, and the same pictures.

usage: sample.py [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import spdl.io

NUM_FRAMES, GOP = 5000, 25
INDICES = list(range(12, NUM_FRAMES, 100))
MAX_CPU, MAX_WALL = 1 / 5, 1 / 8


def make_video(folder: Path) -> Path:
    path = folder / "video.mp4"
    source = f"testsrc2=size=320x240:rate=25:duration={NUM_FRAMES // 25}"
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-pix_fmt", "yuv420p"]
    gop = ["-g", str(GOP), "-keyint_min", str(GOP), "-sc_threshold", "0"]
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *codec, *gop, str(path)]
    subprocess.run(command, check=True)
    return path


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU, of all threads, and of the clock."""
    before, start = os.times(), time.perf_counter()
    work()
    wall, after = time.perf_counter() - start, os.times()
    return after.user + after.system - before.user - before.system, wall


def decode_all(packets: spdl.io.VideoPackets) -> None:
    for _ in spdl.io.streaming_decode_packets(packets, 100):
        pass


def check_pictures(packets: spdl.io.VideoPackets) -> None:
    sampled = spdl.io.to_numpy(
        spdl.io.convert_frames(spdl.io.sample_decode_video(packets, INDICES))
    )
    whole = iter(sampled)
    for first, frames in enumerate(spdl.io.streaming_decode_packets(packets, 100)):
        wanted = [index - 100 * first for index in INDICES if index // 100 == first]
        pictures = spdl.io.to_numpy(spdl.io.convert_frames(frames[wanted]))
        if not all(np.array_equal(picture, next(whole)) for picture in pictures):
            sys.exit(f"a sampled frame among {first * 100}… is another picture")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        packets = spdl.io.demux_video(make_video(Path(folder)))
    print(f"{len(INDICES)} of {len(packets)} frames, a key frame every {GOP}, 320x240 to rgb24")
    check_pictures(packets)
    ratios = []
    for _ in range(rounds):
        cpu, wall = cost(lambda: decode_all(packets))
        some_cpu, some_wall = cost(lambda: spdl.io.sample_decode_video(packets, INDICES))
        ratios.append((some_cpu / cpu, some_wall / wall))
        print(f"  all {cpu:.2f} s CPU, {wall:.2f} s; some {some_cpu:.3f} s CPU, {some_wall:.3f} s")
    of_cpu, of_wall = (median(column) for column in zip(*ratios, strict=True))
    print(f"CPU {of_cpu:.4f} of all (at most {MAX_CPU}), wall {of_wall:.4f} (at most {MAX_WALL})")
    if of_cpu > MAX_CPU or of_wall > MAX_WALL:
        sys.exit("sampling costs too much")


if __name__ == "__main__":
    main()
