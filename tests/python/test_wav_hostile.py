# SPDX-License-Identifier: BSD-2-Clause
"""WAV files that are damaged, or that no array can hold."""

from __future__ import annotations

import asyncio
import pickle
import struct

import damage
import numpy as np
import pytest
from test_wav import GUID_TAIL, ONE_SECOND, RAMP, chunk, fmt, load, make

import spdl.io

REFUSED = {
    "empty": (b"", "too few"),
    "no RIFF": (b"x" * 100, "RIFF"),
    "no WAVE": (b"RIFF" + b"x" * 100, "RIFF"),
    "big-endian": (b"RIFX" + ONE_SECOND[4:], "RIFX"),
    "no fmt": (make(b"", chunk(b"junk", b"")), "before the `fmt ` chunk"),
    "no data": (ONE_SECOND[:36], "no `data` chunk"),
    "short fmt": (make(b"", chunk(b"fmt ", b"12")), "too short"),
    "chunk past the end": (ONE_SECOND[:12] + b"junk\xff\xff\xff\x7f", "past the end"),
    "no channels": (make(b"", channels=0), "no channel"),
    "no rate": (make(b"", rate=0), "sample rate"),
    "cut short": (ONE_SECOND[:-1], "cut short"),
    "half a sample": (make(b"123"), "whole samples"),
    "64-bit": (make(bytes(16), bits=64), "64 bits"),
    "12-bit": (make(bytes(16), chunk(b"fmt ", fmt(1, 2, 8000, 12))), "12 bits"),
    "half float": (make(bytes(16), audio_format=3, bits=16), "format 3"),
    "ADPCM": (make(bytes(16), audio_format=2, bits=8), "format 2"),
    "wrong block": (
        make(bytes(16), chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 1, 4, 16))),
        "does not fit",
    ),
    "other GUID": (
        make(b"", chunk(b"fmt ", fmt(0xFFFE, 1, 8000, 16) + bytes(8) + b"\1\0" + bytes(14))),
        "sub-format",
    ),
    "short extension": (make(b"", chunk(b"fmt ", fmt(0xFFFE, 1, 8000, 16))), "extension"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    data, text = REFUSED[name]
    with pytest.raises(ValueError, match=text) as caught:
        spdl.io.load_wav(data)
    error = caught.value
    assert isinstance(error, (spdl.io.CorruptError, spdl.io.UnsupportedError))
    assert error.origin == "readers"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    with pytest.raises(type(error), match="WAV"):
        asyncio.run(spdl.io.async_load_wav(data))


def test_extensible() -> None:
    guid = struct.pack("<H", 3) + GUID_TAIL
    extension = struct.pack("<HHI", 22, 32, 0) + guid
    data = make(bytes(8), chunk(b"fmt ", fmt(0xFFFE, 1, 8000, 32) + extension))
    header = spdl.io.parse_wav(data)
    assert (header.audio_format, header.sub_format) == (0xFFFE, 3)
    assert load(data).dtype == np.float32


def test_limits() -> None:
    coded = make(bytes(4000), audio_format=7, bits=8)
    with spdl.io.limits(max_bytes=7999), pytest.raises(spdl.io.LimitError):
        spdl.io.load_wav(coded)
    with spdl.io.limits(max_bytes=10):
        spdl.io.load_wav(ONE_SECOND)  # Nothing is copied.
    with spdl.io.limits(max_frames=7999), pytest.raises(spdl.io.LimitError):
        spdl.io.load_wav(ONE_SECOND)


def test_long_data_is_decoded_in_a_job() -> None:
    codes = np.tile(np.arange(256, dtype=np.uint8), 1 << 17)
    data = make(codes.tobytes(), audio_format=6, bits=8)
    one = load(make(bytes(range(256)), audio_format=6, bits=8))
    assert np.array_equal(load(data).reshape(-1, 256), np.tile(one.T, (1 << 17, 1)))


SMALL = [
    make(RAMP[:20].tobytes()),
    make(bytes(20), audio_format=6, bits=8, channels=2),
    make(bytes(60), bits=24),
    make(bytes(8), chunk(b"ds64", bytes(28)), chunk(b"fmt ", fmt(1, 1, 8000, 16)), form=b"RF64"),
]


@pytest.mark.parametrize("data", SMALL, ids=["pcm", "alaw", "wide", "rf64"])
def test_damage(data: bytes) -> None:
    """What is read of damaged data lies inside of it; the rest is refused as a ValueError."""
    refused = 0
    for damaged in [*damage.mutations(data), *damage.truncations(data)]:
        try:
            header = spdl.io.parse_wav(damaged)
            array = load(damaged)
        except (spdl.io.CorruptWAVError, spdl.io.UnsupportedWAVError):
            refused += 1
        else:
            assert len(array) * header.block_align <= len(damaged)
            array.sum()
    assert refused > len(data)
