# SPDX-License-Identifier: BSD-2-Clause
"""Sources read and decoded piece by piece give what one call gives, and hold little at a time."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest

import spdl.io

Media = Callable[[str], Path]

VIDEO = ["h264.mp4", "h264.mkv", "h264.h264", "hevc.mp4", "vp9.webm", "vfr.mp4", "late.ts"]
AUDIO = ["s16.wav", "s16.flac", "stereo.mp3", "stereo.m4a", "stereo.opus", "stereo.ogg"]


def _array(frames: Any) -> np.ndarray[Any, Any]:
    return spdl.io.to_numpy(spdl.io.convert_frames(frames))


def _join(pieces: Iterable[Any]) -> np.ndarray[Any, Any]:
    pieces = list(pieces)
    axis = 1 if isinstance(pieces[0], spdl.io.AudioFrames) else 0
    return np.concatenate([_array(frames) for frames in pieces], axis)


def _packets(path: Path, kind: str) -> Any:
    return getattr(spdl.io, f"demux_{kind}")(path)


def _both(test: Callable[..., Any]) -> Any:
    """Run a test with the blocking and the asynchronous form of a function."""
    return pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])(test)


def _collect(owner: Any, name: str, is_async: bool, *args: Any, **kwargs: Any) -> list[Any]:
    if not is_async:
        return list(getattr(owner, name)(*args, **kwargs))

    async def collect() -> list[Any]:
        return [item async for item in getattr(owner, f"async_{name}")(*args, **kwargs)]

    return asyncio.run(collect())


CASES = [(name, "video") for name in VIDEO] + [(name, "audio") for name in AUDIO]


@pytest.mark.parametrize(("name", "kind"), CASES)
@pytest.mark.parametrize("size", [1, 5, 64, "mixed"])
def test_chunks_decode_to_the_whole(media_path: Media, name: str, kind: str, size: Any) -> None:
    path = media_path(name)
    whole = spdl.io.decode_packets(_packets(path, kind))
    with spdl.io.Demuxer(path) as demuxer:
        decoder = spdl.io.Decoder(getattr(demuxer, f"{kind}_codec"))
        stream = getattr(demuxer, f"{kind}_stream_index")
        pieces: list[Any] = []
        chunks = demuxer.streaming_demux(stream, num_packets=1 if size == "mixed" else size)
        for turn, packets in enumerate(chunks):
            if size == "mixed" and kind == "video":
                decoder.set_buffer_size((0, 1, 3, 7)[turn % 4])
            pieces += decoder.streaming_decode_packets(packets)
        pieces += decoder.flush()
    joined = _join(pieces)
    assert np.array_equal(joined, _array(whole))
    if kind == "video":
        seconds = [time for frames in pieces for time in frames.get_timestamps()]
        assert seconds == whole.get_timestamps()


@_both
@pytest.mark.parametrize("num_frames", [1, 5, 64])
def test_frames_come_in_the_size_that_is_asked_for(
    media_path: Media, is_async: bool, num_frames: int
) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"), timestamp=(0.3, 1.1))
    items = _collect(spdl.io, "streaming_decode_packets", is_async, packets, num_frames)
    counts = [len(frames) for frames in items]
    assert set(counts[:-1]) <= {num_frames}
    assert 0 < counts[-1] <= num_frames
    assert np.array_equal(_join(items), _array(spdl.io.decode_packets(packets)))


def test_a_filter_that_holds_frames_back_is_drained(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    desc = spdl.io.get_video_filter_desc(frame_rate=(50, 1), num_frames=90, scale_width=32)
    items = spdl.io.streaming_decode_packets(packets, 8, filter_desc=desc)
    whole = spdl.io.decode_packets(packets, filter_desc=desc)
    assert len(whole) == 90
    assert np.array_equal(_join(items), _array(whole))


@_both
def test_images_decode_one_by_one(media_path: Media, is_async: bool) -> None:
    paths = [media_path(name) for name in ("jpeg_420.jpg", "jpeg_gray.jpg", "jpeg_444.jpg")]
    packets = [spdl.io.demux_image(path) for path in paths]
    decoder = spdl.io.Decoder(packets[0].codec)
    assert isinstance(decoder, spdl.io.ImageDecoder)
    for one in packets:
        (frames,) = _collect(decoder, "streaming_decode_packets", is_async, one)
        assert isinstance(frames, spdl.io.ImageFrames)
        assert np.array_equal(_array(frames), _array(spdl.io.decode_packets(one)))
    assert _collect(decoder, "flush", is_async) == []


@_both
def test_several_streams_come_together(media_path: Media, is_async: bool) -> None:
    path = media_path("both.mp4")
    with spdl.io.Demuxer(path) as demuxer:
        audio, video = demuxer.audio_stream_index, demuxer.video_stream_index
        chunks = _collect(demuxer, "streaming_demux", is_async, [audio, video], duration="0.2")
        assert [set(chunk) <= {audio, video} for chunk in chunks] == [True] * len(chunks)
        decoder = spdl.io.Decoder(demuxer.audio_codec), spdl.io.Decoder(demuxer.video_codec)
        for index, one, kind in zip((audio, video), decoder, ("audio", "video"), strict=True):
            parts = [chunk[index] for chunk in chunks if index in chunk]
            pieces = [frames for part in parts for frames in one.streaming_decode_packets(part)]
            whole = spdl.io.decode_packets(_packets(path, kind))
            assert np.array_equal(_join([*pieces, *one.flush()]), _array(whole))


def test_two_walks_over_one_demuxer_begin_at_the_start(media_path: Media) -> None:
    with spdl.io.Demuxer(media_path("h264.mp4")) as demuxer:
        first = next(demuxer.streaming_demux(num_packets=4))
        demuxer.demux_video((0.5, 0.7))
        again = next(demuxer.streaming_demux(num_packets=4))
        assert first.get_timestamps(raw=True) == again.get_timestamps(raw=True)
        assert again.codec.name == "h264"


@pytest.mark.parametrize("duration", [0.2, "1/5", Fraction(1, 5)], ids=["float", "str", "Fraction"])
def test_a_duration_is_exact(media_path: Media, duration: Any) -> None:
    with spdl.io.Demuxer(media_path("h264.mkv")) as demuxer:
        counts = [len(packets) for packets in demuxer.streaming_demux(duration=duration)]
    assert set(counts[:-1]) == {5}
    assert sum(counts) == len(spdl.io.demux_video(media_path("h264.mkv")))


def test_an_endless_duration_is_one_chunk(media_path: Media) -> None:
    with spdl.io.Demuxer(media_path("h264.mp4")) as demuxer:
        (packets,) = demuxer.streaming_demux(duration=math.inf)
    assert len(packets) == len(spdl.io.demux_video(media_path("h264.mp4")))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"duration": 1, "num_packets": 1},
        {"duration": 0},
        {"num_packets": 0},
        {"duration": -2},
        {"num_packets": -2},
        {"duration": math.nan},
        {"indices": [], "num_packets": 1},
    ],
)
def test_wrong_sizes_are_refused_at_once(media_path: Media, arguments: dict[str, Any]) -> None:
    with spdl.io.Demuxer(media_path("h264.mp4")) as demuxer:
        for walk in (demuxer.streaming_demux, demuxer.async_streaming_demux):
            with pytest.raises(ValueError, match=r"duration|num_packets|indices"):
                walk(**arguments)


@pytest.mark.parametrize("index", [1, -1, 2**40])
def test_a_missing_stream_is_told_by_the_first_step(media_path: Media, index: int) -> None:
    with spdl.io.Demuxer(media_path("h264.mp4")) as demuxer:
        walk = demuxer.streaming_demux(index, num_packets=1)
        with pytest.raises(spdl.io.NoStreamError, match=r"h264\.mp4, which has 1"):
            next(walk)


def test_wrong_types_are_refused(media_path: Media) -> None:
    video = spdl.io.demux_video(media_path("both.mp4"))
    audio = spdl.io.demux_audio(media_path("both.mp4"))
    with pytest.raises(TypeError, match="codec"):
        spdl.io.Decoder("h264")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="VideoCodec"):
        spdl.io.VideoDecoder(audio.codec)
    decoder = spdl.io.Decoder(video.codec)
    with pytest.raises(TypeError, match="packets"):
        decoder.streaming_decode_packets(b"")  # type: ignore[arg-type]
    with pytest.raises(spdl.io.MismatchError, match="aac"):
        next(decoder.streaming_decode_packets(audio))  # type: ignore[arg-type]
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="num_frames"):
            spdl.io.streaming_decode_packets(video, wrong)
    with pytest.raises(ValueError, match="num_frames"):
        decoder.set_buffer_size(-1)
    decoder.close()
    with pytest.raises(ValueError, match="closed"):
        next(decoder.flush())


def test_one_window_up_to_a_flush(media_path: Media) -> None:
    path = media_path("h264.mp4")
    early, late = (spdl.io.demux_video(path, timestamp=(t, t + 0.3)) for t in (0, 0.5))
    with spdl.io.Decoder(early.codec) as decoder:
        pieces = list(decoder.streaming_decode_packets(early))
        with pytest.raises(spdl.io.MismatchError, match="flush"):
            next(decoder.streaming_decode_packets(late))
        pieces += decoder.flush()
        assert np.array_equal(_join(pieces), _array(spdl.io.decode_packets(early)))
        later = [*decoder.streaming_decode_packets(late), *decoder.flush()]
        assert np.array_equal(_join(later), _array(spdl.io.decode_packets(late)))


def test_what_a_walk_leaves_comes_with_the_next(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    decoder = spdl.io.Decoder(packets.codec)
    decoder.set_buffer_size(4)
    walk = decoder.streaming_decode_packets(packets)
    pieces = [next(walk), next(walk)]
    walk.close()
    pieces += decoder.flush()
    assert np.array_equal(_join(pieces), _array(spdl.io.decode_packets(packets)))


@pytest.mark.parametrize("on_corrupt", ["skip", "raise"])
def test_damage_is_counted_or_raised(media_path: Media, on_corrupt: str) -> None:
    data = bytearray(media_path("mpeg4.avi").read_bytes())
    for at in range(len(data) // 3, len(data) // 2, 50):
        data[at] ^= 0x5A
    packets = spdl.io.demux_video(data)
    config = spdl.io.decode_config(on_corrupt=on_corrupt)
    walk = spdl.io.streaming_decode_packets(packets, 6, config)
    if on_corrupt == "raise":
        with pytest.raises(spdl.io.CorruptError):
            list(walk)
        return
    whole = spdl.io.decode_packets(packets)
    pieces = list(walk)
    assert whole.num_corrupt > 0
    assert sum(frames.num_corrupt for frames in pieces) == whole.num_corrupt
    assert np.array_equal(_join([p for p in pieces if len(p)]), _array(whole))


def test_walks_are_generators_and_can_be_closed_half_way(media_path: Media) -> None:
    path = media_path("h264.mp4")

    async def half_way() -> None:
        async with spdl.io.Demuxer(path) as demuxer:
            chunks = demuxer.async_streaming_demux(num_packets=2)
            await anext(chunks)
            await chunks.aclose()
            frames = spdl.io.async_streaming_decode_packets(demuxer.demux_video(), 2)
            await anext(frames)
            await frames.aclose()
            decoder = spdl.io.Decoder(demuxer.video_codec)
            walk = decoder.async_streaming_decode_packets(demuxer.demux_video())
            task = asyncio.ensure_future(anext(walk))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with leaks.nothing_leaks():
        asyncio.run(half_way())
        with spdl.io.Demuxer(path) as demuxer:
            walk = demuxer.streaming_demux(num_packets=2)
            next(walk)
            walk.close()


def test_a_stream_is_not_shared_by_threads(media_path: Media) -> None:
    data = spdl.io.demux_video(media_path("h264.mp4"))
    decoder = spdl.io.Decoder(data.codec, filter_desc="scale=1920:1080:flags=lanczos")
    problems: list[BaseException] = []

    def work() -> None:
        try:
            list(decoder.streaming_decode_packets(data))
        except spdl.io.BusyError as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems
    assert all("decoder" in str(error) for error in problems)
