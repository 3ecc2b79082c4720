# SPDX-License-Identifier: BSD-2-Clause
"""Casts share the buffer's memory and keep it alive."""

from __future__ import annotations

import gc
import sys
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import leaks
import numpy as np
import pytest

import spdl.io
from spdl._native.library import lib

Media = Callable[[str], Path]

# kind, file, filter → shape and dtype
CASES: list[tuple[str, str, dict[str, Any], tuple[int, ...], str]] = [
    ("image", "jpeg_420.jpg", {}, (120, 160, 3), "uint8"),
    ("image", "png_gray.png", {"filter_desc": None}, (120, 160, 1), "uint8"),
    ("video", "h264.mp4", {}, (30, 120, 160, 3), "uint8"),
    ("video", "h264.mp4", {"filter_desc": None}, (30, 1, 180, 160), "uint8"),
    ("audio", "s16.flac", {}, (2, 35280), "float32"),
    ("audio", "s16.flac", {"filter_desc": None}, (35280, 2), "int16"),
    ("audio", "s16.flac", {"filter_desc": "aformat=dblp"}, (2, 35280), "float64"),
    ("audio", "s16.flac", {"filter_desc": "aformat=s64"}, (35280, 2), "int64"),
]


def _load(media_path: Media, case: int = 0) -> spdl.io.CPUBuffer:
    kind, name, options, _, _ = CASES[case]
    buffer: spdl.io.CPUBuffer = getattr(spdl.io, f"load_{kind}")(media_path(name), **options)
    return buffer


@pytest.mark.parametrize("case", range(len(CASES)))
def test_numpy(case: int, media_path: Media) -> None:
    _, _, _, shape, dtype = CASES[case]
    buffer = _load(media_path, case)
    array = spdl.io.to_numpy(buffer)
    assert array.shape == buffer.shape == shape
    assert array.dtype == buffer.dtype == np.dtype(dtype)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.ctypes.data == buffer.__array_interface__["data"][0]
    assert np.asarray(buffer).ctypes.data == array.ctypes.data
    assert array.ctypes.data % 64 == 0
    assert buffer.__array_interface__["version"] == 3


@pytest.mark.parametrize("case", range(len(CASES)))
def test_torch(case: int, media_path: Media) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    buffer = _load(media_path, case)
    tensor = spdl.io.to_torch(buffer)
    address = buffer.__array_interface__["data"][0]
    assert tuple(tensor.shape) == buffer.shape
    assert tensor.data_ptr() == address
    assert torch.from_dlpack(buffer).data_ptr() == address
    assert np.array_equal(tensor.numpy(), spdl.io.to_numpy(buffer))


def test_dlpack(media_path: Media) -> None:
    buffer = _load(media_path)
    array = np.from_dlpack(buffer)
    assert array.ctypes.data == buffer.__array_interface__["data"][0]
    assert buffer.__dlpack_device__() == (1, 0)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 brought __buffer__")
def test_buffer_protocol(media_path: Media) -> None:
    for case, (_, _, _, shape, dtype) in enumerate(CASES):
        buffer: Any = _load(media_path, case)
        view = memoryview(buffer)
        assert (view.shape, view.readonly, view.c_contiguous) == (shape, False, True)
        assert np.dtype(view.format) == np.dtype(dtype)
        assert np.asarray(view).ctypes.data == buffer.__array_interface__["data"][0]
        gone = weakref.ref(buffer)
        del buffer
        gc.collect()
        assert gone() is not None
        assert bytes(view) == spdl.io.to_numpy(_load(media_path, case)).tobytes()
        view.release()
        assert gone() is None


class _Ring:
    """Garbage that reads a view of a buffer when the collector ends it."""

    def __init__(self, view: Any, read: list[bytes]) -> None:
        self.me, self.view, self.read = self, view, read

    def __del__(self) -> None:
        self.read.append(bytes(self.view))


@pytest.mark.parametrize("cast", [spdl.io.to_numpy, memoryview])
def test_views_in_garbage(cast: Any, media_path: Media) -> None:
    if cast is memoryview and sys.version_info < (3, 12):
        pytest.skip("Python 3.12 brought __buffer__")
    expected = spdl.io.to_numpy(_load(media_path)).tobytes()
    read: list[bytes] = []
    for _ in range(20):
        _Ring(cast(_load(media_path)), read)
        gc.collect()
    assert read == [expected] * 20


def test_casts_are_cheap(media_path: Media) -> None:
    """None of the protocols is tried in vain, or asks another one in a circle."""
    buffer = _load(media_path)
    spdl.io.to_numpy(buffer)
    begin = time.perf_counter()
    for _ in range(100):
        spdl.io.to_numpy(buffer)
    assert time.perf_counter() - begin < 0.1


def test_the_array_outlives_every_handle(media_path: Media) -> None:
    torch: Any = sys.modules.get("torch")
    expected = spdl.io.to_numpy(_load(media_path)).copy()
    with leaks.nothing_leaks():
        before = lib.spdl_library_count_handles(lib.SPDL_KIND_BUFFER)
        packets = spdl.io.demux_image(media_path("jpeg_420.jpg"))
        frames = spdl.io.decode_packets(packets)
        buffer = spdl.io.convert_frames(frames)
        buffer_gone = weakref.ref(buffer)
        views: list[Any] = [spdl.io.to_numpy(buffer)[2:4], np.from_dlpack(buffer)[2:4]]
        if torch is not None:
            views.append(spdl.io.to_torch(buffer)[2:4])
        del packets, frames, buffer
        while views:
            gc.collect()
            assert lib.spdl_library_count_handles(lib.SPDL_KIND_BUFFER) == before + 1
            assert all(np.array_equal(np.asarray(view), expected[2:4]) for view in views)
            views.pop()
        gc.collect()
        assert buffer_gone() is None
        assert lib.spdl_library_count_handles(lib.SPDL_KIND_BUFFER) == before


def test_a_batch_is_one_buffer(media_path: Media) -> None:
    paths = [media_path("jpeg_420.jpg"), media_path("png_rgb24.png")]
    buffer = spdl.io.load_image_batch(paths, width=64, height=48)
    array = spdl.io.to_numpy(buffer)
    assert array.shape == (2, 48, 64, 3)
    assert array.ctypes.data == buffer.__array_interface__["data"][0]
    assert (buffer.indices, buffer.errors) == ([0, 1], [])


def test_what_a_buffer_says(media_path: Media) -> None:
    image, video, audio = (_load(media_path, case) for case in (0, 2, 4))
    assert (image.sample_rate, video.sample_rate, audio.sample_rate) == (None, None, 44100)
    assert image.pts == [0.0]
    assert video.pts == pytest.approx([n / 25 for n in range(30)])
    assert audio.pts == [0.0]
    assert (image.indices, image.errors) == (None, [])
    for buffer in (image, video, audio):
        assert buffer.backend == "ffmpeg"
        assert buffer.num_corrupt == 0
    assert repr(image) == 'CPUBuffer<shape=(120, 160, 3), dtype="|u1", backend="ffmpeg">'


def test_numba(media_path: Media) -> None:
    buffer = _load(media_path)
    array = spdl.io.to_numba(buffer)
    assert isinstance(array, np.ndarray)
    assert array.ctypes.data == buffer.__array_interface__["data"][0]
    with pytest.raises(RuntimeError, match="__array_interface__"):
        spdl.io.to_numba(b"bytes")


def test_numba_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    class OnDevice:
        __cuda_array_interface__ = {"shape": (1,), "typestr": "|u1", "data": (1, False)}  # noqa: RUF012

    numba = ModuleType("numba")
    numba.cuda = SimpleNamespace(as_cuda_array=lambda array: ("device", array))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "numba", numba)
    array = OnDevice()
    assert spdl.io.to_numba(array) == ("device", array)


def test_jax_is_given_the_buffer(media_path: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    """JAX reads DLPack; here NumPy stands for it."""
    jax, dlpack = ModuleType("jax"), ModuleType("jax.dlpack")
    jax.dlpack = dlpack  # type: ignore[attr-defined]
    dlpack.from_dlpack = np.from_dlpack  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jax", jax)
    monkeypatch.setitem(sys.modules, "jax.dlpack", dlpack)
    buffer = _load(media_path)
    array: Any = spdl.io.to_jax(buffer)
    assert array.ctypes.data == buffer.__array_interface__["data"][0]
    with pytest.raises(RuntimeError, match="__dlpack__"):
        spdl.io.to_jax(b"bytes")


def test_jax(media_path: Media) -> None:
    pytest.importorskip("jax", reason="JAX is not installed")
    buffer = _load(media_path)
    array: Any = spdl.io.to_jax(buffer)
    assert array.shape == buffer.shape
    assert np.array_equal(np.asarray(array), spdl.io.to_numpy(buffer))


def test_protocols(media_path: Media) -> None:
    assert isinstance(_load(media_path), spdl.io.ArrayInterface)
    assert isinstance(np.zeros(1), spdl.io.ArrayInterface)
    assert not isinstance(b"bytes", spdl.io.ArrayInterface)
    assert not isinstance(_load(media_path), spdl.io.CUDAArrayInterface)


@pytest.mark.parametrize("pix_fmt", ["rgb48le", "yuv420p10le", "gbrpf32le"])
def test_other_elements(pix_fmt: str, media_path: Media) -> None:
    desc = f"format={pix_fmt}"
    buffer = spdl.io.load_image(media_path("png_rgb48.png"), filter_desc=desc)
    array = spdl.io.to_numpy(buffer)
    assert np.shares_memory(np.from_dlpack(buffer), array)
    assert np.from_dlpack(buffer).dtype == array.dtype
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    if not hasattr(torch, "uint16") and array.dtype == np.uint16:
        pytest.skip("PyTorch 2.3 brought uint16")
    assert np.array_equal(spdl.io.to_torch(buffer).numpy(), array)


def test_what_is_no_buffer() -> None:
    message = "^The given object does not have `__array_interface__` attribute.$"
    for wrong in (None, b"bytes", [1]):
        with pytest.raises(RuntimeError, match=message):
            spdl.io.to_numpy(wrong)
