# SPDX-License-Identifier: BSD-2-Clause
"""npy: against `numpy.load`, places in memory, damage."""

from __future__ import annotations

import asyncio
import gc
import io
import pickle
import struct
import threading
from collections.abc import Callable
from typing import Any

import damage
import leaks
import numpy as np
import pytest
from numpy.typing import NDArray

import spdl.io


def save(array: Any, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), version)
    return file.getvalue()


def with_header(text: str, elements: bytes = b"", version: int = 1) -> bytes:
    encoded = text.encode()
    size = struct.pack("<H" if version == 1 else "<I", len(encoded))
    return b"\x93NUMPY" + bytes([version, 0]) + size + encoded + elements


def describe(descr: str = "'<i2'", order: str = "False", shape: str = "(2,)") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"
    return with_header(text, b"\1\0\2\0")


def check(array: NDArray[Any], reference: NDArray[Any]) -> None:
    assert array.dtype == reference.dtype
    assert array.shape == reference.shape
    assert array.flags.c_contiguous == reference.flags.c_contiguous
    assert array.flags.f_contiguous == reference.flags.f_contiguous
    assert array.tobytes() == reference.tobytes()


TYPES = [
    *("?", "i1", "u1", "<i2", ">i2", "<u4", ">u8", "<f2", "<f4", ">f8", "<c8", ">c16"),
    *("S5", "<U3", ">U3", "V7", "<M8[ns]", "<M8[25s]", "<m8[D]", "<m8", "g", "G"),
]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (0,), (7,), (3, 4), (2, 1, 3), (0, 5), (1,) * 12])
@pytest.mark.parametrize("typestr", TYPES)
def test_values(typestr: str, shape: tuple[int, ...], order: Any) -> None:
    dtype = np.dtype(typestr)
    count = int(np.prod(shape))
    noise = np.random.default_rng(0).integers(0, 2, count * dtype.itemsize, np.uint8)
    array = np.ndarray(shape, dtype, noise.tobytes(), order=order)
    data = save(array)
    reference = np.load(io.BytesIO(data))
    view = spdl.io.load_npy(data)
    check(view, reference)
    assert not count or np.shares_memory(view, np.frombuffer(data, np.uint8))
    copy = spdl.io.load_npy(data, copy=True)
    check(copy, reference)
    assert copy.flags.writeable
    assert not np.shares_memory(copy, np.frombuffer(data, np.uint8))


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_versions(version: tuple[int, int]) -> None:
    array = np.arange(30.0).reshape(5, 6)
    check(spdl.io.load_npy(save(array, version)), array)


def test_headers_that_others_write() -> None:
    for text in (
        '{"shape":(2L,),"fortran_order":False,"descr":"<i2"}',
        "  {'fortran_order':\n False, 'shape' : ( 2 , ) ,'descr': '<i2' , } \n",
        "{'descr': 'i2', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '=i2', 'fortran_order': True, 'shape': (2, 1)}",
    ):
        array = spdl.io.load_npy(with_header(text, b"\1\0\2\0"))
        assert array.ravel().tolist() == [1, 2]


def test_what_follows_is_not_looked_at() -> None:
    array = np.arange(5)
    check(spdl.io.load_npy(save(array) + b"more"), array)


@pytest.mark.parametrize("copy", [False, True])
def test_awaited(copy: bool) -> None:
    array = np.arange(12.0).reshape(3, 4)
    check(asyncio.run(spdl.io.async_load_npy(save(array), copy=copy)), array)
    with pytest.raises(spdl.io.CorruptError):
        asyncio.run(spdl.io.async_load_npy(b"x", copy=copy))


def test_long_copies_leave_the_loop_alone() -> None:
    array = np.arange(1 << 23, dtype=np.int64)
    data = save(array)

    async def run() -> tuple[NDArray[Any], int]:
        task = asyncio.create_task(spdl.io.async_load_npy(data, copy=True))
        turns = 0
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        return task.result(), turns

    copy, turns = asyncio.run(run())
    assert np.array_equal(copy, array)
    assert turns > 3
    assert np.array_equal(spdl.io.load_npy(data, copy=True), array)


@pytest.mark.parametrize("give", [bytes, bytearray, memoryview, np.frombuffer])
def test_writability_is_that_of_the_data(give: Callable[..., Any]) -> None:
    saved = save(np.arange(5, dtype="<i2"))
    data = np.frombuffer(saved, np.uint8) if give is np.frombuffer else give(saved)
    array = spdl.io.load_npy(data)
    assert array.flags.writeable == (give is bytearray)
    if give is bytearray:
        array[0] = 7
        assert data[-10:-8] == b"\7\0"
        with pytest.raises(BufferError):
            data.extend(b"x")  # Memory with views does not move.


def test_views_keep_the_data_alive() -> None:
    array = np.arange(1000)
    with leaks.nothing_leaks():
        views = [spdl.io.load_npy(bytearray(save(array))) for _ in range(20)]
        gc.collect()
        noise = [bytearray(len(save(array))) for _ in range(20)]
        assert all(np.array_equal(view, array) for view in views)
        del views, noise


def test_many_threads() -> None:
    data = save(np.arange(1000))
    wrong = []

    def run() -> None:
        for k in range(200):
            array = spdl.io.load_npy(data, copy=bool(k % 2))
            if array.sum() != 499500:
                wrong.append(k)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


STRUCTURED = np.zeros(3, [("a", "<i4"), ("b", "<f8")])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (save(np.array([1, "a"], object)), "Python objects"),
        (save(STRUCTURED), "structured"),
        (describe("('<i2', (2,))"), "structured"),
        (describe("'<i3'"), "'<i3'"),
        (describe("'<f'"), "'<f'"),
        (describe("'|S0'"), "'|S0'"),
        (describe("'<M8[nonsense]'", shape="()") + bytes(8), "nonsense"),
        (describe("'<x4'"), "'<x4'"),
        (describe("'" + "<" * 50 + "'"), "long name"),
        (describe(shape=f"({'1, ' * 65})"), "64 dimensions"),
        (with_header("{}", version=4), "version 4"),
    ],
)
def test_unsupported(data: bytes, text: str) -> None:
    for copy in (False, True):
        with pytest.raises(spdl.io.UnsupportedError, match="Unsupported npy data") as caught:
            spdl.io.load_npy(data, copy=copy)
        assert text in str(caught.value)
        assert isinstance(caught.value, RuntimeError)
        assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "cut short"),
        (b"PK\3\4" + bytes(20), "does not begin"),
        (describe()[:-1], "cut short: its elements have 4 bytes, but there are 3"),
        (describe()[:20], "header is cut short"),
        (describe(shape="(-2,)"), "no size"),
        (describe(shape="(2)"), "no tuple"),
        (describe(shape="[2]"), "no tuple"),
        (describe(shape="(2 2)"), "no tuple"),
        (describe(shape="(x,)"), "no size"),
        (describe(shape=f"({2**63},)"), "no size"),
        (describe(shape=f"({2**62}, 4)"), "larger than memory"),
        (describe(shape=f"({2**62}, 4, 0)"), "larger than memory"),
        (describe(shape=f"({2**61},)"), "cut short"),
        (describe(order="1"), "order"),
        (describe(descr="5"), "lacks a string"),
        (describe(descr="''"), "no type"),
        (with_header(""), "no dict"),
        (with_header("{'descr': '<i2'}"), "incomplete"),
        (with_header("{'descr': '<i2', 'descr': '<i2'}"), "unexpected entry"),
        (with_header("{'other': 1}"), "unexpected entry"),
        (with_header("{'descr': '<i2' 'shape': ()}"), "no dict"),
        (with_header("{'descr': '<i2"), "lacks a string"),
    ],
)
def test_corrupt(data: bytes, text: str) -> None:
    for copy in (False, True):
        with pytest.raises(spdl.io.CorruptError, match="The npy data is invalid") as caught:
            spdl.io.load_npy(data, copy=copy)
        assert text in str(caught.value)
        assert caught.value.origin == "readers"


def test_wrong_types() -> None:
    with pytest.raises(TypeError):
        spdl.io.load_npy("a.npy")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="uint8"):
        spdl.io.load_npy(np.zeros(100))


def test_limits() -> None:
    data = save(np.zeros(100))
    with spdl.io.limits(max_bytes=799):
        spdl.io.load_npy(data)
        with pytest.raises(spdl.io.LimitError):
            spdl.io.load_npy(data, copy=True)


@pytest.mark.parametrize("array", [np.arange(6.0).reshape(2, 3), np.array("abc"), np.zeros(0)])
def test_damage(array: NDArray[Any]) -> None:
    """What is read of damaged data lies inside of it."""
    data = save(array)
    refused = 0
    for damaged in [*damage.mutations(data), *damage.truncations(data)]:
        try:
            view = spdl.io.load_npy(damaged)
        except (spdl.io.CorruptError, spdl.io.UnsupportedError):
            refused += 1
        else:
            assert view.nbytes < len(damaged)
            assert len(view.tobytes()) == view.nbytes
            assert spdl.io.load_npy(damaged, copy=True).tobytes() == view.tobytes()
    assert refused > len(data)
