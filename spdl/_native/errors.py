# SPDX-License-Identifier: BSD-2-Clause
"""Exceptions: one class for each error status of the library.

A status of the library finds its class by name (`SPDL_E_NO_STREAM` is a `NoStreamError`); one that
has none here gets a plain subclass of `SPDLError`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

from .arguments import struct
from .library import CData, constants, text


class SPDLError(RuntimeError):
    """What the library reports. All its errors derive from this class.

    Attributes
    ----------
    status : int
        Number of the error in the C ABI (`SPDL_E_*`).
    origin : str
        Stage at which it arose: "source", "demux", "decode", "filter", "convert", ...
    source : str or None
        Name of the source, where it is known.
    item : int or None
        Position in a batch.
    pts : float or None
        Time in the source's own clock, in seconds.
    byte_offset : int or None
        Position in the source, in bytes.
    native_code : int
        The negative errno or FFmpeg error behind it, else 0.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        origin: str = "none",
        source: str | None = None,
        item: int | None = None,
        pts: float | None = None,
        byte_offset: int | None = None,
        native_code: int = 0,
        filename: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status or STATUS_OF.get(type(self), 0)
        self.origin = origin
        self.source = source
        self.item = item
        self.pts = pts
        self.byte_offset = byte_offset
        self.native_code = native_code
        _become_oserror(self, filename)

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        filename = self.filename if isinstance(self, OSError) else None
        return _rebuild, (type(self), self.args[0], filename, self._fields())

    def _fields(self) -> dict[str, Any]:
        return dict(vars(self))


def _rebuild(
    cls: type[SPDLError], message: str, filename: str | None, fields: dict[str, Any]
) -> SPDLError:
    error = cls(message)
    vars(error).update(fields)
    _become_oserror(error, filename)
    return error


# ENOENT and its like, not the numbers that FFmpeg makes of four letters.
_ERRNOS = range(1, 4096)


def _become_oserror(error: Exception, filename: str | None) -> None:
    """Fill in what an OSError carries, in the classes that are one."""
    if isinstance(error, OSError):
        error.filename = filename
        if isinstance(error, SPDLError) and -error.native_code in _ERRNOS:
            error.errno = -error.native_code
            error.strerror = os.strerror(error.errno)


class InvalidError(SPDLError, ValueError):
    """An argument is out of its range."""


class NotFoundError(SPDLError, FileNotFoundError):
    """The source does not exist."""


class SPDLIOError(SPDLError, OSError):
    """The source exists but cannot be read, or a file cannot be written."""


class NoStreamError(SPDLError):
    """The source has no stream of the wanted kind."""


class CorruptError(SPDLError):
    """The data is damaged, empty or of no known format."""


class UnsupportedError(SPDLError):
    """This build, machine or library cannot do it."""


class OptionError(SPDLError):
    """An option of a demuxer, decoder, encoder or muxer is unknown or refused."""


class FilterError(SPDLError):
    """A filter description is wrong, or its graph failed."""


class MismatchError(SPDLError):
    """The items of a batch disagree, or the output does not fit."""


class LimitError(SPDLError):
    """A limit of `spdl.io.limits` was passed."""


class DeadlineError(SPDLError, TimeoutError):
    """The time that `spdl.io.limits` gave was over."""


class SPDLCancelledError(SPDLError):
    """The operation was cancelled inside the library."""


class BusyError(SPDLError):
    """Another operation uses this machine, or this file that cannot seek, or a buffer lies in this
    storage."""


class SPDLMemoryError(SPDLError, MemoryError):
    """Out of memory."""


class ForkedError(SPDLError):
    """The object belongs to the parent of this process."""


class InternalError(SPDLError):
    """A bug in the library."""


Failure = tuple[int, object, SPDLError]
"""Position in the batch, the source as it was given, and why it failed."""


class BatchError(SPDLError):
    """Some or all items of a batch failed: `failures`."""

    def __init__(self, message: str, *, failures: list[Failure] | None = None, **fields: Any):
        super().__init__(message, **fields)
        self.failures = failures or []

    def _fields(self) -> dict[str, Any]:
        # Memory is not sent along, only its name: a pickled error should not weigh megabytes.
        failures = [
            (index, source if isinstance(source, (str, os.PathLike)) else error.source, error)
            for index, source, error in self.failures
        ]
        return {**vars(self), "failures": failures}


# Names that are Python's own already (asyncio has a CancelledError).
_TAKEN = {"IOError", "MemoryError", "CancelledError"}


def _class_name(constant: str) -> str:
    words = constant.split("_")
    name = "".join(word if word == "IO" else word.capitalize() for word in words) + "Error"
    return f"SPDL{name}" if name in _TAKEN else name


def _class_for(constant: str) -> type[SPDLError]:
    name = _class_name(constant)
    if name not in globals():
        globals()[name] = type(name, (SPDLError,), {"__module__": __name__})
    cls: type[SPDLError] = globals()[name]
    return cls


ERRORS: dict[int, type[SPDLError]] = {
    status: _class_for(constant) for constant, status in constants("SPDL_E_").items()
}
STATUS_OF = {cls: status for status, cls in ERRORS.items()}
_ORIGINS = {number: name.lower() for name, number in constants("SPDL_ORIGIN_").items()}


def from_struct(
    error: CData,
    source: str | None = None,
    filename: str | None = None,
    classes: Mapping[int, type[SPDLError]] = ERRORS,
) -> SPDLError:
    """The exception for a filled `spdl_error`.

    `source` is the name of what was worked on, `filename` its path if it is a file.
    """
    cls = classes.get(error.status, SPDLError)
    return cls(
        text(error.message),
        status=error.status,
        origin=_ORIGINS.get(error.origin, "none"),
        source=source,
        item=error.item if error.item >= 0 else None,
        pts=None if math.isnan(error.pts) else error.pts,
        byte_offset=error.byte_offset if error.byte_offset >= 0 else None,
        native_code=error.native_code,
        filename=filename,
    )


def new_error() -> CData:
    """An empty `spdl_error` for a call to fill."""
    return struct("spdl_error")


def check(status: int, error: CData, classes: Mapping[int, type[SPDLError]] = ERRORS) -> None:
    """Raise the exception for a negative status."""
    if status < 0:
        raise from_struct(error, classes=classes)
