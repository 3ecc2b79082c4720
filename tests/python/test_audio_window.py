# SPDX-License-Identifier: BSD-2-Clause
"""Windows of codecs that carry their state from the first sample on: a part equals the whole's."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import makers
import numpy as np
import pytest
import tools

import spdl.io

# Sample rate, number of channels, encoder. Each lasts longer than the second before a window with
# which decoding begins at other codecs.
FILES: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "ima.wav": (22050, 2, ("-c:a", "adpcm_ima_wav")),
    "ms.wav": (22050, 2, ("-c:a", "adpcm_ms")),
    "g722.wav": (16000, 1, ("-c:a", "adpcm_g722")),
    "plain.g722": (16000, 1, ("-c:a", "adpcm_g722", "-f", "g722")),
    "quicktime.mov": (16000, 1, ("-c:a", "adpcm_ima_qt")),
    "quicktime.caf": (16000, 2, ("-c:a", "adpcm_ima_qt")),
    "yamaha.avi": (16000, 1, ("-c:a", "adpcm_yamaha")),
}
WINDOWS = [
    (Fraction(3, 2), Fraction(9, 4)),
    (Fraction(1, 7), Fraction(2, 3)),
    (Fraction(27, 10), math.inf),
    (Fraction(5, 2), Fraction(2501, 1000)),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for name, (rate, channels, encoder) in FILES.items():
        makers.audio(*encoder, rate=rate, channels=channels, seconds=3)(folder / name)
    return folder


@pytest.mark.parametrize("filter_desc", [None, "aformat=sample_fmts=fltp"])
@pytest.mark.parametrize("name", FILES)
def test_part_of_the_whole(name: str, filter_desc: str | None, made: Path) -> None:
    rate, path = FILES[name][0], made / name
    # Raw G.722 has nothing to know it by but the name.
    config = spdl.io.demux_config(format="g722") if name.endswith(".g722") else None
    options: dict[str, Any] = {"filter_desc": filter_desc, "demux_config": config}
    whole = spdl.io.to_numpy(spdl.io.load_audio(path, **options))
    axis = whole.shape.index(max(whole.shape))
    whole = whole.swapaxes(0, axis)
    assert len(whole) >= 3 * rate
    for start, end in WINDOWS:
        first = math.ceil(start * rate)
        last = len(whole) if math.isinf(end) else math.ceil(end * rate)
        for src in (path, path.read_bytes()):
            part = spdl.io.load_audio(src, timestamp=(start, end), **options)
            array = spdl.io.to_numpy(part).swapaxes(0, axis)
            assert np.array_equal(array, whole[first:last]), (start, end)
            assert part.pts == [pytest.approx(first / rate, abs=1e-9)]


@pytest.mark.parametrize("bit_rate", ["32k", "64k", "320k"])
@pytest.mark.parametrize("rate", [32000, 48000])
def test_bits_borrowed_from_frames_before(rate: int, bit_rate: str, tmp_path: Path) -> None:
    path = tmp_path / "noisy.mp3"
    noise = np.random.default_rng(rate).normal(0, 3000, (5 * rate, 1)).astype("<i2")
    noise[rate : 2 * rate] = 0  # Small frames borrow the most.
    source = ["-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-"]
    encoder = ["-c:a", "libmp3lame", "-b:a", bit_rate]
    tools.run(["ffmpeg", "-v", "error", *source, *encoder, str(path)], noise.tobytes())
    whole = spdl.io.load_audio(path)
    for start in (Fraction(13, 10), Fraction(2001, 1000), Fraction(22, 10), Fraction(4)):
        part = spdl.io.load_audio(path, timestamp=(start, start + Fraction(1, 4)))
        first = round((part.pts[0] - whole.pts[0]) * rate)
        expected = spdl.io.to_numpy(whole)[:, first : first + rate // 4]
        assert np.array_equal(spdl.io.to_numpy(part), expected), start
