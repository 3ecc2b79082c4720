# SPDX-License-Identifier: BSD-2-Clause
"""Python code keeps running while an operation works.

A counter in pure Python runs beside each operation that has a `_submit` twin in the C API. Time in
which the system gave the counter's thread no processor does not count against it: only waiting for
the interpreter's lock does.
"""

from __future__ import annotations

import ctypes
import functools
import io as stdio
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import makers
import numpy as np
import pytest
import slow

import spdl.io
from spdl._native import library
from spdl._native.handle import Owned
from spdl._native.library import ffi, lib
from spdl._native.operation import Operation, _forms
from spdl.io import batch, bsf, convert, decode, decoder, demux, demuxer, image, load, sample

MIN_SECONDS = 0.05

Plan = Callable[[], Operation[Any]]

# Measures time; what runs is what other tests run.
pytestmark = [pytest.mark.alone, pytest.mark.slow_sanitizer]


def _packets() -> Any:
    return spdl.io.demux_video(slow.video(), timestamp=(0, 4))


def _slow_open(folder: Path) -> Plan:
    """A FIFO whose writer takes its time."""
    fifo = folder / "fifo"
    os.mkfifo(fifo)

    def plan() -> Operation[Any]:
        # Another process: with the lock held, a thread of this one could not write.
        write = 'sleep 0.3; exec cat "$0" > "$1" 2> /dev/null'
        command = ["timeout", "20", "sh", "-c", write, str(slow.many_packets()), str(fifo)]
        subprocess.Popen(command, stderr=subprocess.DEVNULL)
        return demuxer._plan_open(fifo)

    return plan


def _decode(_: Path) -> Plan:
    packets = _packets()
    return lambda: decode._plan_decode_packets(packets, slow.FILTER)


def _convert(_: Path) -> Plan:
    frames = spdl.io.decode_packets(_packets(), "scale=640:480,format=rgb24")
    return lambda: convert._plan_convert_frames([frames] * 4)


def _demuxer_demux(_: Path) -> Plan:
    opened = spdl.io.Demuxer(slow.many_packets())
    return lambda: opened._plan_demux_video()


def _demuxer_read(_: Path) -> Plan:
    opened = spdl.io.Demuxer(slow.many_packets())
    return lambda: opened._plan_streaming_demux(opened.video_stream_index, duration="inf").plan()


def _decoder_pull(_: Path) -> Plan:
    packets = _packets()
    options = {"filter_desc": slow.FILTER}
    return lambda: decoder._plan_streaming_decode_packets(packets, 10**6, **options).plan()


def _source_demux(_: Path) -> Plan:
    return lambda: demux._plan_demux_video(slow.many_packets())


def _source_load(_: Path) -> Plan:
    return lambda: load._plan_load_video(slow.video(), (0, 4), filter_desc=slow.FILTER)


def _batch_load(_: Path) -> Plan:
    srcs = [makers.jpeg_bytes(seed, (1200, 900)) for seed in range(4)] * 4
    return lambda: batch._plan_load_image_batch(srcs, width=640, height=480)


def _sample(_: Path) -> Plan:
    packets, config = _packets(), None
    wanted = list(range(0, 100, 2))
    return lambda: sample._plan_sample_decode_video(packets, wanted, config, slow.FILTER)


def _demux_bsf(_: Path) -> Plan:
    return lambda: demux._plan_demux_video(slow.many_packets(), bsf="null")


def _demuxer_demux_bsf(_: Path) -> Plan:
    opened = spdl.io.Demuxer(slow.many_packets())
    return lambda: opened._plan_demux_video(bsf="null")


def _apply_bsf(_: Path) -> Plan:
    packets = spdl.io.demux_video(slow.many_packets())
    return lambda: bsf._plan_apply_bsf(packets, "null")


def _save(folder: Path) -> Plan:
    array = np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), np.uint8)
    return lambda: image._plan_save_image(folder / "noise.png", array)


def _encode(folder: Path) -> Plan:
    frames = spdl.io.decode_packets(_packets(), "scale=640:480,format=rgb24")
    config = spdl.io.video_encode_config(width=640, height=480, pix_fmt="rgb24")

    def plan() -> Operation[Any]:
        # One encoder takes each time of a picture once.
        muxer = spdl.io.Muxer(folder / "none.mkv")
        return muxer.add_encode_stream(config, encoder="png")._plan_encode(frames)

    return plan


def _graph_get(_: Path) -> Plan:
    packets = _packets()
    frames = spdl.io.decode_packets(packets, None)
    source = spdl.io.get_buffer_desc(packets.codec)

    def plan() -> Operation[Any]:
        graph = spdl.io.FilterGraph(f"{source},{slow.FILTER},buffersink")
        graph.add_frames(frames)
        return graph._plan_get_frames()

    return plan


def _zip_read(_: Path) -> Plan:
    made = stdio.BytesIO()
    np.savez_compressed(made, a=np.random.default_rng(1).integers(0, 9, 20_000_000, np.uint8))
    archive = spdl.io.load_npz(made.getvalue())
    return lambda: archive._plan_load("a")


# They end in microseconds, or wait for the disk: too short to measure beside a counter. Nothing but
# their names sets them apart from the others on the way to the library.
TOO_SHORT = {
    "spdl_bsf_filter",
    "spdl_encoder_flush",
    "spdl_filter_graph_add_frames",
    "spdl_filter_graph_flush",
    "spdl_muxer_close",
    "spdl_muxer_flush",
    "spdl_muxer_open",
    "spdl_muxer_write",
    "spdl_npy_load",
    "spdl_wav_load",
    "spdl_zip_open",
}

CASES: dict[str, Callable[[Path], Plan]] = {
    "spdl_batch_load": _batch_load,
    "spdl_decoder_pull": _decoder_pull,
    "spdl_demuxer_demux": _demuxer_demux,
    "spdl_demuxer_open": _slow_open,
    "spdl_demuxer_read": _demuxer_read,
    "spdl_frames_convert": _convert,
    "spdl_demuxer_demux_bsf": _demuxer_demux_bsf,
    "spdl_encoder_encode": _encode,
    "spdl_filter_graph_get_frames": _graph_get,
    "spdl_frames_save": _save,
    "spdl_packets_apply_bsf": _apply_bsf,
    "spdl_packets_decode": _decode,
    "spdl_packets_sample": _sample,
    "spdl_source_demux_bsf": _demux_bsf,
    "spdl_zip_read": _zip_read,
    "spdl_source_demux": _source_demux,
    "spdl_source_load": _source_load,
}


def test_every_operation_has_a_case() -> None:
    twins = {name.removesuffix("_submit") for name in dir(lib) if name.endswith("_submit")}
    assert set(CASES) | TOO_SHORT == twins
    assert not set(CASES) & TOO_SHORT


class _Counter(threading.Thread):
    """A thread that counts."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.number = 0
        self.stopped = False
        self.start()

    def run(self) -> None:
        while not self.stopped:
            self.number += 1

    def rate(self, call: Callable[[], None]) -> float:
        """Counts per nanosecond in which the thread could have run, during a call."""
        number, without_processor = self.number, self._without_processor()
        begin = time.perf_counter_ns()
        call()
        wall = time.perf_counter_ns() - begin
        counted = self.number - number
        return counted / (wall - (self._without_processor() - without_processor))

    def _without_processor(self) -> int:
        """Nanoseconds for which the thread was ready to run and the system ran others."""
        statistics = Path(f"/proc/self/task/{self.native_id}/schedstat").read_text()
        return int(statistics.split()[1])


def _share(
    name: str, plan: Plan, call: Callable[[Operation[Any]], None], num_tries: int = 4
) -> float:
    """The counter's rate beside an operation, of its rate alone. The best of a few tries."""
    best = 0.0
    counter = _Counter()
    try:
        for _ in range(num_tries):
            alone = counter.rate(lambda: time.sleep(0.1))
            operation = plan()
            assert operation.function == name
            begin = time.perf_counter()
            beside = counter.rate(functools.partial(call, operation))
            assert time.perf_counter() - begin >= MIN_SECONDS, "too short to measure"
            best = max(best, beside / alone)
            if best >= 0.9:
                break
    finally:
        counter.stopped = True
        counter.join()
    return best


def _by_cffi(operation: Operation[Any]) -> None:
    operation.call()


def _by_pydll(operation: Operation[Any]) -> None:
    """The same call of the same function, with the lock held."""
    function = getattr(ctypes.PyDLL(library.path), operation.function)
    function.restype = ctypes.c_int32
    noun = _forms(operation.function).noun
    owned = Owned(noun) if noun else None
    slots = () if owned is None else (owned.slot,)
    arguments = [
        value
        if isinstance(value, (int, bytes))
        else ctypes.c_void_p(int(ffi.cast("uintptr_t", value)))
        for value in (*operation.inputs, operation.limits, *slots, ffi.NULL)
    ]
    status = function(*arguments)
    assert status == lib.SPDL_OK
    if owned is not None:
        operation.wrap(owned)


@pytest.fixture(autouse=True)
def _one_worker() -> Iterator[None]:
    # The counter needs a processor too.
    spdl.io.set_num_threads(1)
    yield
    spdl.io.set_num_threads(None)


@pytest.mark.parametrize("name", CASES)
def test_operations_run_without_the_lock(name: str, tmp_path: Path) -> None:
    # More tries, since whatever else the machine does can only take from it.
    assert _share(name, CASES[name](tmp_path), _by_cffi, 10) >= 0.8


@pytest.mark.parametrize("name", CASES)
def test_the_measurement_sees_a_lock_that_is_held(name: str, tmp_path: Path) -> None:
    assert _share(name, CASES[name](tmp_path), _by_pydll) < 0.8
