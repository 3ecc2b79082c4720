# SPDX-License-Identifier: BSD-2-Clause
"""Objects of the library, owned by objects of Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NoReturn, TypeVar

from . import memory
from .arguments import struct
from .errors import check, new_error
from .library import CData, ffi, lib

H = TypeVar("H", bound="Handle")


def _destructor(noun: str) -> Callable[[CData], None]:
    """What ends a handle, and takes back memory that only this handle still used.

    Bound to all it needs, since it may run while the interpreter takes its modules apart.
    """
    free, reclaim = getattr(lib, f"{noun}_free"), memory.reclaim

    def end(pointer: CData, /) -> None:
        free(pointer)
        reclaim()

    return end


_destructors: dict[str, Callable[[CData], None]] = {}


def own(noun: str, pointer: CData) -> CData:
    """A pointer to a handle, typed, that is freed together with its last Python reference."""
    end = _destructors.get(noun)
    if end is None:
        end = _destructors[noun] = _destructor(noun)
    return ffi.gc(ffi.cast(f"{noun} *", pointer), end)


def lend(view: memoryview, *, writable: bool = False) -> CData:
    """A handle for the contiguous memory of `view`, which the library reads or writes in place."""
    return own("spdl_memory", memory.borrow(view, writable=writable))


class Handle:
    """Owner of one handle of the library.

    Letting go of the pointer is what ends a handle, never an explicit free: a call on another
    thread that still uses the pointer holds a reference of its own, and so ends it later.
    """

    __slots__ = ("__weakref__", "_cdata")

    _noun: ClassVar[str]
    """As in the C API: "spdl_packets"."""

    _cdata: CData | None

    def __init__(self) -> None:
        raise TypeError(f"{type(self).__name__} cannot be made directly")

    @classmethod
    def _wrap(cls: type[H], cdata: CData) -> H:
        """The owner of a pointer that `own` made."""
        self = cls.__new__(cls)
        self._cdata = cdata
        return self

    @property
    def _pointer(self) -> CData:
        """The pointer, for a call. Raises ValueError once the handle is closed."""
        if self._cdata is None:
            raise ValueError(f"This {type(self).__name__} is closed.")
        return self._cdata

    def _close(self) -> None:
        """Let go of the handle. Doing it again does nothing."""
        self._cdata = None

    def _get_info(self) -> Any:
        """The `spdl_<noun>_info` of the handle. Its strings live as long as the handle."""
        info = struct(f"{self._noun}_info")
        error = new_error()
        check(getattr(lib, f"{self._noun}_get_info")(self._pointer, info, error), error)
        return info

    def _get_ratio(self, name: str) -> tuple[int, int]:
        """A rational of the info: numerator and denominator."""
        info = self._get_info()  # What a field refers to ends with the struct.
        ratio = getattr(info, name)
        return ratio.num, ratio.den

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")
