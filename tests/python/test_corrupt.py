# SPDX-License-Identifier: BSD-2-Clause
"""Damaged files of every kind: loaded or refused with a typed error, in time, without a leak."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import media
import pytest
from PIL import Image

import spdl.io

Media = Callable[[str], Path]

SWEEP = Path(__file__).with_name("sweep.py")
# A load may take 2 s. A sweep of one file that takes a hundred is stuck.
SECONDS_PER_LOAD = 2.0
SECONDS_PER_SWEEP = 100.0

FILES = {
    "image": [*media.IMAGES, *media.TINY_IMAGES],
    "video": [*media.VIDEOS, *media.TINY_VIDEOS],
    "audio": [*media.AUDIO, *media.TINY_AUDIO],
}
TINY = [
    *(("image", name) for name in media.TINY_IMAGES),
    *(("video", name) for name in media.TINY_VIDEOS),
    *(("audio", name) for name in media.TINY_AUDIO),
]


def _sweep(kind: str, damage: str, count: int, paths: list[Path]) -> list[dict[str, Any]]:
    command = [sys.executable, "-X", "faulthandler", str(SWEEP), kind, damage, str(count)]
    try:
        run = subprocess.run(
            [*command, *map(str, paths)],
            capture_output=True,
            text=True,
            timeout=SECONDS_PER_SWEEP,
            check=False,
        )
    except subprocess.TimeoutExpired as stuck:
        log = (stuck.stderr or b"").decode(errors="replace")
        pytest.fail(f"stuck after {log.splitlines()[-5:]}")
    assert run.returncode == 0, f"exit {run.returncode} after\n{run.stderr[-2000:]}"
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [one["file"] for one in found] == [path.name for path in paths]
    return found


def _check(found: dict[str, Any], count: int) -> None:
    name = found["file"]
    assert found["decoded"] + found["failed"] == count, name
    assert not found["untyped"], found["untyped"][:5]
    assert found["slowest"] <= SECONDS_PER_LOAD, (found["slowest"], found["slowest_case"])
    assert found["fds"][1] <= found["fds"][0], name
    assert found["handles"][1] <= found["handles"][0], name


@pytest.mark.parametrize("kind", FILES)
def test_truncated(kind: str, media_path: Media) -> None:
    for found in _sweep(kind, "truncate", 100, [media_path(name) for name in FILES[kind]]):
        _check(found, 100)
        assert found["failed"], f"{found['file']}: the empty file at least"


STILLS = ["jpeg_420.jpg", "jpeg_progressive.jpg", "png_rgb24.png", "webp_lossy.webp"]


@pytest.mark.parametrize("name", STILLS)
def test_a_picture_cut_short_is_told(name: str, media_path: Media) -> None:
    """FFmpeg's decoders fill up what is missing; at the latest the counter says so."""
    data = media_path(name).read_bytes()
    strict = spdl.io.decode_config(on_corrupt="raise")
    assert spdl.io.load_image(data, decode_config=strict).num_corrupt == 0
    num_loaded = 0
    for size in range(0, len(data) - 1, max(1, len(data) // 100)):
        cut = data[:size]
        with contextlib.suppress(spdl.io.SPDLError):
            assert spdl.io.load_image(cut).num_corrupt == 1
            num_loaded += 1
        with pytest.raises(spdl.io.CorruptError):
            spdl.io.load_image(cut, decode_config=strict)
    print(f"{name}: {num_loaded} of 101 loaded in part")


def test_restart_markers_are_no_damage() -> None:
    """One may stand right before the end."""
    picture = Image.new("L", (64, 64), 128)
    strict = spdl.io.decode_config(on_corrupt="raise")
    for blocks in range(1, 65):
        data = io.BytesIO()
        picture.save(data, "JPEG", restart_marker_blocks=blocks)
        assert spdl.io.load_image(data.getvalue(), decode_config=strict).num_corrupt == 0


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Not even what FFmpeg holds for fatal."""
    with pytest.raises(spdl.io.CorruptError):
        spdl.io.load_image(b"\xff\xd8\xff\xd9" + bytes(100))
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow_sanitizer
@pytest.mark.parametrize(("kind", "name"), TINY)
def test_mutated(kind: str, name: str, media_path: Media) -> None:
    (found,) = _sweep(kind, "mutate", 1000, [media_path(name)])
    print(f"{name}: {found['decoded']} decoded, {found['failed']} failed, {found['errors']}")
    _check(found, 1000)
    assert found["decoded"]
    assert found["failed"]


@pytest.mark.parametrize("kind", FILES)
def test_mutated_a_little(kind: str, media_path: Media) -> None:
    paths = [media_path(name) for tiny, name in TINY if tiny == kind]
    for found in _sweep(kind, "mutate", 50, paths):
        _check(found, 50)
