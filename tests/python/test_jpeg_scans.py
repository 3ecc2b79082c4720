# SPDX-License-Identifier: BSD-2-Clause
"""Scans of a JPEG: so many that they only keep the decoder busy are refused, others are loaded."""

from __future__ import annotations

from pathlib import Path

import makers
import numpy as np
import pytest
import ways

import spdl.io

MAX_SCANS = 500
TOO_MANY = 600  # A larger file may hold a few more by chance.
SOS, SOF0, EOI = b"\xff\xda", b"\xff\xc0", b"\xff\xd9"
STRICT = spdl.io.decode_config(on_corrupt="raise")


def _with_scans(number: int, progressive: bool) -> bytes:
    """A picture whose last scan is repeated until there are so many."""
    data = makers.jpeg_bytes(0, (64, 48), progressive=progressive)
    assert data.endswith(EOI)
    last = data[data.rindex(SOS) : -len(EOI)]
    return data[: -len(EOI)] + last * (number - data.count(SOS)) + EOI


@pytest.mark.parametrize("progressive", [True, False])
def test_too_many(progressive: bool, tmp_path: Path) -> None:
    path = tmp_path / "scans.jpg"
    path.write_bytes(_with_scans(TOO_MANY, progressive))
    for call in (ways.load, ways.staged):
        for src in (path, path.read_bytes()):
            with pytest.raises(spdl.io.LimitError, match="a JPEG of 600 scans; at most 500"):
                call("image", src)
            with pytest.raises(spdl.io.LimitError, match="a JPEG of 600 scans; at most 500"):
                call("video", src)
            with pytest.raises(spdl.io.LimitError, match="a JPEG of 600 scans; at most 500"):
                call("image", src, demux_config=spdl.io.demux_config(format="jpeg_pipe"))
    batch = spdl.io.load_image_batch([path, makers.jpeg_bytes(0)], width=8, height=8, strict=False)
    assert list(batch.indices) == [1]
    assert isinstance(batch.errors[0][2], spdl.io.LimitError)
    assert ways.load("image", _with_scans(MAX_SCANS, progressive)).shape == (48, 64, 3)


def test_too_many_behind_stray_bytes() -> None:
    """Decoders pass over what lies between segments, and so does the count."""
    data = _with_scans(TOO_MANY, progressive=True)
    table = data.index(b"\xff\xdb")
    for stray in (b"\x00", b"\x42\x42", b"\xff\x00", b"\xff\xff"):
        with pytest.raises(spdl.io.LimitError):
            spdl.io.load_image(data[:table] + stray + data[table:])


@pytest.mark.parametrize("progressive", [True, False])
def test_what_only_looks_like_scans(progressive: bool) -> None:
    data = makers.jpeg_bytes(0, progressive=progressive)
    assert b"\xff\x00" in data  # an FF of the samples, stuffed
    expected = ways.load("image", data, decode_config=STRICT)
    appended = SOS * (MAX_SCANS // 2)
    start = data.index(SOS)
    for disguised in (data + appended, data[:start] + b"\xff" * 2000 + data[start:]):
        assert np.array_equal(ways.load("image", disguised, decode_config=STRICT), expected)


def test_hidden_scans() -> None:
    """Decoders differ in what they skip, so the two bytes count wherever they stand."""
    data = makers.jpeg_bytes(0)
    many = SOS * TOO_MANY
    comment = b"\xff\xfe" + (2 + len(many)).to_bytes(2, "big") + many
    early_end = data[:2] + EOI + _with_scans(TOO_MANY, progressive=True)[2:]
    for hidden in (data[:2] + comment + data[2:], early_end):
        with pytest.raises(spdl.io.LimitError):
            spdl.io.load_image(hidden)
