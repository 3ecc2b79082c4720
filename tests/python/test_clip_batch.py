# SPDX-License-Identifier: BSD-2-Clause
"""Batches of video and audio: they are the single loads, stacked."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spdl.io

Media = Callable[[str], Path]
KINDS = ("video", "audio")
CLIPS = {
    "video": ["h264.mp4", "hevc.mp4", "vp9.webm", "mpeg4.avi", "late.ts"],
    "audio": ["s16.wav", "stereo.mp3", "s16.flac", "mono.opus", "surround.m4a"],
}
SAME: dict[str, dict[str, Any]] = {
    "video": {"width": 48, "height": 40, "num_frames": 7, "frame_rate": 10},
    "audio": {"sample_rate": 16000, "num_channels": 2, "num_frames": 5000},
}


@pytest.fixture
def default_threads() -> Iterator[None]:
    yield
    spdl.io.set_num_threads(0)


def _singles(kind: str, srcs: list[Any], windows: list[Any], **options: Any) -> list[Any]:
    load = getattr(spdl.io, f"load_{kind}")
    return [load(src, window, **options) for src, window in zip(srcs, windows, strict=True)]


def _both_ways(kind: str, srcs: list[Any], **options: Any) -> Iterator[Any]:
    yield getattr(spdl.io, f"load_{kind}_batch")(srcs, **options)
    yield asyncio.run(getattr(spdl.io, f"async_load_{kind}_batch")(srcs, **options))


def _check_stacked(kind: str, buffer: Any, singles: list[Any]) -> None:
    array = spdl.io.to_numpy(buffer)
    expected = np.stack([spdl.io.to_numpy(single) for single in singles])
    assert (array.shape, array.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(array, expected)
    assert buffer.pts == [single.pts if kind == "video" else single.pts[0] for single in singles]
    assert buffer.num_corrupt == [single.num_corrupt for single in singles]
    assert buffer.sample_rate == singles[0].sample_rate
    assert buffer.backend == singles[0].backend
    assert buffer.indices == list(range(len(singles)))
    assert buffer.errors == []


@pytest.mark.parametrize("kind", KINDS)
def test_items_are_single_loads(kind: str, media_path: Media) -> None:
    paths = [media_path(name) for name in CLIPS[kind]]
    singles = _singles(kind, paths, [None] * len(paths), **SAME[kind])
    for buffer in _both_ways(kind, paths, **SAME[kind]):
        _check_stacked(kind, buffer, singles)
    data: list[Any] = [path.read_bytes() for path in paths]
    mixed = [paths[0], str(paths[1]), data[2], np.frombuffer(data[3], np.uint8), data[4]]
    for buffer in _both_ways(kind, mixed, **SAME[kind]):
        _check_stacked(kind, buffer, singles)


@pytest.mark.parametrize(
    ("kind", "options", "shape"),
    [
        ("video", {}, (2, 10, 120, 160, 3)),
        ("video", {"filter_desc": None}, (2, 10, 1, 180, 160)),
        ("video", {"filter_desc": "hflip,format=gray"}, (2, 10, 120, 160, 1)),
        ("video", {"scale_mode": "crop", "width": 60, "height": 60}, (2, 10, 60, 60, 3)),
        ("video", {"scale_mode": None, "width": 60, "height": 60}, (2, 10, 60, 60, 3)),
        ("video", {"width": 80, "pix_fmt": "yuv420p"}, (2, 10, 1, 90, 80)),
        ("audio", {}, (2, 2, 17640)),
        ("audio", {"sample_fmt": "s16"}, (2, 17640, 2)),
        ("audio", {"sample_fmt": "s16p", "num_channels": 1}, (2, 1, 17640)),
        ("audio", {"filter_desc": None}, (2, 2, 17640)),
        ("audio", {"filter_desc": "aformat=sample_fmts=dbl"}, (2, 17640, 2)),
    ],
)
def test_formats(
    kind: str, options: dict[str, Any], shape: tuple[int, ...], media_path: Media
) -> None:
    path, windows = media_path("both.mp4"), [(0.2, 0.6), ("3/5", 1)]
    singles = _singles(kind, [path] * 2, windows, **options)
    for buffer in _both_ways(kind, [path] * 2, timestamp=windows, **options):
        assert buffer.shape == shape
        _check_stacked(kind, buffer, singles)


@pytest.mark.parametrize("kind", KINDS)
def test_windows(kind: str, media_path: Media) -> None:
    path, other = media_path("both.mp4"), media_path("both.mp4").read_bytes()
    srcs = [path, other, path, other]
    same = {"num_frames": 9}
    for timestamp, windows in (
        (None, [None] * 4),
        ((0.5, 1), [(0.5, 1)] * 4),
        ([0.5, 1], [(0.5, 1)] * 4),
        ((None, None), [None] * 4),
        ((None, "1/2"), [(None, "1/2")] * 4),
        ([None] * 4, [None] * 4),
        ([(0, 0.5), (0.5, 1), None, (-1, 0.1)], [(0, 0.5), (0.5, 1), None, (-1, 0.1)]),
        (((0, 1), (0, 1), [1, 1.1], (0.3, None)), [(0, 1), (0, 1), (1, 1.1), (0.3, None)]),
    ):
        singles = _singles(kind, srcs, windows, **same)
        for buffer in _both_ways(kind, srcs, timestamp=timestamp, **same):
            _check_stacked(kind, buffer, singles)


def test_two_windows_for_two_sources(media_path: Media) -> None:
    srcs = [media_path("both.mp4")] * 2
    for timestamp in ([(0, 0.2), (0.2, 0.4)], ((0, 0.2), (0.2, 0.4)), [(0, 0.2), [0.2, 0.4]]):
        assert spdl.io.load_video_batch(srcs, timestamp=timestamp).pts[1][0] == 0.2
    assert spdl.io.load_video_batch(srcs, timestamp=[None, (0, 9)]).shape[:2] == (2, 30)


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_windows(kind: str, media_path: Media) -> None:
    path = media_path("both.mp4")
    load = getattr(spdl.io, f"load_{kind}_batch")
    for timestamp, error, text in (
        ([(0, 1)], ValueError, r"`timestamp` has 1 windows for 3 sources\."),
        ([(0, 1)] * 4, ValueError, r"`timestamp` has 4 windows for 3 sources\."),
        ([], ValueError, r"`timestamp` has 0 windows for 3 sources\."),
        ([(0, 1), (0, "x"), (0, 1)], ValueError, r"`timestamp\[1\]`: A bound .* 'x'"),
        ([(0, 1), (0, 1, 2), (0, 1)], TypeError, r"`timestamp\[1\]`: A window must be a pair"),
        ([(0, 1), 5, (0, 1)], TypeError, r"`timestamp\[1\]`: A window must be a pair"),
        ((0, float("nan")), ValueError, "NaN"),
        (3.5, TypeError, r"`timestamp` must be \(start, end\) or a sequence"),
        ("01", TypeError, r"`timestamp` must be \(start, end\) or a sequence"),
    ):
        with pytest.raises(error, match=text):
            load([path] * 3, timestamp=timestamp)
        with pytest.raises(error, match=text):
            asyncio.run(
                getattr(spdl.io, f"async_load_{kind}_batch")([path] * 3, timestamp=timestamp)
            )


class Seekable:
    """A file that is no buffer: read by a thread of Python."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, 1000))

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


class Stream:
    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        return self._file.read(size)


@pytest.mark.parametrize("kind", KINDS)
def test_one_file_several_times(kind: str, media_path: Media, tmp_path: Path) -> None:
    data = media_path("both.mp4").read_bytes()
    windows = [(0, 0.4), (0.4, 0.8), (0.2, 0.6), (0, 0.4), (0.8, 1.2)]
    same = {"num_frames": 6}
    singles = _singles(kind, [data] * 5, windows, **same)
    file = Seekable(data)
    for buffer in _both_ways(kind, [file, data, file, file, file], timestamp=windows, **same):
        _check_stacked(kind, buffer, singles)
    with open(media_path("both.mp4"), "rb") as opened:
        for buffer in _both_ways(kind, [opened] * 5, timestamp=windows, **same):
            _check_stacked(kind, buffer, singles)


def test_a_stream_is_there_once(media_path: Media) -> None:
    stream = Stream(media_path("s16.wav").read_bytes())
    with pytest.raises(ValueError, match=r"`srcs\[2\]`: <Stream> cannot seek.*bytes instead"):
        spdl.io.load_audio_batch([stream, media_path("s16.wav"), stream])
    assert spdl.io.load_audio_batch([stream]).shape == (
        1,
        *spdl.io.load_audio(media_path("s16.wav")).shape,
    )


@pytest.mark.usefixtures("default_threads")
@pytest.mark.parametrize("kind", KINDS)
def test_any_number_of_threads_gives_the_same_bytes(kind: str, media_path: Media) -> None:
    paths: list[Any] = [media_path(name) for name in CLIPS[kind]] * 2
    # The first that loads decides, wherever the others are.
    srcs = [b"nothing", paths[2], b"", *paths, "missing"]
    options = {key: value for key, value in SAME[kind].items() if key != "num_frames"}
    results = set()
    for threads in (1, 2, 8, 2):
        spdl.io.set_num_threads(threads)
        for buffer in _both_ways(kind, srcs, strict=False, **options):
            told = [(index, str(error)) for index, _, error in buffer.errors if index > 2]
            results.add(
                (
                    tuple(buffer.indices),
                    buffer.shape,
                    repr(told),
                    spdl.io.to_numpy(buffer).tobytes(),
                )
            )
    ((indices, _, _, _),) = results
    assert indices[0] == 1


def test_parameters_are_those_of_single_loads() -> None:
    for kind in (*KINDS, "image"):
        single = inspect.signature(getattr(spdl.io, f"load_{kind}")).parameters
        batch = inspect.signature(getattr(spdl.io, f"load_{kind}_batch")).parameters
        assert set(batch) == (set(single) - {"src", "name"}) | {"srcs", "strict", "pin_memory"}
        for name in set(batch) & set(single):
            assert batch[name].default == single[name].default, name
        assert all(
            parameter.kind is inspect.Parameter.KEYWORD_ONLY
            for name, parameter in batch.items()
            if name != "srcs"
        )


def test_images_by_scale_mode(media_path: Media) -> None:
    names = ("jpeg_420.jpg", "png_rgba.png", "jpeg_odd_444.jpg", "webp_lossy.webp")
    paths = [media_path(name) for name in names]
    for mode in ("pad", "crop", None):
        for size in ({"width": 50, "height": 70}, {"width": 33, "height": 21}):
            singles = [spdl.io.load_image(path, scale_mode=mode, **size) for path in paths]
            for buffer in _both_ways("image", paths, scale_mode=mode, **size):
                _check_stacked("image", buffer, singles)
    with pytest.raises(ValueError, match="Unexpected `scale_mode` value"):
        spdl.io.load_image_batch(paths, width=8, height=8, scale_mode="fill")


def test_converted_lists_are_batches_too(media_path: Media) -> None:
    for kind in KINDS:
        packets = getattr(spdl.io, f"demux_{kind}")(media_path("both.mp4"), timestamp=(0, 0.2))
        frames = spdl.io.decode_packets(packets)
        single, pair = spdl.io.convert_frames(frames), spdl.io.convert_frames([frames, frames])
        assert pair.pts == [single.pts, single.pts] if kind == "video" else single.pts * 2
        assert (single.num_corrupt, pair.num_corrupt) == (0, [0, 0])
