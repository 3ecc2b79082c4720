# SPDX-License-Identifier: BSD-2-Clause
"""Muxers: several streams, remuxing, misuse, files that cannot be written."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
import tools

import spdl.io

Media = Callable[[str], Path]

RATE = (25, 1)


def _pictures(count: int = 3, pts: int = 0) -> spdl.io.VideoFrames:
    array = np.random.default_rng(count).integers(0, 255, (count, 24, 32, 3), np.uint8)
    return spdl.io.create_reference_video_frame(array, "rgb24", RATE, pts)


def _png(muxer: spdl.io.Muxer) -> spdl.io.VideoEncoder:
    config = spdl.io.video_encode_config(width=32, height=24, frame_rate=RATE)
    return muxer.add_encode_stream(config, encoder="png")


def _encoded(muxer: spdl.io.Muxer, count: int = 3) -> spdl.io.VideoPackets:
    packets = _png(muxer).encode(_pictures(count))
    assert packets is not None
    return packets


def _write(muxer: spdl.io.Muxer, packets: spdl.io.VideoPackets) -> None:
    with muxer.open():
        muxer.write(0, packets)


def _encode_in_file(muxer: spdl.io.Muxer, encoder: Any, frames: Any) -> None:
    with muxer.open():
        assert encoder.encode(frames) is None


def _hashes(path: Path, stream: str) -> list[tuple[float, str]]:
    """(pts in seconds, hash) of each packet, as the CLI reads them."""
    command = ["ffmpeg", "-v", "error", "-copyts", "-i", str(path), "-map", f"0:{stream}:0"]
    out = tools.run([*command, "-c", "copy", "-f", "framehash", "-"]).decode()
    num, den = next(
        line.split()[-1] for line in out.splitlines() if line.startswith("#tb 0")
    ).split("/")
    rows = [line.split(",") for line in out.splitlines() if not line.startswith("#")]
    return [(int(row[2]) * int(num) / int(den), row[5].strip()) for row in rows]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.nut", "a.mov"])
def test_remuxing_keeps_packets(name: str, media_path: Media, tmp_path: Path) -> None:
    path = media_path("both.mp4")
    video, audio = spdl.io.demux_video(path), spdl.io.demux_audio(path)
    muxer = spdl.io.Muxer(tmp_path / name)
    muxer.add_remux_stream(video.codec)
    muxer.add_remux_stream(audio.codec)
    with muxer.open():
        muxer.write(0, video)
        muxer.write(1, audio)
    # Matroska counts in milliseconds. What cannot hold times below 0, where the sound begins, moves
    # everything by the same time.
    shifts = []
    for stream in "va":
        before, after = _hashes(path, stream), _hashes(tmp_path / name, stream)
        assert [hash_ for _, hash_ in after] == [hash_ for _, hash_ in before]
        assert len(before) > 20
        shifts += [b - a for (a, _), (b, _) in zip(before, after, strict=True)]
    assert shifts == pytest.approx([shifts[0]] * len(shifts), abs=1.1e-3)
    assert shifts[0] == pytest.approx(0, abs=1e-6) or name in ("a.mkv", "a.nut")
    # That the beginning of the sound is to be skipped, only the mp4 family says.
    loads = [spdl.io.load_video, spdl.io.load_audio]
    for load in loads if name in ("a.mp4", "a.mov") else loads[:1]:
        a, b = (spdl.io.to_numpy(load(file)) for file in (path, tmp_path / name))
        assert np.array_equal(a, b)


def test_windows_keep_their_place(media_path: Media, tmp_path: Path) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"), timestamp=(0.5, 0.9))
    muxer = spdl.io.Muxer(tmp_path / "a.mkv")
    muxer.add_remux_stream(packets.codec)
    with muxer.open():
        muxer.write(0, packets)
    before = spdl.io.to_numpy(spdl.io.load_video(media_path("h264.mp4"), (0.5, 0.9)))
    after = spdl.io.to_numpy(spdl.io.load_video(tmp_path / "a.mkv", (0.5, 0.9)))
    assert np.array_equal(before, after)


def test_a_picture_is_remuxed(media_path: Media, tmp_path: Path) -> None:
    path = media_path("jpeg_420.jpg")
    packets = spdl.io.demux_image(path)
    muxer = spdl.io.Muxer(tmp_path / "copy_%d.jpg")  # the name is no pattern
    muxer.add_remux_stream(packets.codec)
    with muxer.open():
        muxer.write(0, packets)
    assert (tmp_path / "copy_%d.jpg").read_bytes() == path.read_bytes()


def test_sequences_of_pictures(tmp_path: Path) -> None:
    muxer = spdl.io.Muxer(tmp_path / "p%d.png")
    packets = _encoded(muxer)
    with muxer.open({"update": "0"}):
        muxer.write(0, packets)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["p1.png", "p2.png", "p3.png"]


def test_several_streams(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).integers(-9999, 9999, (16000, 1)).astype(np.int16)
    path = tmp_path / "a.mkv"
    muxer = spdl.io.Muxer(path)
    first, second = _png(muxer), _png(muxer)
    sound = muxer.add_encode_stream(
        spdl.io.audio_encode_config(num_channels=1, sample_rate=8000, sample_fmt="s16"),
        encoder="flac",
    )
    streams: list[tuple[Any, Any]] = [
        (first, _pictures(50)),
        (second, _pictures(49)),
        (sound, spdl.io.create_reference_audio_frame(samples, "s16", 8000, 0)),
    ]
    with muxer.open():
        for index, (encoder, frames) in enumerate(streams):
            for packets in (encoder.encode(frames), encoder.flush()):
                if packets is not None:
                    muxer.write(index, packets)
        muxer.flush()
    assert [len(_hashes(path, "v")), len(spdl.io.load_video(path).pts)] == [50, 50]
    assert np.array_equal(
        spdl.io.to_numpy(spdl.io.load_audio(path, filter_desc="aformat=s16")), samples
    )
    listed = tools.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", str(path)])
    assert listed.decode().count("codec_name=png") == 2


def test_awaited(tmp_path: Path) -> None:
    frames = _pictures(5)

    async def write() -> None:
        muxer = spdl.io.Muxer(tmp_path / "a.nut")
        encoder = _png(muxer)
        async with await muxer.async_open() as opened:
            assert opened is muxer
            packets = await encoder.async_encode(frames)
            assert packets is not None
            assert await muxer.async_write(0, packets) is None
            assert await encoder.async_flush() is None
            assert await muxer.async_flush() is None

    asyncio.run(write())
    loaded = spdl.io.load_video(tmp_path / "a.nut")
    expected = spdl.io.convert_frames(frames)
    assert np.array_equal(spdl.io.to_numpy(loaded), spdl.io.to_numpy(expected))


def test_two_threads(tmp_path: Path) -> None:
    """A machine serves one; nobody crashes, and who is refused hears why."""
    muxer = spdl.io.Muxer(tmp_path / "a.nut")
    packets = _encoded(muxer, 50)
    muxer.open()
    problems: list[Exception] = []

    def write() -> None:
        for _ in range(30):
            try:
                muxer.write(0, packets)
            except Exception as error:
                problems.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The second time, the packets are older than those that the file has.
    kinds = (spdl.io.BusyError, spdl.io.UnsupportedError, spdl.io.InvalidError)
    assert all(isinstance(problem, kinds) for problem in problems)


def test_nothing_leaks(media_path: Media, tmp_path: Path) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    codec = packets.codec
    with leaks.nothing_leaks():
        for name in ("a.mp4", "missing/a.mp4", "b.mp4"):
            muxer = spdl.io.Muxer(tmp_path / name)
            muxer.add_remux_stream(codec)
            try:
                muxer.open()
            except spdl.io.NotFoundError:
                continue
            muxer.write(0, packets)
            if name == "a.mp4":
                muxer.close()
        del muxer
