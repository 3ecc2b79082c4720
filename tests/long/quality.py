# SPDX-License-Identifier: BSD-2-Clause
"""How close the fast way comes to exact pictures, over many, and whether its bytes ever differ.

Each picture is a JPEG of some sampling and quality. What is loaded is compared with the picture at
full size, decoded by libjpeg and resampled in float64: area where it shrinks, bilinear where it
grows. Half are windows of photographs, or the photographs whole; half are made. Fails if the rule
of docs/performance.md is broken: 40 dB for 95 % of the photographs, 34 dB for all pictures.

usage: quality.py [--pictures N]
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import fidelity
import numpy as np
from PIL import Image

import spdl.io

PHOTOGRAPHS = (
    "astronaut chelsea coffee rocket retina hubble_deep_field motorcycle_left motorcycle_right "
    "ihc camera coins moon grass gravel brick"
)
"""Of scikit-image, those that are no drawings."""

TARGETS = [(224, 224), (256, 192), (96, 96), (64, 48), (33, 71), (384, 288), (31, 17), (500, 390)]
RULE_ALL, RULE_MOST, MOST = 34, 40, 0.95


class Result(NamedTuple):
    psnr: float
    kind: str
    case: fidelity.Case
    target: tuple[int, int]


def photographs() -> list[Any]:
    package = importlib.util.find_spec("skimage")
    if package is None or package.origin is None:
        sys.exit("scikit-image has the photographs: ./run quality installs it")
    folder = Path(package.origin).parent / "data"
    files = [file for name in PHOTOGRAPHS.split() for file in folder.glob(f"{name}.*")]
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def wholes(pictures: Iterable[Any]) -> Iterator[fidelity.Case]:
    """Large ones, which libjpeg scales while it decodes."""
    for picture, sampling in itertools.product(pictures, fidelity.SAMPLINGS):
        size = picture.shape[1], picture.shape[0]
        yield fidelity.Case(fidelity.encode(picture, sampling, 90), sampling, size)


def cases(count: int) -> Iterator[tuple[str, fidelity.Case]]:
    real = photographs()
    made = [fidelity.texture(700 + 13 * i, 520 + 7 * i, i) for i in range(len(real))]
    each = max(1, count // 2 // len(real))
    for number, (photograph, texture) in enumerate(zip(real, made, strict=True)):
        for case in fidelity.windows(photograph, each - len(fidelity.SAMPLINGS), number):
            yield "photograph", case
        for case in fidelity.windows(texture, each, number):
            yield "made", case
    for case in wholes(real):
        yield "photograph", case


def measure(kind: str, case: fidelity.Case, target: tuple[int, int]) -> Result:
    width, height = target
    buffer = spdl.io.load_image(case.jpeg, width=width, height=height, scale_mode=None)
    if buffer.backend != "fast":
        sys.exit(f"{case.sampling} {case.size} went the way {buffer.backend}")
    exact = fidelity.resample(fidelity.decode(case.jpeg), width, height)
    return Result(fidelity.psnr(np.asarray(buffer), exact), kind, case, target)


def report(kind: str, results: list[Result]) -> None:
    values = np.array([result.psnr for result in results])
    worst = min(results)
    quantiles = " ".join(f"{q:.0%} {np.quantile(values, q):.1f}" for q in (0.01, 0.05, 0.5, 0.95))
    print(f"{kind:10} {len(values):4} pictures, dB: worst {values.min():.1f}, {quantiles}")
    print(f"{'':10} worst: {worst.case.sampling} of {worst.case.size} to {worst.target}")
    counts = np.histogram(values, bins=[0, 34, 40, 45, 50, 55, 60, 100])[0]
    print(f"{'':10} under 34, 40, 45, 50, 55, 60, and above:", *counts)


def same_bytes(jpegs: list[bytes]) -> None:
    """Of 1, 2 and 8 threads, in any order, again and again, one by one and in batches."""

    def digests(order: Iterable[int]) -> dict[int, str]:
        numbers = list(order)
        batch = spdl.io.load_image_batch([jpegs[i] for i in numbers], width=224, height=224)
        found = (hashlib.sha256(row.tobytes()).hexdigest() for row in np.asarray(batch))
        return dict(zip(numbers, found, strict=True))

    first = digests(range(len(jpegs)))
    random = np.random.default_rng(0)
    for threads, _ in itertools.product((1, 2, 8), range(2)):
        spdl.io.set_num_threads(threads)
        if digests(random.permutation(len(jpegs)).tolist()) != first:
            sys.exit(f"other bytes with {threads} threads")
    for number, jpeg in enumerate(jpegs):
        alone = np.asarray(spdl.io.load_image(jpeg, width=224, height=224))
        if hashlib.sha256(alone.tobytes()).hexdigest() != first[number]:
            sys.exit(f"picture {number} alone has other bytes than in a batch")
    print(f"{len(jpegs)} pictures: the same bytes with 1, 2 and 8 threads, shuffled, and alone")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=int, default=600)
    found = list(cases(parser.parse_args().pictures))
    results = [
        measure(kind, case, target)
        for (kind, case), target in zip(found, itertools.cycle(TARGETS), strict=False)
    ]
    for kind in ("photograph", "made"):
        report(kind, [result for result in results if result.kind == kind])
    same_bytes([case.jpeg for _, case in found])
    real = np.array([result.psnr for result in results if result.kind == "photograph"])
    share = float(np.mean(real >= RULE_MOST))
    print(f"at least {RULE_MOST} dB: {share:.1%} of the photographs")
    if share < MOST or min(results).psnr < RULE_ALL:
        sys.exit("the rule is broken")


if __name__ == "__main__":
    main()
