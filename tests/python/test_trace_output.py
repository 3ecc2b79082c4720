# SPDX-License-Identifier: BSD-2-Clause
"""Where a trace goes, how it begins and ends, and what goes wrong."""

from __future__ import annotations

import asyncio
import errno
import gzip
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import traces

import spdl.io
from spdl.io.utils import trace_event, trace_gc, tracing

Media = Callable[[str], Path]


def _trace_into(output: Any, **options: Any) -> tracing:
    with tracing(output, **options) as trace, trace_event("inside"):
        pass
    return trace


def _check(text: bytes) -> None:
    assert len(traces.named(traces.parse(text), "inside")) == 1


@pytest.mark.parametrize("make", [str, Path])
def test_paths(tmp_path: Path, make: Callable[[Path], Any]) -> None:
    path = tmp_path / "träce \udc80.json"
    path.write_bytes(b"x" * 10_000)
    _trace_into(make(path))
    _check(path.read_bytes())


def test_descriptors(tmp_path: Path) -> None:
    with open(tmp_path / "t.json", "w+b", buffering=0) as file:
        file.write(b"before")
        _trace_into(file.fileno())
        file.write(b"after")  # It is still open, and where the trace left it.
        file.seek(0)
        text = file.read()
    assert text.startswith(b"before[")
    _check(text.removeprefix(b"before").removesuffix(b"after"))


def test_file_objects(tmp_path: Path) -> None:
    memory = io.BytesIO()
    _trace_into(memory)
    _check(memory.getvalue())
    with gzip.open(tmp_path / "t.json.gz", "wb") as zipped:
        _trace_into(zipped)
    _check(gzip.decompress((tmp_path / "t.json.gz").read_bytes()))
    with open(tmp_path / "t.json", "wb") as file:
        file.write(b"before")
        _trace_into(file)
        file.write(b"after")
    text = (tmp_path / "t.json").read_bytes()
    _check(text.removeprefix(b"before").removesuffix(b"after"))


def test_pipes() -> None:
    reader, writer = os.pipe()
    found: list[bytes] = []

    def read() -> None:
        with open(reader, "rb") as file:
            found.append(file.read())

    thread = threading.Thread(target=read)
    thread.start()
    with tracing(writer):
        for _ in range(1000):
            with trace_event("through a pipe"):
                pass
    os.close(writer)
    thread.join()
    assert len(traces.named(traces.parse(found[0]), "through a pipe")) == 1000


def test_wrong_outputs(tmp_path: Path) -> None:
    with pytest.raises(spdl.io.NotFoundError) as missing:
        _trace_into(tmp_path / "no folder" / "t.json")
    assert isinstance(missing.value, FileNotFoundError)
    assert missing.value.filename == str(tmp_path / "no folder" / "t.json")
    assert missing.value.origin == "trace"
    with pytest.raises(spdl.io.SPDLIOError) as folder:
        _trace_into(tmp_path)
    assert isinstance(folder.value, OSError)
    assert folder.value.errno == errno.EISDIR
    with pytest.raises(OSError, match="Bad file descriptor"):
        _trace_into(os.open(os.devnull, os.O_RDONLY))
    for wrong in (None, 2.5, True, b"path", object()):
        with pytest.raises(TypeError, match="`output`"):
            tracing(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError), open(tmp_path / "text", "w") as text:
        _trace_into(text)
    with pytest.raises(OSError, match="write"), open(__file__, "rb") as readable:
        _trace_into(readable)
    closed = io.BytesIO()
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        _trace_into(closed)
    _trace_into(tmp_path / "works.json")


def test_wrong_arguments(tmp_path: Path) -> None:
    for size in (0, -1, 2**20 + 1):
        with pytest.raises(ValueError, match="`buffer_size`"):
            tracing(tmp_path / "t", buffer_size=size)
    with pytest.raises(TypeError, match="`buffer_size`"):
        tracing(tmp_path / "t", buffer_size=1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`process_name`"):
        tracing(tmp_path / "t", process_name=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`name`"):
        trace_event(1)  # type: ignore[arg-type]


def test_not_enabled(tmp_path: Path) -> None:
    with tracing(tmp_path / "no folder" / "t", enable=False) as trace, trace_event("nothing"):
        trace_gc()
    assert (trace.num_events, trace.num_dropped) == (0, 0)
    assert not list(tmp_path.iterdir())


def test_full_disk() -> None:
    with pytest.raises(spdl.io.SPDLIOError, match="No space left") as full:
        _trace_into("/dev/full")
    assert full.value.errno == errno.ENOSPC
    assert full.value.filename == "/dev/full"
    # What the block raised goes before.
    with (
        pytest.warns(RuntimeWarning, match="not complete: .*No space left"),
        pytest.raises(KeyError),
        tracing("/dev/full"),
    ):
        raise KeyError
    _trace_into(os.devnull)


def test_file_object_that_fails() -> None:
    class Full(io.RawIOBase):
        def write(self, data: Any, /) -> int:
            if len(data):
                raise OSError(errno.ENOSPC, "full")
            return 0

    with pytest.raises(OSError, match="full"):
        _trace_into(Full())


def test_one_at_a_time(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("kept")
    trace = tracing(tmp_path / "t.json")
    with trace:
        for second in (tracing(other), trace):
            with pytest.raises(spdl.io.BusyError, match="one at a time"), second:
                pass
        with trace_event("inside"):
            pass
    assert other.read_text() == "kept"
    _check((tmp_path / "t.json").read_bytes())
    _trace_into(other)
    _trace_into(other)  # Made anew.
    _check(other.read_bytes())


def test_ends_while_workers_go_on(media_path: Media, tmp_path: Path) -> None:
    async def load() -> None:
        path = media_path("h264.mp4")
        tasks = [asyncio.create_task(spdl.io.async_load_video(path)) for _ in range(8)]
        for number in range(20):
            with tracing(tmp_path / f"{number}.json", buffer_size=1 << number % 10):
                await asyncio.sleep(0.003)
        await asyncio.gather(*tasks)

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # Some have no room for all.
        asyncio.run(load())
    for number in range(20):
        events = traces.read(tmp_path / f"{number}.json")
        assert not traces.crossing(events)


def test_forgotten_trace(tmp_path: Path) -> None:
    trace: Any = tracing(tmp_path / "t.json")
    trace.__enter__()
    with trace_event("inside"):
        pass
    del trace
    _check((tmp_path / "t.json").read_bytes())
    _trace_into(tmp_path / "t.json")
