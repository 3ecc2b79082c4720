# SPDX-License-Identifier: BSD-2-Clause
"""Memory that takes results: storages, and arrays of the caller."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spdl.io

Media = Callable[[str], Path]
SIZE = 160 * 120 * 3
NUM_WAYS = 8


def _frames(media_path: Media, name: str = "png_rgb24.png") -> spdl.io.ImageFrames:
    return spdl.io.decode_packets(spdl.io.demux_image(media_path(name)))


def test_one_buffer_at_a_time(media_path: Media) -> None:
    frames = _frames(media_path)
    expected = spdl.io.to_numpy(spdl.io.convert_frames(frames))
    storage = spdl.io.cpu_storage(SIZE + 7, pin_memory=False)
    assert (storage.size, storage.pin_memory) == (SIZE + 7, False)
    assert repr(storage) == f"CPUStorage<size={SIZE + 7}, pin_memory=False>"
    buffer = spdl.io.convert_frames(frames, storage)
    address = buffer.__array_interface__["data"][0]
    view = spdl.io.to_numpy(buffer)
    del buffer
    for use in (
        lambda: spdl.io.convert_frames(frames, storage),
        lambda: asyncio.run(spdl.io.async_convert_frames(frames, storage=storage)),
        lambda: spdl.io.convert_array(np.arange(2), storage),
        lambda: spdl.io.load_image_batch(
            [media_path("png_rgb24.png")], width=8, height=8, storage=storage
        ),
    ):
        with pytest.raises(spdl.io.BusyError, match="alive lies in this storage"):
            use()
    assert np.array_equal(view, expected)
    del view
    gc.collect()
    again = spdl.io.convert_frames(frames, storage)
    assert again.__array_interface__["data"][0] == address
    assert np.array_equal(spdl.io.to_numpy(again), expected)


def test_batches(media_path: Media) -> None:
    srcs = [media_path("jpeg_420.jpg"), media_path("png_rgb24.png")]
    storage = spdl.io.cpu_storage(2 * 40 * 30 * 3, pin_memory=False)
    expected = spdl.io.to_numpy(spdl.io.load_image_batch(srcs, width=40, height=30))
    for _ in range(2):
        buffer = spdl.io.load_image_batch(srcs, width=40, height=30, storage=storage)
        assert np.array_equal(spdl.io.to_numpy(buffer), expected)
        del buffer
    with pytest.raises(spdl.io.BatchError):
        spdl.io.load_image_batch([*srcs[:1], "missing"], width=40, height=30, storage=storage)
    with pytest.raises(spdl.io.MismatchError, match="The storage has 7200 bytes"):
        spdl.io.load_image_batch(srcs * 2, width=40, height=30, storage=storage)
    # Neither failure keeps the storage.
    assert spdl.io.load_image_batch(srcs, width=40, height=30, storage=storage).shape


def test_wrong_storages(media_path: Media) -> None:
    frames: Any = _frames(media_path)
    small = spdl.io.cpu_storage(SIZE - 1, False)
    with pytest.raises(spdl.io.MismatchError, match="storage"):
        spdl.io.convert_frames(frames, small)
    with pytest.raises(TypeError, match="cpu_storage"):
        spdl.io.convert_frames(frames, bytearray(SIZE))
    with pytest.raises(ValueError, match="Only one of"):
        spdl.io.convert_frames(frames, small, out=bytearray(SIZE))
    with pytest.raises(ValueError, match="Only one of"):
        spdl.io.convert_frames(frames, small, pin_memory=True)
    for size in (0, -1, 2**63):
        with pytest.raises(ValueError, match="`size`"):
            spdl.io.cpu_storage(size, False)
    with pytest.raises(MemoryError):
        spdl.io.cpu_storage(2**62, False)
    with pytest.raises(TypeError):
        spdl.io.CPUStorage()


def test_pinned_memory_needs_cuda(media_path: Media) -> None:
    frames = _frames(media_path)
    for use in (
        lambda: spdl.io.cpu_storage(100, pin_memory=True),
        lambda: spdl.io.convert_frames(frames, pin_memory=True),
        lambda: spdl.io.load_image_batch(
            [media_path("png_rgb24.png")], width=8, height=8, pin_memory=True
        ),
    ):
        with pytest.raises(spdl.io.UnsupportedError, match=r"CUDA.*pin_memory=False"):
            use()
    # Nobody asked for it here.
    storage = spdl.io.cpu_storage(SIZE)
    assert storage.pin_memory is False
    assert spdl.io.convert_frames(frames, storage).shape == (120, 160, 3)


def _ways(media_path: Media, out: Any) -> list[tuple[Callable[[], Any], tuple[int, ...], str]]:
    frames = _frames(media_path)
    image, video, sound = (media_path(n) for n in ("png_rgb24.png", "h264.mp4", "s16.wav"))
    return [
        (lambda: spdl.io.convert_frames(frames, out=out), (120, 160, 3), "uint8"),
        (lambda: spdl.io.load_image(image, out=out), (120, 160, 3), "uint8"),
        (lambda: spdl.io.load_video(video, (0, 0.2), out=out), (5, 120, 160, 3), "uint8"),
        (lambda: spdl.io.load_audio(sound, (0, 0.1), out=out), (2, 4800), "float32"),
        (
            lambda: spdl.io.load_image_batch([image] * 2, width=20, height=10, out=out),
            (2, 10, 20, 3),
            "uint8",
        ),
        (lambda: spdl.io.convert_array(np.arange(4), out=out), (4,), "int64"),
        (
            lambda: spdl.io.load_video_batch([video] * 3, timestamp=(0, 0.2), out=out),
            (3, 5, 120, 160, 3),
            "uint8",
        ),
        (
            lambda: spdl.io.load_audio_batch([sound] * 3, timestamp=(0, 0.1), out=out),
            (3, 2, 4800),
            "float32",
        ),
    ]


@pytest.mark.parametrize("way", range(NUM_WAYS))
def test_arrays_of_the_caller(way: int, media_path: Media) -> None:
    load, shape, dtype = _ways(media_path, None)[way]
    expected = spdl.io.to_numpy(load())
    assert (expected.shape, expected.dtype) == (shape, dtype)
    right: list[Any] = [
        np.zeros(shape, dtype),
        np.zeros(expected.nbytes, np.uint8),
        np.zeros(expected.nbytes, np.int8),
        bytearray(expected.nbytes),
        np.zeros((3, *shape), dtype)[1],
    ]
    for out in right:
        buffer = _ways(media_path, out)[way][0]()
        array = spdl.io.to_numpy(buffer)
        assert (array.shape, array.dtype) == (shape, dtype)
        assert np.array_equal(array, expected)
        assert bytes(memoryview(out)) == expected.tobytes()
        # The memory is the caller's: a second use is his business.
        assert _ways(media_path, out)[way][0]().shape == shape


@pytest.mark.parametrize("way", range(NUM_WAYS))
def test_wrong_arrays_stay_as_they_are(way: int, media_path: Media) -> None:
    _, shape, dtype = _ways(media_path, None)[way]
    other = np.dtype(f">{np.dtype(dtype).str[1:]}") if np.dtype(dtype).itemsize > 1 else "bool"
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    wrong: list[Any] = [
        np.full((1, *shape), 7, dtype),
        np.full((*shape, 1), 7, dtype),
        np.full(shape, 7, other),
        np.full((size // 4,), 7, np.int32),
        np.full((size // 4, 4), 7, np.uint8),
        np.full(size - 1, 7, np.uint8),
        np.full(size + 1, 7, np.uint8),
    ]
    for out in wrong:
        before = out.tobytes()
        with pytest.raises(spdl.io.MismatchError, match="out"):
            _ways(media_path, out)[way][0]()
        assert out.tobytes() == before
    read_only = np.zeros(shape, dtype)
    read_only.flags.writeable = False
    for out in (read_only, np.zeros((*shape, 2), dtype)[..., 0], np.zeros((1,) * 9, dtype)):
        with pytest.raises(ValueError, match="`out` must"):
            _ways(media_path, out)[way][0]()
    with pytest.raises(TypeError):
        _ways(media_path, [1, 2])[way][0]()


def test_storages_of_loads(media_path: Media) -> None:
    image, video, sound = (media_path(n) for n in ("png_rgb24.png", "h264.mp4", "s16.wav"))
    window = (0, 0.2)
    for name, src, options in (
        ("load_image", image, {}),
        ("load_video", video, {"timestamp": window}),
        ("load_audio", sound, {"timestamp": window}),
        ("load_image_batch", [image] * 2, {}),
        ("load_video_batch", [video] * 2, {"timestamp": window}),
        ("load_audio_batch", [sound] * 2, {"timestamp": window}),
    ):
        load = getattr(spdl.io, name)
        expected = spdl.io.to_numpy(load(src, **options))
        storage = spdl.io.cpu_storage(expected.nbytes)
        for _ in range(2):
            buffer = load(src, **options, storage=storage)
            assert np.array_equal(spdl.io.to_numpy(buffer), expected)
            with pytest.raises(spdl.io.BusyError, match="alive lies in this storage"):
                load(src, **options, storage=storage)
            with pytest.raises(spdl.io.BusyError, match="alive lies in this storage"):
                asyncio.run(getattr(spdl.io, f"async_{name}")(src, **options, storage=storage))
            assert np.array_equal(spdl.io.to_numpy(buffer), expected)
            del buffer
        with pytest.raises(spdl.io.MismatchError, match="storage"):
            load(src, **options, storage=spdl.io.cpu_storage(expected.nbytes - 1))
        with pytest.raises(ValueError, match="Only one of"):
            load(src, **options, storage=storage, out=bytearray(expected.nbytes))
        with pytest.raises(TypeError, match="cpu_storage"):
            load(src, **options, storage=bytearray(expected.nbytes))


def test_tensors_of_the_caller(media_path: Media) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    out = torch.zeros((120, 160, 3), dtype=torch.uint8)
    spdl.io.load_image(media_path("png_rgb24.png"), out=out)
    expected = spdl.io.to_torch(spdl.io.load_image(media_path("png_rgb24.png")))
    assert torch.equal(out, expected)
    with pytest.raises(spdl.io.MismatchError, match="shape"):
        spdl.io.load_image(media_path("png_rgb24.png"), out=out.reshape(3, 120, 160))


def test_integers() -> None:
    for values in (np.array([3, -1, 2**62]), np.array([5, 6], np.uint8), np.array([1.0, -2.0])):
        buffer = spdl.io.convert_array(values)
        assert (buffer.shape, buffer.dtype) == (values.shape, np.int64)
        assert np.array_equal(spdl.io.to_numpy(buffer), values)
        assert (buffer.pts, buffer.sample_rate, buffer.backend) == ([], None, "")
    strided = np.arange(10)[::3]
    assert spdl.io.to_numpy(spdl.io.convert_array(strided)).tolist() == [0, 3, 6, 9]
    wrong: list[Any] = [
        np.array([1.5]),
        np.array([np.nan]),
        np.array([2**63], np.uint64),
        np.array([[1]]),
        np.array([], np.int64),
    ]
    for values in wrong:
        with pytest.raises(ValueError):  # noqa: PT011 (each its own text)
            spdl.io.convert_array(values)
    for values in ([1, 2], "12", np.array(["a"])):
        with pytest.raises(TypeError):
            spdl.io.convert_array(values)
