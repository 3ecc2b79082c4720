# SPDX-License-Identifier: BSD-2-Clause
"""Every pixel and sample format that the library names, against raw data and the CLI."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tools
from numpy.typing import NDArray
from PIL import Image

import spdl.io
from spdl.io.library import get_pix_fmts, get_sample_fmts

Media = Callable[[str], Path]

WIDTH, HEIGHT = 32, 24
PLANES_ODD = {  # Format → sizes that have no whole rows of planes.
    "yuv410p": [(30, 24), (32, 20), (31, 24)],
    "yuv411p": [(30, 24), (32, 23)],
    "yuv440p": [(32, 23)],
    "yuv420p10le": [(31, 24), (32, 23)],
    "p010le": [(31, 24), (32, 23)],
    "nv16": [(31, 24)],
    "yuyv422": [(31, 24)],
    "y210le": [(31, 24)],
}
# One of each rule: shape and element for a picture of 24 rows and 32 columns.
SHAPES: dict[str, tuple[tuple[int, ...], str]] = {
    "bgr24": ((24, 32, 3), "u1"),
    "argb": ((24, 32, 4), "u1"),
    "rgb0": ((24, 32, 4), "u1"),
    "ya8": ((24, 32, 2), "u1"),
    "gray": ((24, 32, 1), "u1"),
    "gray10le": ((1, 24, 32), "u2"),
    "gray16be": ((1, 24, 32), "u2"),
    "grayf32le": ((1, 24, 32), "f4"),
    "ya16be": ((24, 32, 2), "u2"),
    "rgb48be": ((24, 32, 3), "u2"),
    "bgra64le": ((24, 32, 4), "u2"),
    "yuyv422": ((24, 32, 2), "u1"),
    "uyvy422": ((24, 32, 2), "u1"),
    "y210le": ((24, 32, 2), "u2"),
    "ayuv64le": ((24, 32, 4), "u2"),
    "xyz12be": ((24, 32, 3), "u2"),
    "gbrp": ((3, 24, 32), "u1"),
    "gbrap": ((4, 24, 32), "u1"),
    "gbrp10le": ((3, 24, 32), "u2"),
    "gbrpf32be": ((3, 24, 32), "f4"),
    "gbrapf32le": ((4, 24, 32), "f4"),
    "yuva444p": ((4, 24, 32), "u1"),
    "yuv444p16be": ((3, 24, 32), "u2"),
    "yuv420p10le": ((1, 36, 32), "u2"),
    "yuv422p12be": ((1, 48, 32), "u2"),
    "yuv440p": ((1, 48, 32), "u1"),
    "yuvj411p": ((1, 36, 32), "u1"),
    "yuv410p": ((1, 27, 32), "u1"),
    "nv21": ((1, 36, 32), "u1"),
    "nv16": ((1, 48, 32), "u1"),
    "nv24": ((1, 72, 32), "u1"),
    "p010le": ((1, 36, 32), "u2"),
    "p216be": ((1, 48, 32), "u2"),
    "p410le": ((1, 72, 32), "u2"),
}
WITHOUT_ARRAY = [
    *("pal8", "monow", "monob", "rgb8", "bgr4", "rgb4_byte", "rgb565le", "bgr444be"),
    *("x2rgb10le", "uyyvyy411", "yuva420p", "yuva422p10le", "bayer_rggb8", "bayer_gbrg16le"),
]


def _native(raw: bytes, pix_fmt: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The elements of raw data, whose order of bytes the name tells."""
    order = ">" if pix_fmt.endswith("be") else "<"
    return np.frombuffer(raw, dtype.newbyteorder(order)).astype(dtype)


def _raw_picture(path: Path, pix_fmt: str, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """Decode raw data without a filter, so that no scaler must know the format."""
    options = {"pixel_format": pix_fmt, "video_size": f"{width}x{height}"}
    config = spdl.io.demux_config("rawvideo", options)
    return spdl.io.load_video(path, demux_config=config, filter_desc=None)


def _listed() -> dict[str, tuple[str, str]]:
    """All formats of FFmpeg: flags, and bits of each component."""
    text = tools.run(["ffmpeg", "-hide_banner", "-pix_fmts"]).decode()
    found = re.findall(r"^([I.][O.][H.][P.][B.]) (\S+) +\d+ +\d+ +(\S+)$", text, re.MULTILINE)
    return {name: (flags, bits) for flags, name, bits in found}


def test_none_is_forgotten() -> None:
    named = get_pix_fmts()
    formats = _listed()
    assert set(named) <= set(formats)
    for name in set(formats) - set(named):
        flags, bits = formats[name]
        is_no_array = set(flags) & set("HPB") or min(map(int, bits.split("-"))) < 8
        assert is_no_array or re.match("bayer_|x2|uyyvyy411$|yuva42", name), name
    assert len(named) == len(set(named)) >= 138
    assert set(SHAPES) <= set(named)
    assert not set(WITHOUT_ARRAY) & set(named)
    assert {"u8", "s16", "s32", "s64", "flt", "dbl"} <= set(get_sample_fmts())


@pytest.mark.parametrize("pix_fmt", SHAPES)
def test_shape(pix_fmt: str, tmp_path: Path) -> None:
    shape, element = SHAPES[pix_fmt]
    dtype = np.dtype(element)
    path = tmp_path / "picture.raw"
    path.write_bytes(bytes(2 * int(np.prod(shape)) * dtype.itemsize))
    buffer = _raw_picture(path, pix_fmt)
    assert (buffer.shape, buffer.dtype) == ((2, *shape), dtype)
    assert buffer.dtype.isnative


@pytest.mark.parametrize("pix_fmt", get_pix_fmts())
def test_raw_data_comes_out_as_it_is(pix_fmt: str, tmp_path: Path) -> None:
    """Two pictures of random bytes: nothing is lost, moved or left out."""
    path = tmp_path / "picture.raw"
    data = np.random.default_rng(7).bytes(2 * WIDTH * HEIGHT * 16)
    path.write_bytes(data)
    array = spdl.io.to_numpy(_raw_picture(path, pix_fmt))
    expected = _native(data[: array.nbytes], pix_fmt, array.dtype)
    assert array.nbytes > 2 * WIDTH * HEIGHT
    assert array.tobytes() == expected.tobytes()


@pytest.mark.parametrize("pix_fmt", get_pix_fmts())
def test_filtered_as_by_the_cli(pix_fmt: str, media_path: Media, reference: ModuleType) -> None:
    path = media_path("png_rgb48.png")
    desc = f"scale=w={WIDTH}:h={HEIGHT},format=pix_fmts={pix_fmt}"
    try:
        raw = reference.image(path, desc)
    except RuntimeError:  # No scaler of FFmpeg writes this format.
        with pytest.raises(spdl.io.FilterError):
            spdl.io.load_image(path, filter_desc=desc)
        return
    array = spdl.io.to_numpy(spdl.io.load_image(path, filter_desc=desc))
    assert array.tobytes() == _native(raw, pix_fmt, array.dtype).tobytes()
    batch = spdl.io.load_image_batch(
        [path] * 2, width=WIDTH, height=HEIGHT, pix_fmt=pix_fmt, filter_desc=desc
    )
    assert spdl.io.to_numpy(batch).tobytes() == array.tobytes() * 2


@pytest.mark.parametrize("sample_fmt", get_sample_fmts())
def test_samples_as_by_the_cli(sample_fmt: str, media_path: Media, reference: ModuleType) -> None:
    path, desc = media_path("s24.flac"), f"aformat=sample_fmts={sample_fmt}"
    array = spdl.io.to_numpy(spdl.io.load_audio(path, filter_desc=desc))
    expected = reference.samples(path, sample_fmt, 2, desc)
    ours = array.T if sample_fmt.endswith("p") else array
    assert not reference.differences(np.ascontiguousarray(ours), expected)


@pytest.mark.parametrize(
    ("pix_fmt", "width", "height"),
    [(name, *size) for name, sizes in PLANES_ODD.items() for size in sizes],
)
def test_sizes_without_whole_rows(pix_fmt: str, width: int, height: int, tmp_path: Path) -> None:
    path = tmp_path / "picture.raw"
    path.write_bytes(bytes(width * height * 8))
    with pytest.raises(spdl.io.MismatchError, match=f"A {pix_fmt} .*{width}x{height}") as caught:
        _raw_picture(path, pix_fmt, width, height)
    for way_out in ("rgb24", "yuv444p"):
        assert way_out in str(caught.value)


@pytest.mark.parametrize("pix_fmt", WITHOUT_ARRAY)
def test_formats_without_an_array(pix_fmt: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.raw"
    path.write_bytes(bytes(WIDTH * HEIGHT * 8))
    with pytest.raises(spdl.io.UnsupportedError) as caught:
        _raw_picture(path, pix_fmt)
    assert str(caught.value).startswith(f"Unsupported pixel format: {pix_fmt}; ")
    assert "format=pix_fmts=rgb24" in str(caught.value)


def test_values_of_a_big_endian_file(media_path: Media) -> None:
    """A PNG is big-endian; white is 65535, not a swap of it."""
    little = spdl.io.load_image(media_path("png_gray16.png"), filter_desc="format=gray16le")
    native = spdl.io.load_image(media_path("png_gray16.png"), filter_desc=None)
    assert native.shape == (1, 120, 160)
    assert np.array_equal(spdl.io.to_numpy(native), spdl.io.to_numpy(little))


def test_order_of_planes(tmp_path: Path) -> None:
    """gbrp is G, B, R."""
    path = tmp_path / "red.png"
    Image.new("RGB", (4, 2), (200, 100, 50)).save(path)
    array = spdl.io.to_numpy(spdl.io.load_image(path, filter_desc="format=gbrp"))
    assert [plane[0, 0] for plane in array] == [100, 50, 200]
