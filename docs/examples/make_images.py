# SPDX-License-Identifier: BSD-2-Clause
"""Make a folder of images to try things on: JPEG, PNG and WebP of many sizes, a few of them broken.

Half of them are drawn, half are parts of the photographs that scikit-image ships, if that is
installed. The same seed makes the same pictures.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Random = np.random.Generator

PHOTOGRAPHS = "astronaut chelsea coffee rocket camera motorcycle_left hubble_deep_field coins"
PER_FOLDER = 100
NOT_IMAGES = {
    45: (".jpg", b""),
    58: (".png", bytes(np.random.default_rng(0).integers(0, 256, 5000, np.uint8))),
    131: (".jpg", b"A text that somebody has given the name of a picture.\n"),
    199: (".txt", b"A text that says so.\n"),
}
"""Number of the file, its extension and its bytes."""


def random_size(random: Random) -> tuple[int, int]:
    """Width and height in pixels, from 160 to 960, wide or tall."""
    area = random.uniform(200, 640) ** 2
    ratio = random.choice([16 / 9, 3 / 2, 4 / 3, 1, 3 / 4, 2 / 3])
    return round((area * ratio) ** 0.5), round((area / ratio) ** 0.5)


def random_colors(random: Random, number: int) -> NDArray[np.float64]:
    """Colours (number, 3) from 0 to 255, all around one of their own."""
    return np.clip(random.uniform(40, 215, 3) + random.normal(0, 45, (number, 3)), 0, 255)


def clouds(random: Random, width: int, height: int) -> Image.Image:
    """Noise of low frequency."""
    rows, columns = random.integers(3, 8, 2)
    coarse = random_colors(random, rows * columns).reshape(rows, columns, 3)
    image = Image.fromarray(coarse.astype(np.uint8))
    return image.resize((width, height), Image.Resampling.BICUBIC)


def waves(random: Random, width: int, height: int) -> Image.Image:
    """From one colour to another and back."""
    y, x = np.mgrid[0:height, 0:width]
    a, b, bend = random.uniform(-0.05, 0.05, 3)
    share = 0.5 + 0.5 * np.sin(a * x + b * y + 3 * np.sin(bend * x))
    one, other = random_colors(random, 2)
    return Image.fromarray((one + (other - one) * share[..., None]).astype(np.uint8))


def shapes(random: Random, width: int, height: int) -> Image.Image:
    """Discs and boxes with sharp edges."""
    ground, *colors = [tuple(map(int, color)) for color in random_colors(random, 16)]
    image = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(image)
    for color in colors:
        x, y = random.uniform(0, width), random.uniform(0, height)
        radius = random.uniform(0.05, 0.25) * min(width, height)
        form = draw.ellipse if random.random() < 0.5 else draw.rectangle
        form((x - radius, y - radius, x + radius, y + radius), fill=color)
    return image


def part_of(photograph: Image.Image, random: Random, width: int, height: int) -> Image.Image:
    """A part of a photograph, scaled."""
    zoom = random.uniform(0.6, 1) * min(photograph.width / width, photograph.height / height)
    x = random.uniform(0, photograph.width - width * zoom)
    y = random.uniform(0, photograph.height - height * zoom)
    box = (x, y, x + width * zoom, y + height * zoom)
    return photograph.resize((width, height), Image.Resampling.LANCZOS, box=box)


def find_photographs() -> list[Image.Image]:
    # Importing scikit-image would take far longer than all the rest.
    package = importlib.util.find_spec("skimage")
    if package is None or package.origin is None:
        return []
    folder = Path(package.origin).parent / "data"
    found = [file for name in PHOTOGRAPHS.split() for file in folder.glob(f"{name}.*")]
    return [Image.open(file).convert("RGB") for file in found]


def save(image: Image.Image, random: Random, stem: Path) -> None:
    """In a format and with options by chance."""
    quality = int(random.integers(70, 96))
    if random.random() < 0.1:
        image = image.convert("L")
    match random.choice(["baseline", "progressive", "png", "webp"], p=[0.5, 0.1, 0.2, 0.2]):
        case "png":
            image.save(stem.with_suffix(".png"), compress_level=3)
        case "webp":
            image.save(stem.with_suffix(".webp"), quality=quality, method=1)
        case kind:
            options = {"quality": quality, "progressive": kind == "progressive"}
            image.save(stem.with_suffix(".jpg"), **options)


def make(number: int, folder: Path, seed: int, photographs: list[Image.Image]) -> None:
    stem = folder / f"part-{number // PER_FOLDER}" / f"image-{number:03}"
    stem.parent.mkdir(parents=True, exist_ok=True)
    if number in NOT_IMAGES:
        extension, data = NOT_IMAGES[number]
        stem.with_suffix(extension).write_bytes(data)
        return
    random = np.random.default_rng([seed, number])
    kinds: list[Callable[[Random, int, int], Image.Image]] = [clouds, waves, shapes]
    kind = kinds[random.integers(len(kinds))]
    if photographs and number % 2:
        kind = partial(part_of, photographs[number // 2 % len(photographs)])
    save(kind(random, *random_size(random)), random, stem)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a folder of images, a few of them broken.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=300, metavar="N", help="of files (300)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the pictures (0)")
    args = parser.parse_args()

    start = time.perf_counter()
    photographs = find_photographs()
    with ThreadPoolExecutor() as pool:
        work = partial(make, folder=args.folder, seed=args.seed, photographs=photographs)
        list(pool.map(work, range(args.number)))
    seconds = time.perf_counter() - start
    print(f"{args.number} files in {args.folder}, made in {seconds:.1f} s")
    if not photographs:
        print("There are no photographs among them, for want of scikit-image.")


if __name__ == "__main__":
    main()
