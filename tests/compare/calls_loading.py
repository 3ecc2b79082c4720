# SPDX-License-Identifier: BSD-2-Clause
"""Whole loads, batches, and the readers of arrays and archives."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
from calls import attributes, call, error_of, loaded

import spdl.io

IMAGES = ("jpeg_420.jpg", "png_rgb24.png", "jpeg_444.jpg")


@call
def audio(media: Path) -> Any:
    return loaded(spdl.io.load_audio(str(media / "stereo.mp3")))


@call
def audio_of_a_window(media: Path) -> Any:
    return loaded(spdl.io.load_audio(str(media / "s16.wav"), timestamp=(0.1, 0.5)))


@call
def resampled_audio(media: Path) -> Any:
    desc = spdl.io.get_audio_filter_desc(sample_rate=16000, num_channels=1)
    return loaded(spdl.io.load_audio(str(media / "s16.flac"), filter_desc=desc))


@call
def video(media: Path) -> Any:
    return loaded(spdl.io.load_video(str(media / "h264.mp4")))


@call
def scaled_video(media: Path) -> Any:
    desc = spdl.io.get_video_filter_desc(scale_width=64, scale_height=64, num_frames=8)
    return loaded(spdl.io.load_video(str(media / "vp9.webm"), filter_desc=desc))


@call
def padded_video_of_a_window(media: Path) -> Any:
    desc = spdl.io.get_video_filter_desc(num_frames=20)
    return loaded(spdl.io.load_video(str(media / "h264.mp4"), (0.5, 1), filter_desc=desc))


@call
def video_at_another_rate(media: Path) -> Any:
    desc = spdl.io.get_video_filter_desc(frame_rate=(50, 1))
    return loaded(spdl.io.load_video(str(media / "h264.mp4"), filter_desc=desc)).shape


@call
def video_of_a_late_container(media: Path) -> Any:
    return loaded(spdl.io.load_video(str(media / "late.ts"), (10.2, 10.6)))


@call
def image(media: Path) -> Any:
    return loaded(spdl.io.load_image(str(media / "jpeg_420.jpg")))


@call
def image_in_memory(media: Path) -> Any:
    return loaded(spdl.io.load_image((media / "png_rgb24.png").read_bytes()))


@call
def image_as_it_is(media: Path) -> Any:
    return loaded(spdl.io.load_image(str(media / "jpeg_444.jpg"), filter_desc=None))


@call
def webp(media: Path) -> Any:
    return loaded(spdl.io.load_image(str(media / "webp_lossy.webp")))


@call
def animated_image(media: Path) -> Any:
    return loaded(spdl.io.load_image(str(media / "gif_animated.gif")))


@call
def batch(media: Path) -> Any:
    srcs = [str(media / name) for name in IMAGES]
    return loaded(spdl.io.load_image_batch(srcs, width=96, height=96))


@call
def batch_as_it_is(media: Path) -> Any:
    srcs = [str(media / name) for name in ("jpeg_420.jpg", "jpeg_progressive.jpg")]
    return loaded(spdl.io.load_image_batch(srcs, width=None, height=None, pix_fmt=None))


@call
def batch_with_a_missing_file(media: Path) -> Any:
    srcs = [str(media / "jpeg_420.jpg"), "/does/not/exist.jpg"]
    return loaded(spdl.io.load_image_batch(srcs, width=32, height=32, strict=False))


@call
def strict_batch_with_a_missing_file(media: Path) -> Any:
    srcs = [str(media / "jpeg_420.jpg"), "/does/not/exist.jpg"]
    return error_of(lambda: spdl.io.load_image_batch(srcs, width=32, height=32), begins=27)


@call
def batch_of_missing_files(media: Path) -> Any:
    srcs = ["/does/not/exist.jpg"]
    return error_of(
        lambda: spdl.io.load_image_batch(srcs, width=32, height=32, strict=False), begins=30
    )


@call
def empty_batch(media: Path) -> Any:
    return error_of(lambda: spdl.io.load_image_batch([], width=32, height=32), begins=26)


@call
def wav(media: Path) -> Any:
    return np.asarray(spdl.io.load_wav((media / "s16.wav").read_bytes()))


@call
def part_of_a_wav(media: Path) -> Any:
    data = (media / "f32.wav").read_bytes()
    return np.asarray(spdl.io.load_wav(data, time_offset_seconds=0.1, duration_seconds=0.25))


@call
def wav_of_24_bits(media: Path) -> Any:
    # The CLI writes WAVE_FORMAT_EXTENSIBLE for it.
    return np.asarray(spdl.io.load_wav((media / "s24.wav").read_bytes())).shape


@call
def wav_header(media: Path) -> Any:
    header = spdl.io.parse_wav((media / "u8.wav").read_bytes())
    names = ("num_channels", "sample_rate", "byte_rate", "block_align", "bits_per_sample")
    return attributes(header, *names, "data_size")


@call
def wav_that_is_none(media: Path) -> Any:
    return error_of(lambda: spdl.io.load_wav(b"nothing" * 20))


def _saved(value: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, value)
    return out.getvalue()


@call
def npy(media: Path) -> Any:
    return spdl.io.load_npy(_saved(np.arange(24, dtype=np.float32).reshape(2, 3, 4)))


@call
def npy_in_fortran_order(media: Path) -> Any:
    return spdl.io.load_npy(_saved(np.asfortranarray(np.arange(12).reshape(3, 4))))


@call
def npz(media: Path) -> Any:
    out = io.BytesIO()
    np.savez_compressed(out, a=np.arange(9), b=np.eye(3))
    file = spdl.io.load_npz(out.getvalue())
    return sorted(file.files), file["a"], file["b.npy"]


@call
def npz_that_is_none(media: Path) -> Any:
    return error_of(lambda: spdl.io.load_npz(b"nothing" * 20), begins=31)


@call
def members_of_a_tar(media: Path) -> Any:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(media / "jpeg_420.jpg", "folder/" + "long" * 40 + ".jpg")
        archive.add(media / "u8.wav", "a.wav")
    return [(name, bytes(data)) for name, data in spdl.io.iter_tarfile(out.getvalue())]
