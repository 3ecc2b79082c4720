# SPDX-License-Identifier: BSD-2-Clause
"""The library: versions, FFmpeg's log level."""

from __future__ import annotations

from typing import Any

from spdl._native.arguments import struct
from spdl._native.errors import check, new_error
from spdl._native.library import NULL, ffi, lib, text, texts


def _info() -> Any:
    info, error = struct("spdl_library_info"), new_error()
    check(lib.spdl_library_get_info(info, error), error)
    return info


def get_version() -> str:
    """Version of the C library: "0.1.0"."""
    return text(_info().version)


def get_ffmpeg_versions() -> dict[str, tuple[int, int, int]]:
    """Versions (major, minor, patch) of the FFmpeg libraries in use, by name: "libavcodec"."""
    info = _info()
    names = ("avutil", "avcodec", "avformat", "avfilter", "swscale", "swresample")
    numbers = {f"lib{name}": int(getattr(info, f"{name}_version")) for name in names}
    return {name: (n >> 16, n >> 8 & 255, n & 255) for name, n in numbers.items()}


def get_ffmpeg_release() -> str:
    """Version of FFmpeg as a whole: "5.1.9-0+deb12u1"."""
    return text(_info().ffmpeg_version)


def get_ffmpeg_license() -> str:
    """Licence under which the FFmpeg libraries in use come."""
    return text(_info().ffmpeg_license)


def _names(which: int) -> list[str]:
    count, error = ffi.new("size_t *"), new_error()
    check(lib.spdl_library_get_names(which, NULL, 0, count, error), error)
    room = count[0]
    entries = ffi.new("spdl_entry[]", max(1, room))
    check(lib.spdl_library_get_names(which, entries, room, count, error), error)
    return list(texts(entries, min(room, count[0])))


def get_ffmpeg_filters() -> list[str]:
    """Names of FFmpeg's filters: what a filter description can be made of."""
    return _names(lib.SPDL_NAMES_FILTERS)


def get_pix_fmts() -> list[str]:
    """Names of the pixel formats that `convert_frames` makes an array of."""
    return _names(lib.SPDL_NAMES_PIXEL_FORMATS)


def get_sample_fmts() -> list[str]:
    """Names of the sample formats; `convert_frames` makes an array of each."""
    return _names(lib.SPDL_NAMES_SAMPLE_FORMATS)


def built_with_cuda() -> bool:
    """Whether this build can copy to and from GPUs. The machine may still lack a driver."""
    return bool(_info().features & lib.SPDL_FEATURE_CUDA)


def built_with_nvcodec() -> bool:
    """Whether this build can decode video on GPUs (NVDEC)."""
    return bool(_info().features & lib.SPDL_FEATURE_NVCODEC)


def built_with_nvjpeg() -> bool:
    """Whether this build can decode JPEG on GPUs."""
    return bool(_info().features & lib.SPDL_FEATURE_NVJPEG)


def get_ffmpeg_log_level() -> int:
    """FFmpeg's log level in this process: 0 (panic: nothing) unless somebody has set it."""
    return lib.spdl_library_get_log_level()


def set_ffmpeg_log_level(level: int) -> None:
    """Set FFmpeg's log level for the whole process."""
    lib.spdl_library_set_log_level(level)
