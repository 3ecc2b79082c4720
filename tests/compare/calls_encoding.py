# SPDX-License-Identifier: BSD-2-Clause
"""Arrays → frames → files, and the package's own versions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from calls import array, attributes, call, error_of, loaded

import spdl.io
import spdl.io.utils


def _picture() -> Any:
    return np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)


def _saved(name: str, data: Any, pix_fmt: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / name)
        spdl.io.save_image(path, data, pix_fmt)
        return loaded(spdl.io.load_image(path, filter_desc=None))


@call
def saved_png(media: Path) -> Any:
    return _saved("a.png", _picture(), "rgb24")


@call
def saved_gray_png(media: Path) -> Any:
    return _saved("a.png", np.ascontiguousarray(_picture()[..., 0]), "gray")


@call
def saved_jpeg_of_rgb(media: Path) -> Any:
    return error_of(lambda: _saved("a.jpg", _picture(), "rgb24"))


@call
def saved_picture_of_a_wrong_shape(media: Path) -> Any:
    return error_of(lambda: _saved("a.png", _picture()[..., 0], "rgb24"))


@call
def reference_video_frames(media: Path) -> Any:
    data = np.stack([_picture(), _picture() // 2])
    frames = spdl.io.create_reference_video_frame(data, "rgb24", (25, 1), 0)
    return attributes(frames, "num_frames", "width", "height", "pix_fmt"), array(frames)


@call
def reference_audio_frames(media: Path) -> Any:
    data = np.random.default_rng(0).standard_normal((2, 1000)).astype(np.float32)
    frames = spdl.io.create_reference_audio_frame(data, "fltp", 16000, 0)
    return attributes(frames, "num_frames", "sample_rate", "num_channels"), array(frames)


def _muxed(folder: str) -> str:
    path = str(Path(folder) / "a.mp4")
    muxer = spdl.io.Muxer(path)
    config = spdl.io.video_encode_config(
        height=48, width=64, frame_rate=(25, 1), pix_fmt="yuv444p", gop_size=5
    )
    encoder = muxer.add_encode_stream(config, encoder="libx264")
    data = np.random.default_rng(0).integers(0, 255, (10, 3, 48, 64), np.uint8)
    with muxer.open():
        frames = spdl.io.create_reference_video_frame(data, "yuv444p", (25, 1), 0)
        for packets in (encoder.encode(frames), encoder.flush()):
            if packets is not None:
                muxer.write(0, packets)
    return path


@call
def muxed_video(media: Path) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return loaded(spdl.io.load_video(_muxed(folder), filter_desc=None))


@call
def remuxed_video(media: Path) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "a.mkv")
        with spdl.io.Demuxer(str(media / "h264.mp4")) as demuxer:
            muxer = spdl.io.Muxer(path)
            muxer.add_remux_stream(demuxer.video_codec)
            with muxer.open():
                for packets in demuxer.streaming_demux(num_packets=5):
                    muxer.write(0, packets)
        return loaded(spdl.io.load_video(path))


@call
def versions(media: Path) -> Any:
    found = spdl.io.utils.get_ffmpeg_versions()
    return {name: found[name] for name in ("libavcodec", "libavformat", "libavutil")}


@call
def log_level(media: Path) -> Any:
    before = spdl.io.utils.get_ffmpeg_log_level()
    spdl.io.utils.set_ffmpeg_log_level(16)
    after = spdl.io.utils.get_ffmpeg_log_level()
    spdl.io.utils.set_ffmpeg_log_level(before)
    return before, after


@call
def filters(media: Path) -> Any:
    return {name in spdl.io.utils.get_ffmpeg_filters() for name in ("scale", "aresample")}


@call
def cuda_or_not(media: Path) -> Any:
    return spdl.io.utils.built_with_cuda()
