# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the behaviour tests: media files, and the CLI as reference."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import cli
import media
import pytest

import spdl.io
import spdl.io.utils


def pytest_configure() -> None:
    # A job in the background of a shell is started with interrupts ignored; so would be the
    # programs that tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def media_path() -> Callable[[str], Path]:
    """The path of a file of `media.RECIPES`, made on first use."""
    media.folder()
    return media.path


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """The module `cli`, once the CLI proved to run the library's version of FFmpeg."""
    cli.check_versions(spdl.io.utils.get_ffmpeg_versions())
    return cli


@pytest.fixture
def one_worker() -> Iterator[None]:
    """The process's pool runs one job at a time."""
    spdl.io.set_num_threads(1)
    yield
    spdl.io.set_num_threads(None)
