# SPDX-License-Identifier: BSD-2-Clause
"""The programs of docs/examples, run as people run them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"

pytest.importorskip("tqdm")


def command(program: str, *args: str | Path) -> list[str]:
    return [sys.executable, str(EXAMPLES / program), *map(str, args)]


def run(program: str, *args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(program, *args), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """220 files: three of them are broken, one is a text."""
    folder = tmp_path_factory.mktemp("images")
    made = run("make_images.py", folder, "--number", "220")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("220 files in ")
    return folder


def test_the_images_are_of_all_kinds(images: Path) -> None:
    files = [file for file in images.rglob("*") if file.is_file()]
    assert len(files) == 220
    for extension, least in ((".jpg", 80), (".png", 20), (".webp", 20)):
        assert sum(file.suffix == extension for file in files) > least
    assert len({file.parent for file in files}) == 3


def test_the_same_seed_makes_the_same_images(images: Path, tmp_path: Path) -> None:
    assert run("make_images.py", tmp_path / "same", "--number", "9").returncode == 0
    assert run("make_images.py", tmp_path / "other", "--number", "9", "--seed", "1").returncode == 0

    def contents(folder: Path) -> set[bytes]:
        return {file.read_bytes() for file in folder.glob("part-0/image-00[0-8].*")}

    assert contents(tmp_path / "same") == contents(images)
    assert not contents(tmp_path / "other") & contents(images)


def test_a_folder_is_loaded(images: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    loaded = run(
        "load_images.py", images, "--size", "96x64", "--batch-size", "16", "--sheet", sheet
    )
    assert loaded.returncode == 0, loaded.stderr
    first, second, _, *broken = loaded.stdout.splitlines()
    assert re.match(r"216 images in \d+\.\d\d s on \d+ threads$", first)
    assert re.match(r"\d+ images/s, \d+\.\d\d ms of CPU per image$", second)
    names = ["image-045.jpg", "image-058.png", "image-131.jpg"]
    assert len(broken) == len(names)
    for line, name in zip(broken, names, strict=True):
        assert re.search(rf"{name} \(.+\)$", line)
    with Image.open(sheet) as picture:
        picture.load()
        assert picture.size == (6 * 100 + 4, 3 * 68 + 4)


def test_broken_files_alone(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "folder.webp").mkdir()
    loaded = run("load_images.py", tmp_path, "--sheet", tmp_path / "sheet.png")
    assert loaded.returncode == 1
    assert "Traceback" not in loaded.stderr
    assert loaded.stdout.startswith("0 images in ")
    for name in ("empty.jpg", "folder.webp", "text.png"):
        assert name in loaded.stdout
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize(
    ("folder", "complaint"),
    [("empty", "holds no images"), ("missing", "is no folder"), ("empty/a.txt", "is no folder")],
)
def test_a_folder_without_images(tmp_path: Path, folder: str, complaint: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/a.txt").touch()
    loaded = run("load_images.py", tmp_path / folder)
    assert loaded.returncode == 2
    assert loaded.stderr.endswith(f"{tmp_path / folder} {complaint}\n")


@pytest.mark.parametrize("arguments", [["--size", "0x9"], ["--size", "x"], ["--batch-size", "0"]])
def test_arguments_that_are_wrong(images: Path, arguments: list[str]) -> None:
    loaded = run("load_images.py", images, *arguments)
    assert loaded.returncode == 2
    assert "Traceback" not in loaded.stderr


def test_an_interrupt(images: Path) -> None:
    # Large results, so that it is still at it.
    slow = command("load_images.py", images, "--size", "3000", "--batch-size", "4")
    process = subprocess.Popen(slow, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    shown = ""
    while "0%" not in shown:
        character = process.stderr.read(1)
        assert character, f"it ended before it showed any progress: {shown}"
        shown += character
    time.sleep(0.5)  # the bar comes before the event loop
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    output, errors = process.communicate(timeout=30)
    assert time.monotonic() - start < 10
    assert process.returncode == 130
    assert "Interrupted." in output
    assert "Traceback" not in errors
