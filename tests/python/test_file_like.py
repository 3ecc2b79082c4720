# SPDX-License-Identifier: BSD-2-Clause
"""Sources with a `read` method: what they load and what they are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
from file_likes import Seekable, Stream

import spdl.io

Media = Callable[[str], Path]

FILES = [("h264.mp4", "video"), ("h264.mkv", "video"), ("stereo.mp3", "audio")]
FILES += [("s16.wav", "audio"), ("s16.flac", "audio")]
FILES += [("jpeg_420.jpg", "image"), ("png_rgb24.png", "image"), ("gif_animated.gif", "image")]
# An index at the end, and padding at the end that FFmpeg cuts where it knows the size, as its
# command does with a pipe.
NEED_SEEKING = {"h264.mp4", "stereo.mp3"}


def _load(kind: str) -> Callable[..., Any]:
    load: Callable[..., Any] = getattr(spdl.io, f"load_{kind}")
    return load


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(np.asarray(a), np.asarray(b)))


MAKERS = [Path.open, Seekable, Stream, io.BytesIO]


@contextlib.contextmanager
def _opened(path: Path, make: Callable[..., Any]) -> Iterator[Any]:
    if make is not Path.open:
        yield make(path.read_bytes())
        return
    with path.open("rb") as file:
        yield file


@pytest.mark.parametrize(("name", "kind"), FILES)
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_they_load_what_the_file_has(
    media_path: Media, name: str, kind: str, make: Callable[..., Any]
) -> None:
    if make is Stream and name in NEED_SEEKING:
        pytest.skip("the file cannot be read without seeking")
    path = media_path(name)
    expected = _load(kind)(path)
    with _opened(path, make) as file:
        assert _same(_load(kind)(file), expected)
    load = getattr(spdl.io, f"async_load_{kind}")
    with _opened(path, make) as file:
        assert _same(asyncio.run(load(file)), expected)


def test_short_reads_are_put_together(media_path: Media) -> None:
    data = media_path("h264.mkv").read_bytes()
    assert _same(spdl.io.load_video(Stream(data, 1000)), spdl.io.load_video(data))


def test_blocks_are_large_and_one_thread_reads(media_path: Media) -> None:
    data = media_path("h264.mkv").read_bytes()
    file = Seekable(data)
    spdl.io.load_video(file)
    assert file.num_reads <= 4 + len(data) // 200_000
    assert len(file.threads) == 1


def test_the_whole_file_is_read_wherever_it_stands(media_path: Media) -> None:
    with open(media_path("jpeg_420.jpg"), "rb") as file:
        file.seek(100)
        assert _same(spdl.io.load_image(file), spdl.io.load_image(media_path("jpeg_420.jpg")))


def test_bytes_of_memory_can_change_later(media_path: Media) -> None:
    file = io.BytesIO(media_path("jpeg_420.jpg").read_bytes())
    packets = spdl.io.demux_image(file)
    before = np.asarray(spdl.io.convert_frames(spdl.io.decode_packets(packets))).copy()
    file.seek(0)
    file.write(bytes(500))
    file.truncate(10)
    assert _same(spdl.io.convert_frames(spdl.io.decode_packets(packets)), before)


def _walk(src: Any) -> list[list[float]]:
    with spdl.io.Demuxer(src) as demuxer:
        windows = [demuxer.demux_video(window) for window in [(0.4, 0.8), None, (0, 0.2)]]
        found = [packets.get_timestamps() for packets in windows]
        chunks = demuxer.streaming_demux(num_packets=8)
        return found + [packets.get_timestamps(raw=True) for packets in chunks]


def test_a_demuxer_goes_back_to_its_file(media_path: Media) -> None:
    path = media_path("h264.mp4")
    with leaks.nothing_leaks(), path.open("rb") as file:
        assert _walk(file) == _walk(path)


def test_members_of_archives(media_path: Media, tmp_path: Path) -> None:
    path = media_path("jpeg_420.jpg")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.write(path, "a.jpg")
    with tarfile.open(tmp_path / "a.tar", "w") as packed:
        packed.add(path, "a.jpg")
    expected = spdl.io.load_image(path)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, archive.open("a.jpg") as file:
        assert _same(spdl.io.load_image(file), expected)
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert _same(spdl.io.load_image(tar.extractfile("a.jpg")), expected)


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])
def test_a_batch_of_files(media_path: Media, is_async: bool) -> None:
    names = ["jpeg_420.jpg", "png_rgb24.png", "webp_lossy.webp"] * 20
    paths = [media_path(name) for name in names]
    files = [open(path, "rb") for path in paths]  # noqa: SIM115
    size = {"width": 64, "height": 48}
    with leaks.nothing_leaks():
        if is_async:
            batch = asyncio.run(spdl.io.async_load_image_batch(files, **size))
        else:
            batch = spdl.io.load_image_batch(files, **size)
        assert _same(batch, spdl.io.load_image_batch(paths, **size))
        del batch
    for file in files:
        file.close()
