# SPDX-License-Identifier: BSD-2-Clause
"""Windows anywhere in files of a minute: what is in them, and how little is decoded for it.

What a window must hold is worked out from the times that ffprobe gives the frames of the whole.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import media
import numpy as np
import pytest
from numpy.typing import NDArray

import spdl.io

Media = Callable[[str], Path]
Window = tuple[Fraction, Fraction]

SECOND = Fraction(1)
# Frames from one key frame to the next, and packets that B-frames make a reader read beyond the
# end of a window.
GOP, REORDERED = 50, 4
# Key frames there do not say when they are shown: at most so many frames after they are decoded.
HIDDEN_TIMES = {"long_mpeg2.mpg": 17, "long_mpeg4.avi": 17}
# There pictures are right only this many after a key frame.
RENEWING = {"long_refresh.mp4": GOP, "long_refresh.ts": GOP}
# Seconds of sound that are decoded before a window: what Opus asks for (RFC 7845, 4.6) is 80 ms,
# and ten frames of MP3 are 0.26 s.
PREROLL = SECOND
# Samples there depend on where decoding began: the decoder draws noise.
NOISY = {"long_noise.m4a": 20.0, "long.ac3": 35.0}  # least PSNR in dB

# Where windows begin, as a part of the whole, and whether on a frame or between two of them.
PLACES = {
    "at the start": (Fraction(0), Fraction(0)),
    "in the first group": (Fraction(1, 180), Fraction(1, 300)),
    "on a key frame": (Fraction(1, 3), Fraction(0)),
    "between frames": (Fraction(1, 2), Fraction(1, 77)),
    "before a key frame": (Fraction(11, 20), Fraction(-1, 100)),
    "over the end": (Fraction(119, 120), Fraction(0)),
}


@functools.cache
def _whole(name: str) -> tuple[spdl.io.VideoPackets, spdl.io.VideoFrames]:
    packets = spdl.io.demux_video(media.path(name))
    return packets, spdl.io.decode_packets(packets, filter_desc=None)


@functools.cache
def _samples(name: str) -> tuple[spdl.io.AudioPackets, NDArray[Any]]:
    """All packets of a file, and its samples (N, C)."""
    packets = spdl.io.demux_audio(media.path(name))
    return packets, _decoded(packets)


def _decoded(packets: spdl.io.AudioPackets) -> NDArray[Any]:
    frames = spdl.io.decode_packets(packets, filter_desc=None)
    array = spdl.io.to_numpy(spdl.io.convert_frames(frames))
    return array.T if frames.sample_fmt.endswith("p") else array


def _pictures(frames: spdl.io.VideoFrames) -> NDArray[Any]:
    if not len(frames):
        return np.empty((0, 0, 0), np.uint8)
    return spdl.io.to_numpy(spdl.io.convert_frames(frames))


def _joined(parts: Sequence[spdl.io.VideoFrames]) -> NDArray[Any]:
    return np.concatenate([_pictures(part) for part in parts if len(part)])


def _times(frames: Any) -> list[Fraction]:
    tick = Fraction(*frames.time_base)
    return [tick * pts for pts in frames.get_pts()]


def _window(blocks: list[tuple[Fraction, int]], place: str) -> Window:
    """A window of one second, cut short by the end of the file where it is there."""
    part, shift = PLACES[place]
    first, last = blocks[0][0], blocks[-1][0]
    start = first + math.floor((last - first) * part) + shift
    return start, start + SECOND


def _positions(blocks: list[tuple[Fraction, int]], rate: int, window: Window) -> Iterator[int]:
    """Numbers of the samples in [start, end), counted from the first one of the file.

    Sample k of a block with time t is at t + k / rate.
    """
    number = 0
    for time, count in blocks:
        first, last = (min(max(math.ceil((bound - time) * rate), 0), count) for bound in window)
        yield from range(number + first, number + last)
        number += count


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", media.LONG_VIDEOS)
def test_video(name: str, place: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    blocks = reference.blocks(path, "v")
    window = _window(blocks, place)
    packets = spdl.io.demux_video(path, timestamp=window)
    frames = spdl.io.decode_packets(packets, filter_desc=None)

    expected = [time for time, _ in blocks if window[0] <= time < window[1]]
    assert len(expected) >= 10
    assert _times(frames) == expected
    whole = _whole(name)[1]
    assert _times(whole) == [time for time, _ in blocks]
    inside = [n for n, (time, _) in enumerate(blocks) if window[0] <= time < window[1]]
    assert np.array_equal(_pictures(frames), _pictures(whole[inside]))

    extra = REORDERED + HIDDEN_TIMES.get(name, 0) + RENEWING.get(name, 0)
    assert len(packets.get_timestamps(raw=True)) <= len(expected) + GOP + extra


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", media.LONG_AUDIO)
def test_audio(name: str, place: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    blocks = reference.blocks(path, "a")
    window = _window(blocks, place)
    packets = spdl.io.demux_audio(path, timestamp=window)
    samples = _decoded(packets)

    all_packets, whole = _samples(name)
    assert len(whole) == sum(count for _, count in blocks)
    positions = list(_positions(blocks, packets.sample_rate, window))
    assert len(positions) >= packets.sample_rate // 4
    assert positions == list(range(positions[0], positions[0] + len(positions)))
    expected = whole[positions[0] : positions[0] + len(positions)]
    assert samples.shape == expected.shape
    if name in NOISY:
        assert _psnr(samples, expected) >= NOISY[name]
    else:
        assert np.array_equal(samples, expected)

    per_second = len(all_packets.get_timestamps(raw=True)) / 60
    read = len(packets.get_timestamps(raw=True))
    assert read <= math.ceil((SECOND + PREROLL) * per_second * 1.1) + 4


def _psnr(samples: NDArray[Any], expected: NDArray[Any]) -> float:
    error = np.mean((samples.astype(np.float64) - expected) ** 2)
    peak = np.abs(expected).max()
    return 99.0 if error == 0 else 10 * math.log10(peak**2 / error)


CUTS = [Fraction(n) for n in ("17.3", "17.9", "18.77", "20", "20.04", "22.5")]


@pytest.mark.parametrize("name", media.LONG_VIDEOS)
def test_neighbouring_windows_of_video_join(name: str, media_path: Media) -> None:
    path = media_path(name)
    with spdl.io.Demuxer(path) as demuxer:
        windows = [*itertools.pairwise(CUTS), (CUTS[0], CUTS[-1])]
        *parts, whole = (
            spdl.io.decode_packets(demuxer.demux_video(window), filter_desc=None)
            for window in windows
        )
    assert len(whole) >= 50
    assert [time for part in parts for time in _times(part)] == _times(whole)
    assert np.array_equal(_joined(parts), _pictures(whole))


@pytest.mark.parametrize("name", media.LONG_AUDIO)
def test_neighbouring_windows_of_audio_join(name: str, media_path: Media) -> None:
    path = media_path(name)
    with spdl.io.Demuxer(path) as demuxer:
        windows = [*itertools.pairwise(CUTS), (CUTS[0], CUTS[-1])]
        *parts, whole = (_decoded(demuxer.demux_audio(window)) for window in windows)
    joined = np.concatenate(parts)
    assert joined.shape == whole.shape
    if name not in NOISY:
        assert np.array_equal(joined, whole)


@pytest.mark.parametrize("name", media.LONG_VIDEOS)
def test_a_window_decoded_piece_by_piece(name: str, media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path(name), timestamp=(Fraction("30.5"), Fraction("32.3")))
    whole = spdl.io.decode_packets(packets, filter_desc=None)
    pieces = list(spdl.io.streaming_decode_packets(packets, 7, filter_desc=None))
    assert [len(piece) for piece in pieces[:-1]] == [7] * (len(pieces) - 1)
    assert [time for piece in pieces for time in _times(piece)] == _times(whole)
    assert np.array_equal(_joined(pieces), _pictures(whole))
