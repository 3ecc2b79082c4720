# SPDX-License-Identifier: BSD-2-Clause
"""Encoders: what they are given comes back, however it is divided; what they refuse, they name."""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import leaks
import numpy as np
import pytest
from numpy.typing import NDArray

import spdl.io

RATE = (25, 1)
RNG = np.random.default_rng(0)


def _pictures(count: int, height: int, width: int, channels: int = 3) -> NDArray[Any]:
    return RNG.integers(0, 255, (count, height, width, channels), np.uint8)


def _encode(encoder: Any, muxer: Any, frames: list[Any], stream: int = 0) -> None:
    for packets in [*(encoder.encode(some) for some in frames), encoder.flush()]:
        if packets is not None:
            muxer.write(stream, packets)


def _write_video(path: Path, array: NDArray[Any], pix_fmt: str, encoder: str, **more: Any) -> None:
    frames = spdl.io.create_reference_video_frame(array, pix_fmt, RATE, 0)
    muxer = spdl.io.Muxer(path)
    config = spdl.io.video_encode_config(
        width=frames.width, height=frames.height, frame_rate=RATE, pix_fmt=pix_fmt, **more
    )
    stream = muxer.add_encode_stream(config, encoder=encoder)
    with muxer.open():
        _encode(stream, muxer, [frames])


@pytest.mark.parametrize("size", [(48, 64), (47, 61), (1, 1)])
@pytest.mark.parametrize(
    ("encoder", "pix_fmt", "channels"),
    [("png", "rgb24", 3), ("png", "rgba", 4), ("rawvideo", "bgr24", 3), ("ffv1", "yuv444p", 0)],
)
def test_lossless_video(
    encoder: str,
    pix_fmt: str,
    channels: int,
    size: tuple[int, int],
    tmp_path: Path,
    reference: ModuleType,
) -> None:
    array = _pictures(7, *size, channels or 3)
    if not channels:
        array = np.ascontiguousarray(array.transpose(0, 3, 1, 2))
    path = tmp_path / "lossless.nut"
    _write_video(path, array, pix_fmt, encoder)
    assert reference.pictures(path, None) == array.tobytes()
    assert spdl.io.demux_video(path).get_timestamps() == [i / 25 for i in range(7)]


def test_gray16_is_big_endian_in_png(tmp_path: Path, reference: ModuleType) -> None:
    array = RNG.integers(0, 65535, (2, 20, 30), np.uint16).astype(">u2")
    path = tmp_path / "gray16.nut"
    _write_video(path, array, "gray16be", "png")
    assert reference.pictures(path, None) == array.tobytes()


@pytest.mark.parametrize("chunk", [30000, 1024, 999, 17777])
@pytest.mark.parametrize(
    ("name", "encoder", "sample_fmt", "dtype"),
    [
        ("a.wav", "pcm_s16le", "s16", np.int16),
        ("a.wav", "pcm_f32le", "flt", np.float32),
        ("a.flac", "flac", "s16", np.int16),
        ("a.mka", "flac", "s32", np.int32),
    ],
)
def test_lossless_audio(
    name: str,
    encoder: str,
    sample_fmt: str,
    dtype: Any,
    chunk: int,
    tmp_path: Path,
    reference: ModuleType,
) -> None:
    samples = RNG.integers(-30000, 30000, (30000, 2)).astype(dtype)
    if sample_fmt == "s32":
        samples *= 256  # FLAC has 24 bits
    path = tmp_path / name
    muxer = spdl.io.Muxer(path)
    config = spdl.io.audio_encode_config(num_channels=2, sample_rate=16000, sample_fmt=sample_fmt)
    stream = muxer.add_encode_stream(config, encoder=encoder)
    pieces = [
        spdl.io.create_reference_audio_frame(samples[i : i + chunk], sample_fmt, 16000, i)
        for i in range(0, len(samples), chunk)
    ]
    with muxer.open():
        _encode(stream, muxer, pieces)
    assert np.array_equal(reference.samples(path, sample_fmt, 2, None), samples)


def test_the_division_of_samples_does_not_matter(tmp_path: Path) -> None:
    samples = RNG.normal(0, 0.2, (2, 50001)).astype(np.float32)
    files = []
    for chunk in (50001, 1, 1023, 1024, 4096):
        path = tmp_path / f"{chunk}.adts"
        muxer = spdl.io.Muxer(path, format="adts")
        config = spdl.io.audio_encode_config(num_channels=2, sample_rate=44100)
        stream = muxer.add_encode_stream(config, encoder="aac")
        assert stream.frame_size == 1024
        # Single samples only at the beginning: all of them would take long.
        cuts = [0, *range(1, 300), 50001] if chunk == 1 else [*range(0, 50001, chunk), 50001]
        with muxer.open():
            pieces = [
                spdl.io.create_reference_audio_frame(
                    np.ascontiguousarray(samples[:, a:b]), "fltp", 44100, a
                )
                for a, b in itertools.pairwise(cuts)
                if a < b
            ]
            _encode(stream, muxer, pieces)
        files.append(path.read_bytes())
    assert len(files[0]) > 1000
    assert all(file == files[0] for file in files)


def test_gaps_between_samples_are_kept() -> None:
    muxer = spdl.io.Muxer("unused.mka")
    config = spdl.io.audio_encode_config(num_channels=1, sample_rate=8000, sample_fmt="s16")
    stream = muxer.add_encode_stream(config, encoder="pcm_s16le")
    assert stream.frame_size == 0
    times = []
    for start in (0, 100, 1000):
        frames = spdl.io.create_reference_audio_frame(
            np.zeros((100, 1), np.int16), "s16", 8000, start
        )
        packets = stream.encode(frames)
        assert packets is not None
        times.append(spdl.io.decode_packets(packets, filter_desc=None)._seconds()[0])
    assert times == [0, 100 / 8000, 1000 / 8000]
    with pytest.raises(spdl.io.MismatchError, match=r"must not begin before 0\.1375"):
        stream.encode(
            spdl.io.create_reference_audio_frame(np.zeros((1, 1), np.int16), "s16", 8000, 500)
        )


def test_decoded_frames_can_be_encoded(media_path: Callable[[str], Path], tmp_path: Path) -> None:
    """mpeg4 with B-frames: packets come later than frames, and out of order."""
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    frames = spdl.io.decode_packets(packets, filter_desc=None)
    muxer = spdl.io.Muxer(tmp_path / "a.mp4")
    config = spdl.io.video_encode_config(
        width=160, height=120, frame_rate=RATE, pix_fmt="yuv420p", qscale=2, max_b_frames=2,
        gop_size=12, colorspace="bt709",
    )  # fmt: skip
    stream = muxer.add_encode_stream(config, encoder="mpeg4", encoder_config={"threads": "1"})
    with muxer.open({"movflags": "faststart"}):
        _encode(stream, muxer, list(frames))
    written = spdl.io.demux_video(tmp_path / "a.mp4")
    assert written.get_timestamps() == pytest.approx([i / 25 for i in range(30)])
    raw = written.get_timestamps(raw=True)
    assert raw != sorted(raw)
    before = spdl.io.to_numpy(spdl.io.load_video(media_path("h264.mp4"))).astype(float)
    after = spdl.io.to_numpy(spdl.io.load_video(tmp_path / "a.mp4")).astype(float)
    assert np.abs(before - after).mean() < 6


def test_quality_is_heard_of(tmp_path: Path) -> None:
    array = np.mgrid[0:128, 0:128].sum(0).astype(np.uint8)[None, ..., None].repeat(3, -1)
    array += RNG.integers(0, 9, array.shape, np.uint8)
    planes = np.ascontiguousarray(array.transpose(0, 3, 1, 2)).repeat(20, 0)
    path = tmp_path / "size.nut"

    def size(array: NDArray[Any], pix_fmt: str, encoder: str, **more: Any) -> int:
        _write_video(path, array, pix_fmt, encoder, **more)
        return path.stat().st_size

    sizes = [size(array, "rgb24", "png", compression_level=level) for level in (9, 0)]
    assert sizes[0] < sizes[1]
    assert size(planes, "yuv444p", "ffv1", gop_size=1) > size(
        planes, "yuv444p", "ffv1", gop_size=20
    )


def test_packets_decode_without_a_file() -> None:
    array = _pictures(3, 20, 30)
    muxer = spdl.io.Muxer("unused.nut")
    config = spdl.io.video_encode_config(width=30, height=20)
    stream = muxer.add_encode_stream(config, encoder="png")
    packets = stream.encode(spdl.io.create_reference_video_frame(array, "rgb24", RATE, 5))
    assert packets is not None
    assert packets.get_timestamps() == [0.2, 0.24, 0.28]
    assert (stream.name, stream.time_base) == ("png", (1, 25))
    assert np.array_equal(
        spdl.io.to_numpy(spdl.io.convert_frames(spdl.io.decode_packets(packets))), array
    )
    assert stream.flush() is None
    assert not Path("unused.nut").exists()


def test_cancelled_encoding_takes_no_more(tmp_path: Path) -> None:
    muxer = spdl.io.Muxer(tmp_path / "a.nut")
    config = spdl.io.video_encode_config(width=640, height=480)
    stream = muxer.add_encode_stream(config, encoder="png")
    frames = spdl.io.create_reference_video_frame(_pictures(40, 480, 640), "rgb24", RATE, 0)

    async def run() -> None:
        task = asyncio.create_task(stream.async_encode(frames))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    with pytest.raises(spdl.io.InvalidError, match="failed in the middle"):
        stream.flush()


def test_nothing_leaks(tmp_path: Path) -> None:
    with leaks.nothing_leaks():
        for _ in range(5):
            _write_video(tmp_path / "a.nut", _pictures(3, 24, 32), "rgb24", "png")
            spdl.io.Muxer(tmp_path / "b.mkv").add_encode_stream(
                spdl.io.video_encode_config(width=32, height=24), encoder="png"
            )
        gc.collect()
