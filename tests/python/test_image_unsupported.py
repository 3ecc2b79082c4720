# SPDX-License-Identifier: BSD-2-Clause
"""Pictures that are fine, but not for this FFmpeg or not within the limits."""

from __future__ import annotations

from pathlib import Path

import makers
import pytest
import ways

import spdl.io


def _decodes_animated_webp() -> bool:
    try:
        spdl.io.load_image(makers.animated_webp())
    except spdl.io.SPDLError:
        return False
    return True


@pytest.mark.skipif(_decodes_animated_webp(), reason="this FFmpeg decodes animated WebP")
@pytest.mark.parametrize("media", ["image", "video"])
def test_animated_webp(media: str, tmp_path: Path) -> None:
    path = tmp_path / "animated.webp"
    path.write_bytes(makers.animated_webp())
    for src in (path, path.read_bytes()):
        for load in (ways.load, ways.staged):
            with pytest.raises(spdl.io.UnsupportedError, match="an animated WebP") as caught:
                load(media, src)
            assert "convert it" in str(caught.value)
            assert caught.value.origin == "decode"
    assert str(path) in str(caught.value) or "Bytes" in str(caught.value)
    # Where damage is passed over, this is not.
    with pytest.raises(spdl.io.UnsupportedError):
        ways.load(media, path, decode_config=spdl.io.decode_config(on_corrupt="skip"))


def test_damaged_webp_is_damaged() -> None:
    data = bytearray(makers.animated_webp(1))
    del data[40:]
    with pytest.raises(spdl.io.CorruptError):
        spdl.io.load_image(bytes(data))


def _pnm(kind: int, width: int, height: int, comment: str = "") -> bytes:
    channels = 3 if kind == 6 else 1
    header = f"P{kind}\n{comment}{width} {height}\n255\n".encode()
    return header + bytes(min(width * height, 10_000) * channels)


@pytest.mark.parametrize("kind", [5, 6])
@pytest.mark.parametrize("comment", ["", "# made by hand\n", "#1 2\n \t\n#\n"])
def test_pnm_beyond_the_limit(kind: int, comment: str) -> None:
    picture = _pnm(kind, 100, 100, comment)
    assert ways.load("image", picture).shape == (100, 100, 3)
    with spdl.io.limits(max_pixels=100 * 100 - 1):
        for load in (ways.load, ways.staged):
            with pytest.raises(spdl.io.LimitError, match="100x100"):
                load("image", picture)
    with spdl.io.limits(max_pixels=100 * 100):
        ways.load("image", picture)
    with pytest.raises(spdl.io.LimitError, match="40000x40000"):
        ways.load("image", _pnm(kind, 40_000, 40_000, comment))
    with pytest.raises(spdl.io.LimitError, match="max_pixels"):
        ways.load("image", _pnm(kind, 10**30, 10**30, comment))


@pytest.mark.parametrize(
    "data", [b"P6", b"P6\n", b"P6\n#", b"P6 1", b"P6 -1 5\n255\n", b"P6\nx y\n", b"P5" + b" " * 999]
)
def test_half_a_header(data: bytes) -> None:
    with pytest.raises(spdl.io.CorruptError):
        ways.load("image", data)
