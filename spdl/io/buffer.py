# SPDX-License-Identifier: BSD-2-Clause
"""Buffers: contiguous arrays, and their casts to arrays of other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from spdl._native.errors import Failure
from spdl._native.handle import Handle, Owned
from spdl._native.later import ImportedLater
from spdl._native.library import ffi, lib, text

if TYPE_CHECKING:
    import jax
    import numpy as np
    import numpy.typing as npt
    import torch
else:
    jax, torch = ImportedLater("jax"), ImportedLater("torch")
    np, npt = ImportedLater("numpy"), ImportedLater("numpy.typing")

B = TypeVar("B", bound="CPUBuffer")


@runtime_checkable
class ArrayInterface(Protocol):
    """An array in CPU memory: NumPy arrays, `CPUBuffer`."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


@runtime_checkable
class CUDAArrayInterface(Protocol):
    """An array in the memory of a GPU."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]: ...


class _Interface:
    """The array interface of a buffer, which it keeps alive, and nothing else."""

    __slots__ = ("_buffer",)

    def __init__(self, buffer: CPUBuffer) -> None:
        self._buffer = buffer

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self._buffer.__array_interface__


class CPUBuffer(Handle):
    """A contiguous, C-ordered array in CPU memory.

    `numpy.asarray` and every consumer of `__array_interface__`, DLPack or (from Python 3.12 on) the
    buffer protocol get views of the same memory, which keep the buffer alive. The library never
    changes the memory any more; the views are writable, unless they are on read-only memory that
    was given to a reader.
    """

    __slots__ = ("_info", "errors", "indices")

    _noun = "spdl_buffer"
    _info: Any

    indices: list[int] | None
    """Of a batch: which of the sources are in it, in their order."""

    errors: list[Failure]
    """Of a batch: (index, source, error) of each source that is not in it. Else empty."""

    @classmethod
    def _wrap(cls: type[B], owned: Owned) -> B:
        self = super()._wrap(owned)
        self._info = self._get_info()
        self.indices, self.errors = None, []
        return self

    @property
    def _about(self) -> Any:
        self._pointer  # noqa: B018 (what the info points to ends with it)
        return self._info

    @property
    def shape(self) -> tuple[int, ...]:
        """Elements along each axis, as the functions that make buffers document them."""
        return tuple(ffi.unpack(self._about.shape, self._about.num_dims))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements, in the machine's order of bytes."""
        import numpy as np

        return np.dtype(self._typestr)

    @property
    def sample_rate(self) -> int | None:
        """In Hz; None for pictures."""
        return self._about.sample_rate or None

    @property
    def pts(self) -> list[Any]:
        """Seconds of each picture, or of the first sample of each item; NaN where unknown.

        Of a batch of videos, a list for each item.
        """
        about = self._about
        times = ffi.unpack(about.pts, about.num_pts) if about.num_pts else []
        if about.num_items == 0 or about.media != lib.SPDL_MEDIA_VIDEO:
            return times
        step = len(times) // about.num_items
        return [times[start : start + step] for start in range(0, len(times), max(step, 1))]

    @property
    def backend(self) -> str:
        """What decoded it: "ffmpeg", or "native" for spdl's own readers."""
        return text(self._about.backend)

    @property
    def num_corrupt(self) -> Any:
        """How many packets were left out as damaged, and how many frames are marked so: an int.

        Of a batch, a list with that number of each item.
        """
        about = self._about
        if about.num_items:
            return ffi.unpack(about.item_num_corrupt, about.num_items)
        return int(about.num_corrupt)

    @property
    def _typestr(self) -> str:
        return text(self._about.typestr)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        address = int(ffi.cast("uintptr_t", self._about.data))
        return {
            "version": 3,
            "shape": self.shape,
            "typestr": self._typestr,
            "data": (address, bool(self._about.flags & lib.SPDL_BUFFER_READONLY)),
            "strides": None,
            "descr": [("", self._typestr)],
        }

    def __buffer__(self, flags: int, /) -> memoryview:
        # An array is not looked into by the collector, which might else free the memory of views
        # in a cycle before the finalizers of the cycle read it.
        array: Any = to_numpy(_Interface(self))
        return memoryview(array)

    def __dlpack__(self, **kwargs: Any) -> Any:
        return to_numpy(self).__dlpack__(**kwargs)

    def __dlpack_device__(self) -> tuple[int, int]:
        return to_numpy(self).__dlpack_device__()

    def __repr__(self) -> str:
        return f'CPUBuffer<shape={self.shape}, dtype="{self._typestr}", backend="{self.backend}">'


def to_numpy(buffer: Any) -> npt.NDArray[Any]:
    """View a buffer as a NumPy array, without a copy. The array keeps the buffer alive.

    >>> spdl.io.to_numpy(spdl.io.load_image("sample.jpg")).shape
    (120, 160, 3)

    Raises
    ------
    RuntimeError
        If the object has no `__array_interface__`.
    """
    import numpy as np

    if not hasattr(buffer, "__array_interface__"):
        raise RuntimeError("The given object does not have `__array_interface__` attribute.")
    return np.asarray(buffer)


def to_torch(buffer: Any) -> torch.Tensor:
    """View a buffer as a tensor in CPU memory, without a copy. The tensor keeps the buffer alive.

    Unsigned elements of 16 and 32 bits need PyTorch 2.3 or newer.

    Raises
    ------
    RuntimeError
        If the object has no `__array_interface__`.
    """
    import torch

    return torch.from_numpy(to_numpy(buffer))


def to_numba(buffer: Any) -> Any:
    """View a buffer as an array that Numba's functions take, without a copy.

    In CPU memory that is a NumPy array, for which Numba need not be there; in the memory of a GPU a
    device array of Numba. It keeps the buffer alive.

    Raises
    ------
    RuntimeError
        If the object has neither `__array_interface__` nor `__cuda_array_interface__`.
    """
    if hasattr(buffer, "__cuda_array_interface__"):
        from numba import cuda

        return cuda.as_cuda_array(buffer)
    return to_numpy(buffer)


def to_jax(buffer: Any) -> jax.Array:
    """View a buffer as an array of JAX, through DLPack. The array keeps the buffer alive.

    JAX takes arrays for immutable: do not write to the memory by another view. Without
    `jax_enable_x64` it may narrow elements of 64 bits, which copies.

    Raises
    ------
    RuntimeError
        If the object has no `__dlpack__`.
    """
    import jax.dlpack

    if not hasattr(buffer, "__dlpack__"):
        raise RuntimeError("The given object does not have `__dlpack__` attribute.")
    return jax.dlpack.from_dlpack(buffer)
