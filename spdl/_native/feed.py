# SPDX-License-Identifier: BSD-2-Clause
"""Feeding a source from a file-like object."""

from __future__ import annotations

import errno
import io
import threading
from typing import Any

from .arguments import struct
from .errors import BusyError, check, new_error
from .handle import Owned
from .library import NULL, ffi, lib
from .shared_file import shared


class Feeder:
    """Answers what the library asks of a fed source, on a thread of its own.

    The thread lives from the first operation on the source to the last. It uses the file in turn
    with those of the file's other sources; a file that cannot seek is its alone.
    """

    def __init__(self, file: Any, name: str) -> None:
        self._name = name
        self._file = shared(file)
        self.size = self._file.measure()
        """In bytes; -1 if the file cannot seek."""
        self._position = 0
        """Where a file that cannot seek stands, from where it stood at first."""
        self._error: BaseException | None = None
        self._late: tuple[int, bytes] | None = None
        """Offset and bytes that were read for a request that was withdrawn meanwhile."""
        self._source: Owned | None = None
        """Until it is over, as far as this thread knows."""
        self._is_started = False

    def serve(self, source: Owned) -> None:
        """Serve this source, once an operation uses it."""
        self._source = source

    def start(self) -> None:
        """Begin to serve, unless that was done. An operation must be on its way: it ends this.

        Raises BusyError if another source has a file that cannot seek, RuntimeError if there can be
        no more threads.
        """
        source = self._source
        if self._is_started or source is None:
            return
        self._is_started = True
        try:
            if self.size < 0 and not self._file.claim(self):
                raise self._busy()
            threading.Thread(
                target=self._work, args=(source,), name="spdl-feed", daemon=True
            ).start()
        except BaseException:
            self._source = None
            raise

    def is_over(self) -> bool:
        """Whether no operation will ask for more."""
        source = self._source
        pointer = None if source is None else source.pointer
        if pointer is None:
            return True
        info, error = struct("spdl_source_info"), new_error()
        check(lib.spdl_source_get_info(pointer, info, error), error)
        return bool(info.flags & lib.SPDL_SOURCE_OVER)

    def take_error(self) -> BaseException | None:
        """Why reading failed, if it did; no longer kept, as its traceback keeps this object."""
        error, self._error = self._error, None
        return error

    def _busy(self) -> BusyError:
        return BusyError(
            f"{self._name} cannot seek, so it serves one operation at a time, and another one has "
            f"it; wait for its end, or give the bytes instead.",
            origin="source",
            source=self._name,
        )

    def _work(self, source: Owned) -> None:
        request = struct("spdl_feed_request")
        pointer = source.pointer
        assert pointer is not None
        while lib.spdl_source_feed_wait(pointer, -1, request, NULL) == lib.SPDL_OK:
            data, failure = self._answer(request.offset, request.size)
            given = ffi.from_buffer("char[]", data)
            put = lib.spdl_source_feed_put(pointer, given, len(data), failure, NULL)
            is_late = put == lib.SPDL_E_INVALID
            self._late = (request.offset, data) if is_late and not failure else None
            if is_late:
                self._error = None  # No operation fails of it.
        # The traceback of an error keeps this frame.
        self._source = None
        del source, pointer

    def _answer(self, offset: int, size: int) -> tuple[bytes, int]:
        """Bytes from an offset on, or a positive errno."""
        if self._late is not None and self._late[0] == offset and len(self._late[1]) <= size:
            return self._late[1], 0
        try:
            with self._file.turn():
                return self._read(offset, size), 0
        except BaseException as error:
            self._error = error
            return b"", _errno_of(error)

    def _read(self, offset: int, size: int) -> bytes:
        if self.is_over():
            return b""  # While it waited for its turn. The file may be somebody else's by now.
        if self.size >= 0:
            return self._file.read(size, offset)  # Nobody knows where it stands.
        if offset != self._position:
            raise io.UnsupportedOperation(f"{self._name} cannot seek.")
        data = self._file.read(size)
        self._position += len(data)
        return data


def _errno_of(error: BaseException) -> int:
    """The errno of an OSError. FFmpeg would try again, without end, what says EAGAIN."""
    number = error.errno if isinstance(error, OSError) else None
    is_one = isinstance(number, int) and 0 < number < 4096 and number != errno.EAGAIN
    return number if is_one and number is not None else errno.EIO


def has_read(source: object) -> bool:
    """Whether it is a file-like object."""
    return callable(getattr(source, "read", None))
