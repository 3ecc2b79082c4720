# SPDX-License-Identifier: BSD-2-Clause
"""Frames of a video as a sequence: indices, slices, lists of indices, iteration."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
from numpy.typing import NDArray

import spdl.io

Media = Callable[[str], Path]


@pytest.fixture(scope="module")
def frames(media_path: Media) -> spdl.io.VideoFrames:
    return spdl.io.decode_packets(spdl.io.demux_video(media_path("h264.mp4"), timestamp=(0, 0.4)))


def _array(frames: Any) -> NDArray[Any]:
    return spdl.io.to_numpy(spdl.io.convert_frames(frames))


@pytest.mark.parametrize("index", [0, 3, -1, -10, np.int64(2), True], ids=repr)
def test_one_frame(index: Any, frames: spdl.io.VideoFrames) -> None:
    image = frames[index]
    assert isinstance(image, spdl.io.ImageFrames)
    assert np.array_equal(_array(image), _array(frames)[int(index)])
    assert image.pts == frames.get_timestamps()[int(index)]
    assert (image.width, image.height, image.pix_fmt) == (frames.width, frames.height, "rgb24")


SELECTIONS = [
    slice(None),
    slice(2, 5),
    slice(None, None, 3),
    slice(None, None, -1),
    slice(8, 2, -2),
    slice(-3, 100),
    [4],
    [9, 0, 0, -1],
    (1, 2),
    np.array([5, 5, 1]),
    range(2, 6),
]


@pytest.mark.parametrize("index", SELECTIONS, ids=repr)
def test_several_frames(index: Any, frames: spdl.io.VideoFrames) -> None:
    selected = frames[index]
    assert isinstance(selected, spdl.io.VideoFrames)
    order = np.arange(len(frames))[list(index) if isinstance(index, (tuple, range)) else index]
    assert selected.get_pts() == [frames.get_pts()[i] for i in order]
    assert selected.time_base == frames.time_base
    assert np.array_equal(_array(selected), _array(frames)[order])


def test_an_iterator_of_indices(frames: spdl.io.VideoFrames) -> None:
    assert frames[iter([3, 2])].get_pts() == frames[[3, 2]].get_pts()


@pytest.mark.parametrize("index", [slice(5, 5), [], (), np.array([], int)], ids=repr)
def test_no_frame(index: Any, frames: spdl.io.VideoFrames) -> None:
    none = frames[index]
    assert (len(none), none.pix_fmt, none.width) == (0, "n/a", -1)
    with pytest.raises(spdl.io.MismatchError):
        spdl.io.convert_frames(none)


@pytest.mark.parametrize("index", [10, -11, 2**70, [0, 10], [-11]], ids=repr)
def test_frames_that_are_not_there(index: Any, frames: spdl.io.VideoFrames) -> None:
    with pytest.raises(IndexError, match=r"^Frame index must be \[0, 10\)"):
        frames[index]


@pytest.mark.parametrize("index", [1.0, "1", b"1", None, [1.5], ["a"], len], ids=repr)
def test_what_is_no_index(index: Any, frames: spdl.io.VideoFrames) -> None:
    with pytest.raises(TypeError, match="Indices of frames must be integers"):
        frames[index]


def test_iteration(frames: spdl.io.VideoFrames) -> None:
    images = list(frames)
    assert [image.pts for image in images] == frames.get_timestamps()
    assert np.array_equal(np.stack([_array(image) for image in images]), _array(frames))
    assert np.array_equal(_array(images), _array(frames))  # as a batch


def test_selections_outlive_their_frames(media_path: Media) -> None:
    packets = spdl.io.demux_video(media_path("h264.mp4"), timestamp=(0, 0.4))
    with leaks.nothing_leaks():
        frames = spdl.io.decode_packets(packets)
        expected = _array(frames)[[7, 1]]
        selected = frames[[7, 1]]
        del frames
        gc.collect()
        assert np.array_equal(_array(selected), expected)
        del selected


def test_times_of_audio(media_path: Media) -> None:
    packets = spdl.io.demux_audio(media_path("s16.flac"), timestamp=(0.25, 0.5))
    times = packets.get_timestamps()
    assert times == sorted(times)
    assert times[0] == pytest.approx(0.25, abs=0.11)
    assert all(0.25 <= time < 0.5 for time in times)
    frames = spdl.io.decode_packets(packets)
    assert frames.time_base == (1, 44100)
    assert frames.get_pts()[0] == 11025
    assert frames.get_timestamps() == [pts / 44100 for pts in frames.get_pts()]
    # One for each block that the decoder gave; the window cuts only the first and the last of them.
    assert len(frames.get_timestamps()) == len(times) + 1
