# SPDX-License-Identifier: BSD-2-Clause
"""Audio samples equal the ffmpeg CLI's, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import media
import numpy as np
import pytest
import ways
from numpy.typing import NDArray

import spdl.io

Media = Callable[[str], Path]

# A description → the sample format and the number of channels that come out of it.
CUSTOM = {
    "aresample=16000,aformat=sample_fmts=s16": ("s16", None),
    "volume=0.5,aformat=channel_layouts=mono:sample_fmts=fltp": ("fltp", 1),
    "aformat=channel_layouts=stereo,aresample=22050,aformat=sample_fmts=dblp": ("dblp", 2),
}

# Each native format, unknown and known layouts of channels.
FILTERED = [
    "s16.wav",
    "s24.wav",
    "u8.wav",
    "f64.wav",
    "s16.flac",
    "mono.mp3",
    "stereo.m4a",
    "surround.m4a",
    "stereo.opus",
    "surround.ogg",
]


def _shaped(samples: NDArray[Any], fmt: str) -> NDArray[Any]:
    """(N, C) as the CLI gives it → (C, N) for a planar format."""
    return np.ascontiguousarray(samples.T) if fmt.endswith("p") else samples


@pytest.mark.parametrize("name", [*media.AUDIO, "both.mp4"])
def test_fltp(name: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    channels = reference.probe(path, "a")["channels"]
    expected = _shaped(reference.samples(path, "fltp", channels), "fltp")
    assert expected.shape[1] > 1000
    for way, array in ways.every("audio", path):
        assert not reference.differences(array, expected), (way, name)


@pytest.mark.parametrize("name", [*media.AUDIO, "both.mp4"])
def test_native(name: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    stream = reference.probe(path, "a")
    fmt, channels = stream["sample_fmt"], stream["channels"]
    expected = _shaped(reference.samples(path, fmt, channels, None), fmt)
    for way, array in ways.every("audio", path, filter_desc=None):
        assert not reference.differences(array, expected), (way, name)


@pytest.mark.parametrize("desc", CUSTOM)
@pytest.mark.parametrize("name", FILTERED)
def test_custom_filter(name: str, desc: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    fmt, channels = CUSTOM[desc]
    channels = channels or reference.probe(path, "a")["channels"]
    expected = _shaped(reference.samples(path, fmt, channels, desc), fmt)
    for src in (path, path.read_bytes()):
        array = ways.load("audio", src, filter_desc=desc)
        assert not reference.differences(array, expected), name


@pytest.mark.parametrize("planar", ["", "p"])
@pytest.mark.parametrize("packed", ["u8", "s16", "s32", "s64", "flt", "dbl"])
def test_sample_formats(packed: str, planar: str, media_path: Media, reference: ModuleType) -> None:
    path, fmt = media_path("stereo.m4a"), packed + planar
    desc = f"aformat=sample_fmts={fmt}"
    expected = _shaped(reference.samples(path, fmt, 2, desc), fmt)
    array = ways.load("audio", path, filter_desc=desc)
    assert not reference.differences(array, expected)


@pytest.mark.parametrize(
    "options",
    [
        {"sample_rate": 16000, "num_channels": 1},
        {"sample_rate": 8000, "num_channels": 2, "sample_fmt": "s16", "num_frames": 4000},
        {"num_frames": 60000, "sample_fmt": "flt"},
        {"filter_desc": "volume=0.25", "sample_fmt": "s32p"},
    ],
)
def test_builder(options: dict[str, Any], media_path: Media, reference: ModuleType) -> None:
    path = media_path("stereo.ogg")
    desc = spdl.io.get_audio_filter_desc(**options)
    fmt = options.get("sample_fmt", "fltp")
    channels = options.get("num_channels", 2)
    expected = _shaped(reference.samples(path, fmt, channels, desc), fmt)
    array = ways.load("audio", path, filter_desc=desc)
    assert not reference.differences(array, expected), desc
    buffer = spdl.io.load_audio(path, filter_desc=desc)
    assert buffer.sample_rate == options.get("sample_rate", 44100)


@pytest.mark.parametrize("num_frames", [1, 1000, 4410, 4411, 35280, 35281, 60000])
def test_exact_number_of_samples(num_frames: int, media_path: Media) -> None:
    path = media_path("s24.wav")
    desc = spdl.io.get_audio_filter_desc(num_frames=num_frames)
    for window in ((-math.inf, math.inf), (Fraction(1, 5), Fraction(3, 10))):
        unpadded = ways.load("audio", path, timestamp=window)
        expected = np.zeros((2, num_frames), np.float32)
        kept = min(num_frames, unpadded.shape[1])
        expected[:, :kept] = unpadded[:, :kept]
        for call in (ways.load, ways.staged):
            array = call("audio", path, timestamp=window, filter_desc=desc)
            assert np.array_equal(array, expected), window


@pytest.mark.parametrize("num_blocks", [1, 3, 7])
@pytest.mark.parametrize("desc", [None, "asetnsamples=n=1000", "asetnsamples=n=1000,apad"])
def test_decoding_stops_after_blocks(desc: str | None, num_blocks: int, media_path: Media) -> None:
    """Also where the filter holds samples back, or makes more of them for ever."""
    packets = spdl.io.demux_audio(media_path("s24.flac"))
    block = len(spdl.io.decode_packets(packets, None, num_frames=1)) if desc is None else 1000
    assert block > 100
    with spdl.io.limits(max_frames=100_000):
        frames = spdl.io.decode_packets(packets, desc, num_frames=num_blocks)
    assert len(frames) == num_blocks * block
    whole = spdl.io.to_numpy(spdl.io.convert_frames(spdl.io.decode_packets(packets, None)))
    part = spdl.io.to_numpy(spdl.io.convert_frames(frames))
    assert np.array_equal(part, whole[: len(part)])
