# SPDX-License-Identifier: BSD-2-Clause
"""Batches of video and audio of which items fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import damage
import leaks
import media
import numpy as np
import pytest

import spdl.io

Media = Callable[[str], Path]
KINDS = ("video", "audio")
SAME: dict[str, dict[str, Any]] = {
    "video": {"width": 32, "height": 24, "num_frames": 5},
    "audio": {"sample_rate": 8000, "num_channels": 1, "num_frames": 2000},
}
WORDS = {"video": "videos", "audio": "audio clips"}


def _batch(kind: str, srcs: list[Any], is_async: bool = False, **options: Any) -> Any:
    if is_async:
        return asyncio.run(getattr(spdl.io, f"async_load_{kind}_batch")(srcs, **options))
    return getattr(spdl.io, f"load_{kind}_batch")(srcs, **options)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("bad_at", [(0,), (2,), (4,), (0, 1, 3), (0, 4), (1, 2, 3, 4)], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_bad_items_anywhere(
    kind: str, bad_at: tuple[int, ...], is_async: bool, media_path: Media
) -> None:
    good = media_path("both.mp4")
    # The last kind has nothing of what is wanted.
    bad = ["missing.mp4", b"nothing", media_path("tiny.wav" if kind == "video" else "h264.mp4")]
    srcs: list[Any] = [bad[i % 3] if i in bad_at else good for i in range(5)]
    windows = [(0.1 * i, 0.1 * i + 0.3) for i in range(5)]
    left = [i for i in range(5) if i not in bad_at]
    with pytest.raises(spdl.io.BatchError, match=f"^Failed to load some {WORDS[kind]}. ") as caught:
        _batch(kind, srcs, is_async, timestamp=windows, **SAME[kind])
    assert [index for index, _, _ in caught.value.failures] == list(bad_at)
    buffer = _batch(kind, srcs, is_async, timestamp=windows, strict=False, **SAME[kind])
    assert buffer.indices == left
    assert [(index, src) for index, src, _ in buffer.errors] == [(i, srcs[i]) for i in bad_at]
    expected = _batch(kind, [good] * len(left), timestamp=[windows[i] for i in left], **SAME[kind])
    assert np.array_equal(spdl.io.to_numpy(buffer), spdl.io.to_numpy(expected))
    assert buffer.pts == expected.pts
    assert len(buffer.num_corrupt) == len(left)
    for index, _, error in buffer.errors:
        assert isinstance(
            error,
            (spdl.io.NotFoundError, spdl.io.CorruptError, spdl.io.NoStreamError)[index % 3],
        )


@pytest.mark.parametrize("kind", KINDS)
def test_all_bad(kind: str) -> None:
    srcs = [b"nothing", "missing", b""]
    for strict in (True, False):
        with pytest.raises(
            spdl.io.BatchError, match=f"^Failed to load all the {WORDS[kind]}. 3 of 3: "
        ) as caught:
            _batch(kind, srcs, strict=strict)
        assert [index for index, _, _ in caught.value.failures] == [0, 1, 2]


@pytest.mark.parametrize(
    ("kind", "names", "wanted"),
    [
        ("video", ["h264.mp4", "h264_444.mkv"], {"width": 60, "height": 60}),
        ("video", ["h264.mp4", "vfr.mp4"], {"num_frames": 8}),
        ("audio", ["s16.wav", "s32.wav"], {"num_channels": 1}),
        ("audio", ["s32.wav", "f64.wav"], {"sample_rate": 8000}),
        ("audio", ["s16.wav", "s16_51.wav"], {"num_channels": 2}),
    ],
)
def test_items_that_disagree(
    kind: str, names: list[str], wanted: dict[str, Any], media_path: Media
) -> None:
    srcs = [media_path(name) for name in names]
    with pytest.raises(spdl.io.BatchError) as caught:
        _batch(kind, srcs)
    ((index, source, error),) = caught.value.failures
    assert (index, source) == (1, srcs[1])
    assert isinstance(error, spdl.io.MismatchError)
    assert str(error).startswith(f"{srcs[1]}: it is ")
    assert "but item 0 is " in str(error)
    # What it names is what helps.
    named = str(error).rpartition("; give ")[2]
    for name in wanted:
        assert f"`{name}`" in named
    same = {name: SAME[kind][name] for name in SAME[kind] if f"`{name}`" in named}
    assert _batch(kind, srcs, **{**same, **wanted}).shape[0] == 2


def test_formats_that_disagree(media_path: Media) -> None:
    srcs = [media_path("h264.mp4"), media_path("h264_422.mp4")]
    with pytest.raises(spdl.io.BatchError, match="give `pix_fmt` to bring them to one"):
        _batch("video", srcs, pix_fmt=None)
    with pytest.raises(spdl.io.BatchError, match="`sample_fmt`"):
        _batch("audio", [media_path("s16.wav"), media_path("f32.wav")], sample_fmt=None)


@pytest.mark.parametrize("kind", KINDS)
def test_windows_of_nothing(kind: str, media_path: Media) -> None:
    path = media_path("both.mp4")
    windows = [(0.5, 0.5), (0, 0.2), (9, 10), (1, 0.5), (0.2, 0.4), ("inf", None)]
    for options in ({}, SAME[kind]):  # Padding does not make something of nothing.
        buffer = _batch(kind, [path] * 6, timestamp=windows, strict=False, **options)
        assert buffer.indices == [1, 4]
        for _, _, error in buffer.errors:
            assert isinstance(error, spdl.io.MismatchError)
            assert "No frame to convert" in str(error)


def test_damage_is_counted_per_item(media_path: Media) -> None:
    good = media_path("mpeg4.avi").read_bytes()
    bad = bytearray(good)
    for at in range(len(bad) // 3, len(bad) // 2, 50):
        bad[at] ^= 0x5A
    count = spdl.io.load_video(bad).num_corrupt
    assert count > 0
    same = {"num_frames": 20}
    buffer = _batch("video", [good, bytes(bad), good, bytes(bad)], **same)
    assert buffer.num_corrupt == [0, spdl.io.load_video(bad, **same).num_corrupt] * 2
    assert buffer.num_corrupt[1] > 0
    config = spdl.io.decode_config(on_corrupt="raise")
    buffer = _batch("video", [good, bytes(bad), good], strict=False, decode_config=config, **same)
    assert (buffer.indices, buffer.num_corrupt) == ([0, 2], [0, 0])
    assert isinstance(buffer.errors[0][2], spdl.io.CorruptError)
    cut = media_path("jpeg_420.jpg").read_bytes()[:-900]
    images = spdl.io.load_image_batch([media_path("jpeg_420.jpg"), cut], width=32, height=32)
    assert images.num_corrupt == [0, 1]


def _alone(kind: str, src: Any) -> Any:
    """The buffer of a single load, or the class of its error."""
    try:
        return getattr(spdl.io, f"load_{kind}")(src, **SAME[kind])
    except spdl.io.SPDLError as error:
        return type(error)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("video", "tiny_h264.mp4"),
        ("video", "tiny_mpeg4.avi"),
        ("audio", "tiny.wav"),
        ("audio", "tiny.flac"),
    ],
)
def test_hostile_files(kind: str, name: str, media_path: Media) -> None:
    """Each is loaded as alone, or refused with the same error."""
    whole = media.path(name).read_bytes()
    for round_ in range(4):
        srcs = [whole, *damage.mutations(whole, 40, seed=round_)]
        with leaks.nothing_leaks(), spdl.io.limits(max_pixels=1 << 20, max_frames=1 << 20):
            buffer = _batch(kind, srcs, strict=False, **SAME[kind])
            array = spdl.io.to_numpy(buffer)
            errors = {index: error for index, _, error in buffer.errors}
            for index, src in enumerate(srcs):
                alone = _alone(kind, src)
                if isinstance(alone, type):
                    assert type(errors[index]) is alone
                else:
                    assert index not in errors, errors[index]
                    at = buffer.indices.index(index)
                    assert np.array_equal(array[at], spdl.io.to_numpy(alone))
                    assert buffer.num_corrupt[at] == alone.num_corrupt
            del buffer, array, errors, alone
