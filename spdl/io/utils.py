# SPDX-License-Identifier: BSD-2-Clause
"""What is rarely needed: second names for what `spdl.io.library` and `spdl.io.trace` have."""

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
from .trace import trace_counter, trace_event, trace_gc, tracing

__all__ = [
    "built_with_cuda",
    "built_with_nvcodec",
    "built_with_nvjpeg",
    "get_ffmpeg_filters",
    "get_ffmpeg_license",
    "get_ffmpeg_log_level",
    "get_ffmpeg_versions",
    "set_ffmpeg_log_level",
    "trace_counter",
    "trace_event",
    "trace_gc",
    "tracing",
]
