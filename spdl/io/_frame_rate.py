# SPDX-License-Identifier: BSD-2-Clause
"""Frame rates, as all public functions take them."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Rational
from typing import TypeAlias

from spdl._native.arguments import integer
from spdl._native.library import CData

FrameRate: TypeAlias = tuple[int, int] | Rational | int
"""Frames per second: numerator and denominator, or a number."""


def read_rate(rate: FrameRate) -> tuple[int, int]:
    """Numerator and denominator. Raises TypeError or ValueError.

    A float is refused: 29.97 is not the rate of any video, 30000/1001 is.
    """
    if isinstance(rate, Rational) and not isinstance(rate, bool):
        rate = (int(rate.numerator), int(rate.denominator))
    if not isinstance(rate, Sequence) or isinstance(rate, (str, bytes)) or len(rate) != 2:
        raise TypeError(f"`frame_rate` must be (int, int), an int or a Fraction, not {rate!r}.")
    num, den = (integer(value, "`frame_rate`", 1, 2**31 - 1) for value in rate)
    return num, den


def set_rate(to: CData, rate: FrameRate) -> None:
    """Put a rate into an `spdl_rational`."""
    to.num, to.den = read_rate(rate)
