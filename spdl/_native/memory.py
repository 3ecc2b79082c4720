# SPDX-License-Identifier: BSD-2-Clause
"""Memory of Python objects, lent to the library.

The library says by a tag when it no longer needs the memory; until then the table here keeps the
object. Tags are collected on every operation, when a handle ends, and when an event loop wakes up.
"""

from __future__ import annotations

import atexit
import itertools
import os
import sys
from collections import deque
from typing import Any

from .arguments import struct
from .errors import check, new_error
from .library import CData, ffi, lib

lent: dict[int, CData] = {}
"""What the library holds memory of, by tag."""

_tags = itertools.count(1)

_MAX_DIMS = 8


def borrow(view: memoryview, slot: CData, *, writable: bool = False) -> None:
    """Put an `spdl_memory` on the contiguous memory of `view` into a slot.

    If it is writable, it takes results of the shape and type of `view`.
    """
    pinned = ffi.from_buffer("char[]", view, require_writable=writable)
    form = _array_struct(view) if writable and not _is_row_of_bytes(view) else None
    tag = next(_tags)
    error = new_error()
    lent[tag] = pinned
    try:
        if form is not None:
            status = lib.spdl_memory_borrow_array(pinned, len(pinned), form[0], tag, slot, error)
        else:
            flags = lib.SPDL_MEMORY_WRITABLE if writable else 0
            status = lib.spdl_memory_borrow(pinned, len(pinned), flags, tag, slot, error)
    finally:
        if not slot[0]:
            del lent[tag]
    check(status, error)


def _is_row_of_bytes(view: memoryview) -> bool:
    """Whether it says nothing but a size."""
    return view.ndim == view.itemsize == 1 and view.format.strip("<>=@") in ("B", "b", "c")


def _array_struct(view: memoryview) -> tuple[CData, CData]:
    """The `spdl_array` of a view, and the string that it points to."""
    import numpy as np

    array: Any = struct("spdl_array")
    typestr = ffi.new("char[]", np.asarray(view).dtype.str.encode())
    array.typestr, array.num_dims = typestr, view.ndim
    array.shape[0 : view.ndim] = view.shape
    return array, typestr


def _make_reclaim() -> Any:
    # Finalizers call this at any time, even while modules are taken apart, and on any thread: it
    # holds what it uses and takes no lock. Arrays that an interrupt left behind are read next time.
    objects, drain, new, size = lent, lib.spdl_released_drain, ffi.new, 64
    drained: deque[CData] = deque()

    def reclaim(_: object = None) -> None:
        """Let go of the objects whose memory the library no longer needs."""
        while objects:
            tags = new("uint64_t[]", size)
            drained.append(tags)
            count = drain(tags, size)
            for array in [tags, *drained]:
                for tag in itertools.takewhile(bool, array):
                    objects.pop(tag, None)
            drained.clear()
            if count < size:
                break

    return reclaim


reclaim = _make_reclaim()


def count_lent() -> int:
    """How many objects the library holds memory of."""
    reclaim()
    return len(lent)


@atexit.register
def _keep_forever() -> None:
    """Never free what workers may still read while the process ends: the table gets an owner."""
    if lent:
        import ctypes

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(lent))


# Tags that wait at the time of a fork do not come out in the child.
os.register_at_fork(before=reclaim)


def view_of_source(source: object) -> memoryview:
    """The bytes of an object with encoded data. Raises TypeError and ValueError if it has none."""
    return _check_encoded(_view(source, "neither a path, a URL, a buffer of bytes, nor a file"))


def view_of_bytes(data: object, function: str) -> memoryview:
    """The same, of what a function that takes no path and no file was given."""
    try:
        view = _view(data, "no buffer of bytes")
    except TypeError:
        is_path = isinstance(data, (str, os.PathLike))
        if not is_path and not hasattr(data, "read"):
            raise
        given, read = (
            ("a path", 'open(path, "rb").read()') if is_path else ("a file", "file.read()")
        )
        raise TypeError(
            f"`{function}` takes the bytes of the file, not {given}; read it first: "
            f"{function}({read})."
        ) from None
    return _check_encoded(view)


def _check_encoded(view: memoryview) -> memoryview:
    if view.format not in ("B", "<B", "@B", "=B"):
        raise ValueError(f"Encoded data must be uint8, not of format {view.format!r}.")
    if view.ndim != 1:
        raise ValueError(f"Encoded data must have one dimension, not {view.ndim}.")
    if not view.c_contiguous:
        raise ValueError("Encoded data must be contiguous.")
    return view


def view_of_output(out: object) -> memoryview:
    """The memory of an object that takes a result."""
    view = _view(out, "no buffer that can take the result")
    if view.readonly:
        raise ValueError("`out` must be writable.")
    if not view.c_contiguous:
        raise ValueError("`out` must be C-contiguous.")
    if view.ndim > _MAX_DIMS:
        raise ValueError(f"`out` must have at most {_MAX_DIMS} dimensions, not {view.ndim}.")
    return view


def _view(thing: object, complaint: str) -> memoryview:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(thing, torch.Tensor):
        if thing.device.type != "cpu":
            raise ValueError(f"The tensor must be in CPU memory, not on {thing.device}.")
        try:
            thing = thing.detach().numpy()
        except (TypeError, RuntimeError) as error:  # bfloat16, sparse
            raise TypeError(f"The tensor is {complaint}: {error}") from None
    try:
        return memoryview(thing)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{type(thing).__name__} is {complaint}.") from None
