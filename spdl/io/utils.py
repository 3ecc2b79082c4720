# SPDX-License-Identifier: BSD-2-Clause
"""What is rarely needed: a second name for what `spdl.io.library` has."""

from .library import (
    built_with_cuda,
    built_with_nvcodec,
    built_with_nvjpeg,
    get_ffmpeg_filters,
    get_ffmpeg_license,
    get_ffmpeg_log_level,
    get_ffmpeg_versions,
    set_ffmpeg_log_level,
)

__all__ = [
    "built_with_cuda",
    "built_with_nvcodec",
    "built_with_nvjpeg",
    "get_ffmpeg_filters",
    "get_ffmpeg_license",
    "get_ffmpeg_log_level",
    "get_ffmpeg_versions",
    "set_ffmpeg_log_level",
]
