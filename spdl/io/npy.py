# SPDX-License-Identifier: BSD-2-Clause
"""Arrays in NumPy's npy format, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from spdl._native.arguments import Arguments, struct
from spdl._native.errors import UnsupportedError, check, new_error
from spdl._native.handle import Owned, lend
from spdl._native.later import ImportedLater
from spdl._native.library import CData, ffi, lib, text
from spdl._native.memory import view_of_bytes
from spdl._native.operation import Done, Operation
from spdl._native.plan import awaitable, blocking

from .buffer import CPUBuffer, to_numpy
from .source import BytesLike

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np, npt = ImportedLater("numpy"), ImportedLater("numpy.typing")

_SHORT = 1 << 24
"""Bytes that are copied in a few milliseconds."""


class NPYHeader(NamedTuple):
    """What the elements of an array are."""

    shape: tuple[int, ...]
    typestr: str
    fortran_order: bool
    offset: int
    """Of the first element, in bytes."""

    def view(self, data: npt.NDArray[np.uint8], offset: int = 0) -> npt.NDArray[Any]:
        """The array whose elements begin at an offset of `data`, which it keeps alive."""
        import numpy as np

        order: Any = "F" if self.fortran_order else "C"
        try:
            dtype = np.dtype(self.typestr)
            return np.ndarray(self.shape, dtype, data, offset, order=order)
        except (TypeError, ValueError) as error:  # A type or shape that this NumPy does not know.
            raise UnsupportedError(f"Unsupported npy data: {error}", origin="readers") from None


def parse_npy(data: CData, size: int) -> NPYHeader:
    """Read the header of an array, and check that its elements are there."""
    info: Any = struct("spdl_npy_info")
    error = new_error()
    check(lib.spdl_npy_parse(data, size, info, error), error)
    shape = tuple(ffi.unpack(info.shape, info.num_dims)) if info.num_dims else ()
    return NPYHeader(shape, text(info.typestr), bool(info.fortran_order), info.data_offset)


def _plan_load_npy(data: BytesLike, *, copy: bool = False) -> Operation[npt.NDArray[Any]]:
    """View an array in NumPy's npy format, without a copy.

    >>> import io, numpy
    >>> file = io.BytesIO()
    >>> numpy.save(file, numpy.eye(3))
    >>> spdl.io.load_npy(file.getvalue())[1]
    array([0., 1., 0.])

    Parameters
    ----------
    data : bytes, bytearray, memoryview or 1-D array of uint8
        What `numpy.save` writes.
    copy : bool
        Give an array with memory of its own, which is writable.

    Returns
    -------
    numpy.ndarray
        Of the shape, type, byte order and memory order that were saved. A view keeps `data` alive,
        and is writable if `data` is.

    Raises
    ------
    TypeError, ValueError
        If `data` is no buffer of bytes.
    CorruptError
        If it is damaged or cut short.
    UnsupportedError
        If it holds Python objects or is of a structured type.
    LimitError, DeadlineError
    """
    view = view_of_bytes(data, "load_npy")
    pinned = ffi.from_buffer("char[]", view)
    header = parse_npy(pinned, len(pinned))
    if not copy:
        import numpy as np

        # Of a memoryview, ndarray() would keep the object alone, which could then move its memory.
        return Done(header.view(np.frombuffer(view, np.uint8), header.offset))
    arguments = Arguments()
    memory = arguments.keep(lend(view))
    assert memory.pointer is not None
    is_short = view.nbytes < _SHORT

    def wrap(owned: Owned) -> npt.NDArray[Any]:
        return header.view(to_numpy(CPUBuffer._wrap(owned)))

    return Operation(
        "spdl_npy_load",
        (memory.pointer, lib.SPDL_NPY_COPY),
        wrap,
        keep=(arguments,),
        is_short=lambda: is_short,
    )


load_npy = blocking(_plan_load_npy)
async_load_npy = awaitable(_plan_load_npy)
