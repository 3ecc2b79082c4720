# SPDX-License-Identifier: BSD-2-Clause
"""Traces of processes that end, are killed, or fork."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sanitizer
import traces

import spdl.io  # noqa: F401 (the library)
from spdl.io.utils import trace_event, trace_gc, tracing

NO_FORK = pytest.mark.skipif(bool(sanitizer.NO_FORK), reason=sanitizer.NO_FORK)


def _trace_into(output: Any) -> None:
    with tracing(output), trace_event("inside"):
        pass


def _run(code: str, *args: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, check=False)


@pytest.mark.parametrize(
    "end", ["sys.exit(3)", "raise SystemExit(3)", "trace.stay = trace; exit(3)"]
)
def test_exit(tmp_path: Path, end: str) -> None:
    code = f"""
import sys, spdl.io
from spdl.io.utils import tracing, trace_event
trace = tracing(sys.argv[1])
trace.__enter__()
with trace_event("inside"): pass
{end}
"""
    done = _run(code, str(tmp_path / "t.json"))
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")
    text = (tmp_path / "t.json").read_text()
    assert text.endswith("}\n]\n")
    assert '"inside"' in text


def test_a_pipe_that_nobody_reads_ends_no_process() -> None:
    code = """
import os, signal, spdl.io
from spdl.io.utils import tracing
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
reader, writer = os.pipe()
try:
    with tracing(writer):
        os.close(reader)
except spdl.io.SPDLIOError as error:
    print(error)
"""
    ended = _run(code)
    assert ended.returncode == 0, ended.stderr
    assert b"Broken pipe" in ended.stdout


def test_what_a_killed_process_leaves_can_be_read(tmp_path: Path) -> None:
    code = """
import sys, time, os, spdl.io
from spdl.io.utils import tracing, trace_event
with tracing(sys.argv[1]):
    with trace_event("inside"): pass
    while "inside" not in open(sys.argv[1]).read(): time.sleep(0.01)
    os.kill(os.getpid(), 9)
"""
    assert _run(code, str(tmp_path / "t.json")).returncode == -signal.SIGKILL
    text = (tmp_path / "t.json").read_text()
    assert '"inside"' in text
    assert text.endswith("}")  # Viewers do without the bracket at the end.


@NO_FORK
def test_forked_child(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with tracing(tmp_path / "t.json"):
        trace_gc()
        child = os.fork()
        if not child:
            with trace_event("of the child"):
                pass
            try:
                _trace_into(tmp_path / "child.json")
                os.write(writer, b"fine")
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        with trace_event("of the parent"):
            pass
    os.close(writer)
    with open(reader, "rb") as answer:
        assert answer.read() == b"fine"
    events = traces.read(tmp_path / "t.json")
    assert traces.named(events, "of the parent")
    assert not traces.named(events, "of the child")
    assert b'"inside"' in (tmp_path / "child.json").read_bytes()


@NO_FORK
def test_forked_child_that_leaves_the_block(tmp_path: Path) -> None:
    memory = io.BytesIO()
    child = 1
    try:
        with tracing(memory):
            child = os.fork()
    finally:
        if not child:
            os._exit(0 if memory.getvalue() == b"" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    traces.parse(memory.getvalue())
