# SPDX-License-Identifier: BSD-2-Clause
"""Streams whose properties change in the middle: filters as in ffmpeg, typed errors without."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import makers
import numpy as np
import pytest
import ways

import spdl.io

Joined = Callable[[str, list[makers.Maker]], Path]

# They hold frames back, count them or make some at their beginning: a new graph would be seen.
STATEFUL = ["tpad=start=2", "fps=7", "framestep=3", "tmix=frames=3", "scale=w=iw*sar:h=ih,hflip"]
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "12", "-threads", "1", "-pix_fmt")

# (sample rate, number of channels) before and after the change.
CHANGES = [
    ((44100, 2), (22050, 2)),
    ((44100, 2), (44100, 1)),
    ((22050, 1), (48000, 2)),
]
ENCODERS = {
    "mp3": ("-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0"),
    "aac": ("-c:a", "aac"),
}


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Joined:
    """Files of a raw format in a row, which are one."""
    folder = tmp_path_factory.mktemp("joined")

    def join(name: str, makes: list[makers.Maker]) -> Path:
        path = folder / name
        if not path.exists():
            parts = [folder / f"{index}-{name}" for index in range(len(makes))]
            for make, part in zip(makes, parts, strict=True):
                make(part)
            path.write_bytes(b"".join(part.read_bytes() for part in parts))
        return path

    return join


@pytest.mark.parametrize("desc", STATEFUL)
def test_sample_aspect_ratio(desc: str, joined: Joined, reference: ModuleType) -> None:
    """The picture stays as large as it was, so the filter graph goes on."""
    path = joined(
        "ratios.h264",
        [
            makers.video("-vf", f"setsar={ratio}", *H264, "yuv420p", seconds=0.4)
            for ratio in ("1/1", "4/3", "1/1")
        ],
    )
    desc += ",format=pix_fmts=rgb24"
    array = ways.load("video", path, filter_desc=desc)
    raw = np.frombuffer(reference.pictures(path, desc), np.uint8)
    assert len(array) >= 8
    assert not reference.differences(array, raw.reshape(-1, *array.shape[1:]))


def _changing(extension: str, change: Any, joined: Joined) -> Path:
    numbers = "-".join(str(number) for pair in change for number in pair)
    return joined(
        f"{numbers}.{extension}",
        [
            makers.audio(*ENCODERS[extension], rate=rate, channels=channels, seconds=0.4)
            for rate, channels in change
        ],
    )


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("extension", ENCODERS)
def test_samples_as_they_are(extension: str, change: Any, joined: Joined) -> None:
    path = _changing(extension, change, joined)
    frames = spdl.io.decode_packets(spdl.io.demux_audio(path), filter_desc=None)
    times = frames._seconds()
    assert len(times) > 20
    assert all(before < after for before, after in itertools.pairwise(times))
    # No gap is longer than the longest block of samples, if all are on one clock.
    longest = 1152 / min(rate for rate, _ in change) * 1.01
    assert max(after - before for before, after in itertools.pairwise(times)) <= longest
    with pytest.raises(spdl.io.MismatchError, match=r"changes between frames.*filter"):
        spdl.io.convert_frames(frames)
    for call in (ways.load, ways.staged):
        with pytest.raises(spdl.io.MismatchError):
            call("audio", path, filter_desc=None)


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("extension", ENCODERS)
def test_samples_brought_to_one_format(
    extension: str, change: Any, joined: Joined, reference: ModuleType
) -> None:
    path = _changing(extension, change, joined)
    desc = "aresample=16000,aformat=channel_layouts=mono:sample_fmts=fltp"
    expected = np.ascontiguousarray(reference.samples(path, "fltp", 1, desc).T)
    assert expected.size > 10000
    assert not reference.differences(ways.load("audio", path, filter_desc=desc), expected)
