# SPDX-License-Identifier: BSD-2-Clause
"""Reading on in C after reads that were interrupted: no packet is lost in silence."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spdl.io
from spdl._native import wait
from spdl._native.library import ffi
from spdl._native.operation import Operation
from spdl.io import demuxer as demuxing

Media = Callable[[str], Path]


class SlowFile:
    """A file whose reads take `delay` seconds."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.delay = 0.0

    def read(self, size: int) -> bytes:
        time.sleep(self.delay)
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def close(self) -> None:
        self._file.close()


def _read_on(demuxer: Any) -> int:
    """How many packets of stream 0 come next, at most 5; 0 at the end."""
    options, streams = demuxing.chunk_struct(-1, 5), ffi.new("int32_t[]", [0])
    inputs = demuxer._pointer, streams, 1, options
    wrap = demuxing.Chunk._wrap
    read: Operation[Any] = Operation(
        "spdl_demuxer_read", inputs, wrap, keep=(streams, options), feeders=demuxer._feeders
    )
    chunk = wait.run(read)
    return 0 if chunk is None else sum(len(packets) for packets in chunk.by_stream().values())


def _read_with_breaks(demuxer: Any, file: SlowFile) -> tuple[int, int]:
    """Packets that came, up to the end, and chunks that were interrupted."""
    num_packets = num_late = 0
    for turn in itertools.count():
        is_slow = turn % 2 == 1 and num_late < 3
        file.delay = 0.02 if is_slow else 0
        try:
            with spdl.io.limits(seconds=0.01 if is_slow else 60):
                got = _read_on(demuxer)
        except spdl.io.DeadlineError:
            num_late += 1
            continue
        if not got:
            break
        num_packets += got
    file.delay = 0
    return num_packets, num_late


@pytest.mark.parametrize("name", ["h264.mp4", "h264.mkv", "mpeg2.ts", "s16.flac", "stereo.mp3"])
def test_packets_come_or_an_error_does(name: str, media_path: Media) -> None:
    path = media_path(name)
    whole = spdl.io.Demuxer(path)
    wanted = sum(iter(lambda: _read_on(whole), 0))
    file = SlowFile(path)
    config = spdl.io.demux_config(buffer_size=2048)
    with spdl.io.Demuxer(file, demux_config=config) as demuxer:
        if name.endswith(".mkv"):
            with pytest.raises(spdl.io.SPDLIOError, match="read it from its start"):
                _read_with_breaks(demuxer, file)
            file.delay = 0
        else:
            got, num_late = _read_with_breaks(demuxer, file)
            assert num_late
            # Those of a chunk that was interrupted are lost, as the header says.
            assert wanted - 5 * num_late <= got < wanted + 1
        is_audio = name.endswith((".flac", ".mp3"))
        again = demuxer.demux_audio() if is_audio else demuxer.demux_video()
        assert len(again) == wanted
    file.close()
