# SPDX-License-Identifier: BSD-2-Clause
"""Packets as bytes: pickles, other processes, memory that stays where it is, damaged bytes."""

from __future__ import annotations

import copy
import gc
import json
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
import sweep_packets
from numpy.typing import NDArray

import spdl.io
from spdl._native import memory

Media = Callable[[str], Path]
FILES = [
    ("image", "jpeg_420.jpg"),
    ("image", "png_pal8.png"),
    ("image", "gif_still.gif"),
    ("video", "h264.mp4"),
    ("video", "hevc.mp4"),
    ("video", "vp9.webm"),
    ("video", "raw_rgb24.nut"),
    ("audio", "stereo.m4a"),
    ("audio", "s16_51.wav"),
    ("audio", "stereo.opus"),
    ("audio", "s16_9ch.wav"),
]


def _demux(kind: str, path: Path, **options: Any) -> Any:
    return getattr(spdl.io, f"demux_{kind}")(path, **options)


def _array(packets: Any) -> NDArray[Any]:
    return spdl.io.to_numpy(spdl.io.convert_frames(spdl.io.decode_packets(packets)))


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_roundtrip(kind: str, name: str, media_path: Media) -> None:
    packets = _demux(kind, media_path(name))
    expected = _array(packets)
    ways = [
        pickle.loads(pickle.dumps(packets)),
        pickle.loads(pickle.dumps(packets, protocol=2)),
        type(packets).deserialize(packets.__getstate__()),
        type(packets).deserialize_view(memoryview(packets.__getstate__())),
    ]
    for again in ways:
        assert type(again) is type(packets)
        assert repr(again) == repr(packets)
        assert np.array_equal(_array(again), expected)
        assert again.__getstate__() == packets.__getstate__()
    if kind == "video":
        assert ways[0].get_timestamps(raw=True) == packets.get_timestamps(raw=True)


@pytest.mark.parametrize("window", [(0.31, 0.72), (0.5, float("inf")), ("1/3", "2/3"), (9, 10)])
@pytest.mark.parametrize(("kind", "name"), [("video", "h264.mp4"), ("audio", "stereo.m4a")])
def test_window(kind: str, name: str, window: tuple[Any, Any], media_path: Media) -> None:
    packets = _demux(kind, media_path(name), timestamp=window)
    again = pickle.loads(pickle.dumps(packets))
    assert again.timestamp == packets.timestamp
    assert len(again) == len(packets)
    frames = [spdl.io.decode_packets(one, filter_desc=None) for one in (again, packets)]
    assert frames[0].num_frames == frames[1].num_frames
    if frames[0].num_frames:
        assert np.array_equal(_array(again), _array(packets))


def test_end_of_a_window(media_path: Media) -> None:
    """What comes after the window is known to filters that fill up time."""
    packets = spdl.io.demux_video(media_path("vfr.mp4"), timestamp=(0.3, 1.1))
    again = pickle.loads(pickle.dumps(packets))
    counts = {spdl.io.decode_packets(p, filter_desc="fps=50").num_frames for p in (packets, again)}
    assert len(counts) == 1


def test_another_process(media_path: Media) -> None:
    all_packets = [_demux(kind, media_path(name)) for kind, name in FILES[:1] + FILES[3:8:4]]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(sweep_packets.decode, all_packets, timeout=60))
    assert results == [sweep_packets.decode(packets) for packets in all_packets]


def test_copies_are_references(media_path: Media) -> None:
    packets = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    for same in (copy.copy(packets), copy.deepcopy([packets])[0]):
        assert same is not packets
        assert same._pointer == packets._pointer


def test_a_view_keeps_its_memory(media_path: Media) -> None:
    """Frames of raw video point into the packets, and so into the memory."""
    path = media_path("raw_rgb24.nut")
    expected = _array(spdl.io.demux_video(path))
    gc.collect()
    before = memory.count_lent()
    with leaks.nothing_leaks():
        state = bytearray(spdl.io.demux_video(path).__getstate__())
        packets = spdl.io.VideoPackets.deserialize_view(memoryview(state))
        copied = spdl.io.VideoPackets.deserialize(state)
        gc.collect()
        assert memory.count_lent() == before + 1
        with pytest.raises(BufferError):
            state.append(0)
        clone = packets.clone()
        del packets
        frames = spdl.io.decode_packets(clone, filter_desc=None)
        del clone, state
        gc.collect()
        assert memory.count_lent() == before + 1
        assert np.array_equal(spdl.io.to_numpy(spdl.io.convert_frames(frames)), expected)
        del frames
        gc.collect()
        assert memory.count_lent() == before
        assert np.array_equal(_array(copied), expected)
        del copied


def test_larger_memory_is_fine(media_path: Media) -> None:
    """Shared memory comes in whole pages."""
    packets = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    state = packets.__getstate__() + b"\1" * 4096
    again = spdl.io.ImagePackets.deserialize_view(memoryview(state))
    assert np.array_equal(_array(again), _array(packets))


def test_wrong_class(media_path: Media) -> None:
    state = spdl.io.demux_image(media_path("jpeg_420.jpg")).__getstate__()
    with pytest.raises(spdl.io.MismatchError, match="packets of another kind"):
        spdl.io.VideoPackets.deserialize(state)


@pytest.mark.parametrize("data", ["text", 1, None, [1]], ids=repr)
def test_what_is_no_memory(data: Any) -> None:
    with pytest.raises(TypeError):
        spdl.io.ImagePackets.deserialize(data)


def test_frames_do_not_pickle(media_path: Media) -> None:
    packets = spdl.io.demux_image(media_path("jpeg_420.jpg"))
    for thing in (packets.codec, spdl.io.decode_packets(packets)):
        with pytest.raises(TypeError, match="cannot pickle"):
            pickle.dumps(thing)


DAMAGE = [
    ("image", "tiny_baseline.jpg"),
    ("image", "tiny.png"),
    ("video", "tiny_h264.mp4"),
    ("audio", "stereo.m4a"),
]


def test_truncations(media_path: Media) -> None:
    state = spdl.io.demux_image(media_path("tiny_baseline.jpg")).__getstate__()
    for length in range(len(state)):
        with pytest.raises(spdl.io.CorruptError, match=r"^Failed to deserialize packets: "):
            spdl.io.ImagePackets.deserialize(state[:length])


@pytest.mark.parametrize(("kind", "name"), DAMAGE)
def test_mutations(kind: str, name: str, media_path: Media) -> None:
    script = Path(sweep_packets.__file__)
    command = [sys.executable, "-X", "faulthandler", script, kind, "250", media_path(name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    fates = json.loads(done.stdout)
    assert sum(fates.values()) == 250
    assert fates["unreadable"] > 20
    assert fates["decoded"] > 0
