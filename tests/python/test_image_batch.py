# SPDX-License-Identifier: BSD-2-Clause
"""Batches of images: pixels, order, formats, skipped failures, independence of thread count."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import makers
import media
import numpy as np
import pytest
import shapes
from numpy.typing import NDArray

import spdl.io
from spdl._native import memory

Media = Callable[[str], Path]

MIXED = [
    "jpeg_420.jpg",
    "png_rgba.png",
    "webp_lossy.webp",
    "gif_animated.gif",
    "jpeg_odd_444.jpg",
    "png_gray16.png",
]


@pytest.fixture
def default_threads() -> Iterator[None]:
    """Give the process's pool its default size back."""
    yield
    spdl.io.set_num_threads(0)


def _batch(srcs: list[Any], **options: Any) -> NDArray[Any]:
    return spdl.io.to_numpy(spdl.io.load_image_batch(srcs, **options))


def _async_batch(srcs: list[Any], **options: Any) -> NDArray[Any]:
    buffer = asyncio.run(spdl.io.async_load_image_batch(srcs, **options))
    return spdl.io.to_numpy(buffer)


def _expected(
    reference: ModuleType, paths: list[Path], desc: str | None, shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    raw = b"".join(reference.image(path, desc) for path in paths)
    return np.frombuffer(raw, np.uint8).reshape(len(paths), *shape)


@pytest.mark.parametrize(
    ("width", "height", "pix_fmt"),
    [
        (64, 48, "rgb24"),
        (31, 17, "rgb24"),
        (200, 210, "rgb24"),
        (80, 60, "yuv420p"),
        (80, 60, "yuv444p"),
        (80, 60, "nv12"),
        (80, 60, "gray"),
        (80, 60, "rgba"),
    ],
)
def test_equals_the_description_of_the_builder(
    width: int, height: int, pix_fmt: str, media_path: Media, reference: ModuleType
) -> None:
    paths = [media_path(name) for name in MIXED]
    desc = spdl.io.get_video_filter_desc(width=width, height=height, pix_fmt=pix_fmt)
    expected = _expected(reference, paths, desc, shapes.PICTURES[pix_fmt](width, height))
    options: dict[str, Any] = {"width": width, "height": height, "pix_fmt": pix_fmt}
    options["decode_config"] = spdl.io.decode_config(backend="ffmpeg")
    assert not reference.differences(_batch(paths, **options), expected)
    assert not reference.differences(_async_batch(paths, **options), expected)
    from_memory = _batch([path.read_bytes() for path in paths], **options)
    assert not reference.differences(from_memory, expected)


def test_custom_filter(media_path: Media, reference: ModuleType) -> None:
    paths = [media_path(name) for name in MIXED]
    desc = "scale=w=50:h=40:flags=lanczos,hflip,format=pix_fmts=rgb24"
    expected = _expected(reference, paths, desc, (40, 50, 3))
    options = {"width": None, "height": None, "pix_fmt": None, "filter_desc": desc}
    assert not reference.differences(_batch(paths, **options), expected)
    assert not reference.differences(_async_batch(paths, **options), expected)


@pytest.mark.parametrize("name", ["jpeg_420.jpg", "jpeg_422.jpg", "jpeg_444.jpg", "png_rgba.png"])
def test_native_format(name: str, media_path: Media, reference: ModuleType) -> None:
    paths = [media_path(name)] * 3
    pix_fmt = reference.probe(paths[0], "v")["pix_fmt"]
    shape = shapes.PICTURES[pix_fmt](makers.WIDTH, makers.HEIGHT)
    expected = _expected(reference, paths, None, shape)
    array = _batch(paths, width=None, height=None, pix_fmt=None)
    assert not reference.differences(array, expected)


def test_format_alone_keeps_the_size(media_path: Media, reference: ModuleType) -> None:
    paths = [media_path(name) for name in ("jpeg_420.jpg", "png_pal8.png", "webp_lossy.webp")]
    expected = _expected(reference, paths, reference.RGB24, (makers.HEIGHT, makers.WIDTH, 3))
    array = _batch(paths, width=None, height=None)
    assert not reference.differences(array, expected)


def test_sizes_that_disagree_are_an_error(media_path: Media) -> None:
    paths = [media_path("jpeg_420.jpg"), media_path("jpeg_odd_420.jpg")]
    with pytest.raises(spdl.io.SPDLError):
        spdl.io.load_image_batch(paths, width=None, height=None)


def test_order_is_that_of_the_sources() -> None:
    pictures = [makers.jpeg_bytes(seed, (96 + seed % 5, 64 + seed % 7)) for seed in range(60)]
    single = [_batch([picture], width=40, height=30, pix_fmt="rgb24")[0] for picture in pictures]
    assert len({one.tobytes() for one in single}) == len(pictures)
    for order in (range(60), reversed(range(60)), np.random.default_rng(7).permutation(60)):
        indices = [int(index) for index in order]
        srcs = [pictures[index] for index in indices]
        for batch in (_batch, _async_batch):
            array = batch(srcs, width=40, height=30)
            assert np.array_equal(array, np.stack([single[index] for index in indices]))


@pytest.mark.usefixtures("default_threads")
def test_any_number_of_threads_gives_the_same_bytes(media_path: Media) -> None:
    paths = [media_path(name) for name in media.IMAGES] * 3
    results = set()
    for threads in (1, 2, 8, 2, 1):
        spdl.io.set_num_threads(threads)
        for batch in (_batch, _async_batch):
            array = batch(paths, width=50, height=50)
            assert array.shape == (len(paths), 50, 50, 3)
            results.add(array.tobytes())
    assert len(results) == 1


def test_skipped_failures_are_reported(media_path: Media, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    missing = tmp_path / "missing.png"
    good = media_path("jpeg_420.jpg")
    srcs: list[Any] = [broken, good, missing, good.read_bytes(), b""]
    for load in (
        spdl.io.load_image_batch,
        lambda *args, **kw: asyncio.run(spdl.io.async_load_image_batch(*args, **kw)),
    ):
        buffer = load(srcs, width=32, height=24, strict=False)
        array = spdl.io.to_numpy(buffer)
        assert array.shape == (2, 24, 32, 3)
        assert np.array_equal(array[0], array[1])
        assert list(buffer.indices) == [1, 3]
        assert [index for index, _, _ in buffer.errors] == [0, 2, 4]
        assert [source for _, source, _ in buffer.errors] == [broken, missing, b""]
        for _, _, error in buffer.errors:
            assert isinstance(error, spdl.io.SPDLError)
        assert isinstance(buffer.errors[1][2], FileNotFoundError)
        assert str(missing) in str(buffer.errors[1][2])
        assert str(broken) in str(buffer.errors[0][2])


def test_strict_failures_are_listed(media_path: Media, tmp_path: Path) -> None:
    missing = tmp_path / "missing.png"
    srcs = [media_path("jpeg_420.jpg"), missing, media_path("png_rgb24.png"), b"no picture"]
    with pytest.raises(spdl.io.SPDLError, match=r"^Failed to load some images\.") as caught:
        spdl.io.load_image_batch(srcs, width=32, height=24)
    failures = caught.value.failures
    assert [(index, source) for index, source, _ in failures] == [(1, missing), (3, b"no picture")]
    assert isinstance(failures[0][2], FileNotFoundError)
    assert all(isinstance(error, spdl.io.SPDLError) for _, _, error in failures)

    with pytest.raises(spdl.io.SPDLError, match=r"^Failed to load some images\.") as caught:
        asyncio.run(spdl.io.async_load_image_batch(srcs, width=32, height=24))
    assert [index for index, _, _ in caught.value.failures] == [1, 3]


def test_a_failure_lets_go_of_the_output(media_path: Media, tmp_path: Path) -> None:
    srcs = [media_path("jpeg_420.jpg"), tmp_path / "missing.png"]
    out = np.empty((2, 24, 32, 3), np.uint8)
    gc.collect()  # Errors of other tests may hold theirs.
    before = memory.count_lent()
    with pytest.raises(spdl.io.BatchError) as caught:
        spdl.io.load_image_batch(srcs, width=32, height=24, out=out)
    assert memory.count_lent() == before  # Although its traceback is alive.
    assert caught.value.failures


@pytest.mark.parametrize("strict", [True, False])
def test_nothing_loaded(strict: bool, tmp_path: Path) -> None:
    srcs = [tmp_path / "missing.png", b"no picture"]
    text = (
        r"^Failed to load (all the|some) images\." if strict else r"^Failed to load all the images"
    )
    with pytest.raises(spdl.io.SPDLError, match=text) as caught:
        spdl.io.load_image_batch(srcs, width=32, height=24, strict=strict)
    assert [index for index, _, _ in caught.value.failures] == [0, 1]


def test_no_sources() -> None:
    with pytest.raises(ValueError, match="`srcs` must not be empty"):
        spdl.io.load_image_batch([], width=32, height=24)
    with pytest.raises(ValueError, match="`srcs` must not be empty"):
        asyncio.run(spdl.io.async_load_image_batch([], width=32, height=24))
