# SPDX-License-Identifier: BSD-2-Clause
"""Frames and numbers → buffers → arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from calls import array, call, error_of

import spdl.io


def _image(media: Path, name: str = "jpeg_420.jpg", pix_fmt: str = "rgb24") -> Any:
    packets = spdl.io.demux_image(str(media / name))
    return spdl.io.decode_packets(packets, filter_desc=f"format=pix_fmts={pix_fmt}")


@call
def rgb24(media: Path) -> Any:
    return array(_image(media))


@call
def rgba(media: Path) -> Any:
    return array(_image(media, "png_rgba.png", "rgba"))


@call
def gray8(media: Path) -> Any:
    return array(_image(media, pix_fmt="gray"))


@call
def gray16(media: Path) -> Any:
    return array(_image(media, "png_gray16.png", "gray16be"))


@call
def yuv420p(media: Path) -> Any:
    return array(_image(media, pix_fmt="yuv420p"))


@call
def yuv422p(media: Path) -> Any:
    return array(_image(media, pix_fmt="yuv422p"))


@call
def yuv444p(media: Path) -> Any:
    return array(_image(media, pix_fmt="yuv444p"))


@call
def nv12(media: Path) -> Any:
    return array(_image(media, pix_fmt="nv12"))


@call
def bgr24(media: Path) -> Any:
    return array(_image(media, pix_fmt="bgr24"))


@call
def planar_video(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"), timestamp=(0, 0.2))
    return array(spdl.io.decode_packets(packets, filter_desc=None))


@call
def packed_samples(media: Path) -> Any:
    packets = spdl.io.demux_audio(str(media / "s16.wav"))
    return array(spdl.io.decode_packets(packets, filter_desc=None))


@call
def planar_samples(media: Path) -> Any:
    packets = spdl.io.demux_audio(str(media / "stereo.ogg"))
    return array(spdl.io.decode_packets(packets, filter_desc=None))


@call
def list_of_images(media: Path) -> Any:
    return array([_image(media), _image(media, "png_rgb24.png")])


@call
def no_frames(media: Path) -> Any:
    return error_of(lambda: spdl.io.convert_frames([]), begins=30)


@call
def images_of_two_sizes(media: Path) -> Any:
    images = [_image(media), _image(media, "png_odd.png")]
    return error_of(lambda: spdl.io.convert_frames(images))


@call
def integers(media: Path) -> Any:
    return spdl.io.to_numpy(spdl.io.convert_array(np.arange(5)))


@call
def storage(media: Path) -> Any:
    storage = spdl.io.cpu_storage(160 * 120 * 3, pin_memory=False)
    return spdl.io.to_numpy(spdl.io.convert_frames(_image(media), storage=storage))


@call
def storage_that_is_too_small(media: Path) -> Any:
    storage = spdl.io.cpu_storage(10, pin_memory=False)
    return error_of(lambda: spdl.io.convert_frames(_image(media), storage=storage))


@call
def array_interface(media: Path) -> Any:
    interface = spdl.io.convert_frames(_image(media)).__array_interface__
    return {key: interface[key] for key in ("version", "shape", "typestr", "strides")}


@call
def cast_of_something_else(media: Path) -> Any:
    cast: Any = spdl.io.to_numpy
    return error_of(lambda: cast(3), begins=47)
