# SPDX-License-Identifier: BSD-2-Clause
"""The two examples of the module's overview run as they are printed."""

from __future__ import annotations

import doctest
import io
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spdl.io

# Verbatim, with the indentation of the page.
LOAD_AN_IMAGE = """
    >>> import asyncio
    >>> import spdl.io
    >>>
    >>> async def load_image(src):
    ...     # Demux image
    ...     packets = await spdl.io.async_demux_image(src)
    ...
    ...     # Decode packets into frames
    ...     frames = await spdl.io.async_decode_packets(packets)
    ...
    ...     # Convert the frames into buffer
    ...     buffer = await spdl.io.async_convert_frames(frames)
    ...
    ...     # Convert the buffer into NumPy array.
    ...     return spdl.io.to_numpy(buffer)
    >>>
    >>> array = asyncio.run(load_image("sample.jpg"))
    >>>
"""

BATCH_LOAD_IMAGES = """
    >>> # Define a coroutine that decodes a single image into frames (but not to buffer)
    >>> async def decode_image(src: str, width: int, height: int, pix_fmt="rgb24"):
    ...     packets = await spdl.io.async_demux_image(src)
    ...     # Decode, format and resize
    ...     frames = await spdl.io.async_decode_packets(
    ...         packets,
    ...         filter_desc=spdl.io.get_video_filter_desc(width=width, height=height, pix_fmt=pix_fmt),
    ...     )
    ...     return frames
    >>>
    >>> async def load_image_batch(srcs, width: int = 121, height: int = 121):
    ...     tasks = [asyncio.create_task(decode_image(src, width, height)) for src in srcs]
    ...     frames = await asyncio.gather(*tasks)
    ...     # Convert a list of image frames into a single buffer as a batch
    ...     buffer = await spdl.io.async_convert_frames(frames)
    ...     return spdl.io.to_numpy(buffer)
    >>>
    >>> array = asyncio.run(load_image_batch(["sample1.jpg", "sample2.png"]))
    >>>
"""  # noqa: E501 (verbatim)


def _run(page: str, names: dict[str, Any]) -> None:
    examples = doctest.DocTestParser().get_doctest(page, names, "overview.md", None, 0)
    output = io.StringIO()
    results = doctest.DocTestRunner(verbose=False).run(
        examples, out=output.write, clear_globs=False
    )
    assert results.attempted >= 3
    assert not results.failed, output.getvalue()
    names.update(examples.globs)


@pytest.fixture
def _samples(
    media_path: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, sample in [
        ("jpeg_420.jpg", "sample.jpg"),
        ("jpeg_420.jpg", "sample1.jpg"),
        ("png_rgb24.png", "sample2.png"),
    ]:
        (tmp_path / sample).write_bytes(media_path(name).read_bytes())
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_samples")
def test_the_examples_of_the_overview() -> None:
    names: dict[str, Any] = {}
    _run(LOAD_AN_IMAGE, names)
    array = names["array"]
    assert (array.shape, array.dtype) == ((120, 160, 3), np.uint8)
    assert np.array_equal(array, spdl.io.to_numpy(spdl.io.load_image("sample.jpg")))

    _run(BATCH_LOAD_IMAGES, names)
    array = names["array"]
    assert (array.shape, array.dtype) == ((2, 121, 121, 3), np.uint8)
    srcs = ["sample1.jpg", "sample2.png"]
    reference = spdl.io.decode_config(backend="ffmpeg")  # What stages make one by one.
    batch = spdl.io.load_image_batch(srcs, width=121, height=121, decode_config=reference)
    assert np.array_equal(array, spdl.io.to_numpy(batch))


def test_the_text_is_whole() -> None:
    for page, lines in ((LOAD_AN_IMAGE, 18), (BATCH_LOAD_IMAGES, 19)):
        assert len(textwrap.dedent(page).strip().splitlines()) == lines
