# SPDX-License-Identifier: BSD-2-Clause
"""Windows of time are exact: [start, end) on the container's own clock, whatever the filter."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import makers
import numpy as np
import pytest
import shapes
import ways

import spdl.io

Media = Callable[[str], Path]
Bounds = tuple[str | None, str | None]

# Windows that begin and end inside, outside, on and between frames.
ORDINARY: list[Bounds] = [
    ("0.5", "1"),
    ("0.24", "0.28"),
    ("0.33", "0.71"),
    (None, "0.3"),
    ("0.96", None),
    ("-1", "0.2"),
    ("5", "6"),
    ("0.8", "0.4"),
]
FEW: list[Bounds] = [("0.33", "0.71"), ("0.5", "1"), ("0.96", None), ("5", "6")]
# The CLI rounds bounds to ticks, which are frames in some containers; the library does not.
WHOLE_TICKS: list[Bounds] = [("0.52", "1"), ("0.24", "0.28"), (None, "0.32"), ("0.96", None)]
VIDEO: dict[str, list[Bounds]] = {
    "h264.mp4": ORDINARY,
    "h264.mkv": FEW,
    "hevc.mp4": ORDINARY,
    "vp9.webm": FEW,
    "av1.mp4": FEW,
    "mpeg4.avi": WHOLE_TICKS,
    "vfr.mp4": ORDINARY,
    "vfr.mkv": FEW,
    "both.mp4": FEW,
    "h264.h264": FEW,
    "mjpeg.mjpeg": WHOLE_TICKS,
    "late.ts": [("10.2", "10.8"), ("0", "1"), (None, "10.3"), ("10.7", None), ("0", "10.12")],
    "mpeg2.ts": [("1.8", "2.4"), ("0", "1"), (None, "1.7"), ("2.2", None)],
}
AUDIO = ["s16.wav", "s24.wav", "s16.flac", "stereo.mp3", "stereo.m4a", "stereo.opus", "stereo.ogg"]
AUDIO_WINDOWS: list[Bounds] = [("0.25", "0.5"), ("0.1", "0.61"), (None, "0.2"), ("0.4", None)]


def _fractions(bounds: Bounds) -> tuple[Fraction | None, Fraction | None]:
    start, end = (None if b is None else Fraction(b) for b in bounds)
    return start, end


def _timestamp(bounds: Bounds) -> tuple[Any, Any]:
    start, end = bounds
    return (-math.inf if start is None else start), (math.inf if end is None else end)


def _cases(table: dict[str, list[Bounds]]) -> list[Any]:
    return [
        pytest.param(name, bounds, id=f"{name}-{bounds[0]}-{bounds[1]}")
        for name, windows in table.items()
        for bounds in windows
    ]


@pytest.mark.parametrize(("name", "bounds"), _cases(VIDEO))
def test_video(name: str, bounds: Bounds, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    shape = (-1, *shapes.PICTURES["rgb24"](160, 120))
    raw = reference.pictures(path, window=_fractions(bounds))
    expected = np.frombuffer(raw, np.uint8).reshape(shape)
    if not len(expected):
        for filter_desc in ("format=pix_fmts=rgb24", None):
            packets = spdl.io.demux_video(path, timestamp=_timestamp(bounds))
            assert len(spdl.io.decode_packets(packets, filter_desc=filter_desc)) == 0
        return
    for way, array in ways.every("video", path, timestamp=_timestamp(bounds)):
        assert not reference.differences(array, expected), (way, name)


@pytest.mark.parametrize("name", ["h264.mp4", "h264.mkv", "vp9.webm", "vfr.mp4", "late.ts"])
@pytest.mark.parametrize("filter_desc", [None, "fps=10,hflip,format=pix_fmts=gray"])
def test_video_with_any_filter(
    name: str, filter_desc: str | None, media_path: Media, reference: ModuleType
) -> None:
    path = media_path(name)
    bounds = ("10.36", "10.96") if name == "late.ts" else ("0.36", "0.96")
    pix_fmt = "gray" if filter_desc else "yuv420p"
    raw = reference.pictures(path, filter_desc, _fractions(bounds))
    expected = np.frombuffer(raw, np.uint8).reshape(-1, *shapes.PICTURES[pix_fmt](160, 120))
    assert len(expected) > 3
    for src in (path, path.read_bytes()):
        array = ways.load("video", src, timestamp=bounds, filter_desc=filter_desc)
        assert not reference.differences(array, expected), name


def test_padding_counts_frames_of_the_window(media_path: Media, reference: ModuleType) -> None:
    path = media_path("h264.mp4")
    for num_frames in (5, 12, 30):
        desc = spdl.io.get_video_filter_desc(num_frames=num_frames)
        raw = reference.pictures(path, desc, (Fraction(1, 2), Fraction(1)))
        expected = np.frombuffer(raw, np.uint8).reshape(num_frames, 120, 160, 3)
        array = ways.load("video", path, timestamp=(0.5, 1), filter_desc=desc)
        assert not reference.differences(array, expected), num_frames


@pytest.mark.parametrize("bounds", AUDIO_WINDOWS, ids=str)
@pytest.mark.parametrize("name", AUDIO)
def test_audio(name: str, bounds: Bounds, media_path: Media, reference: ModuleType) -> None:
    path = media_path(name)
    channels = reference.probe(path, "a")["channels"]
    expected = reference.samples(path, "fltp", channels, window=_fractions(bounds)).T
    for way, array in ways.every("audio", path, timestamp=_timestamp(bounds)):
        assert not reference.differences(array, np.ascontiguousarray(expected)), (way, name)


@pytest.mark.parametrize("name", AUDIO)
@pytest.mark.parametrize("kind", ["native", "default"])
def test_neighbouring_windows_split_audio_without_loss(
    name: str, kind: str, media_path: Media
) -> None:
    options = {"filter_desc": None} if kind == "native" else {}
    path = media_path(name)
    cuts = [-math.inf, Fraction(1, 9), Fraction(1, 3), Fraction(10, 27), Fraction(3, 5), math.inf]
    whole = ways.load("audio", path, **options)
    axis = whole.shape.index(max(whole.shape))
    parts = [
        ways.load("audio", path, timestamp=window, **options) for window in itertools.pairwise(cuts)
    ]
    assert sum(part.shape[axis] for part in parts) == whole.shape[axis]
    if name.endswith((".wav", ".flac")):
        assert np.array_equal(np.concatenate(parts, axis), whole)


@pytest.mark.parametrize("name", ["h264.mp4", "h264.mkv", "hevc.mp4", "vp9.webm", "av1.mp4"])
def test_neighbouring_windows_split_video_without_loss(name: str, media_path: Media) -> None:
    path = media_path(name)
    whole = ways.load("video", path, filter_desc=None)
    for cut in (Fraction(7, 25), Fraction(13, 30), Fraction(24, 25)):
        head = ways.load("video", path, timestamp=(-math.inf, cut), filter_desc=None)
        tail = ways.load("video", path, timestamp=(cut, math.inf), filter_desc=None)
        assert len(head) == math.ceil(cut * 25)
        assert np.array_equal(np.concatenate([head, tail]), whole)


@pytest.mark.parametrize(
    "bounds",
    [
        (0.5, 1),
        (Fraction(1, 2), Fraction(1)),
        (Decimal("0.5"), Decimal(1)),
        ("0.5", "1"),
        ("1/2", "1/1"),
        (Fraction(1, 2), 1.0),
    ],
    ids=str,
)
def test_every_type_of_bound(bounds: tuple[Any, Any], media_path: Media) -> None:
    path = media_path("h264.mp4")
    packets = spdl.io.demux_video(path, timestamp=bounds)
    assert packets.timestamp == (0.5, 1.0)
    assert len(packets) == 12
    assert len(spdl.io.decode_packets(packets)) == 12


@pytest.mark.parametrize("infinity", [math.inf, Decimal("inf"), "inf"], ids=repr)
def test_infinite_bounds(infinity: Any, media_path: Media) -> None:
    path = media_path("h264.mp4")
    minus = "-inf" if isinstance(infinity, str) else -infinity
    whole = ways.load("video", path)
    assert np.array_equal(ways.load("video", path, timestamp=(minus, infinity)), whole)
    assert np.array_equal(ways.load("video", path, timestamp=(0.6, infinity)), whole[15:])
    assert np.array_equal(ways.load("video", path, timestamp=(minus, 0.6)), whole[:15])


@pytest.mark.parametrize("bounds", [(math.nan, 1), (0, math.nan), ("nan", 1), ("x", 1)], ids=str)
def test_bounds_that_are_no_time(bounds: tuple[Any, Any], media_path: Media) -> None:
    with pytest.raises(ValueError, match=r"(?i)time|nan|bound|number|literal"):
        spdl.io.demux_video(media_path("h264.mp4"), timestamp=bounds)


@pytest.mark.parametrize("bounds", [3, (1,), (0, 1, 2), ([], 1)], ids=str)
def test_bounds_of_the_wrong_type(bounds: Any, media_path: Media) -> None:
    with pytest.raises((TypeError, ValueError)):
        spdl.io.demux_video(media_path("h264.mp4"), timestamp=bounds)


def test_a_demuxer_serves_windows_in_any_order(media_path: Media) -> None:
    whole = ways.load("video", media_path("both.mp4"), filter_desc=None)
    with spdl.io.Demuxer(media_path("both.mp4")) as demuxer:
        for first, last in ((20, 28), (3, 9), (20, 28), (0, 30)):
            window = (Fraction(first, 25), Fraction(last, 25))
            frames = spdl.io.decode_packets(demuxer.demux_video(window), filter_desc=None)
            array = spdl.io.to_numpy(spdl.io.convert_frames(frames))
            assert np.array_equal(array, whole[first:last]), (first, last)
            audio = spdl.io.decode_packets(demuxer.demux_audio((0.1, 0.2)))
            assert len(audio) == 4410


@pytest.mark.parametrize("name", ["late.ts", "h264.mkv", "vp9.webm"])
def test_source_that_cannot_seek(name: str, media_path: Media, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    data = media_path(name).read_bytes()
    start = 10 if name == "late.ts" else 0
    window = (start + Fraction(2, 5), start + Fraction(4, 5))
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(_write_until_closed, fifo, data)
        array = ways.load("video", fifo, timestamp=window)
        writing.result()
    assert np.array_equal(array, ways.load("video", media_path(name), timestamp=window))


def _write_until_closed(fifo: Path, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), fifo.open("wb") as out:
        out.write(data)


@pytest.mark.parametrize("name", ["h264.h264", "mjpeg.mjpeg", "mpeg4.avi", "late.ts", "s16.flac"])
def test_demuxer_reads_again_from_the_beginning(name: str, media_path: Media) -> None:
    with spdl.io.Demuxer(media_path(name)) as demuxer:
        demux = demuxer.demux_audio if name == "s16.flac" else demuxer.demux_video
        first, second = (spdl.io.decode_packets(demux(), filter_desc=None) for _ in range(2))
        assert np.array_equal(
            *(spdl.io.to_numpy(spdl.io.convert_frames(frames)) for frames in (first, second))
        )


def test_start_time_tells_where_the_clock_begins(media_path: Media) -> None:
    with spdl.io.Demuxer(media_path("late.ts")) as demuxer:
        assert demuxer.start_time == pytest.approx(10.0, abs=0.1)
        frames = spdl.io.decode_packets(demuxer.demux_video())
        assert frames.get_timestamps()[0] == pytest.approx(demuxer.start_time, abs=1e-3)
    with spdl.io.Demuxer(media_path("h264.mp4")) as demuxer:
        assert demuxer.start_time == 0


@pytest.mark.parametrize("bounds", [("20", "50"), ("30", "40"), ("70", None), (None, "30")])
def test_video_with_ticks_of_many_seconds(
    bounds: Bounds, tmp_path: Path, reference: ModuleType
) -> None:
    """Its B-frames make a seek step back, at least by a tick each time."""
    path = tmp_path / "slow.avi"
    makers.video("-c:v", "mpeg4", "-bf", "2", "-g", "4", rate="0.1", seconds=100)(path)
    assert reference.probe(path, "v")["time_base"] == "10/1"
    raw = reference.pictures(path, window=_fractions(bounds))
    expected = np.frombuffer(raw, np.uint8).reshape(-1, 120, 160, 3)
    assert len(expected)
    with spdl.io.limits(seconds=10):
        for way, array in ways.every("video", path, timestamp=_timestamp(bounds)):
            assert not reference.differences(array, expected), way
