# SPDX-License-Identifier: BSD-2-Clause
"""Limits of time, pixels, bytes and frames: typed errors that leave nothing behind."""

from __future__ import annotations

import asyncio
import io
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import leaks
import makers
import numpy as np
import pytest
import resident
import ways
from PIL import Image

import spdl.io

Media = Callable[[str], Path]

NAMES = {"image": "jpeg_420.jpg", "video": "h264.mp4", "audio": "stereo.m4a"}
PIXELS = makers.WIDTH * makers.HEIGHT


def _fails_in_every_way(kind: str, path: Path, limits: dict[str, Any], error: type) -> None:
    with spdl.io.limits(**limits):
        for call in (ways.load, ways.staged):
            with pytest.raises(error) as caught:
                call(kind, path)
            assert isinstance(caught.value, spdl.io.SPDLError)
            assert caught.value.origin not in ("", "none")
        for coroutine in (ways.async_load, ways.async_staged):
            with pytest.raises(error):
                asyncio.run(coroutine(kind, path))


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("image", {"max_pixels": PIXELS - 1}),
        ("video", {"max_pixels": PIXELS - 1}),
        ("video", {"max_frames": 29}),
        ("audio", {"max_frames": 10000}),
        ("image", {"max_bytes": 1000}),
        ("video", {"max_bytes": 20000}),
        ("audio", {"max_bytes": 10000}),
        ("video", {"max_bytes": 30 * PIXELS * 3 - 1}),
    ],
    ids=str,
)
def test_beyond_a_limit(kind: str, limits: dict[str, Any], media_path: Media) -> None:
    with leaks.nothing_leaks():
        _fails_in_every_way(kind, media_path(NAMES[kind]), limits, spdl.io.LimitError)


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("image", {"max_pixels": PIXELS}),
        ("video", {"max_pixels": PIXELS, "max_frames": 30}),
        ("audio", {"max_frames": 35840}),
        ("video", {"seconds": 60, "max_bytes": 10_000_000}),
    ],
    ids=str,
)
def test_within_a_limit(kind: str, limits: dict[str, Any], media_path: Media) -> None:
    path = media_path(NAMES[kind])
    expected = ways.load(kind, path)
    with spdl.io.limits(**limits):
        for way, array in ways.every(kind, path):
            assert np.array_equal(array, expected), way


@pytest.mark.parametrize("kind", NAMES)
def test_time_is_over(kind: str, media_path: Media) -> None:
    with leaks.nothing_leaks():
        _fails_in_every_way(kind, media_path(NAMES[kind]), {"seconds": 1e-9}, TimeoutError)


def test_time_ends_a_long_load(tmp_path: Path) -> None:
    path = tmp_path / "long.nut"
    seconds = 0.2
    makers.video("-c:v", "mpeg4", "-g", "12", size="320x240", seconds=40)(path)
    for call in (
        lambda: ways.load("video", path),
        lambda: asyncio.run(ways.async_load("video", path)),
    ):
        with spdl.io.limits(seconds=seconds):
            begin = time.monotonic()
            with pytest.raises(spdl.io.DeadlineError) as caught:
                call()
            took = time.monotonic() - begin
        assert seconds <= took < seconds + 0.5
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.source == str(path)
        assert str(path) in str(caught.value)


def test_batch(media_path: Media) -> None:
    srcs = [media_path("jpeg_odd_420.jpg"), media_path("jpeg_420.jpg")]
    small = makers.ODD_WIDTH * makers.ODD_HEIGHT
    with spdl.io.limits(max_pixels=small):
        with pytest.raises(spdl.io.BatchError) as caught:
            spdl.io.load_image_batch(srcs, width=32, height=32)
        ((index, source, error),) = caught.value.failures
        assert (index, source) == (1, srcs[1])
        assert isinstance(error, spdl.io.LimitError)
        buffer = spdl.io.load_image_batch(srcs, width=32, height=32, strict=False)
        assert list(buffer.indices) == [0]
    with spdl.io.limits(seconds=1e-9):
        with pytest.raises(TimeoutError):
            spdl.io.load_image_batch(srcs, width=32, height=32)
        with pytest.raises(TimeoutError):
            asyncio.run(spdl.io.async_load_image_batch(srcs, width=32, height=32))


def test_blocks_nest(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    with spdl.io.limits(max_pixels=10):
        with spdl.io.limits(seconds=60), pytest.raises(spdl.io.LimitError):
            spdl.io.load_image(path)
        with spdl.io.limits(max_pixels=PIXELS):
            spdl.io.load_image(path)
        with spdl.io.limits(max_pixels=math.inf):
            spdl.io.load_image(path)
        with pytest.raises(spdl.io.LimitError):
            spdl.io.load_image(path)
    spdl.io.load_image(path)


@pytest.mark.parametrize("name", ["seconds", "max_pixels", "max_bytes", "max_frames"])
@pytest.mark.parametrize("value", [0, -1, math.nan, Decimal("nan")])
def test_limits_that_are_none(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        spdl.io.limits(**{name: value})


@pytest.mark.parametrize("value", ["3", True, 1j, [1]])
def test_limits_that_are_no_numbers(value: Any) -> None:
    with pytest.raises(TypeError, match="`max_bytes` must be a number"):
        spdl.io.limits(max_bytes=value)


@pytest.mark.parametrize("value", [10**400, Decimal("1e30"), Fraction(10**9), np.int64(10**9)])
def test_limits_of_any_kind_of_number(value: Any, media_path: Media) -> None:
    with spdl.io.limits(seconds=value, max_pixels=value, max_bytes=value, max_frames=value):
        spdl.io.load_image(media_path("jpeg_420.jpg"))


def test_a_picture_has_at_most_two_to_the_27_pixels() -> None:
    width, height = 2**14, 2**13 + 1
    picture = makers.png_bytes(width, height, bytes(height * (1 + width // 8)))
    for load in (ways.load, ways.staged):
        with pytest.raises(spdl.io.LimitError):
            load("image", picture, filter_desc="scale=w=8:h=8,format=pix_fmts=gray")
    with spdl.io.limits(max_pixels=2**28):
        array = ways.load("image", picture, filter_desc="scale=w=8:h=8,format=pix_fmts=gray")
    assert array.shape == (8, 8, 1)


# Formats that say nothing before a decoder has looked at the picture.
PROBED = {"TIFF": {"compression": "tiff_adobe_deflate"}, "BMP": {}, "PPM": {}}


def _probed(kind: str, size: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (size, size), 7).save(out, kind, **PROBED[kind])
    return out.getvalue()


@resident.measurable
def test_probing_decodes_nothing_beyond_the_limit() -> None:
    picture = _probed("TIFF", 6000)  # a few KiB in the file, 34 MiB in memory
    with spdl.io.limits(max_pixels=6000 * 6000 - 1), resident.peaks_at_most(20 * resident.MIB):
        for call in (ways.load, ways.staged):
            for kind in ("image", "video"):
                with pytest.raises(spdl.io.SPDLError):
                    call(kind, picture)


@pytest.mark.parametrize("kind", ["TIFF", "BMP"])  # The parser of PPM lets nothing through.
@pytest.mark.parametrize("media", ["image", "video"])
def test_probed_pictures_beyond_the_limit(kind: str, media: str) -> None:
    picture = _probed(kind, 100)
    assert ways.load(media, picture).size == 100 * 100 * 3
    with spdl.io.limits(max_pixels=100 * 100 - 1), pytest.raises(spdl.io.LimitError):
        ways.load(media, picture)


def _what_fits(paths: list[Path]) -> list[bool]:
    fits = []
    for path in paths:
        try:
            spdl.io.load_image(path)
        except spdl.io.LimitError:
            fits.append(False)
        else:
            fits.append(True)
    return fits


def _visit(shared: Any, own: Any, outside: list[bool], paths: list[Path]) -> Iterator[None]:
    """Go into a shared block, twice, and out of it, and look at the limits at each step."""
    with own:
        yield
        assert _what_fits(paths) == outside
        with shared:
            yield
            assert _what_fits(paths) == [True, False]
            with shared:
                yield
                assert _what_fits(paths) == [True, False]
            yield
            assert _what_fits(paths) == [True, False]
        yield
        assert _what_fits(paths) == outside
    yield


def _visits(media_path: Media) -> list[Iterator[Any]]:
    """Three visitors with limits of their own, each a step behind the other."""
    paths = [media_path("jpeg_odd_420.jpg"), media_path("jpeg_420.jpg")]
    shared = spdl.io.limits(max_pixels=makers.ODD_WIDTH * makers.ODD_HEIGHT)
    owns = [
        (spdl.io.limits(max_pixels=1), [False, False]),
        (spdl.io.limits(max_pixels=PIXELS), [True, True]),
        (spdl.io.limits(max_pixels=2), [False, False]),
    ]
    return [
        itertools.chain(range(late), _visit(shared, own, outside, paths), range(len(owns) - late))
        for late, (own, outside) in enumerate(owns)
    ]


def test_tasks_share_a_block(media_path: Media) -> None:
    async def visit(steps: Iterator[Any]) -> None:
        for _ in steps:
            await asyncio.sleep(0)

    async def run() -> None:
        await asyncio.gather(*map(visit, _visits(media_path)))

    asyncio.run(run())


def test_threads_share_a_block(media_path: Media) -> None:
    visits = _visits(media_path)
    together = threading.Barrier(len(visits), timeout=20)

    def visit(steps: Iterator[Any]) -> None:
        for _ in steps:
            together.wait()

    with ThreadPoolExecutor(len(visits)) as pool:
        for future in [pool.submit(visit, steps) for steps in visits]:
            future.result()
