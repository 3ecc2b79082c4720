# SPDX-License-Identifier: BSD-2-Clause
"""Arrays that are pictures or samples: what their shape and type must be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from spdl._native.errors import InvalidError
from spdl._native.later import ImportedLater

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np, npt = ImportedLater("numpy"), ImportedLater("numpy.typing")

_NATIVE = "<" if sys.byteorder == "little" else ">"

PICTURES: dict[str, tuple[str, str]] = {
    "rgb24": ("HW3", "|u1"),
    "bgr24": ("HW3", "|u1"),
    "rgba": ("HW4", "|u1"),
    "gray": ("HW", "|u1"),
    "gray8": ("HW", "|u1"),
    "gray16": ("HW", f"{_NATIVE}u2"),
    "gray16le": ("HW", "<u2"),
    "gray16be": ("HW", ">u2"),
    "yuv444p": ("3HW", "|u1"),
}
"""Of each pixel format, the shape of a picture (a digit is a size) and the type of an element."""

SAMPLES = {
    "u8": "|u1",
    "s16": f"{_NATIVE}i2",
    "s32": f"{_NATIVE}i4",
    "s64": f"{_NATIVE}i8",
    "flt": f"{_NATIVE}f4",
    "dbl": f"{_NATIVE}f8",
}
"""Of each packed sample format, the type of an element."""


def wrong(message: str) -> InvalidError:
    """The error for an array that does not fit."""
    return InvalidError(message, origin="frames")


def as_numpy(array: object) -> npt.NDArray[Any]:
    """The array, on the memory of the given one: of NumPy, in a CPUBuffer or tensor, or a like.

    Raises TypeError for what has no memory to share, and InvalidError for memory of a GPU.
    """
    import numpy as np

    torch = sys.modules.get("torch")
    if torch is not None and isinstance(array, torch.Tensor):
        if array.device.type != "cpu":
            raise wrong(f"The tensor must be in CPU memory, not on {array.device}.")
        return np.asarray(array.detach().numpy())
    if not isinstance(array, np.ndarray) and not hasattr(array, "__array_interface__"):
        try:
            array = memoryview(array)  # type: ignore[arg-type]
        except TypeError:
            raise TypeError(f"{type(array).__name__} is no array.") from None
    return np.asarray(array)


def check_picture(array: npt.NDArray[Any], pix_fmt: str, num_leading: int = 0) -> tuple[int, int]:
    """Width and height of the pictures in an array that has other dimensions in front.

    Raises InvalidError if the array is not what the format needs.
    """
    if pix_fmt not in PICTURES:
        known = ", ".join(PICTURES)
        raise wrong(f"Unsupported pixel format: {pix_fmt!r}; an array can be one of {known}.")
    shape, typestr = PICTURES[pix_fmt]
    axes = "N" * num_leading + shape
    fits = array.ndim == len(axes) and all(
        not axis.isdigit() or int(axis) == size
        for axis, size in zip(axes, array.shape, strict=True)
    )
    if not fits or 0 in array.shape:
        raise wrong(
            f"Pictures of format {pix_fmt} have the shape ({', '.join(axes)}), not {array.shape}."
        )
    check_type(array, typestr, pix_fmt)
    return array.shape[axes.index("W")], array.shape[axes.index("H")]


def check_type(array: npt.NDArray[Any], typestr: str, format_name: str) -> None:
    """Raise InvalidError if the elements are not of the type, or not one after the other."""
    import numpy as np

    wanted: np.dtype[Any] = np.dtype(typestr)
    if array.dtype != wanted:
        advice = f"convert it with array.astype({wanted.str!r})"
        if array.dtype.kind in "fb" and wanted.kind in "iu":
            scaled = f"(array * {np.iinfo(wanted).max}).round().astype({wanted.name!r})"
            advice = f"scale it, if 1 is its largest value: {scaled}"
        raise wrong(
            f"An array of format {format_name} has elements of type {wanted.str}, not "
            f"{array.dtype.str}; {advice}."
        )
    if not array.flags.c_contiguous:
        raise wrong("The array must be C-contiguous; numpy.ascontiguousarray makes it so.")
