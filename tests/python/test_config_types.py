# SPDX-License-Identifier: BSD-2-Clause
"""Arguments of the configs that are of the wrong type: a TypeError that names them."""

from __future__ import annotations

import asyncio
from typing import Any

import makers
import pytest

import spdl.io

CONFIGS: dict[str, Any] = {
    "demux_config": spdl.io.demux_config,
    "decode_config": spdl.io.decode_config,
}
TEXTS = [("demux_config", "format"), ("decode_config", "decoder")]
OPTIONS = [("demux_config", "format_options"), ("decode_config", "decoder_options")]


def _refused(config: str, name: str, value: Any) -> None:
    """Whoever notices, the config or the operation that gets it."""
    data = makers.jpeg_bytes(0)

    def given() -> dict[str, Any]:
        return {config: CONFIGS[config](**{name: value})}

    calls = [
        lambda: spdl.io.load_image(data, **given()),
        lambda: spdl.io.load_image_batch([data], width=8, height=8, **given()),
        lambda: asyncio.run(spdl.io.async_load_image(data, **given())),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=f"^`{name}` must be "):
            call()


@pytest.mark.parametrize(("config", "name"), TEXTS)
@pytest.mark.parametrize("value", [3, b"mjpeg", ["mjpeg"], True], ids=repr)
def test_names(config: str, name: str, value: Any) -> None:
    _refused(config, name, value)


@pytest.mark.parametrize(("config", "name"), OPTIONS)
@pytest.mark.parametrize("value", [{"a": 1}, {1: "a"}, {"a": b"1"}, {"a": None}], ids=repr)
def test_keys_and_values_of_options(config: str, name: str, value: Any) -> None:
    _refused(config, name, value)


@pytest.mark.parametrize(("config", "name"), OPTIONS)
@pytest.mark.parametrize("value", [["a"], [("a", "1")], "a=1", 3], ids=repr)
def test_options_that_are_no_mapping(config: str, name: str, value: Any) -> None:
    _refused(config, name, value)


@pytest.mark.parametrize("value", [3.5, "3", None], ids=repr)
def test_size_of_reads(value: Any) -> None:
    _refused("demux_config", "buffer_size", value)


@pytest.mark.parametrize("value", [3.5, "3", [3]], ids=repr)
def test_numbers_of_calls(value: Any, media_path: Any) -> None:
    path = media_path("jpeg_420.jpg")
    packets = spdl.io.demux_image(path)
    for name, call in {
        "width": lambda: spdl.io.load_image_batch([path], width=value, height=8),
        "num_frames": lambda: spdl.io.decode_packets(packets, num_frames=value),
        "num_threads": lambda: spdl.io.set_num_threads(value),
    }.items():
        with pytest.raises(
            TypeError, match=rf"^`{name}` must be an int, not {type(value).__name__}\."
        ):
            call()
