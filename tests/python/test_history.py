# SPDX-License-Identifier: BSD-2-Clause
"""A result never depends on what was loaded before, in which thread, or by how many.

A JPEG may leave out its Huffman or quantisation tables (as those in an AVI file do). A decoder that
is used again would take the tables of the picture before.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import makers
import media
import numpy as np
import pytest
import ways

import spdl.io

Media = Callable[[str], Path]

DHT, DQT, SOS = 0xC4, 0xDB, 0xDA


def _without(data: bytes, *markers: int) -> bytes:
    """A JPEG without the segments of these markers."""
    kept, at = bytearray(data[:2]), 2
    while data[at + 1] != SOS:
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] not in markers:
            kept += data[at : at + length]
        at += length
    return bytes(kept + data[at:])


@pytest.fixture(scope="module")
def cases() -> dict[str, bytes]:
    """Pictures without tables, with tables that nobody else has, and of other formats."""
    plain = makers.jpeg_bytes(1, (64, 48), quality=75)
    optimal = makers.jpeg_bytes(2, (64, 48), quality=35, optimize=True)
    progressive = makers.jpeg_bytes(3, (64, 48), progressive=True)
    found = {
        "plain": plain,
        "optimal": optimal,
        "progressive": progressive,
        "large": makers.jpeg_bytes(4, (200, 150), quality=98),
        "plain without DHT": _without(plain, DHT),
        "plain without DQT": _without(plain, DQT),
        "plain without tables": _without(plain, DHT, DQT),
        "optimal without DHT": _without(optimal, DHT),
        "optimal without tables": _without(optimal, DHT, DQT),
        "progressive without DQT": _without(progressive, DQT),
        "truncated": plain[: len(plain) // 2],
        "no picture": b"no picture",
    }
    for name in ("tiny.png", "tiny_lossy.webp", "tiny.gif", "tiny.bmp"):
        found[name] = media.path(name).read_bytes()
    assert found["plain without DHT"] != plain
    return found


FRESH = """
import hashlib, sys, ways
verdict = ways.verdict("image", sys.stdin.buffer.read())
kind = "error" if isinstance(verdict, str) else "pixels"
data = verdict.encode() if isinstance(verdict, str) else verdict
print(kind, hashlib.sha256(data).hexdigest())
"""


def _fresh(data: bytes) -> str:
    """The verdict of a process that has loaded nothing else."""
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, "-c", FRESH], input=data, capture_output=True, cwd=here, check=True
    )
    return run.stdout.decode().strip()


def _digest(verdict: bytes | str) -> str:
    kind = "error" if isinstance(verdict, str) else "pixels"
    data = verdict.encode() if isinstance(verdict, str) else verdict
    return f"{kind} {hashlib.sha256(data).hexdigest()}"


def test_verdict_is_that_of_a_fresh_process(cases: dict[str, bytes]) -> None:
    for data in cases.values():
        ways.verdict("image", data)
    for name, data in cases.items():
        if "without" in name or name in ("plain", "truncated"):
            assert _digest(ways.verdict("image", data)) == _fresh(data), name


def test_verdict_after_any_other_image(cases: dict[str, bytes]) -> None:
    alone = {name: ways.verdict("image", data) for name, data in cases.items()}
    assert {type(verdict) for verdict in alone.values()} == {bytes, str}
    for before in cases:
        for name, data in cases.items():
            ways.verdict("image", cases[before])
            assert ways.verdict("image", data) == alone[name], (name, "after", before)


def test_pictures_without_huffman_tables_use_the_standard_ones(
    cases: dict[str, bytes], tmp_path: Path, reference: ModuleType
) -> None:
    assert ways.verdict("image", cases["plain without DHT"]) == ways.verdict(
        "image", cases["plain"]
    )
    path = tmp_path / "no-dht.jpg"
    path.write_bytes(cases["plain without DHT"])
    assert ways.verdict("image", cases["plain without DHT"]) == reference.image(path)


@pytest.mark.parametrize("threads", [2, 8])
def test_verdict_in_any_thread_and_order(threads: int, cases: dict[str, bytes]) -> None:
    alone = {name: ways.verdict("image", data) for name, data in cases.items()}
    order = [name for name in cases for _ in range(12)]
    random.Random(threads).shuffle(order)
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda name: ways.verdict("image", cases[name]), order))
    for name, verdict in zip(order, found, strict=True):
        assert verdict == alone[name], name


def test_verdict_in_a_pool_of_any_size(cases: dict[str, bytes]) -> None:
    async def every(names: list[str]) -> list[bytes | str]:
        return await asyncio.gather(*(ways.async_verdict("image", cases[name]) for name in names))

    alone = {name: ways.verdict("image", data) for name, data in cases.items()}
    order = [name for name in cases for _ in range(12)]
    try:
        for threads in (1, 2, 8):
            spdl.io.set_num_threads(threads)
            random.Random(threads).shuffle(order)
            for name, verdict in zip(order, asyncio.run(every(order)), strict=True):
                assert verdict == alone[name], (name, threads)
    finally:
        spdl.io.set_num_threads(0)


def test_batch_does_not_lend_tables_to_its_neighbours(cases: dict[str, bytes]) -> None:
    names = [name for name in cases if name != "large"]
    options = {"width": 32, "height": 24, "strict": False}

    def single(name: str) -> bytes | None:
        try:
            buffer = spdl.io.load_image_batch([cases[name]], **options)
        except spdl.io.SPDLError:
            return None
        return bytes(spdl.io.to_numpy(buffer)[0].tobytes())

    alone = {name: single(name) for name in names}
    try:
        for seed, threads in enumerate((1, 2, 8, 2)):
            spdl.io.set_num_threads(threads)
            order = names * 6
            random.Random(seed).shuffle(order)
            buffer = spdl.io.load_image_batch([cases[name] for name in order], **options)
            array = spdl.io.to_numpy(buffer)
            survivors = [i for i, name in enumerate(order) if alone[name] is not None]
            assert list(buffer.indices) == survivors
            for row, index in zip(array, survivors, strict=True):
                assert row.tobytes() == alone[order[index]], (order[index], threads)
    finally:
        spdl.io.set_num_threads(0)


def test_videos_and_audio_do_not_depend_on_history(media_path: Media) -> None:
    names = {"h264.mp4": "video", "vp9.webm": "video", "mpeg4.avi": "video"}
    names |= {"stereo.mp3": "audio", "stereo.m4a": "audio", "stereo.opus": "audio"}
    data = {name: media_path(name).read_bytes() for name in names}
    alone = {name: ways.load(kind, data[name]) for name, kind in names.items()}
    for name, kind in names.items():
        for other in names:
            half = data[other][: len(data[other]) // 2]
            with contextlib.suppress(spdl.io.SPDLError):  # it may load or not; it must not matter
                ways.load(names[other], half + b"\0" * 100)
            assert np.array_equal(ways.load(kind, data[name]), alone[name]), (name, other)
