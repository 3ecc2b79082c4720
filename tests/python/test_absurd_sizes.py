# SPDX-License-Identifier: BSD-2-Clause
"""FFmpeg says that it is out of memory: because of what a file asks for, or because it is so."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sanitizer

import spdl.io

Media = Callable[[str], Path]


def _absurd(path: Path, box: str) -> bytes:
    """An MP4 with a table that says to have 2**28 entries, and has as many as before."""
    data = path.read_bytes()
    at = data.rindex(box.encode()) + 8
    return data[:at] + (2**28).to_bytes(4, "big") + data[at + 4 :]


@pytest.mark.parametrize("make", [bytes, io.BytesIO])
@pytest.mark.parametrize("box", ["stts", "stco", "ctts"])
def test_table_that_asks_for_gigabytes(
    media_path: Media, box: str, make: Callable[[bytes], Any]
) -> None:
    data = _absurd(media_path("tiny_h264.mp4"), box)
    for call in (spdl.io.load_video, spdl.io.demux_video, spdl.io.probe, spdl.io.Demuxer):
        with pytest.raises(spdl.io.CorruptError, match=r"^Failed to open the input: "):
            call(make(data))


def test_file_on_disk(media_path: Media, tmp_path: Path) -> None:
    path = tmp_path / "absurd.mp4"
    path.write_bytes(_absurd(media_path("tiny_h264.mp4"), "stts"))
    with pytest.raises(spdl.io.CorruptError, match=re.escape(f"Failed to open the input: {path}")):
        spdl.io.load_video(path)


@pytest.mark.parametrize("name", ["tiny_h264.mp4", "tiny_av1.mp4"])
@pytest.mark.parametrize("size", [2**29, 2**31 - 64])
def test_packet_that_asks_for_gigabytes(media_path: Media, name: str, size: int) -> None:
    """FFmpeg cuts the packet short, or refuses it."""
    data = bytearray(media_path(name).read_bytes())
    at = data.rindex(b"stsz") + 12
    count = int.from_bytes(data[at : at + 4], "big")
    last = at + 4 * count
    data[last : last + 4] = size.to_bytes(4, "big")
    try:
        assert 0 < len(spdl.io.demux_video(bytes(data))) <= count
    except spdl.io.CorruptError as error:
        assert "a packet asks for more memory" in str(error)  # noqa: PT017 (one of both)
        assert error.origin == "demux"  # noqa: PT017


OUT_OF_MEMORY = """
import resource, sys
import spdl.io
try:
    spdl.io.load_image(b"x")  # Then all libraries are there.
except spdl.io.SPDLError:
    pass
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (8 << 20), resource.RLIM_INFINITY))
try:
    spdl.io.demux_video(sys.argv[1])
except spdl.io.SPDLMemoryError as error:
    print(type(error).__name__, isinstance(error, MemoryError))
except BaseException as error:
    print(repr(error))
else:
    print("fine")
"""


@pytest.mark.skipif(sanitizer.ASAN or sanitizer.TSAN, reason="they take all addresses")
def test_lack_of_memory_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "raw.nut"
    source = "testsrc2=size=2048x2048:rate=5:duration=1"  # 12 MB a packet
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "rgb24"]
    subprocess.run([*command, "-c:v", "rawvideo", str(path)], check=True)
    done = subprocess.run(
        [sys.executable, "-c", OUT_OF_MEMORY, str(path)], capture_output=True, check=False
    )
    assert done.stdout == b"SPDLMemoryError True\n", done.stderr
