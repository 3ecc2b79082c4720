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


class Feeder:
    """Answers what the library asks of a fed source, on a thread of its own.

    The thread lives from the first operation on the source to the last: it alone uses the file.
    """

    def __init__(self, file: Any) -> None:
        self.error: BaseException | None = None
        """Why reading failed, if it did."""
        self._file = file
        self._source: Owned | None = None
        self._position = 0
        self.size = self._measure()
        """In bytes; -1 if the file cannot seek."""

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
                data = self._read(request.offset, request.size)
            except BaseException as error:
                self.error = error
                failure = getattr(error, "errno", None) or errno.EIO
            given = ffi.from_buffer("char[]", data)
            lib.spdl_source_feed_put(pointer, given, len(data), failure, NULL)
        # The traceback of an error keeps this frame.
        del source, pointer

    def _read(self, offset: int, size: int) -> bytes:
        if offset != self._position:
            self._file.seek(offset)
            self._position = offset
        data = self._file.read(size)
        kind = type(self._file).__name__
        if not isinstance(data, (bytes, bytearray, memoryview)):
            found = type(data).__name__
            raise TypeError(f"`read` of {kind} must return bytes, not {found}.")
        if len(data) > size:
            raise ValueError(f"`read` of {kind} returned {len(data)} bytes instead of {size}.")
        self._position += len(data)
        return bytes(data)


def has_read(source: object) -> bool:
    """Whether it is a file-like object."""
    return callable(getattr(source, "read", None))
