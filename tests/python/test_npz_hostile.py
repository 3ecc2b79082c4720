# SPDX-License-Identifier: BSD-2-Clause
"""Archives that lie about themselves: typed errors, and no more memory than allowed."""

from __future__ import annotations

import asyncio
import struct
import zipfile

import numpy as np
import pytest
from test_npz import archive, npy, save

import spdl.io

DEFLATED = archive(("x.npy", npy(np.zeros(50000))), method=zipfile.ZIP_DEFLATED)


def patch(data: bytes, offset: int, value: int, form: str = "<I") -> bytes:
    """Change a field of the only entry of the directory."""
    at = data.rindex(b"PK\1\2") + offset
    return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form) :]


def test_bombs() -> None:
    assert spdl.io.load_npz(DEFLATED, max_uncompressed_bytes=400128)["x"].sum() == 0
    with pytest.raises(spdl.io.LimitError, match="max_uncompressed_bytes=400127"):
        spdl.io.load_npz(DEFLATED, max_uncompressed_bytes=400127)
    # In place nothing is made.
    assert spdl.io.load_npz(save(False), max_uncompressed_bytes=1)["ramp"].sum() > 0
    with pytest.raises(spdl.io.CorruptError, match="larger than its bytes can be"):
        spdl.io.load_npz(patch(DEFLATED, 24, 2**30))
    many = archive(*[(f"{k}.npy", npy(np.zeros(9999))) for k in range(20)], method=8)
    with pytest.raises(spdl.io.LimitError):
        spdl.io.load_npz(many, max_uncompressed_bytes=19 * 80120)
    with spdl.io.limits(max_bytes=400127), pytest.raises(spdl.io.LimitError, match=r"x\.npy"):
        spdl.io.load_npz(DEFLATED)["x"]


@pytest.mark.parametrize(
    ("offset", "value", "text"),
    [
        (24, 400127, "more of it than"),
        (24, 400129, "ends before the size"),
        (24, 0, "more of it than"),
        (16, 12345, "checksum of x.npy"),
        (20, 400, "cut short"),
    ],
)
def test_lying_sizes(offset: int, value: int, text: str) -> None:
    data = patch(DEFLATED, offset, value)
    npz = spdl.io.load_npz(data)
    with pytest.raises(spdl.io.CorruptError, match=text):
        npz["x"]
    with pytest.raises(spdl.io.CorruptError, match=text):
        asyncio.run(npz.async_load("x"))


def test_overlapping_members() -> None:
    """Two entries for one member: the kernel of bombs of a quadratic size."""
    data = archive(("x.npy", npy(1)))
    at = data.index(b"PK\1\2")
    entry = data[at : data.index(b"PK\5\6")]
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, 2 * len(entry), at, 0)
    with pytest.raises(spdl.io.CorruptError, match="overlap"):
        spdl.io.load_npz(data[:at] + entry * 2 + end)


STORED = archive(("x.npy", npy(1)))
CORRUPT = {
    "too short": (b"PK\5\6", "The data is not a valid zip file."),
    "no archive": (bytes(100), "Failed to locate the end of the central directory."),
    "only the end": (STORED[-30:], "lies outside"),
    "outside": (patch(STORED, 42, 2**31), "lies outside"),
    "elsewhere": (patch(STORED, 42, 5), "not where"),
    "other name": (patch(STORED, 46, ord("y"), "<B"), "another name"),
    "long name": (patch(STORED, 28, 999, "<H"), "cut short"),
    "two sizes": (patch(STORED, 24, 5), "two sizes"),
    "past the end": (patch(patch(STORED, 24, 999), 20, 999), "past the end"),
    "in parts": (STORED[:-14] + b"\2\0\1\0" + STORED[-10:], "several parts"),
    "no entry": (STORED.replace(b"PK\1\2", b"PK\1\1"), "not there"),
}


@pytest.mark.parametrize("name", CORRUPT)
def test_corrupt(name: str) -> None:
    data, text = CORRUPT[name]
    with pytest.raises(spdl.io.CorruptError) as caught:
        spdl.io.load_npz(data)
    assert text in str(caught.value)
    assert isinstance(caught.value, RuntimeError)
    assert caught.value.origin == "readers"
    with pytest.raises(spdl.io.CorruptError):
        asyncio.run(spdl.io.async_load_npz(data))


def test_a_damaged_stored_array() -> None:
    content = npy(np.arange(100))
    data = bytearray(archive(("x.npy", content)))
    data[data.index(content) + 200] ^= 1
    with pytest.raises(spdl.io.CorruptError, match="checksum"):
        spdl.io.load_npz(data)["x"]


def test_unsupported() -> None:
    packed = archive(("x.npy", npy(1)), method=zipfile.ZIP_LZMA)
    with pytest.raises(spdl.io.UnsupportedError, match="method 14"):
        spdl.io.load_npz(packed)["x"]
    with pytest.raises(spdl.io.UnsupportedError, match="encrypted"):
        spdl.io.load_npz(patch(STORED, 8, 1, "<H"))["x"]
    objects = archive(("x.npy", npy(np.array([{}], object))))
    with pytest.raises(spdl.io.UnsupportedError, match="Python objects"):
        spdl.io.load_npz(objects)["x"]
    with pytest.raises(spdl.io.CorruptError, match="npy data"):
        spdl.io.load_npz(archive(("x.npy", npy(1)[:-1])))["x"]
