# SPDX-License-Identifier: BSD-2-Clause
"""Filter graphs are kept for the next picture of the same kind, but not memory without bound.

Each test loads so much that graphs would hold some hundred MiB if all were kept for ever.
"""

from __future__ import annotations

import functools
import io

import resident
from PIL import Image
from resident import MIB

import spdl.io

SIZE = 512
DESC = f"scale=w={SIZE}:h={SIZE},hflip,format=pix_fmts=rgb24"

pytestmark = resident.measurable


@functools.cache
def _picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (width % 256, height % 256, 99)).save(out, "JPEG")
    return out.getvalue()


def _load(sizes: list[tuple[int, int]], desc: str = DESC) -> None:
    for at in range(0, len(sizes), 20):
        srcs = [_picture(*size) for size in sizes[at : at + 20]]
        batch = spdl.io.load_image_batch(
            srcs, width=None, height=None, pix_fmt=None, filter_desc=desc
        )
        assert batch.shape[0] == len(srcs)


def test_pictures_of_many_sizes() -> None:
    sizes = [(SIZE + n, SIZE) for n in range(220)]
    _load(sizes[:80])  # the cache is full
    with resident.grows_at_most(60 * MIB):
        _load(sizes[80:])


def test_large_pictures() -> None:
    with resident.grows_at_most(60 * MIB):
        _load([(1200 + n, 1000) for n in range(40)])


def test_large_results() -> None:
    desc = "scale=w=1200:h=1000,format=pix_fmts=rgb24"
    with resident.grows_at_most(60 * MIB):
        _load([(100 + n, 100) for n in range(40)], desc)


def test_many_results_at_a_time() -> None:
    """A graph keeps as many frames as were alive at a time: here those of the whole batch."""
    _load([(SIZE, SIZE)])
    srcs = [_picture(SIZE, SIZE)] * 400
    with resident.grows_at_most(150 * MIB):
        batch = spdl.io.load_image_batch(
            srcs, width=None, height=None, pix_fmt=None, filter_desc=DESC
        )
        assert batch.shape == (400, SIZE, SIZE, 3)
        del batch
