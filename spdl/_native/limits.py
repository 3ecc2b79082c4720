# SPDX-License-Identifier: BSD-2-Clause
"""What operations may take: time, pixels, bytes, frames."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Real
from types import TracebackType

from .arguments import struct
from .errors import LimitError
from .library import NULL, CData

_INT64_MAX = 2**63 - 1
_MAX_PIXELS = 2**27
"""Unless a limit is set, as in the library."""


@dataclass(frozen=True)
class _Limits:
    seconds: float | None = None
    max_pixels: float | None = None
    max_bytes: float | None = None
    max_frames: float | None = None
    outer: _Limits | None = None
    """Those of the enclosing block."""


_current: ContextVar[_Limits | None] = ContextVar("spdl_limits", default=None)


class limits:  # noqa: N801 (used like a function)
    """Limit what the operations inside the block may take.

    >>> import spdl.io
    >>> with spdl.io.limits(seconds=10, max_pixels=50_000_000):
    ...     with spdl.io.limits(seconds=2):  # only the time changes
    ...         pass

    They hold for the code of the block and for the tasks that it starts, not for other threads. A
    limit that is left out stays as the enclosing block has set it; `math.inf` takes it away.

    Parameters
    ----------
    seconds : float, optional
        Time for each operation, from its start; a batch is one operation. Once it is over, the
        operation raises `DeadlineError`. It is checked between packets: the work on one packet is
        not interrupted.
    max_pixels : int, optional
        Width times height of one picture; 2**27 unless set. Beyond it: `LimitError`, as below.
    max_bytes : int, optional
        Of packets, of frames or of the buffer that an operation holds.
    max_frames : int, optional
        Video frames, or audio samples per channel, of one operation.

    Raises
    ------
    ValueError
        If a limit is not above 0.
    """

    def __init__(
        self,
        *,
        seconds: float | None = None,
        max_pixels: float | None = None,
        max_bytes: float | None = None,
        max_frames: float | None = None,
    ) -> None:
        self._given = {
            name: value
            for name, value in (
                ("seconds", seconds),
                ("max_pixels", max_pixels),
                ("max_bytes", max_bytes),
                ("max_frames", max_frames),
            )
            if value is not None
        }
        for name, value in self._given.items():
            if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
                raise TypeError(f"`{name}` must be a number, not {type(value).__name__}.")
            if value != value or value <= 0:
                raise ValueError(f"`{name}` must be above 0, not {value}.")

    def __enter__(self) -> None:
        outer = _current.get()
        # What to go back to lies in the context, so that tasks and threads may share this object.
        _current.set(replace(outer or _Limits(), **self._given, outer=outer))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        now = _current.get()
        assert now is not None
        _current.set(now.outer)


def check_pixels(width: int, height: int) -> None:
    """Raise LimitError for a picture that is asked for and over the limit of this context."""
    now = _current.get()
    limit = _MAX_PIXELS if now is None or now.max_pixels is None else now.max_pixels
    if width * height > limit:
        raise LimitError(
            f"The number of pixels of a {width}x{height} picture ({width * height}), which `width` "
            f"and `height` ask for, is over the limit max_pixels={limit}; raise it in the limits.",
            origin="load",
        )


def current() -> CData:
    """The `spdl_limits` of this context for a call that starts now; NULL if nothing is limited."""
    now = _current.get()
    if now is None:
        return NULL
    cdata = struct("spdl_limits")
    if now.seconds is not None and now.seconds < 2**33:
        cdata.timeout_ns = max(1, int(now.seconds * 10**9))
    for name in ("max_pixels", "max_bytes", "max_frames"):
        value = getattr(now, name)
        if value is not None:
            finite = _INT64_MAX if value > _INT64_MAX else int(value)
            setattr(cdata, name, max(1, finite))
    return cdata
