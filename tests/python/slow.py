# SPDX-License-Identifier: BSD-2-Clause
"""Operations that take long: a video of many frames, and a filter that is slow on each of them."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from pathlib import Path

# A few milliseconds for each frame of `video()`; the result is small.
FILTER = "avgblur=sizeX=30,scale=w=16:h=16,format=pix_fmts=rgb24"
NUM_FRAMES = 5000


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="spdl-slow-")


def _loop(name: str, size: str, times: int) -> Path:
    """Two seconds of video, repeated without encoding it again."""
    folder = Path(_folder().name)
    once, path = folder / f"once-{name}", folder / name
    command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-y"]
    source = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration=2"]
    subprocess.run([*command, *source, "-c:v", "mpeg4", "-q:v", "5", once], check=True)
    loop = ["-stream_loop", str(times - 1), "-i", str(once), "-c", "copy", str(path)]
    subprocess.run([*command, *loop], check=True)
    return path


@functools.cache
def video() -> Path:
    """320x240, 25 frames per second, `NUM_FRAMES` frames: with `FILTER`, well over ten seconds."""
    return _loop("slow.mkv", "320x240", NUM_FRAMES // 50)


@functools.cache
def many_packets() -> Path:
    """100,000 small packets."""
    return _loop("many.mkv", "32x32", 2000)
