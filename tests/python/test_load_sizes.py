# SPDX-License-Identifier: BSD-2-Clause
"""What is wanted of a load, said by name: the same as by the description of a filter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spdl.io
from spdl.io import get_audio_filter_desc, get_video_filter_desc

Media = Callable[[str], Path]

SIZE = {"width": 64, "height": 40}
IMAGE: list[dict[str, Any]] = [
    SIZE,
    {"width": 64},
    {**SIZE, "scale_mode": "crop"},
    {**SIZE, "scale_mode": None},
    {**SIZE, "pix_fmt": "gray"},
    {"pix_fmt": "yuv444p"},
    {"pix_fmt": None},
]
VIDEO: list[dict[str, Any]] = [
    *IMAGE,
    {"frame_rate": 5},
    {"frame_rate": (30000, 1001), "num_frames": 12},
    {"frame_rate": Fraction(25, 2), **SIZE},
]
AUDIO: list[dict[str, Any]] = [
    {"sample_rate": 16000},
    {"num_channels": 1, "sample_fmt": "s16"},
    {"sample_rate": 8000, "num_frames": 10_000},
    {"sample_fmt": None},
]
CASES = [
    *(("image", "jpeg_420.jpg", wanted) for wanted in IMAGE),
    *(("video", "both.mp4", wanted) for wanted in VIDEO),
    *(("audio", "both.mp4", wanted) for wanted in AUDIO),
]


@pytest.mark.parametrize(("kind", "name", "wanted"), CASES, ids=str)
def test_names_stand_for_a_description(
    kind: str, name: str, wanted: dict[str, Any], media_path: Media
) -> None:
    describe = get_audio_filter_desc if kind == "audio" else get_video_filter_desc
    load, awaited = (getattr(spdl.io, f"{prefix}load_{kind}") for prefix in ("", "async_"))
    options: dict[str, Any] = {"decode_config": spdl.io.decode_config(backend="ffmpeg")}
    if kind != "image":
        options["timestamp"] = (0.1, 0.9)
    expected = np.asarray(load(media_path(name), filter_desc=describe(**wanted), **options))
    assert np.array_equal(np.asarray(load(media_path(name), **wanted, **options)), expected)
    found = asyncio.run(awaited(media_path(name), **wanted, **options))
    assert np.array_equal(np.asarray(found), expected)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("image", SIZE), ("video", {"num_frames": 3}), ("audio", {"sample_rate": 8})],
)
@pytest.mark.parametrize("desc", [None, "null"])
def test_not_both_a_description_and_names(kind: str, wanted: Any, desc: Any) -> None:
    name = next(iter(wanted))
    with pytest.raises(ValueError, match=f"`filter_desc` or .*`{name}`"):
        getattr(spdl.io, f"load_{kind}")("any.mp4", filter_desc=desc, **wanted)


def test_wrong_sizes_are_told_before_anything_is_read() -> None:
    with pytest.raises(ValueError, match="`width` must be"):
        spdl.io.load_image("none.jpg", width=-1)
    with pytest.raises(ValueError, match="scale_mode"):
        spdl.io.load_image("none.jpg", width=8, scale_mode="fit")
    with pytest.raises(ValueError, match="`sample_rate` must be"):
        spdl.io.load_audio("none.wav", sample_rate=0)
