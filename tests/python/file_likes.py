# SPDX-License-Identifier: BSD-2-Clause
"""File-like objects that tell how they are used."""

from __future__ import annotations

import io
import threading


class Stream:
    """A file that can only be read on, at most so many bytes at a time."""

    def __init__(self, data: bytes, at_most: int = 1 << 30) -> None:
        self._file = io.BytesIO(data)
        self._at_most = at_most
        self.num_reads = 0
        self.threads: set[int] = set()

    def read(self, size: int) -> bytes:
        self.num_reads += 1
        self.threads.add(threading.get_ident())
        return self._file.read(min(size, self._at_most))


class Seekable(Stream):
    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
