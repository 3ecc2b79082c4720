# SPDX-License-Identifier: BSD-2-Clause
"""Calls that give something else than the public package 0.8.0, and what decides it.

The section numbers are those of the project's plan (design) and of its reference (spdl-io).
"""

from __future__ import annotations

DECISIONS = {
    "window_without_end": "spdl-io §4: infinite bounds are allowed in every type.",
    "audio_codec": (
        "design §1: names are the field's; FFmpeg's `stereo` is what 0.8.0 shows as 0x3."
    ),
    "bitstream_filter_while_demuxing": "spdl-io §25: `demux_video(bsf=)` lost times there.",
    "windowed_frames_without_a_filter": (
        "spdl-io §1.2: windows are exact with `filter_desc=None`, too."
    ),
    "planar_video": "spdl-io §1.2: windows are exact with `filter_desc=None`, too.",
    "reversed_slice_of_frames": "spdl-io §25: a negative step of a slice was an error there.",
    "filter_text_of_windowed_audio": (
        "spdl-io §9: it adds no trim; the window is cut before the graph."
    ),
    "buffer_source_text": "spdl-io §6: the frame rate stays, without which `fps` loses frames.",
    "audio_buffer_source_text": "design §9: the audio clock counts samples; so do decoded frames.",
    "gray16": "spdl-io §12: native-endian, right values whatever the file's byte order.",
    "bgr24": "spdl-io §12: bgr24 is supported.",
    "padded_video_of_a_window": (
        "spdl-io §4: padding counts frames of the window, and is not cut again."
    ),
    "video_at_another_rate": "spdl-io §25: `fps` lost frames at the end there.",
    "video_of_a_late_container": "spdl-io §4: one clock for windows and timestamps.",
    "animated_image": "spdl-io §1.9: an animated image gives its first frame.",
    "part_of_a_wav": "spdl-io §20 (readers): WAVE_EXTENSIBLE is read here.",
    "wav_of_24_bits": "spdl-io §20 (readers): 24-bit and WAVE_EXTENSIBLE are read here.",
    "batch": "design §6: to a size, pictures go the fast way: area where they shrink.",
    "batch_with_a_missing_file": "design §6: to a size, pictures go the fast way.",
    "log_level": "design §4: the library never prints, and FFmpeg does at its level 8.",
}
