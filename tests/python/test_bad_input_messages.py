# SPDX-License-Identifier: BSD-2-Clause
"""What messages say of bad input."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from test_bad_input import Media

import spdl.io


def test_messages_name_what_the_caller_named(media_path: Media) -> None:
    damaged = media_path("jpeg_420.jpg").read_bytes()[:200]
    with pytest.raises(spdl.io.SPDLError, match="picture 7") as caught:
        spdl.io.load_image(damaged, name="picture 7")
    assert caught.value.origin == "decode"
    with pytest.raises(spdl.io.SPDLError, match="picture 7"):
        asyncio.run(spdl.io.async_load_image(damaged, name="picture 7"))


def test_messages_say_what_is_wrong(tmp_path: Path, media_path: Media) -> None:
    empty, text = tmp_path / "empty.jpg", tmp_path / "text.jpg"
    empty.write_bytes(b"")
    text.write_text("These are no pictures, but words. " * 30)
    with pytest.raises(spdl.io.CorruptError, match=r"empty\.jpg \(it is empty\)"):
        spdl.io.load_image(empty)
    with pytest.raises(spdl.io.CorruptError, match=r"text\.jpg \(no media format is known"):
        spdl.io.load_image(text)
    with pytest.raises(spdl.io.NotFoundError, match="''"):
        spdl.io.load_image("")
    with pytest.raises(spdl.io.MismatchError, match=r"h264\.mp4: nothing is in the window"):
        spdl.io.load_video(media_path("h264.mp4"), (7, 9))
    with pytest.raises(TypeError, match=r"`srcs\[1\]`: NoneType"):
        spdl.io.load_image_batch([text, None], width=8, height=8)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="`srcs` must be a sequence"):
        spdl.io.load_image_batch(None, width=8, height=8)  # type: ignore[arg-type]


def test_an_index_that_is_missing(tmp_path: Path, media_path: Media) -> None:
    data = media_path("h264.mp4").read_bytes()
    assert data.rindex(b"moov") > len(data) // 2
    cut = tmp_path / "cut.mp4"
    for size in (len(data) // 2, data.rindex(b"moov") - 4, data.rindex(b"moov") - 1):
        cut.write_bytes(data[:size])
        with cut.open("rb") as file:
            for src in (cut, data[:size], file):
                with pytest.raises(spdl.io.CorruptError, match=r"index \(moov\) is missing"):
                    spdl.io.probe(src)
    with pytest.raises(spdl.io.CorruptError) as caught:
        spdl.io.probe(cut, demux_config=spdl.io.demux_config(format="matroska"))
    assert "moov" not in str(caught.value)


def test_noise_is_corrupt_in_a_file_as_in_memory(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    path = tmp_path / "noise"
    for _ in range(100):
        path.write_bytes(random.bytes(5000))
        with pytest.raises((spdl.io.CorruptError, spdl.io.NoStreamError)):
            spdl.io.load_image(path)
