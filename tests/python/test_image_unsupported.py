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
