# SPDX-License-Identifier: BSD-2-Clause
"""Memory of Python objects: read in place, kept as long as needed, given back exactly once."""

from __future__ import annotations

import array
import asyncio
import gc
import mmap
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest

import spdl.io
from spdl._native import memory

Media = Callable[[str], Path]


def _sources(data: bytes) -> dict[str, Any]:
    copy = mmap.mmap(-1, len(data))
    copy[:] = data
    readonly = np.frombuffer(data, np.uint8)
    assert not readonly.flags.writeable
    return {
        "bytes": data,
        "bytearray": bytearray(data),
        "memoryview": memoryview(data),
        "part": memoryview(b"xx" + data)[2:],
        "array": np.frombuffer(bytearray(data), np.uint8),
        "read-only array": readonly,
        "array.array": array.array("B", data),
        "mmap": copy,
    }


def test_all_kinds_of_buffers(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    expected = spdl.io.to_numpy(spdl.io.load_image(path))
    for name, src in _sources(path.read_bytes()).items():
        assert np.array_equal(spdl.io.to_numpy(spdl.io.load_image(src)), expected), name
        batch = spdl.io.load_image_batch([src, path], width=None, height=None)
        assert np.array_equal(spdl.io.to_numpy(batch)[0], expected), name
    assert leaks.all_came_back()


def test_tensors(media_path: Media) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    path = media_path("jpeg_420.jpg")
    expected = spdl.io.to_numpy(spdl.io.load_image(path))
    tensor = torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8)
    assert np.array_equal(spdl.io.to_numpy(spdl.io.load_image(tensor)), expected)
    out = torch.zeros(expected.shape, dtype=torch.uint8)
    buffer = spdl.io.load_image(tensor, out=out)
    assert buffer.__array_interface__["data"][0] == out.data_ptr()
    assert np.array_equal(out.numpy(), expected)
    del buffer
    for wrong in (tensor.float(), tensor[None], tensor[::2], tensor.to("meta")):
        with pytest.raises(ValueError, match=r"uint8|dimension|contiguous|CPU"):
            spdl.io.load_image(wrong)
    assert leaks.all_came_back()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (np.zeros(9, np.int8), ValueError),
        (np.zeros(9, np.uint16), ValueError),
        (np.zeros((3, 3), np.uint8), ValueError),
        (np.zeros(9, np.uint8)[::-1], ValueError),
        (np.uint8(3), ValueError),
        (array.array("d", [0.0]), ValueError),
        (memoryview(b"123456").cast("c"), ValueError),
        (None, TypeError),
        (7, TypeError),
        ([1, 2], TypeError),
        ((b"x",), TypeError),
        (iter(b"x"), TypeError),
        (sys, TypeError),
    ],
)
def test_what_is_no_source(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        spdl.io.load_image(wrong)
    with pytest.raises(error):
        asyncio.run(spdl.io.async_load_image(wrong))
    assert memory.count_lent() == 0


def test_memory_is_read_in_place_and_kept(media_path: Media) -> None:
    path = media_path("raw_rgb24.nut")
    expected = spdl.io.to_numpy(spdl.io.load_video(path, filter_desc=None))
    data = bytearray(path.read_bytes())
    demuxer = spdl.io.Demuxer(data)
    assert memory.count_lent() == 1
    with pytest.raises(BufferError):
        data.append(0)  # Its memory must not move.
    packets = demuxer.demux_video()
    demuxer.close()
    assert leaks.all_came_back()
    data.append(0)
    data[:] = bytes(len(data))
    # Frames of rawvideo lie in the memory of their packets, which need the source no more.
    frames = spdl.io.decode_packets(packets, None)
    del packets
    gc.collect()
    assert np.array_equal(spdl.io.to_numpy(spdl.io.convert_frames(frames)), expected)


def test_objects_are_let_go_without_another_call(media_path: Media) -> None:
    data = np.frombuffer(media_path("jpeg_420.jpg").read_bytes(), np.uint8)
    demuxer = spdl.io.Demuxer(data)
    gone = weakref.ref(data)
    del data
    gc.collect()
    assert gone() is not None
    assert demuxer.demux_image().width == 160
    demuxer.close()
    gc.collect()
    assert gone() is None


def test_memory_comes_back_after_errors() -> None:
    for src in (b"", b"no picture", bytearray(1000)):
        for kind in ("audio", "video", "image"):
            with pytest.raises(spdl.io.SPDLError):
                getattr(spdl.io, f"load_{kind}")(src)
            with pytest.raises(spdl.io.SPDLError):
                asyncio.run(getattr(spdl.io, f"async_load_{kind}")(src))
    assert leaks.all_came_back()


async def test_memory_comes_back_while_the_loop_waits(media_path: Media) -> None:
    data = media_path("jpeg_420.jpg").read_bytes()
    await asyncio.gather(*[spdl.io.async_load_image(data) for _ in range(50)])
    await asyncio.sleep(0)
    assert memory.count_lent() == 0


def _loads(path: Path, frames: Any, out: Any) -> list[Callable[[], spdl.io.CPUBuffer]]:
    """Everything that takes `out`."""
    return [
        lambda: spdl.io.load_image(path, out=out),
        lambda: spdl.io.convert_frames(frames, out=out),
        lambda: asyncio.run(spdl.io.async_load_image(path, out=out)),
        lambda: spdl.io.load_image_batch([path], width=None, height=None, out=out),
    ]


def test_out(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    expected = spdl.io.to_numpy(spdl.io.load_image(path))
    frames = spdl.io.decode_packets(spdl.io.demux_image(path))
    outs: list[Any] = [
        np.zeros(expected.nbytes, np.uint8),
        bytearray(expected.nbytes),
        memoryview(bytearray(expected.nbytes)),
    ]
    for out in outs:
        for load in _loads(path, frames, out):
            memoryview(out).cast("B")[:] = bytes(expected.nbytes)
            buffer = load()
            assert np.array_equal(spdl.io.to_numpy(buffer).reshape(expected.shape), expected)
            assert bytes(memoryview(out).cast("B")) == expected.tobytes()
            address = np.frombuffer(out, np.uint8).ctypes.data
            assert buffer.__array_interface__["data"] == (address, False)
            del buffer
    assert leaks.all_came_back()


def test_out_that_does_not_fit(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    shape = spdl.io.load_image(path).shape
    for out in (np.zeros((*shape, 2), np.uint8), bytearray(3), np.zeros(0)):
        with pytest.raises(spdl.io.MismatchError):
            spdl.io.load_image(path, out=out)
    readonly = np.zeros(shape, np.uint8)
    readonly.flags.writeable = False
    for bad in (readonly, bytes(readonly), np.zeros((*shape[:2], 6), np.uint8)[..., ::2]):
        with pytest.raises(ValueError, match=r"`out` must be"):
            spdl.io.load_image(path, out=bad)
    for other in (3, "text", [1]):
        with pytest.raises(TypeError):
            spdl.io.load_image(path, out=other)
    assert leaks.all_came_back()


def test_out_lives_as_long_as_the_array(media_path: Media) -> None:
    path = media_path("jpeg_420.jpg")
    out = np.zeros(spdl.io.load_image(path).shape, np.uint8)
    gone = weakref.ref(out)
    view = spdl.io.to_numpy(spdl.io.load_image(path, out=out))
    expected = out.copy()
    del out
    gc.collect()
    assert gone() is not None
    assert np.array_equal(view, expected)
    del view
    gc.collect()
    assert gone() is None
