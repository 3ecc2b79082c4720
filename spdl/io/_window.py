# SPDX-License-Identifier: BSD-2-Clause
"""Windows of time: half-open ranges [start, end) in seconds, kept as exact rationals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import TypeAlias

from spdl._native.arguments import Arguments
from spdl._native.library import NULL, CData, lib

Bound: TypeAlias = float | Fraction | Decimal | str
"""Seconds; a float means its shortest decimal, a str is a number ("0.5") or a ratio ("1/2").
Infinite means no bound."""

Window: TypeAlias = tuple[Bound | None, Bound | None]
"""[start, end); None is no bound, as infinite is."""

_INT64_MAX = 2**63 - 1


def exact(bound: Bound, what: str = "A bound of a window") -> Fraction | float:
    """The bound as a fraction of 64-bit integers, or as an infinite float.

    Raises
    ------
    ValueError
        If it is not a number.
    TypeError
        If it is of another type.
    """
    if isinstance(bound, str):
        try:
            bound = float(bound) if "inf" in bound.lower() else Fraction(bound)
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"{what} must be a number, not {bound!r}.") from None
    if not isinstance(bound, (Real, Decimal)):
        kind = type(bound).__name__
        raise TypeError(f"{what} must be a number or a str, not {kind}.")
    try:
        if math.isnan(bound):
            raise ValueError(f"{what} must be a number, not NaN.")
        infinite = math.isinf(bound)
    except OverflowError:  # More than a float holds.
        infinite = True
    if infinite:
        return math.inf if bound > 0 else -math.inf
    if isinstance(bound, Rational):
        return _fit(Fraction(int(bound.numerator), int(bound.denominator)))
    # The shortest decimal of a float is what was written: in [0, 0.2) the sample at 1/5 is not.
    return _fit(Fraction(str(bound)))


def _fit(value: Fraction) -> Fraction | float:
    """The nearest fraction that 64-bit integers hold. Centuries beyond counting are infinite."""
    if abs(value.numerator) < 2**62 and value.denominator < 2**62:
        return value
    if abs(value) >= 2**62:
        return math.inf if value > 0 else -math.inf
    whole = abs(value.numerator) // value.denominator + 1
    return value.limit_denominator(_INT64_MAX // whole)


def bounds(window: Window) -> tuple[Fraction | float, Fraction | float]:
    """Both bounds, exact."""
    if not isinstance(window, Sequence) or isinstance(window, (str, bytes)) or len(window) != 2:
        raise TypeError(f"A window must be a pair (start, end), not {window!r}.")
    start, end = window
    return exact(-math.inf if start is None else start), exact(math.inf if end is None else end)


def window_struct(window: Window | None, arguments: Arguments) -> CData:
    """The `spdl_window` of a window; NULL if it has no bound."""
    if window is None:
        return NULL
    start, end = bounds(window)
    if start == math.inf or end == -math.inf:
        start, end = Fraction(0), Fraction(0)  # Holds nothing.
    cdata = arguments.struct("spdl_window")
    if isinstance(start, Fraction):
        cdata.flags |= lib.SPDL_WINDOW_START
        cdata.start.num, cdata.start.den = start.numerator, start.denominator
    if isinstance(end, Fraction):
        cdata.flags |= lib.SPDL_WINDOW_END
        cdata.end.num, cdata.end.den = end.numerator, end.denominator
    return cdata if cdata.flags else NULL


def window_floats(flags: int, start: CData, end: CData) -> tuple[float, float] | None:
    """A window of the library as floats; None if it has no bound."""
    if not flags:
        return None
    return (
        start.num / start.den if flags & lib.SPDL_WINDOW_START else -math.inf,
        end.num / end.den if flags & lib.SPDL_WINDOW_END else math.inf,
    )
