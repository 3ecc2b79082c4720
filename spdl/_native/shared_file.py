# SPDX-License-Identifier: BSD-2-Clause
"""A file-like object that several sources may read."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any, Protocol


class Reader(Protocol):
    """Who reads a file that cannot seek."""

    def is_over(self) -> bool:
        """Whether it will read no more."""


class SharedFile:
    """A file-like object, which one thread at a time uses: for one seek and one read.

    There is one for each object that has a source, however many sources that has.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._size: int | None = None
        """As it was measured last; -1 if it cannot seek, None if nobody has measured it."""
        self._reader: weakref.ref[Reader] | None = None
        """Who reads it, or did last, if it cannot seek."""
        beneath = _beneath(file)
        self._beneath = None if beneath is None else shared(beneath)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Have the file for oneself: no longer than one read takes, so that others go on."""
        beneath = contextlib.nullcontext() if self._beneath is None else self._beneath.turn()
        with self._lock, beneath:
            yield

    def measure(self) -> int:
        """The size in bytes; -1 if it cannot seek.

        Event loops call this: it does not wait for a read, but gives the size that is known.
        """
        if self._size == -1:
            return -1
        if not self._lock.acquire(blocking=self._size is None):
            assert self._size is not None
            return self._size
        try:
            size = _measured(self._file)
            # Those that seek and those that do not cannot read the same file.
            if size >= 0 or self._size is None:
                self._size = size
            return self._size
        finally:
            self._lock.release()

    def claim(self, reader: Reader) -> bool:
        """Let nobody else read a file that cannot seek. False if somebody else reads it."""
        if not self._lock.acquire(blocking=False):
            return False  # One that was given up may still be inside of its last read.
        try:
            other = None if self._reader is None else self._reader()
            if other is not None and not other.is_over():
                return False
            self._reader = weakref.ref(reader)
            return True
        finally:
            self._lock.release()

    def read(self, size: int, offset: int | None = None) -> bytes:
        """At most `size` bytes, from an offset or from where it stands; only in one's turn."""
        if offset is not None:
            self._file.seek(offset)
        read = self._file.read(size)
        kind = type(self._file).__name__
        if not isinstance(read, (bytes, bytearray, memoryview)):
            found = type(read).__name__
            raise TypeError(f"`read` of {kind} must return bytes, not {found}.")
        data = bytes(read)
        if len(data) > size:
            raise ValueError(f"`read` of {kind} returned {len(data)} bytes instead of {size}.")
        return data


def _measured(file: Any) -> int:
    seekable = getattr(file, "seekable", None)
    if not (seekable() if callable(seekable) else hasattr(file, "seek")):
        return -1
    try:
        size = file.seek(0, io.SEEK_END)
        return int(file.tell() if size is None else size)
    except OSError:  # It only seems to.
        return -1


def _beneath(file: Any) -> Any:
    """The file that the members of an archive share: `tarfile` has them seek in it unprotected."""
    tarfile = sys.modules.get("tarfile")  # It is slow to import.
    if tarfile is None or not isinstance(file, tarfile.ExFileObject):
        return None
    return getattr(file.raw, "fileobj", None)


_files: weakref.WeakValueDictionary[int, SharedFile] = weakref.WeakValueDictionary()
"""By the identity of the object, which lives as long as its entry."""
_files_lock = threading.RLock()  # What the garbage collector finalizes may come here again.


def shared(file: Any) -> SharedFile:
    """The one of this object."""
    with _files_lock:
        found = _files.get(id(file))
        if found is None:
            found = _files[id(file)] = SharedFile(file)
        return found


def _forget_all() -> None:
    """Threads that are only in the parent may hold the locks."""
    global _files, _files_lock
    _files, _files_lock = weakref.WeakValueDictionary(), threading.RLock()


os.register_at_fork(after_in_child=_forget_all)
