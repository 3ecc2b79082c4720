# SPDX-License-Identifier: BSD-2-Clause
"""A forked child of a process whose workers are busy."""

from __future__ import annotations

import asyncio
import multiprocessing
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import makers
import numpy as np
import pytest
import sanitizer
import slow

import spdl.io
from spdl._native.queue import Queue
from spdl.io.load import _plan_load_video

NUM_IMAGES = 100

pytestmark = pytest.mark.skipif(bool(sanitizer.NO_FORK), reason=sanitizer.NO_FORK)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("images")
    for index in range(NUM_IMAGES):
        (folder / f"{index:03}.jpg").write_bytes(makers.jpeg_bytes(index % 7, (64, 48)))
    return sorted(folder.iterdir())


@pytest.fixture
def _busy_pool() -> Iterator[None]:
    """More jobs than workers, for longer than the test takes."""
    queue = Queue()
    for _ in range(2 * spdl.io.get_num_threads() + 1):
        queue.submit(_plan_load_video(slow.video(), filter_desc=slow.FILTER))
    assert queue.wait(100) is None
    yield
    assert queue.num_jobs
    queue.close()


@pytest.fixture(autouse=True)
def _forking_is_meant() -> Iterator[None]:
    with warnings.catch_warnings():
        # Python 3.12 warns of fork() in a process with threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _digest(buffer: spdl.io.CPUBuffer) -> int:
    return hash(spdl.io.to_numpy(buffer).tobytes())


def _one_by_one(paths: list[Path]) -> list[int]:
    return [_digest(spdl.io.load_image(path)) for path in paths]


def _awaited(paths: list[Path]) -> list[int]:
    async def load() -> list[int]:
        buffers = await asyncio.gather(*[spdl.io.async_load_image(path) for path in paths])
        return [_digest(buffer) for buffer in buffers]

    return asyncio.run(load())


def _batches(paths: list[Path]) -> list[int]:
    array = spdl.io.to_numpy(spdl.io.load_image_batch(paths, width=None, height=None))
    return [hash(image.tobytes()) for image in array]


def _staged(paths: list[Path]) -> list[int]:
    packets = [spdl.io.demux_image(path.read_bytes()) for path in paths]
    frames = [spdl.io.decode_packets(each) for each in packets]
    return [_digest(spdl.io.convert_frames(each)) for each in frames]


def _in_a_child(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns in a forked child."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def run() -> None:
        sender.send(function(*arguments))

    child = context.Process(target=run)
    child.start()
    sender.close()
    result = receiver.recv() if receiver.poll(60) else None
    child.join(10)
    try:
        assert child.exitcode == 0
    finally:
        child.kill()
    return result


@pytest.mark.usefixtures("_busy_pool")
@pytest.mark.parametrize("load", [_one_by_one, _awaited, _batches, _staged])
def test_a_child_loads(load: Callable[[list[Path]], list[int]], images: list[Path]) -> None:
    for _ in range(3):
        assert _in_a_child(load, images) == _one_by_one(images)


@pytest.mark.usefixtures("_busy_pool")
def test_a_child_of_a_running_loop(images: list[Path]) -> None:
    """The parent's own operations end as if nothing had happened."""

    async def parent() -> None:
        before = [asyncio.create_task(spdl.io.async_load_image(path)) for path in images]
        await asyncio.sleep(0)
        assert _in_a_child(_one_by_one, images) == _one_by_one(images)
        for task in before:
            task.cancel()
        ended = await asyncio.gather(*before, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended)

    asyncio.run(parent())


def test_values_work_in_the_child_and_machines_raise(images: list[Path]) -> None:
    expected = _one_by_one(images[:1])
    packets = spdl.io.demux_image(images[0])
    frames = spdl.io.decode_packets(packets)
    buffer = spdl.io.convert_frames(frames)
    demuxer = spdl.io.Demuxer(images[0])

    def use() -> tuple[list[int], str]:
        digests = [
            _digest(buffer),
            _digest(spdl.io.convert_frames(frames)),
            _digest(spdl.io.convert_frames(spdl.io.decode_packets(packets))),
        ]
        try:
            demuxer.demux_image()
        except spdl.io.ForkedError as error:
            return digests, str(error)
        finally:
            demuxer.close()
        return digests, ""

    digests, message = _in_a_child(use)
    assert digests == expected * 3
    assert message
    assert _digest(spdl.io.convert_frames(spdl.io.decode_packets(demuxer.demux_image())))


def test_machines_with_threads_of_their_own_end_in_the_child(
    media_path: Callable[[str], Path], tmp_path: Path
) -> None:
    """Their threads are not there, so nobody may wait for them."""
    packets = spdl.io.demux_video(media_path("h264.mp4"))
    config = spdl.io.decode_config(decoder_options={"threads": "4"})
    decoder = spdl.io.Decoder(packets.codec, decode_config=config)
    next(decoder.streaming_decode_packets(packets))
    muxer = spdl.io.Muxer(tmp_path / "a.mkv")
    size = spdl.io.video_encode_config(width=160, height=120)
    encoder = muxer.add_encode_stream(size, encoder="png", encoder_config={"threads": "4"})
    muxer.open()
    pictures = np.zeros((8, 120, 160, 3), np.uint8)
    encoder.encode(spdl.io.create_reference_video_frame(pictures, "rgb24", (25, 1), pts=0))
    machines = [decoder, encoder, muxer]
    del decoder, encoder, muxer

    def end() -> str:
        machines.clear()
        return "ended"

    assert _in_a_child(end) == "ended"


@pytest.mark.usefixtures("_busy_pool")
def test_workers_of_a_data_loader(images: list[Path]) -> None:
    data = pytest.importorskip("torch.utils.data", reason="PyTorch is not installed")

    class Images(data.Dataset):  # type: ignore[misc, name-defined]
        def __len__(self) -> int:
            return len(images)

        def __getitem__(self, index: int) -> Any:
            return spdl.io.to_torch(spdl.io.load_image(images[index]))

    loader = data.DataLoader(
        Images(), batch_size=10, num_workers=2, multiprocessing_context="fork", timeout=60
    )
    loaded = np.concatenate([batch.numpy() for batch in loader])
    expected = [spdl.io.to_numpy(spdl.io.load_image(path)) for path in images]
    assert np.array_equal(loaded, np.stack(expected))
