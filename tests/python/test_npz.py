# SPDX-License-Identifier: BSD-2-Clause
"""npz: against `numpy.load` and `zipfile`, places in memory, hostile archives."""

from __future__ import annotations

import asyncio
import gc
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import damage
import leaks
import numpy as np
import pytest

import spdl.io

ARRAYS = {
    "ramp": np.arange(6000, dtype="<f4").reshape(20, 300),
    "noise": np.random.default_rng(0).integers(0, 256, 5000, np.uint8),
    "columns": np.asfortranarray(np.eye(50, dtype=">i2")),
    "nothing": np.zeros((0, 3)),
    "scalar": np.float64(2.5),
    "größe": np.arange(4),
    "a/b": np.array(["x", "yz"]),
}


def save(compressed: bool, arrays: dict[str, Any] = ARRAYS) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED, **options: Any) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, **options) as out:
        for name, content in members:
            out.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
def test_values(compressed: bool) -> None:
    data = save(compressed)
    reference = np.load(io.BytesIO(data))
    npz = spdl.io.load_npz(data)
    assert npz.files == reference.files == list(npz)
    assert len(npz) == len(ARRAYS)
    for name in npz:
        array, expected = npz[name], reference[name]
        assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
        assert array.flags.f_contiguous == expected.flags.f_contiguous
        assert array.tobytes() == expected.tobytes()
        in_place = np.shares_memory(array, np.frombuffer(data, np.uint8))
        assert in_place == (not compressed and array.size > 0)
        assert array.flags.writeable == compressed
    assert {name: array.shape for name, array in npz.items()} == {
        name: reference[name].shape for name in reference
    }


def test_it_is_a_mapping() -> None:
    npz = spdl.io.load_npz(save(False))
    assert "ramp" in npz
    assert "ramp.npy" in npz
    assert "rampe" not in npz
    assert 5 not in npz
    assert np.array_equal(npz["ramp.npy"], npz["ramp"])
    assert npz.get("other") is None
    with pytest.raises(KeyError, match="other"):
        npz["other"]
    assert npz == npz
    assert npz != spdl.io.load_npz(save(False))
    assert hash(npz)
    assert "ramp" in repr(npz)


def test_members_that_are_no_arrays() -> None:
    npz = spdl.io.load_npz(archive(("readme.txt", b"text"), ("empty", b""), ("x.npy", npy(1))))
    assert npz["readme.txt"] == b"text"
    assert npz["empty"] == b""
    assert npz["x"] == 1
    assert npz.files == ["readme.txt", "empty", "x"]


def test_closing() -> None:
    with spdl.io.load_npz(save(False)) as npz:
        array = npz["ramp"]
    assert np.array_equal(array, ARRAYS["ramp"])
    with pytest.raises(ValueError, match="closed"):
        npz["ramp"]
    npz.close()


@pytest.mark.parametrize("compressed", [False, True])
def test_awaited(compressed: bool) -> None:
    async def load() -> dict[str, Any]:
        npz = await spdl.io.async_load_npz(save(compressed))
        arrays = await asyncio.gather(*[npz.async_load(name) for name in npz])
        with pytest.raises(KeyError):
            await npz.async_load("other")
        return dict(zip(npz, arrays, strict=True))

    found = asyncio.run(load())
    for name, array in found.items():
        assert array.tobytes() == np.asarray(ARRAYS[name]).tobytes()


def test_long_arrays_are_inflated_in_a_job() -> None:
    array = np.arange(1 << 20)
    npz = spdl.io.load_npz(save(True, {"long": array}))
    assert np.array_equal(npz["long"], array)

    async def load() -> int:
        task = asyncio.create_task(npz.async_load("long"))
        turns = 0
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        assert np.array_equal(task.result(), array)
        return turns

    assert asyncio.run(load()) > 3


@pytest.mark.parametrize("give", [bytes, bytearray, memoryview])
def test_writability_is_that_of_the_data(give: Callable[[bytes], Any]) -> None:
    data = give(save(False))
    npz = spdl.io.load_npz(data)
    array = npz["ramp"]
    assert array.flags.writeable == (give is bytearray)
    if give is bytearray:
        array[0, 0] = 7
        assert npz["ramp"][0, 0] == 7  # Its checksum was right once.


def test_views_keep_the_data_alive() -> None:
    with leaks.nothing_leaks():
        arrays = [spdl.io.load_npz(bytearray(save(False)))["ramp"] for _ in range(10)]
        gc.collect()
        noise = [bytearray(len(save(False))) for _ in range(10)]
        assert all(np.array_equal(array, ARRAYS["ramp"]) for array in arrays)
        del arrays, noise


def test_other_layouts() -> None:
    content = npy(np.arange(9))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        with out.open("long.npy", "w", force_zip64=True) as member:
            member.write(content)
        out.comment = b"PK\5\6 is in the comment" * 100
    for data in (
        file.getvalue(),
        b"#!/bin/sh\n" * 50 + file.getvalue(),
        file.getvalue() + b"something that follows",
    ):
        assert spdl.io.load_npz(data)["long"].tolist() == list(range(9))
    assert spdl.io.load_npz(archive()).files == []


def long_archive() -> bytes:
    """A zip64 archive: sizes, offset and directory are all in the long fields."""
    content = npy(np.arange(9))
    name, crc = b"x.npy", zlib.crc32(content)
    fixed = struct.pack("<HHHHHIII", 45, 0, 0, 0, 0, crc, 2**32 - 1, 2**32 - 1)
    sizes = struct.pack("<HHQQ", 1, 16, len(content), len(content))
    local = b"PK\3\4" + fixed + struct.pack("<HH", len(name), len(sizes)) + name + sizes + content
    extra = struct.pack("<HHQQQ", 1, 24, len(content), len(content), 0)
    entry = b"PK\1\2" + struct.pack("<H", 45) + fixed
    entry += struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0, 2**32 - 1) + name + extra
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(entry), len(local))
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(local) + len(entry), 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return local + entry + end64 + locator + end


def test_zip64() -> None:
    data = long_archive()
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert spdl.io.load_npz(data)["x"].tolist() == list(range(9))
    counts = struct.pack("<QQ", 1, 1)
    assert data.count(counts) == 1
    lying = data.replace(counts, struct.pack("<QQ", 2**60, 2**60))
    with pytest.raises(spdl.io.CorruptError, match="too small for its entries"):
        spdl.io.load_npz(lying)


def test_wrong_types() -> None:
    with pytest.raises(TypeError):
        spdl.io.load_npz("a.npz")  # type: ignore[arg-type]
    for wrong in (0, -1, 2**63):
        with pytest.raises(ValueError, match="max_uncompressed_bytes"):
            spdl.io.load_npz(save(False), max_uncompressed_bytes=wrong)
    with pytest.raises(TypeError, match="max_uncompressed_bytes"):
        spdl.io.load_npz(save(False), max_uncompressed_bytes=1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        spdl.io.NpzFile()


SMALL = {"x": np.arange(20), "y": np.zeros((3, 4), "f4")}


@pytest.mark.parametrize("data", [save(False, SMALL), save(True, SMALL), long_archive()])
def test_damage(data: bytes) -> None:
    """Typed errors, or arrays whose checksums are right."""
    refused = 0
    for damaged in [*damage.mutations(data), *damage.truncations(data)]:
        try:
            npz = spdl.io.load_npz(damaged, max_uncompressed_bytes=1 << 20)
            for name in npz:
                np.asarray(npz[name]).tobytes()
        except (spdl.io.CorruptError, spdl.io.UnsupportedError, spdl.io.LimitError):
            refused += 1
    assert refused > len(data)
