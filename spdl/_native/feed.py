# SPDX-License-Identifier: BSD-2-Clause
"""Feeding a source from a file-like object."""

from __future__ import annotations

import errno
import io
import threading
from typing import Any

from .arguments import struct
from .handle import Owned
from .library import NULL, ffi, lib


class _Cursor:
    """A file and where it stands, for one reader at a time."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._position = 0
        self.size = self._measure()

    def _measure(self) -> int:
        file = self._file
        seekable = getattr(file, "seekable", None)
        if not (seekable() if callable(seekable) else hasattr(file, "seek")):
            return -1
        try:
            size = file.seek(0, io.SEEK_END)
            self._position = file.tell() if size is None else size
        except OSError:  # It only seems to.
            return -1
        return self._position

    def read(self, offset: int, size: int) -> bytes:
        with self._lock:
            if offset != self._position:
                self._file.seek(offset)
            # Should reading fail, nobody knows where it stands; a stream cannot go back.
            self._position = offset if self.size < 0 else -1
            read = self._file.read(size)
            kind = type(self._file).__name__
            if not isinstance(read, (bytes, bytearray, memoryview)):
                found = type(read).__name__
                raise TypeError(f"`read` of {kind} must return bytes, not {found}.")
            data = bytes(read)
            if len(data) > size:
                raise ValueError(f"`read` of {kind} returned {len(data)} bytes instead of {size}.")
            self._position = offset + len(data)
            return data


class Feeder:
    """Answers what the library asks of a fed source, on a thread of its own.

    The thread lives from the first operation on the source to the last. It alone uses the file,
    unless the file has several sources; then one thread at a time does.
    """

    def __init__(self, file: Any, beside: Feeder | None = None) -> None:
        if beside is not None and beside.size < 0:
            kind = type(file).__name__
            raise ValueError(
                f"This {kind} cannot seek, so it can be a source only once; give its bytes instead."
            )
        self._error: BaseException | None = None
        self._late: tuple[int, bytes] | None = None
        """Offset and bytes that were read for a request that was withdrawn meanwhile."""
        self._cursor: _Cursor = _Cursor(file) if beside is None else beside._cursor
        self._source: Owned | None = None

    @property
    def size(self) -> int:
        """In bytes; -1 if the file cannot seek."""
        return self._cursor.size

    def serve(self, source: Owned) -> None:
        """Serve this source, once an operation uses it."""
        self._source = source

    def start(self) -> None:
        """Begin to serve, unless that was done. An operation must be on its way: it ends this.

        Raises RuntimeError if there can be no more threads.
        """
        source, self._source = self._source, None
        if source is not None:
            threading.Thread(
                target=self._work, args=(source,), name="spdl-feed", daemon=True
            ).start()

    def take_error(self) -> BaseException | None:
        """Why reading failed, if it did; no longer kept, as its traceback keeps this object."""
        error, self._error = self._error, None
        return error

    def _work(self, source: Owned) -> None:
        request = struct("spdl_feed_request")
        pointer = source.pointer
        assert pointer is not None
        while lib.spdl_source_feed_wait(pointer, -1, request, NULL) == lib.SPDL_OK:
            data, failure = self._answer(request.offset, request.size)
            given = ffi.from_buffer("char[]", data)
            put = lib.spdl_source_feed_put(pointer, given, len(data), failure, NULL)
            is_late = put == lib.SPDL_E_INVALID and not failure
            self._late = (request.offset, data) if is_late else None
        # The traceback of an error keeps this frame.
        del source, pointer

    def _answer(self, offset: int, size: int) -> tuple[bytes, int]:
        """Bytes from an offset on, or a positive errno."""
        if self._late is not None and self._late[0] == offset and len(self._late[1]) <= size:
            return self._late[1], 0
        try:
            return self._cursor.read(offset, size), 0
        except BaseException as error:
            self._error = error
            return b"", _errno_of(error)


def _errno_of(error: BaseException) -> int:
    """The errno of an OSError. FFmpeg would try again, without end, what says EAGAIN."""
    number = error.errno if isinstance(error, OSError) else None
    is_one = isinstance(number, int) and 0 < number < 4096 and number != errno.EAGAIN
    return number if is_one and number is not None else errno.EIO


def has_read(source: object) -> bool:
    """Whether it is a file-like object."""
    return callable(getattr(source, "read", None))
