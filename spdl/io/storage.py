# SPDX-License-Identifier: BSD-2-Clause
"""Memory that takes results: storages, and arrays of the caller."""

from __future__ import annotations

from spdl._native.arguments import Arguments, integer
from spdl._native.errors import UnsupportedError
from spdl._native.handle import Handle, lend, made_by
from spdl._native.library import NULL, CData, lib
from spdl._native.memory import view_of_output


class CPUStorage(Handle):
    """Memory set aside for results, one at a time. Made by `cpu_storage`.

    The buffer that lies in it keeps the memory alive. While that buffer or a view of it is alive,
    another use raises `BusyError`.
    """

    __slots__ = ("_pinned", "_size")

    _noun = "spdl_memory"

    _size: int
    _pinned: bool

    @property
    def size(self) -> int:
        """In bytes."""
        return self._size

    @property
    def pin_memory(self) -> bool:
        """Whether the memory is page-locked."""
        return self._pinned

    def __repr__(self) -> str:
        return f"CPUStorage<size={self._size}, pin_memory={self._pinned}>"


def cpu_storage(size: int, pin_memory: bool | None = None) -> CPUStorage:
    """Set memory aside that takes the result of `convert_frames` and the `load_*` functions.

    Large memory costs time to get and to touch for the first time; a storage is used again and
    again, though for one buffer at a time.

    >>> storage = spdl.io.cpu_storage(160 * 120 * 3)
    >>> frames = spdl.io.decode_packets(spdl.io.demux_image("sample.jpg"))
    >>> buffer = spdl.io.convert_frames(frames, storage)
    >>> try:
    ...     spdl.io.convert_frames(frames, storage)
    ... except spdl.io.BusyError:
    ...     print("its buffer is alive")
    its buffer is alive
    >>> del buffer
    >>> spdl.io.convert_frames(frames, storage).shape
    (120, 160, 3)

    Parameters
    ----------
    size : int
        In bytes, at least that of the result.
    pin_memory : bool, optional
        Whether to lock the pages in memory, so that copies to a GPU are fast and asynchronous. By
        default that is done where CUDA is there; the storage's `pin_memory` says if it was.

    Raises
    ------
    ValueError
        If `size` is not above 0.
    UnsupportedError
        If `pin_memory=True` is asked for without CUDA.
    SPDLMemoryError
        If there is not so much memory.
    """
    count = integer(size, "`size`", 1, 2**63 - 1)
    if pin_memory is not None:
        return _set_aside(count, bool(pin_memory))
    try:
        return _set_aside(count, True)
    except UnsupportedError:
        return _set_aside(count, False)


def _set_aside(size: int, pinned: bool) -> CPUStorage:
    flags = lib.SPDL_STORAGE_PINNED if pinned else 0
    storage = CPUStorage._wrap(made_by(lib.spdl_memory_allocate, "spdl_memory", size, flags))
    storage._size, storage._pinned = size, pinned
    return storage


def output_memory(
    arguments: Arguments,
    out: object,
    storage: CPUStorage | None = None,
    pin_memory: bool = False,
) -> CData:
    """The `spdl_memory` that takes a result; NULL for one of the library's own.

    Raises
    ------
    TypeError, ValueError
        If it is no memory, or there are several.
    """
    if storage is not None and not isinstance(storage, CPUStorage):
        name = type(storage).__name__
        raise TypeError(f"`storage` must come from cpu_storage(), not {name}.")
    if (out is not None) + (storage is not None) + bool(pin_memory) > 1:
        raise ValueError("Only one of `storage`, `out` and `pin_memory` can say where to put it.")
    if storage is not None:
        return arguments.keep(storage)._pointer
    if out is None:
        return NULL
    memory = arguments.keep(lend(view_of_output(out), writable=True))
    assert memory.pointer is not None
    return memory.pointer
