# SPDX-License-Identifier: BSD-2-Clause
"""Handles: closed ones raise, values are shared, and any order of freeing is fine."""

from __future__ import annotations

import asyncio
import copy
import gc
import io
import itertools
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest

import spdl.io
from spdl._native.handle import Handle
from spdl.io.source import open_source

Media = Callable[[str], Path]

# What users make themselves.
MACHINES = (
    spdl.io.Demuxer,
    spdl.io.AudioDecoder,
    spdl.io.VideoDecoder,
    spdl.io.ImageDecoder,
    spdl.io.Muxer,
    spdl.io.BSF,
    spdl.io.FilterGraph,
)


def _values(media_path: Media) -> list[Any]:
    """One of each public class that owns a handle."""
    both = media_path("both.mp4")
    audio, video = spdl.io.demux_audio(both), spdl.io.demux_video(both)
    image = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    packets: list[Any] = [audio, video, image]
    frames = [spdl.io.decode_packets(p) for p in packets]
    codecs = [p.codec for p in packets]
    muxer = spdl.io.Muxer("unused.mkv")
    encoders = [
        muxer.add_encode_stream(spdl.io.video_encode_config(width=8, height=8), encoder="png"),
        muxer.add_encode_stream(
            spdl.io.audio_encode_config(num_channels=1, sample_rate=8000), encoder="aac"
        ),
    ]
    decoders = [spdl.io.Decoder(codec) for codec in codecs]
    machines = [*decoders, spdl.io.Demuxer(both), *encoders, muxer, spdl.io.BSF(codecs[1], "null")]
    machines.append(spdl.io.FilterGraph("testsrc,buffersink"))
    archive = io.BytesIO()
    np.savez(archive, a=np.arange(3))
    storage = spdl.io.cpu_storage(8, pin_memory=False)
    memory = [storage, spdl.io.load_npz(archive.getvalue()), spdl.io.convert_frames(frames[2])]
    return [*packets, *codecs, *frames, *memory, *machines]


def test_every_class_is_covered(media_path: Media) -> None:
    public = {getattr(spdl.io, name) for name in spdl.io.__all__}
    owners = {c for c in public if isinstance(c, type) and issubclass(c, Handle)}
    assert {type(value) for value in _values(media_path)} == owners


def _use(value: Any, name: str) -> str | None:
    """What reading an attribute, or calling a method that takes nothing, has to say against it."""
    try:
        member = getattr(value, name)
        if name in ("clone", "get_timestamps", "get_pts", "has_audio", "demux_image"):
            member()
        if name == "flush":
            found = member()
            next(found, None) if hasattr(found, "__next__") else None
    except ValueError as error:
        return str(error)
    return None


def test_closed_handles_raise(media_path: Media) -> None:
    """Whatever is asked of them, and however often they are closed."""
    for value in _values(media_path):
        names = [name for name in dir(type(value)) if not name.startswith("_")]
        value._close()
        value._close()
        raised = 0
        for name in names:
            message = _use(value, name)
            assert message in (None, f"This {type(value).__name__} is closed."), name
            raised += message is not None
        # These have no attribute that takes nothing and asks the library.
        quiet = spdl.io.CPUBuffer, spdl.io.CPUStorage, spdl.io.NpzFile
        assert raised or isinstance(value, quiet)


def test_closed_demuxer(media_path: Media) -> None:
    demuxer = spdl.io.Demuxer(media_path("both.mp4"))
    with demuxer as entered:
        assert entered is demuxer
        packets = demuxer.demux_video((0, 1))
    assert repr(demuxer) == "Demuxer<closed>"
    for use in (
        demuxer.demux_audio,
        demuxer.demux_video,
        demuxer.demux_image,
        demuxer.has_audio,
        demuxer.__enter__,
    ):
        with pytest.raises(ValueError, match="closed"):
            use()
    with pytest.raises(ValueError, match="closed"):
        asyncio.run(demuxer.async_demux_audio())
    for name in ("start_time", "video_stream_index", "audio_codec"):
        with pytest.raises(ValueError, match="closed"):
            getattr(demuxer, name)
    demuxer.close()
    # What came from it stays.
    assert len(spdl.io.decode_packets(packets)) == 25


def test_a_demuxer_closed_in_flight_names_its_source(media_path: Media) -> None:
    path = media_path("h264.mp4")
    demuxer = spdl.io.Demuxer(path)
    with spdl.io.limits(seconds=1e-9):
        operation = demuxer._plan_demux_video()
    demuxer.close()
    with pytest.raises(spdl.io.DeadlineError) as caught:
        operation.call()
    assert caught.value.source == str(path)


def test_demuxer(media_path: Media) -> None:
    path = media_path("both.mp4")
    with spdl.io.Demuxer(path) as demuxer:
        assert demuxer.has_audio()
        assert (demuxer.audio_stream_index, demuxer.video_stream_index) == (0, 1)
        assert demuxer.audio_codec.name == "aac"
        assert demuxer.audio_codec.channel_layout == "stereo"
        assert demuxer.video_codec.frame_rate == (25, 1)
        assert demuxer.image_codec.pix_fmt == "yuv420p"
        assert demuxer.start_time == 0
        assert str(path) in repr(demuxer)
        windows: list[Any] = [(0.5, 1), (0, "0.4"), (0.5, 1)]
        assert [len(demuxer.demux_video(window)) for window in windows] == [12, 10, 12]
    with spdl.io.Demuxer(media_path("s16.flac"), name="sound") as demuxer:
        for name in ("video_stream_index", "video_codec", "image_codec"):
            with pytest.raises(spdl.io.NoStreamError, match=r"^No video stream .* in sound\.$"):
                getattr(demuxer, name)


def test_demuxer_awaited(media_path: Media) -> None:
    path = media_path("both.mp4")

    async def use() -> tuple[int, int]:
        async with await spdl.io.Demuxer.async_open(path, name="both") as demuxer:
            assert '"both"' in repr(demuxer)
            audio = await demuxer.async_demux_audio((0, 0.5))
            video = await spdl.io.run_async(demuxer.demux_video, (0, 0.4))
        with pytest.raises(ValueError, match="closed"):
            await demuxer.async_demux_audio()
        with pytest.raises(spdl.io.NotFoundError):
            await spdl.io.Demuxer.async_open("missing")
        return len(audio), len(video)

    with spdl.io.Demuxer(path) as demuxer:
        expected = len(demuxer.demux_audio((0, 0.5))), len(demuxer.demux_video((0, 0.4)))
    assert asyncio.run(use()) == expected


def test_closing_while_another_thread_uses_it(media_path: Media) -> None:
    """The call ends well, and the handle with it."""
    with leaks.nothing_leaks():
        for _ in range(50):
            demuxer = spdl.io.Demuxer(media_path("both.mp4"))
            found: list[int] = []

            def use(demuxer: Any = demuxer, found: Any = found) -> None:
                try:
                    while True:
                        found.append(len(demuxer.demux_video()))
                except ValueError:
                    pass

            thread = threading.Thread(target=use)
            thread.start()
            while not found:
                pass
            demuxer.close()
            thread.join()
            assert set(found) == {30}


def test_handles_cannot_be_made_or_copied(media_path: Media) -> None:
    for value in _values(media_path):
        if not isinstance(value, MACHINES):
            with pytest.raises(TypeError, match="cannot be made directly"):
                type(value)()
        if hasattr(value, "deserialize"):  # Packets can.
            continue
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=f"cannot pickle '{type(value).__name__}' object"):
                attempt(value)


def test_clones_are_values(media_path: Media) -> None:
    packets = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    expected = spdl.io.to_numpy(spdl.io.convert_frames(spdl.io.decode_packets(packets)))
    clone = packets.clone()
    packets._close()
    frames = spdl.io.decode_packets(clone)
    again = spdl.io.decode_packets(clone)  # Decoding consumed nothing.
    other = frames.clone()
    frames._close()
    del clone
    gc.collect()
    for each in (other, again, other):
        assert np.array_equal(spdl.io.to_numpy(spdl.io.convert_frames(each)), expected)


def test_finalizers_find_closed_handles(media_path: Media) -> None:
    """The collector may end a pointer before it finalizes the object that holds it."""
    said: list[str] = []

    class Holder:
        def __init__(self, value: Any) -> None:
            self.value = value
            self.itself = self

        def __del__(self) -> None:
            try:
                repr(self.value)
                said.append("alive")
            except ValueError:
                said.append("closed")

    values = _values(media_path)
    number = len(values)
    while values:
        Holder(values.pop())
    gc.collect()
    assert len(said) == number
    assert set(said) <= {"alive", "closed"}


def test_all_orders_of_freeing(media_path: Media) -> None:
    """What a thing needs lives as long as the thing, whatever order its makers go in."""
    path = media_path("h264.mp4")
    expected: np.ndarray[Any, Any] | None = None
    with leaks.nothing_leaks():
        for order in itertools.permutations(range(6)):
            source = open_source(path.read_bytes() if order[0] % 2 else path)
            demuxer = spdl.io.Demuxer(path)
            packets = demuxer.demux_video((0, 0.1))
            frames = spdl.io.decode_packets(packets, None)
            buffer = spdl.io.convert_frames(frames)
            array = spdl.io.to_numpy(buffer)
            expected = array.copy() if expected is None else expected
            things: list[Any] = [source, demuxer, packets, frames, buffer, array]
            del source, demuxer, packets, frames, buffer, array
            for index in order:
                things[index] = None
                if things[5] is not None:
                    assert np.array_equal(things[5], expected)
