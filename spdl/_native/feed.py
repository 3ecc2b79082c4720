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
            data = self._file.read(size)
            kind = type(self._file).__name__
            if not isinstance(data, (bytes, bytearray, memoryview)):
                found = type(data).__name__
                raise TypeError(f"`read` of {kind} must return bytes, not {found}.")
            if len(data) > size:
                raise ValueError(f"`read` of {kind} returned {len(data)} bytes instead of {size}.")
            self._position = offset + len(data)
            return bytes(data)


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
        self.error: BaseException | None = None
        """Why reading failed, if it did."""
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
        """Begin to serve, unless that was done. An operation must be on its way: it ends this."""
        source, self._source = self._source, None
        if source is not None:
            threading.Thread(
                target=self._work, args=(source,), name="spdl-feed", daemon=True
            ).start()

    def _work(self, source: Owned) -> None:
        request = struct("spdl_feed_request")
        pointer = source.pointer
        assert pointer is not None
        while lib.spdl_source_feed_wait(pointer, -1, request, NULL) == lib.SPDL_OK:
            data, failure = b"", 0
            try:
                data = self._cursor.read(request.offset, request.size)
            except BaseException as error:
                self.error = error
                failure = getattr(error, "errno", None) or errno.EIO
            given = ffi.from_buffer("char[]", data)
            lib.spdl_source_feed_put(pointer, given, len(data), failure, NULL)
        # The traceback of an error keeps this frame.
        del source, pointer


def has_read(source: object) -> bool:
    """Whether it is a file-like object."""
    return callable(getattr(source, "read", None))
