# SPDX-License-Identifier: BSD-2-Clause
"""Objects of the library, owned by objects of Python."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from . import memory
from .arguments import struct
from .errors import check, new_error
from .library import NULL, CData, ffi, lib

H = TypeVar("H", bound="Handle")


class Owned:
    """A handle of the library, which is freed together with its last reference.

    It is there before the handle, which a call puts into its `slot`: so an interrupt, which may
    come right after the call, loses nothing.

    The garbage collector may end the handle of an object before it finalizes the object; whoever
    comes later finds no pointer then.
    """

    __slots__ = ("_ended", "_ending", "_pointer", "slot", "then_reclaim")

    slot: CData
    """Where a call puts the handle."""

    def __init__(self, noun: str) -> None:
        # Finalizers are functions in C: an interrupt that came inside one in Python would be
        # swallowed, and the handle lost. The collector calls them in this order.
        self._ended: list[Any] = []
        self._ending = ffi.gc(ffi.new("char *"), self._ended.append)
        free = functools.partial(min, key=getattr(lib, f"{noun}_free"))  # of the only item
        self.slot = ffi.gc(ffi.new(f"{noun} *[1]"), free)
        # Nothing that is lent later can be in this handle.
        self.then_reclaim = ffi.gc(ffi.new("char *"), memory.reclaim) if memory.lent else None
        self._pointer: CData | None = None

    @property
    def pointer(self) -> CData | None:
        """The pointer. It keeps the handle alive, as this object does."""
        if self._ended:
            return None
        if self._pointer is None:
            self._pointer = ffi.gc(self.slot[0], functools.partial(operator.is_, self.slot))
        return self._pointer

    def drop(self) -> None:
        """Let go of the handle, although somebody may hold on to this object."""
        self._ended = [True]
        self._pointer, self.slot, self.then_reclaim = None, NULL, None


def made_by(function: Callable[..., int], noun: str, *inputs: CData | int | bytes) -> Owned:
    """The handle that a function of the library puts out. Raises its error."""
    owned, error = Owned(noun), new_error()
    check(function(*inputs, owned.slot, error), error)
    return owned


def lend(view: memoryview, *, writable: bool = False) -> Owned:
    """An `spdl_memory` on the contiguous memory of `view`, which is read or written in place."""
    owned = Owned("spdl_memory")
    memory.borrow(view, owned.slot, writable=writable)
    return owned


class Handle:
    """Owner of one handle of the library.

    Letting go of the pointer is what ends a handle, never an explicit free: a call on another
    thread that still uses the pointer holds a reference of its own, and so ends it later.
    """

    __slots__ = ("__weakref__", "_owned")

    _noun: ClassVar[str]
    """As in the C API: "spdl_packets"."""

    _owned: Owned | None

    def __init__(self) -> None:
        raise TypeError(f"{type(self).__name__} cannot be made directly")

    @classmethod
    def _wrap(cls: type[H], owned: Owned) -> H:
        self = cls.__new__(cls)
        self._owned = owned
        return self

    @property
    def _pointer(self) -> CData:
        """The pointer, for a call. Raises ValueError once the handle is closed."""
        owned = self._owned
        pointer = None if owned is None else owned.pointer
        if pointer is None:
            raise ValueError(f"This {type(self).__name__} is closed.")
        return pointer

    def _share(self: H) -> H:
        """Another owner of the same handle."""
        pointer, owned = self._pointer, self._owned
        assert pointer is not None
        assert owned is not None
        return self._wrap(owned)

    def _close(self) -> None:
        """Let go of the handle. Doing it again does nothing."""
        self._owned = None

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

    def __reduce__(self) -> Any:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")
