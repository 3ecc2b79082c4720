# SPDX-License-Identifier: BSD-2-Clause
"""Make the media files of the C tests with the ffmpeg CLI: make_media.py FFMPEG FOLDER."""

import subprocess
import sys
from pathlib import Path

PICTURE = "testsrc2=size=96x64:rate=1:duration=1"
SMALL = "testsrc2=size=32x24:rate=5:duration=1"

FILES = {
    "picture.jpg": ["-i", PICTURE, "-pix_fmt", "yuvj420p", "-q:v", "2"],
    "picture.png": ["-i", PICTURE, "-pix_fmt", "rgb24"],
    "video.mp4": [
        *("-i", "testsrc2=size=160x120:rate=25:duration=2"),
        *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=2"),
        *("-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-bf", "2"),
        *("-g", "250", "-sc_threshold", "0", "-c:a", "aac", "-b:a", "64k"),
    ],
    "tone.m4a": [
        *("-i", "sine=frequency=440:sample_rate=48000:duration=1"),
        *("-ac", "2", "-c:a", "aac"),
    ],
    "pictures.nut": ["-i", SMALL, "-pix_fmt", "rgb24", "-c:v", "png"],
    "raw.nut": ["-i", SMALL, "-pix_fmt", "rgb24", "-c:v", "rawvideo"],
    "heavy.h264": [
        *("-i", "testsrc2=size=1280x720:rate=25:duration=1"),
        *("-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "30"),
    ],
}


def main(ffmpeg: str, folder: Path) -> None:
    for name, arguments in FILES.items():
        command = [ffmpeg, "-v", "error", "-nostdin", "-y", "-f", "lavfi", *arguments]
        subprocess.run([*command, "-flags", "+bitexact", str(folder / name)], check=True)
    (folder / "nested.jpg").write_text("ffconcat version 1.0\nfile video.mp4\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
