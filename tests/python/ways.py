# SPDX-License-Identifier: BSD-2-Clause
"""Every way of the public API from a file to an array, so that tests can show they agree."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spdl.io

KINDS = ("audio", "video", "image")


def _split(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of demuxing and of decoding."""
    demux = {k: v for k, v in options.items() if k in ("timestamp", "demux_config", "name")}
    decode = {k: v for k, v in options.items() if k in ("filter_desc", "decode_config")}
    assert len(demux) + len(decode) == len(options)
    return demux, decode


def load(kind: str, src: Any, **options: Any) -> NDArray[Any]:
    """``load_<kind>``."""
    return spdl.io.to_numpy(getattr(spdl.io, f"load_{kind}")(src, **options))


async def async_load(kind: str, src: Any, **options: Any) -> NDArray[Any]:
    """``async_load_<kind>``."""
    return spdl.io.to_numpy(await getattr(spdl.io, f"async_load_{kind}")(src, **options))


def staged(kind: str, src: Any, **options: Any) -> NDArray[Any]:
    """``demux_<kind>``, ``decode_packets``, ``convert_frames``."""
    demux, decode = _split(options)
    packets = getattr(spdl.io, f"demux_{kind}")(src, **demux)
    frames = spdl.io.decode_packets(packets, **decode)
    return spdl.io.to_numpy(spdl.io.convert_frames(frames))


async def async_staged(kind: str, src: Any, **options: Any) -> NDArray[Any]:
    """The same three stages, awaited."""
    demux, decode = _split(options)
    packets = await getattr(spdl.io, f"async_demux_{kind}")(src, **demux)
    frames = await spdl.io.async_decode_packets(packets, **decode)
    return spdl.io.to_numpy(await spdl.io.async_convert_frames(frames))


def every(kind: str, path: Path, **options: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """(name of the way, array) for path and bytes, in one job and staged, blocking and awaited."""
    data = path.read_bytes()
    yield "load_*(path)", load(kind, path, **options)
    yield "load_*(bytes)", load(kind, data, **options)
    yield "staged(str)", staged(kind, str(path), **options)
    yield "staged(bytearray)", staged(kind, bytearray(data), **options)
    yield "async_load_*(path)", asyncio.run(async_load(kind, path, **options))
    yield (
        "async staged(array)",
        asyncio.run(async_staged(kind, np.frombuffer(data, np.uint8), **options)),
    )


def _failure(error: spdl.io.SPDLError) -> str:
    # An address in the text would make two verdicts on the same bytes differ.
    return f"{type(error).__name__}: {re.sub('0x[0-9a-f]+', '0x…', str(error))}"


def verdict(kind: str, src: Any, **options: Any) -> bytes | str:
    """What loading gives: the bytes of the array, or the error."""
    try:
        return load(kind, src, **options).tobytes()
    except spdl.io.SPDLError as error:
        return _failure(error)


async def async_verdict(kind: str, src: Any, **options: Any) -> bytes | str:
    """The same, awaited."""
    try:
        return (await async_load(kind, src, **options)).tobytes()
    except spdl.io.SPDLError as error:
        return _failure(error)
