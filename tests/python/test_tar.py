# SPDX-License-Identifier: BSD-2-Clause
"""tar: against Python's `tarfile`, in memory and read from files, damage."""

from __future__ import annotations

import asyncio
import gc
import gzip
import io
import mmap
import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import damage
import numpy as np
import pytest

import spdl.io

FILES = {
    "a.txt": b"text",
    "folder/b.bin": bytes(range(256)) * 5,
    "empty": b"",
    "block": bytes(512),
    "größe.bin": b"\1\2",
    "deep/" * 40 + "name": b"ustar's prefix",
    "x" * 300: b"longer than any field",
    "long/" * 60 + "y" * 150: b"deeper",
}
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def make(form: str, files: dict[str, bytes] = FILES, **options: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=FORMATS[form], **options) as archive:
        for kind, name in ((tarfile.DIRTYPE, "folder"), (tarfile.SYMTYPE, "link")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "l" * 90
            archive.addfile(info)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if form != "ustar" or len(name) <= 100 or "deep" in name:
                archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def reference(data: bytes) -> list[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = [(info, archive.extractfile(info)) for info in archive if info.isreg()]
        return [(info.name, file.read()) for info, file in files if file]


class Reader:
    """Gives a few bytes at a time, and nothing else."""

    def __init__(self, data: bytes, at_once: int) -> None:
        self._file = io.BytesIO(data)
        self._at_once = at_once

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, self._at_once))


async def collect(src: Any) -> list[tuple[str, bytes]]:
    return [(name, bytes(data)) async for name, data in spdl.io.async_iter_tarfile(src)]


@pytest.mark.parametrize("form", FORMATS)
def test_values(form: str) -> None:
    data = make(form)
    expected = reference(data)
    assert len(expected) == (6 if form == "ustar" else len(FILES))
    assert dict(expected) == {name: FILES[name] for name, _ in expected}
    views = list(spdl.io.iter_tarfile(data))
    assert all(type(view) is memoryview for _, view in views)
    assert [(name, bytes(view)) for name, view in views] == expected
    for src in (io.BytesIO(data), Reader(data, 7), Reader(data, 1000)):
        assert list(spdl.io.iter_tarfile(src)) == expected
    assert asyncio.run(collect(data)) == expected
    assert asyncio.run(collect(Reader(data, 999))) == expected


def test_places(tmp_path: Path) -> None:
    data = bytearray(make("gnu"))
    base = np.frombuffer(data, np.uint8)
    for _, view in spdl.io.iter_tarfile(data):
        assert not view.readonly
        assert not len(view) or np.shares_memory(np.frombuffer(view, np.uint8), base)
    view = dict(spdl.io.iter_tarfile(bytearray(make("gnu"))))["folder/b.bin"]
    gc.collect()
    assert bytes(view) == FILES["folder/b.bin"]
    (tmp_path / "a.tar").write_bytes(make("pax"))
    with (
        open(tmp_path / "a.tar", "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        found = {name: bytes(view) for name, view in spdl.io.iter_tarfile(mapped)}
        gc.collect()
    assert found == FILES


def test_pipes_and_compressed_files() -> None:
    data = make("pax")
    packed = io.BytesIO(gzip.compress(data))
    assert list(spdl.io.iter_tarfile(gzip.GzipFile(fileobj=packed))) == reference(data)
    reading, writing = os.pipe()
    with open(writing, "wb") as out:
        out.write(make("gnu", {"a": b"b"}))
    with open(reading, "rb", buffering=0) as file:
        assert list(spdl.io.iter_tarfile(file)) == [("a", b"b")]


def test_ends() -> None:
    """Zeros end an archive, and so does its end; what follows the zeros is not read."""
    data = make("gnu", {"a": b"b"})
    body = data.rstrip(b"\0")
    for end in (body, body + bytes(-len(body) % 512), data, data + b"more"):
        assert list(spdl.io.iter_tarfile(io.BytesIO(end))) == [("a", b"b")]
        assert [name for name, _ in spdl.io.iter_tarfile(end)] == ["a"]
    for nothing in (b"", bytes(512), bytes(10240)):
        assert list(spdl.io.iter_tarfile(nothing)) == []
        assert list(spdl.io.iter_tarfile(io.BytesIO(nothing))) == []


def test_pax_headers() -> None:
    """A size in a PAX header counts; a global header says nothing of a file."""
    info = tarfile.TarInfo("file")
    info.size = 4
    info.pax_headers = {"size": "4", "path": "renamed", "comment": "größe"}
    out = io.BytesIO()
    headers = {"comment": "of all"}
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers) as tar:
        tar.addfile(info, io.BytesIO(b"1234"))
    assert list(spdl.io.iter_tarfile(io.BytesIO(out.getvalue()))) == [("renamed", b"1234")]


def header(name: bytes = b"a", size: bytes = b"4", kind: bytes = b"0", magic: bytes = b"") -> bytes:
    block = bytearray(512)
    block[: len(name)] = name
    block[124 : 124 + len(size)] = size
    block[156:157] = kind
    block[257 : 257 + len(magic)] = magic
    block[148:156] = b"%06o\0 " % (sum(block) + 8 * 32)
    return bytes(block)


def test_old_and_large_headers() -> None:
    content = b"1234" + bytes(508)
    binary = b"\x80" + (4).to_bytes(11, "big")
    for block in (header(), header(kind=b"\0"), header(kind=b"7"), header(size=binary)):
        assert list(spdl.io.iter_tarfile(io.BytesIO(block + content))) == [("a", b"1234")]
    # A folder of the oldest format, links that say a size, a kind that nobody knows.
    skipped = header(b"d/", b"0", b"\0") + header(b"l", b"7777", b"1") + header(b"?", b"4", b"V")
    data = skipped + content + header() + content
    assert [name for name, _ in spdl.io.iter_tarfile(data)] == ["a"]
    assert list(spdl.io.iter_tarfile(io.BytesIO(data))) == [("a", b"1234")]


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"x" * 512, spdl.io.CorruptError, "opened with gzip"),
        (gzip.compress(b"x" * 4000) + bytes(600), spdl.io.CorruptError, "opened with gzip"),
        (header() + b"123", spdl.io.CorruptError, "cut short"),
        (header()[:500], spdl.io.CorruptError, "cut short"),
        (header(size=b"9"), spdl.io.CorruptError, "no size"),
        (header(size=b"\x80" + b"\xff" * 11), spdl.io.CorruptError, "no size"),
        (header(size=b"77777777777"), spdl.io.CorruptError, "cut short"),
        (header(kind=b"L", size=b"77777777777"), spdl.io.CorruptError, "too long"),
        (header(kind=b"L") + b"1234" + bytes(508), spdl.io.CorruptError, "cut short"),
        (header(kind=b"L") + b"1234" + bytes(1020), spdl.io.CorruptError, "between the headers"),
        (header(kind=b"x") + b"1234" + bytes(1020), spdl.io.CorruptError, "malformed"),
        (header(kind=b"x") + b"99 a" + bytes(1020), spdl.io.CorruptError, "malformed"),
        (header(kind=b"S") + bytes(512), spdl.io.UnsupportedError, "sparse"),
    ],
)
def test_refused(data: bytes, error: type[Exception], text: str) -> None:
    for src in (data, io.BytesIO(data)):
        with pytest.raises(error, match="tar data") as caught:
            list(spdl.io.iter_tarfile(src))
        assert text in str(caught.value)
        assert caught.value.origin == "readers"  # type: ignore[attr-defined]
    with pytest.raises(error, match="tar data"):
        asyncio.run(collect(io.BytesIO(data)))


@pytest.mark.parametrize("kind", [b"g", b"K", b"x"])
def test_headers_without_end(kind: bytes) -> None:
    """Headers in front of a member cannot make the reader do more and more work."""
    data = header(kind=kind, size=b"0") * 40_000
    for src in (data, io.BytesIO(data)):
        start = time.monotonic()
        with pytest.raises(spdl.io.CorruptError, match="too many"):
            list(spdl.io.iter_tarfile(src))
        assert time.monotonic() - start < 2
    few = header(kind=kind, size=b"0") * 20 + header() + b"1234" + bytes(508)
    assert list(spdl.io.iter_tarfile(io.BytesIO(few))) == [("a", b"1234")]


def test_wrong_types() -> None:
    for wrong in ("a.tar", 5, None):
        with pytest.raises(TypeError):
            spdl.io.iter_tarfile(wrong)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="uint8"):
        spdl.io.iter_tarfile(np.zeros(5))
    with pytest.raises(TypeError, match="read"):
        list(spdl.io.iter_tarfile(io.StringIO("text")))  # type: ignore[call-overload]

    class Failing:
        def read(self, size: int) -> bytes:
            raise OSError(f"no {size} bytes")

    with pytest.raises(OSError, match="no 512 bytes"):
        list(spdl.io.iter_tarfile(Failing()))


SMALL = {"a": b"x" * 600, "b" * 120: b"y", "c": b""}


@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_damage(form: str) -> None:
    """Typed errors, and the same in memory and from a file."""

    def read(open_: Callable[[bytes], Any], data: bytes) -> tuple[list[Any], type | None]:
        found = []
        try:
            for name, content in spdl.io.iter_tarfile(open_(data)):
                found.append((name, bytes(content)))
        except (spdl.io.CorruptError, spdl.io.UnsupportedError) as error:
            return found, type(error)
        return found, None

    data = make(form, SMALL).rstrip(b"\0")
    errors = 0
    for damaged in [*damage.mutations(data), *damage.truncations(data)]:
        in_memory = read(bytes, damaged)
        assert read(io.BytesIO, damaged) == in_memory
        errors += in_memory[1] is not None
    assert errors > len(data) // 2
