# SPDX-License-Identifier: BSD-2-Clause
"""Sources that are long, or have no end."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import resident
from test_streaming import Media

import spdl.io


def _pour(path: Path, fifo: Path, limit: threading.Event) -> None:
    """Write endless MPEG-TS into a FIFO, until its reader goes."""
    data = path.read_bytes()
    try:
        with open(fifo, "wb", buffering=0) as file:
            while not limit.is_set():
                file.write(data)
    except BrokenPipeError:
        pass


def test_an_endless_pipe_is_read_as_it_comes(media_path: Media, tmp_path: Path) -> None:
    fifo, stop = tmp_path / "fifo", threading.Event()
    os.mkfifo(fifo)
    writer = threading.Thread(target=_pour, args=(media_path("mpeg2.ts"), fifo, stop))
    writer.start()
    try:
        with spdl.io.Demuxer(fifo) as demuxer:
            decoder = spdl.io.Decoder(demuxer.video_codec)
            count = 0
            for packets in demuxer.streaming_demux(demuxer.video_stream_index, num_packets=10):
                count += sum(len(frames) for frames in decoder.streaming_decode_packets(packets))
                if count > 200:
                    break
    finally:
        stop.set()
        writer.join(20)
    assert count > 200
    assert not writer.is_alive()


def _ffmpeg(*arguments: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


def _long(folder: Path, seconds: int, *muxing: str) -> tuple[Path, int]:
    """A long MPEG-TS file, one clip of MPEG-2 video repeated, and how many pictures it has."""
    clip, path = folder / "clip.ts", folder / "long.ts"
    pictures = "testsrc2=s=160x120:r=25"
    _ffmpeg("-f", "lavfi", "-i", pictures, "-t", 10, "-c:v", "mpeg2video", "-g", 12, clip)
    loops = ["-stream_loop", seconds // 10 - 1, "-i", clip]
    _ffmpeg(*loops, "-c", "copy", *muxing, path)
    probe = ["ffprobe", "-v", "error", "-select_streams", "v", "-count_packets"]
    probe += ["-show_entries", "stream=nb_read_packets", "-of", "default=nk=1:nw=1", str(path)]
    found = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.split()
    return path, int(found[0])


def test_the_first_item_comes_early(tmp_path: Path) -> None:
    """After less than 5 % of the input: the rest is written only then."""
    path, expected = _long(tmp_path, 60, "-muxrate", "20M")
    data = path.read_bytes()
    fifo, came, written = tmp_path / "fifo", threading.Event(), []
    os.mkfifo(fifo)

    def pour() -> None:
        early = len(data) // 20
        with open(fifo, "wb", buffering=0) as file:
            file.write(memoryview(data)[:early])
            written.append(came.wait(60))
            file.write(memoryview(data)[early:])

    writer = threading.Thread(target=pour)
    writer.start()
    with spdl.io.Demuxer(fifo) as demuxer:
        decoder = spdl.io.Decoder(demuxer.video_codec, filter_desc=None)
        chunks = demuxer.streaming_demux(demuxer.video_stream_index, num_packets=10)
        count = len(next(decoder.streaming_decode_packets(next(chunks))))
        came.set()
        for packets in chunks:
            count += sum(len(frames) for frames in decoder.streaming_decode_packets(packets))
        count += sum(len(frames) for frames in decoder.flush())
    writer.join(20)
    assert written == [True]
    # What the first iterator left came with the second.
    assert count == expected


@resident.measurable
def test_half_an_hour_takes_no_memory(tmp_path: Path) -> None:
    path, expected = _long(tmp_path, 1800)
    assert expected > 44_000
    with spdl.io.Demuxer(path) as demuxer:
        decoder = spdl.io.Decoder(demuxer.video_codec, filter_desc=None)
        decoder.set_buffer_size(32)
        chunks = demuxer.streaming_demux(demuxer.video_stream_index, duration=1)
        count = sum(len(frames) for frames in decoder.streaming_decode_packets(next(chunks)))
        with resident.peaks_at_most(8 * resident.MIB):
            for packets in chunks:
                count += sum(len(frames) for frames in decoder.streaming_decode_packets(packets))
        count += sum(len(frames) for frames in decoder.flush())
    assert count == expected
