# SPDX-License-Identifier: BSD-2-Clause
"""The files in tar archives, one after another."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any, overload

from spdl._native.arguments import struct
from spdl._native.errors import CorruptError, check, new_error
from spdl._native.library import CData, ffi, lib
from spdl._native.memory import view_of_bytes

from .source import BytesLike, FileLike

_BLOCK = 512
_AT_ONCE = 1 << 24
"""Bytes asked of a file at a time, so that it does not set aside what a lying header says."""


@overload
def iter_tarfile(src: BytesLike) -> Iterator[tuple[str, memoryview]]: ...
@overload
def iter_tarfile(src: FileLike) -> Iterator[tuple[str, bytes]]: ...


def iter_tarfile(src: Any) -> Iterator[tuple[str, Any]]:
    """Go through the regular files of a tar archive.

    >>> import io, tarfile
    >>> file = io.BytesIO()
    >>> with tarfile.open(fileobj=file, mode="w") as out:
    ...     out.add("sample.jpg")
    >>> for name, data in spdl.io.iter_tarfile(file.getvalue()):
    ...     print(name, spdl.io.load_image(data).shape)
    sample.jpg (120, 160, 3)

    Parameters
    ----------
    src : bytes, bytearray, memoryview, 1-D array of uint8, or a binary file-like object
        An archive in memory, or one that is read from start to end by its `read` alone, such as a
        pipe or what `gzip.open` gives. ustar, GNU and PAX archives are read; compressed ones must
        be opened first.

    Yields
    ------
    name, data : str, memoryview or bytes
        Of an archive in memory, a view of the file's bytes in place, which keeps `src` alive and is
        writable if that is. Else the file's bytes.

    Raises
    ------
    TypeError, ValueError
        If `src` is none of these.
    CorruptError
        At the place where the archive is damaged or cut short.
    UnsupportedError
        At a sparse file.
    """
    view = _view(src)
    return _iter_file(src) if view is None else _iter_memory(view)


@overload
def async_iter_tarfile(src: BytesLike) -> AsyncIterator[tuple[str, memoryview]]: ...
@overload
def async_iter_tarfile(src: FileLike) -> AsyncIterator[tuple[str, bytes]]: ...


async def async_iter_tarfile(src: Any) -> AsyncIterator[tuple[str, Any]]:
    """Awaitable form of `iter_tarfile`: an asynchronous generator.

    What is in memory is there at once; file-like objects are read in the loop's executor.

    >>> import asyncio, io, tarfile
    >>> file = io.BytesIO()
    >>> with tarfile.open(fileobj=file, mode="w") as out:
    ...     out.add("sample.jpg")
    >>> async def names(archive):
    ...     return [name async for name, data in spdl.io.async_iter_tarfile(archive)]
    >>> asyncio.run(names(file.getvalue()))
    ['sample.jpg']
    """
    import asyncio

    view = _view(src)
    if view is not None:
        for member in _iter_memory(view):
            yield member
        return
    members, loop = _iter_file(src), asyncio.get_running_loop()
    while (found := await loop.run_in_executor(None, next, members, None)) is not None:
        yield found


def _view(src: Any) -> memoryview | None:
    """The bytes of an archive in memory; None of a file."""
    try:
        return view_of_bytes(src, "iter_tarfile")
    except TypeError:
        if hasattr(src, "read"):
            return None
        if isinstance(src, (str, os.PathLike)):
            raise TypeError(
                "`iter_tarfile` takes the bytes of the file or an open file, not a path; open it "
                'first: iter_tarfile(open(path, "rb")).'
            ) from None
        raise


def _iter_memory(view: memoryview) -> Iterator[tuple[str, memoryview]]:
    pinned = ffi.from_buffer("char[]", view)
    at, size = 0, len(view)
    while at < size:
        step = _parse(pinned + at, size - at)
        if step.kind == lib.SPDL_TAR_END:
            return
        start = at + step.data_offset
        end = start + step.data_size
        if step.kind == lib.SPDL_TAR_MORE or end > size:
            raise _cut_short(size)
        if step.is_file:
            yield _name(pinned + at, step), view[start:end]
        at += step.next_offset


def _iter_file(file: FileLike) -> Iterator[tuple[str, bytes]]:
    while headers := _read(file, _BLOCK):
        step = _parse(ffi.from_buffer("char[]", headers), len(headers))
        while step.kind == lib.SPDL_TAR_MORE:
            headers += _read_all(file, step.needed - len(headers))
            step = _parse(ffi.from_buffer("char[]", headers), len(headers))
        if step.kind == lib.SPDL_TAR_END:
            return
        # The headers were asked for block by block: what follows them is not read yet.
        padding = step.next_offset - step.data_offset - step.data_size
        if step.is_file:
            yield _name(ffi.from_buffer("char[]", headers), step), _read_all(file, step.data_size)
        else:
            for position in range(0, step.data_size, _AT_ONCE):
                _read_all(file, min(_AT_ONCE, step.data_size - position))
        _read(file, padding)


def _parse(data: CData, size: int) -> Any:
    info, error = struct("spdl_tar_info"), new_error()
    check(lib.spdl_tar_parse(data, size, info, error), error)
    return info


def _name(data: CData, step: Any) -> str:
    name = bytes(ffi.buffer(data + step.name_offset, step.name_size))
    if step.prefix_size:
        name = bytes(ffi.buffer(data + step.prefix_offset, step.prefix_size)) + b"/" + name
    return name.decode("utf-8", "surrogateescape")


def _read(file: FileLike, size: int) -> bytes:
    """As many bytes as there are: files may give fewer at a time than they are asked for."""
    parts = []
    while size > 0:
        part = file.read(min(size, _AT_ONCE))
        if not isinstance(part, bytes):
            raise TypeError(f"`src.read` must give bytes, not {type(part).__name__}.")
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _read_all(file: FileLike, size: int) -> bytes:
    data = _read(file, size)
    if len(data) != size:
        raise _cut_short(None)
    return data


def _cut_short(size: int | None) -> CorruptError:
    text = "The tar data is invalid: it is cut short."
    return CorruptError(text, origin="readers", byte_offset=size)
