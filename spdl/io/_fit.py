# SPDX-License-Identifier: BSD-2-Clause
"""The size and format that loads bring pictures to."""

from __future__ import annotations

from typing import NamedTuple

from spdl._native.arguments import Arguments, integer
from spdl._native.library import CData, lib

_SCALE_MODES = {
    "pad": lib.SPDL_SCALE_PAD,
    "crop": lib.SPDL_SCALE_CROP,
    None: lib.SPDL_SCALE_STRETCH,
}


class Fit(NamedTuple):
    """As `get_video_filter_desc` has them; None keeps what a picture has."""

    width: int | None
    height: int | None
    scale_mode: str | None
    pix_fmt: str | None

    @property
    def is_sized(self) -> bool:
        """Whether a size is asked for, and so the fast way is open."""
        return self.width is not None or self.height is not None

    def check(self) -> Fit:
        """Raises TypeError or ValueError."""
        if self.scale_mode not in _SCALE_MODES:
            raise ValueError(
                f'Unexpected `scale_mode` value ({self.scale_mode}): it is "pad", "crop" or None.'
            )
        for name, value in (("width", self.width), ("height", self.height)):
            if value is not None:
                integer(value, f"`{name}`", 1, 2**31 - 1)
        return self

    def fill(self, options: CData, arguments: Arguments) -> None:
        """Put it into the options of a load or of a batch."""
        options.width = self.width or 0
        options.height = self.height or 0
        options.scale_mode = _SCALE_MODES[self.scale_mode]
        options.pix_fmt = arguments.text(self.pix_fmt, "`pix_fmt`")
