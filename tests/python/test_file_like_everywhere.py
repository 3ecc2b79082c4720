# SPDX-License-Identifier: BSD-2-Clause
"""Every public function that takes a source takes a file-like object, too."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import numpy as np
import pytest
from file_likes import Seekable, Stream

import spdl.io

Media = Callable[[str], Path]
Call = Callable[[Any], Any]

SOUND, VIDEO, IMAGE = "s16.wav", "h264.mkv", "jpeg_420.jpg"
"""Formats that can be read without seeking."""

_SECONDS = 10
"""Whoever serves nothing, or waits for ever, fails instead."""


def _opened(name: str) -> Callable[[Any], Any]:
    """A call of a method of a new demuxer."""

    def call(src: Any) -> Any:
        found = getattr(spdl.io.Demuxer(src), name)
        return found(num_packets=8) if "streaming" in name else found()

    return call


def _listed(name: str) -> Callable[[Any], Any]:
    return lambda src: getattr(spdl.io, name)([src])


CALLS: dict[str, tuple[str, Call]] = {"Demuxer.__init__": (VIDEO, spdl.io.Demuxer)}
"""Name → the file, and a call that gives a result, or what there is to await or to walk."""
CALLS["Demuxer.async_open"] = (VIDEO, spdl.io.Demuxer.async_open)
for _form in ("", "async_"):
    for _kind, _name in {"audio": SOUND, "video": VIDEO, "image": IMAGE}.items():
        for _verb in ("load", "demux"):
            _function = f"{_form}{_verb}_{_kind}"
            CALLS[_function] = (_name, getattr(spdl.io, _function))
        CALLS[f"Demuxer.{_form}demux_{_kind}"] = (_name, _opened(f"{_form}demux_{_kind}"))
        CALLS[f"{_form}load_{_kind}_batch"] = (_name, _listed(f"{_form}load_{_kind}_batch"))
    CALLS[f"{_form}probe"] = (VIDEO, getattr(spdl.io, f"{_form}probe"))
    CALLS[f"{_form}iter_tarfile"] = ("tar", getattr(spdl.io, f"{_form}iter_tarfile"))
    CALLS[f"Demuxer.{_form}streaming_demux"] = (VIDEO, _opened(f"{_form}streaming_demux"))


def _public() -> Iterator[tuple[str, Any]]:
    """Name and function; of classes their methods and their construction."""
    for name in spdl.io.__all__:
        found = getattr(spdl.io, name)
        if not inspect.isclass(found):
            yield name, found
            continue
        for member in vars(found):
            if member == "__init__" or not member.startswith("_"):
                yield f"{name}.{member}", getattr(found, member)


def _parameters(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters) if callable(function) else set()


def test_nothing_is_left_out() -> None:
    found = {name for name, function in _public() if {"src", "srcs"} & _parameters(function)}
    assert len(found) > 20

    members = {f"Demuxer.{name}" for name in vars(spdl.io.Demuxer) if "demux" in name}
    walked = {name for name in members if "_plan" not in name and "._" not in name}
    assert set(CALLS) == found | walked


def _essence(found: Any) -> Any:
    """What must be the same, however the bytes came."""
    if isinstance(found, spdl.io.Demuxer):
        return [chunk.get_timestamps(raw=True) for chunk in found.streaming_demux(num_packets=8)]
    if isinstance(found, spdl.io.SourceInfo):
        return found.format, [(stream.media, stream.codec) for stream in found.streams]
    if isinstance(found, spdl.io.CPUBuffer):
        return np.asarray(found).tobytes()
    if isinstance(found, (spdl.io.AudioPackets, spdl.io.VideoPackets)):
        return found.get_timestamps(raw=True)
    if isinstance(found, spdl.io.ImagePackets):
        frames = spdl.io.decode_packets(found)
        return _essence(spdl.io.convert_frames(frames))
    if isinstance(found, tuple):
        return found[0], bytes(found[1])
    return [_essence(item) for item in found]


async def _settled(found: Any) -> Any:
    """The result of what may have to be awaited or walked."""
    if inspect.isasyncgen(found):
        return [item async for item in found]
    return await found if inspect.isawaitable(found) else found


def _run(call: Call, src: Any, name: str) -> Any:
    async def run() -> Any:
        return await _settled(call(src))

    with spdl.io.limits(seconds=_SECONDS):
        return _essence(asyncio.run(run()) if "async_" in name else call(src))


def _path_of(name: str, media_path: Media, tmp_path: Path) -> Path:
    if name != "tar":
        return media_path(name)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(media_path(IMAGE), IMAGE)
        archive.add(media_path(SOUND), SOUND)
    return tmp_path / "a.tar"


def _bytes_of(path: Path) -> bytes | Path:
    return path.read_bytes() if path.suffix == ".tar" else path


@contextlib.contextmanager
def _file(path: Path, make: Callable[..., Any]) -> Iterator[Any]:
    if make is not Path.open:
        yield make(path.read_bytes())
        return
    with path.open("rb") as file:
        yield file


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("make", [Path.open, Seekable, Stream], ids=lambda make: make.__name__)
def test_they_take_file_like_objects(
    media_path: Media, tmp_path: Path, name: str, make: Callable[..., Any]
) -> None:
    file_name, call = CALLS[name]
    path = _path_of(file_name, media_path, tmp_path)
    expected = _run(call, _bytes_of(path), name)
    assert expected
    with leaks.nothing_leaks(), _file(path, make) as file:
        assert _run(call, file, name) == expected


def _others() -> list[str]:
    """Functions of bytes in memory, and of files that are written."""
    wanted = {"data", "path", "dst"}
    return [name for name, function in _public() if wanted & _parameters(function)]


@pytest.mark.parametrize("name", _others())
def test_all_others_refuse_them_at_once(name: str) -> None:
    function: Any = spdl.io
    for part in name.removesuffix(".__init__").split("."):
        function = getattr(function, part)
    wanted = list(inspect.signature(function).parameters.values())
    rest = [None for each in wanted[1:] if each.default is each.empty and each.kind < 3]
    for file in (Seekable(b"x" * 100), Stream(b"x" * 100), io.BufferedReader(io.BytesIO(b"x"))):

        async def refuse(file: Any = file) -> None:
            await _settled(function(file, *rest))

        with pytest.raises(TypeError):
            asyncio.run(refuse())
